// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads errors, with a status of their own or within a stream. (Anthropic API reference,
/// "Errors".)
enum AnthropicErrorReader {
  static func read(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError {
    let node = try? JSONTree().parse(body)
    // Google's front end answers for itself, at times with a list of one.
    let root = node.flatMap { $0.isArray ? $0.elements.first { _ in true } : $0 }
    var error = read(root?["error"], fallback: ProviderError.Kind(status: status))
    if root?["error"] == nil { error.message = root?["message"]?.string ?? "" }
    error.retryAfterMilliseconds = headers.retryAfterMilliseconds
    return error
  }

  /// - Parameter node: the value of `error`.
  static func read(_ node: JSONNode?, fallback: ProviderError.Kind) -> ProviderError {
    let type = node?["type"]?.string ?? node?["status"]?.string ?? ""
    let message = node?["message"]?.string ?? node?.string ?? ""
    let kind = kind(of: type) ?? fallback
    return ProviderError(refined(kind, message), message, nativeType: type)
  }

  private static func kind(of type: String) -> ProviderError.Kind? {
    switch type {
    case "invalid_request_error", "conflict_error": .invalidRequest
    case "authentication_error": .authentication
    case "billing_error": .quota
    case "permission_error": .permission
    case "not_found_error": .notFound
    case "request_too_large": .requestTooLarge
    case "rate_limit_error": .rateLimit
    case "timeout_error": .timeout
    case "overloaded_error": .overloaded
    case "api_error": .server
    default: nil
    }
  }

  /// What Anthropic tells only in words.
  private static func refined(
    _ kind: ProviderError.Kind, _ message: String
  ) -> ProviderError.Kind {
    guard kind == .invalidRequest || kind == .requestTooLarge else { return kind }
    let text = message.lowercased()
    if kind == .invalidRequest, text.contains("credit balance is too low") { return .quota }
    if kind == .invalidRequest, text.contains("content filtering policy") { return .contentFilter }
    return ProviderError.saysContextOverflow(message) ? .contextLengthExceeded : kind
  }
}
