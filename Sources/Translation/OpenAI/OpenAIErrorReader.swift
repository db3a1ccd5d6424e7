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
      error = ProviderError(ProviderError.Kind(status: status), "")
    }
    if error.message.isEmpty {
      error.message = "The provider answered with status \(status) and no message."
    }
    error.retryAfterMilliseconds = headers.retryAfterMilliseconds
    return error
  }

  /// An error where an answer was expected, with a status that says success or within a stream: the
  /// nested object, or the flat one (`{"object": "error", …}`); nil for anything else.
  static func read(answer root: JSONNode) -> ProviderError? {
    if let error = root["error"] { return read(error, in: root, status: 0) }
    return root["object"]?.equals("error") == true ? read(root, in: root, status: 0) : nil
  }

  /// - Parameter status: 0 where there is none, within a stream.
  static func read(_ error: JSONNode, in root: JSONNode, status: UInt16) -> ProviderError {
    let message =
      error.string ?? error["message"]?.string ?? root["message"]?.string
      ?? root["detail"]?.string ?? ""
    let code = error["code"]?.string ?? error["code"]?.integer.map { String($0) } ?? ""
    let type = error["type"]?.string ?? ""
    var kind = ProviderError.Kind(status: status)
    if let number = UInt16(code), status == 0, (400..<600).contains(number) {
      kind = ProviderError.Kind(status: number)
    }
    if let better = Self.kind(word: code) ?? Self.kind(word: type) {
      kind = better
    } else if status == 0, isOfRequest(code) || isOfRequest(type) {
      kind = .invalidRequest
    }
    if kind == .invalidRequest, ProviderError.saysContextOverflow(message) {
      kind = .contextLengthExceeded
    }
    return ProviderError(kind, message, nativeType: code.isEmpty ? type : code)
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
    default: nil
    }
  }

  /// Words that OpenAI also writes beside a missing key (401) or model (404): a status says more.
  private static func isOfRequest(_ word: String) -> Bool {
    word == "invalid_request_error" || word == "BadRequestError"
  }
}
