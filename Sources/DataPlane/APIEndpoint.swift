// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import Providers

/// What a request's method and path ask for.
enum APIEndpoint: UInt8 {
  case chatCompletions
  case completions
  case embeddings
  /// Anthropic's API.
  case messages
  case countTokens
  case responses
  /// How many tokens the input of a response has.
  case responseTokens
  /// One response of before, which its provider keeps.
  case response
  case responseCancel
  case responseItems
  case geminiGenerate
  case geminiStream
  case geminiCount
  case geminiEmbed
  case geminiBatchEmbed
  case bedrockConverse
  case bedrockStream
  // What passes to servers with OpenAI's API, and is no chat.
  case rerank
  case imageGenerations
  case imageEdits
  case imageVariations
  case transcriptions
  case audioTranslations
  case speech
  case moderations
  /// A WebSocket.
  case realtime
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
      case .response: head.method == .get || head.method == .delete
      case _ where wanted.takesPost: head.method == .post
      default: head.method == .get || head.method == .head
      }
    self = isAllowed ? wanted : .methodNotAllowed
  }

  /// What is at a path, whatever the method; never `methodNotAllowed`.
  init(path whole: ByteView) {
    var path = whole
    if path.starts(with: "/openai/") { path = Self.withoutAzure(path) }
    if path.starts(with: "/v1/") {
      path = path.dropFirst(3)
      // A base URL with `/v1` was given to an SDK that adds it.
      if path.starts(with: "/v1/") { path = path.dropFirst(3) }
    }
    if let gemini = Self.gemini(path) {
      self = gemini
      return
    }
    if path.count > 1, path[path.count - 1] == UInt8(ascii: "/") {
      path = path.prefix(path.count - 1)
    }
    let wanted = Self.wanted(path)
    self = wanted == .notFound ? Self.vertex(path) ?? .notFound : wanted
  }

  private var takesPost: Bool {
    switch self {
    case .chatCompletions, .completions, .embeddings, .messages, .countTokens, .responses,
      .responseTokens, .responseCancel, .rerank, .imageGenerations, .imageEdits,
      .imageVariations, .transcriptions, .audioTranslations, .speech, .moderations,
      .geminiGenerate, .geminiStream, .geminiCount, .geminiEmbed, .geminiBatchEmbed,
      .bedrockConverse, .bedrockStream:
      true
    default: false
    }
  }

  /// The methods of what is at the path, for the field Allow (RFC 9110 section 10.2.1).
  var allowedMethods: StaticString {
    self == .response ? "GET, DELETE" : takesPost ? "POST" : "GET, HEAD"
  }

  private static func wanted(_ path: ByteView) -> APIEndpoint {
    if path.equals("/chat/completions") { return .chatCompletions }
    if path.equals("/completions") { return .completions }
    if path.equals("/embeddings") { return .embeddings }
    if path.equals("/messages") { return .messages }
    if path.equals("/messages/count_tokens") { return .countTokens }
    if path.equals("/responses") { return .responses }
    if path.equals("/responses/input_tokens") { return .responseTokens }
    if path.starts(with: "/responses/") { return storedResponse(path) }
    if let media = media(path) { return media }
    if path.equals("/realtime") { return .realtime }
    if path.equals("/models") { return .models }
    if path.starts(with: "/models/") { return .model }
    if path.starts(with: "/model/") {
      if path.hasSuffix("/converse") { return .bedrockConverse }
      return path.hasSuffix("/converse-stream") ? .bedrockStream : .notFound
    }
    if path.equals("/health") { return .health }
    if path.equals("/health/liveliness") || path.equals("/health/liveness") { return .liveness }
    if path.equals("/health/readiness") { return .readiness }
    return path.equals("/metrics") ? .metrics : .notFound
  }

  private static func media(_ path: ByteView) -> APIEndpoint? {
    if path.equals("/rerank") || path.equals("/v2/rerank") { return .rerank }
    if path.equals("/moderations") { return .moderations }
    if path.starts(with: "/images/") {
      if path.equals("/images/generations") { return .imageGenerations }
      if path.equals("/images/edits") { return .imageEdits }
      return path.equals("/images/variations") ? .imageVariations : nil
    }
    guard path.starts(with: "/audio/") else { return nil }
    if path.equals("/audio/transcriptions") { return .transcriptions }
    if path.equals("/audio/translations") { return .audioTranslations }
    return path.equals("/audio/speech") ? .speech : nil
  }

  private static func storedResponse(_ path: ByteView) -> APIEndpoint {
    let id = responseID(in: path)
    let rest = path.dropFirst("/responses/".utf8.count + id.count)
    if id.isEmpty { return .notFound }
    if rest.isEmpty { return .response }
    if rest.equals("/cancel") { return .responseCancel }
    return rest.equals("/input_items") ? .responseItems : .notFound
  }

  /// The id in the path of a response that is kept.
  static func responseID(in path: ByteView) -> ByteView {
    guard let start = path.firstIndex(of: "/responses/") else { return .empty }
    let rest = path.dropFirst(start + "/responses/".utf8.count)
    return rest.prefix(rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.count)
  }

  /// `/v1beta/models/MODEL:generateContent`, as Google's clients send it.
  private static func gemini(_ path: ByteView) -> APIEndpoint? {
    if path.equals("/v1beta/models") { return .models }
    let prefixes: [2 of StaticString] = ["/v1beta/models/", "/models/"]
    for index in prefixes.indices where path.starts(with: prefixes[index]) {
      return geminiMethod(path)
    }
    return nil
  }

  private static func geminiMethod(_ path: ByteView) -> APIEndpoint? {
    if path.hasSuffix(":generateContent") { return .geminiGenerate }
    if path.hasSuffix(":streamGenerateContent") { return .geminiStream }
    if path.hasSuffix(":countTokens") { return .geminiCount }
    if path.hasSuffix(":embedContent") { return .geminiEmbed }
    return path.hasSuffix(":batchEmbedContents") ? .geminiBatchEmbed : nil
  }

  /// `/projects/PROJECT/locations/LOCATION/publishers/google/models/MODEL:generateContent`, or
  /// without the project, below `/v1` (which is gone here) or `/v1beta1`: as Google's clients ask
  /// Vertex AI.
  private static func vertex(_ whole: ByteView) -> APIEndpoint? {
    let path = isVertexBeta(whole) ? whole.dropFirst("/v1beta1".utf8.count) : whole
    let models: StaticString = "/publishers/google/models/"
    let isGoogles =
      path.starts(with: "/projects/")
      ? path.firstIndex(of: models) != nil : path.starts(with: models)
    return isGoogles ? geminiMethod(path) : nil
  }

  /// Whether none but clients of Vertex AI ask for such a path.
  static func isVertexBeta(_ path: ByteView) -> Bool { path.starts(with: "/v1beta1/") }

  private static let azureDeployments: StaticString = "/openai/deployments/"

  /// The path as OpenAI's clients send it, of one that Azure's send: `/openai/v1/…`, or
  /// `/openai/deployments/MODEL/…`.
  private static func withoutAzure(_ path: ByteView) -> ByteView {
    guard path.starts(with: azureDeployments) else { return path.dropFirst(7) }
    let rest = path.dropFirst(azureDeployments.utf8CodeUnitCount)
    return rest.firstIndex(of: UInt8(ascii: "/")).map { rest.dropFirst($0) } ?? path
  }

  /// The part of the path that names the model, as it was sent (percent-encoded); empty where the
  /// body does.
  static func model(in path: ByteView) -> ByteView {
    if path.starts(with: azureDeployments) {
      let rest = path.dropFirst(azureDeployments.utf8CodeUnitCount)
      return rest.prefix(rest.firstIndex(of: UInt8(ascii: "/")) ?? 0)
    }
    let verbs: [7 of StaticString] = [
      ":generateContent", ":streamGenerateContent", ":countTokens", ":embedContent",
      ":batchEmbedContents", "/converse", "/converse-stream",
    ]
    for index in verbs.indices where path.hasSuffix(verbs[index]) {
      let rest = path.prefix(path.count - verbs[index].utf8CodeUnitCount)
      if let start = rest.firstIndex(of: "/models/") { return rest.dropFirst(start + 8) }
      if let start = rest.firstIndex(of: "/model/") { return rest.dropFirst(start + 7) }
    }
    return .empty
  }
}

extension ByteView {
  fileprivate func hasSuffix(_ text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && dropFirst(count - text.utf8CodeUnitCount).equals(text)
  }
}
