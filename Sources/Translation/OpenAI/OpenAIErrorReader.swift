// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads errors of servers with OpenAI's API: the nested object, vLLM's flat one, or plain text.
enum OpenAIErrorReader {
  static func read(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError {
    var error: ProviderError
    if let root = try? JSONTree().parse(body), root.isObject {
      error = read(root["error"] ?? root, in: root, status: status)
    } else {
      error = ProviderError(kind(status: status), "")
    }
    if error.message.isEmpty {
      error.message = "The provider answered with status \(status) and no message."
    }
    error.retryAfterMilliseconds = headers.retryAfterMilliseconds
    return error
  }

  /// - Parameter status: 0 where there is none, within a stream.
  static func read(_ error: JSONNode, in root: JSONNode, status: UInt16) -> ProviderError {
    let message =
      error.string ?? error["message"]?.string ?? root["message"]?.string
      ?? root["detail"]?.string ?? ""
    let code = error["code"]?.string ?? error["code"]?.integer.map { String($0) } ?? ""
    let type = error["type"]?.string ?? ""
    var kind = Self.kind(status: status)
    if let number = Int64(code), status == 0, number >= 400, number < 600 {
      kind = Self.kind(status: UInt16(number))
    }
    if let better = Self.kind(word: code) ?? Self.kind(word: type) { kind = better }
    if kind == .invalidRequest, saysContextIsFull(message) { kind = .contextLengthExceeded }
    return ProviderError(kind, message, nativeType: code.isEmpty ? type : code)
  }

  static func kind(status: UInt16) -> ProviderError.Kind {
    switch status {
    case 401: .authentication
    case 402: .quota
    case 403: .permission
    case 404: .notFound
    case 408, 504, 524: .timeout
    case 413: .requestTooLarge
    case 429: .rateLimit
    case 503, 529: .overloaded
    case 400..<500: .invalidRequest
    default: .server
    }
  }

  private static func kind(word: String) -> ProviderError.Kind? {
    switch word {
    case "context_length_exceeded", "string_above_max_length": .contextLengthExceeded
    case "content_filter", "content_policy_violation": .contentFilter
    case "insufficient_quota": .quota
    case "rate_limit_exceeded", "rate_limit_error", "RateLimitError": .rateLimit
    case "invalid_api_key", "authentication_error": .authentication
    case "model_not_found", "NotFoundError": .notFound
    case "overloaded_error", "overloaded": .overloaded
    case "invalid_request_error", "BadRequestError": .invalidRequest
    default: nil
    }
  }

  /// No two providers say it alike.
  static func saysContextIsFull(_ message: String) -> Bool {
    let text = message.lowercased()
    return [
      "prompt is too long", "maximum context length", "context length", "context window",
      "input length", "input is too long", "too many tokens",
      "exceeds the maximum number of tokens",
      "input token count",
    ].contains { text.contains($0) }
  }
}
