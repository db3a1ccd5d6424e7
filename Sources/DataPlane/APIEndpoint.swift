// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import Providers

/// What a request's method and path ask for.
enum APIEndpoint: UInt8 {
  case chatCompletions
  case completions
  case embeddings
  case models
  case model
  case health
  case liveness
  case readiness
  case metrics
  case notFound
  case methodNotAllowed

  /// Paths as the OpenAI SDKs send them; `/v1` may be left out, as LiteLLM allows.
  init(head: RequestHead, bytes: ByteView) {
    let wanted = APIEndpoint(path: bytes[head.path])
    let isAllowed =
      switch wanted {
      case .notFound: true
      case _ where wanted.takesPost: head.method == .post
      default: head.method == .get || head.method == .head
      }
    self = isAllowed ? wanted : .methodNotAllowed
  }

  /// What is at a path, whatever the method; never `methodNotAllowed`.
  init(path whole: ByteView) {
    var path = whole
    if path.starts(with: "/v1/") { path = path.dropFirst(3) }
    if path.count > 1, path[path.count - 1] == UInt8(ascii: "/") {
      path = path.prefix(path.count - 1)
    }
    self = Self.wanted(path)
  }

  private var takesPost: Bool {
    switch self {
    case .chatCompletions, .completions, .embeddings: true
    default: false
    }
  }

  /// The methods of what is at the path, for the field Allow (RFC 9110 section 10.2.1).
  var allowedMethods: StaticString { takesPost ? "POST" : "GET, HEAD" }

  private static func wanted(_ path: ByteView) -> APIEndpoint {
    if path.equals("/chat/completions") { return .chatCompletions }
    if path.equals("/completions") { return .completions }
    if path.equals("/embeddings") { return .embeddings }
    if path.equals("/models") { return .models }
    if path.starts(with: "/models/") { return .model }
    if path.equals("/health") { return .health }
    if path.equals("/health/liveliness") || path.equals("/health/liveness") { return .liveness }
    if path.equals("/health/readiness") { return .readiness }
    return path.equals("/metrics") ? .metrics : .notFound
  }

  /// Health and metrics answer without a key; everything else wants one.
  var needsKey: Bool {
    switch self {
    case .health, .liveness, .readiness, .metrics, .notFound, .methodNotAllowed: false
    default: true
    }
  }

  /// The operation at an upstream.
  var operation: OpenAIOperation {
    switch self {
    case .completions: .completions
    case .embeddings: .embeddings
    default: .chatCompletions
    }
  }
}
