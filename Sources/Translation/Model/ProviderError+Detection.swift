// SPDX-License-Identifier: MIT

extension ProviderError.Kind {
  /// What a status means where the body does not say more.
  init(status: UInt16) {
    switch status {
    case 400, 405, 409, 415, 422: self = .invalidRequest
    case 401: self = .authentication
    case 402: self = .quota
    case 403: self = .permission
    case 404: self = .notFound
    case 408, 504: self = .timeout
    case 413: self = .requestTooLarge
    case 429: self = .rateLimit
    case 503, 529: self = .overloaded
    default: self = .server
    }
  }
}

extension ProviderError {
  /// Whether a message says that the prompt does not fit the model's context: only OpenAI has a
  /// code for it.
  static func saysContextOverflow(_ message: String) -> Bool {
    let text = message.lowercased()
    return contextOverflowPhrases.contains { text.contains($0) }
  }

  private static let contextOverflowPhrases = [
    "prompt is too long", "input is too long", "too many input tokens", "maximum context length",
    "context_length_exceeded", "context window", "exceeds the maximum number of tokens",
    "exceeds the maximum allowed input", "input length", "input token count",
  ]
}
