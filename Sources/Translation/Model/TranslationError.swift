// SPDX-License-Identifier: MIT

/// Why a request cannot be translated, or an answer not be understood.
public struct TranslationError: Error, Equatable, Sendable {
  public enum Kind: UInt8, Sendable {
    /// The client's body is not what its API asks for.
    case invalidRequest
    /// The provider has nothing for what the client asks, and dropping is not allowed.
    case unsupportedParameter
    /// The provider's answer is not what its API promises.
    case malformedAnswer
    /// The provider's answer says of itself that the model failed (Gemini
    /// `MALFORMED_FUNCTION_CALL`); another attempt may succeed.
    case failedAnswer
  }

  public var kind: Kind
  /// For the client, as a sentence.
  public var message: String
  /// The member at fault, as a path (`messages[2].content`).
  public var parameter: String?
  /// The error that the provider sent in place of an answer, under a status that says success.
  public var providerError: ProviderError?

  public init(_ kind: Kind, _ message: String, parameter: String? = nil) {
    self.kind = kind
    self.message = message
    self.parameter = parameter
  }

  /// An error in place of an answer.
  init(_ error: ProviderError) {
    let said = error.message.isEmpty ? "It says no more." : error.message
    self.init(.failedAnswer, "The answer is an error: \(said)")
    providerError = error
  }

  public static func invalid(_ parameter: String, _ complaint: String) -> TranslationError {
    TranslationError(.invalidRequest, "'\(parameter)' \(complaint).", parameter: parameter)
  }

  public static func malformed(_ message: String) -> TranslationError {
    TranslationError(.malformedAnswer, message)
  }
}

/// An error as a provider reported it, with its status or within a stream.
public struct ProviderError: Equatable, Sendable {
  /// What the error means, whatever the provider calls it.
  public enum Kind: UInt8, CaseIterable, Sendable {
    case invalidRequest
    /// The prompt is longer than the model's context.
    case contextLengthExceeded
    case contentFilter
    case authentication
    case permission
    case notFound
    case requestTooLarge
    case rateLimit
    /// The gateway's account has no money left.
    case quota
    case overloaded
    case timeout
    case server
  }

  public var kind: Kind
  /// Plain text; may be empty.
  public var message: String
  /// The provider's own word for it (`overloaded_error`, `ThrottlingException`).
  public var nativeType: String
  /// The provider asks to wait so long.
  public var retryAfterMilliseconds: Int64?
  /// Of `authentication`: it is the client's own key that is not known, not the gateway's at the
  /// provider.
  public var isCallers = false

  public init(
    _ kind: Kind, _ message: String, nativeType: String = "", retryAfterMilliseconds: Int64? = nil
  ) {
    self.kind = kind
    self.message = message
    self.nativeType = nativeType
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }

  /// The status that tells an HTTP client the same.
  public var status: UInt16 {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter: 400
    case .authentication: 401
    case .permission: 403
    case .notFound: 404
    case .requestTooLarge: 413
    case .rateLimit, .quota: 429
    case .overloaded: 503
    case .timeout: 504
    case .server: 502
    }
  }
}
