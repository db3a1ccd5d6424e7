// SPDX-License-Identifier: MIT

extension ProviderError.Kind {
  /// What a status means where the body does not say more.
  init(status: UInt16) {
    switch status {
    case 401: self = .authentication
    case 402: self = .quota
    case 403: self = .permission
    case 404: self = .notFound
    case 408, 504, 524: self = .timeout
    case 413: self = .requestTooLarge
    case 429: self = .rateLimit
    case 503, 529: self = .overloaded
    // What the provider itself depends on has failed (Bedrock's 424), or it wants another try.
    case 424, 425: self = .server
    case 400..<500: self = .invalidRequest
    default: self = .server
    }
  }
}

extension ProviderError {
  /// Whether a message says that the prompt does not fit the model's context: only OpenAI has a
  /// code for it, and no two providers say it alike.
  static func saysContextOverflow(_ message: String) -> Bool {
    let text = message.lowercased()
    return contextOverflowPhrases.contains { text.contains($0) }
  }

  private static let contextOverflowPhrases = [
    "prompt is too long", "input is too long", "too many tokens", "too many input tokens",
    "context length", "context_length_exceeded", "context window",
    "exceeds the maximum number of tokens", "exceeds the maximum allowed input", "input length",
    "input token count",
  ]
}
