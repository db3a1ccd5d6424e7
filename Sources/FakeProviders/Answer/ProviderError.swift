// SPDX-License-Identifier: MIT

internal import ControlPlane

/// Why a request is refused or an answer fails, in the terms that all wires share. Each wire has
/// its own status, words and shape for it.
struct ProviderError: Error {
  /// The classes of errors that clients tell apart; the raw values are those of the script key
  /// `error`.
  enum Kind: String, CaseIterable {
    case invalidRequest = "invalid_request"
    /// The prompt does not fit the model's context.
    case contextLength = "context_length"
    /// The provider's own filter refuses the prompt.
    case contentFilter = "content_filter"
    case authentication
    case billing
    case permission
    case notFound = "not_found"
    case methodNotAllowed = "method_not_allowed"
    case timeout
    case tooLarge = "too_large"
    case rateLimit = "rate_limit"
    case server
    /// The model itself failed: Bedrock's 424, otherwise an error of the server.
    case model
    case overloaded
  }

  var kind: Kind
  /// In place of the wire's own status for the kind.
  var status: Int?
  /// In place of the wire's own words for the kind.
  var message: String?
  /// The field at fault, as `tools[0].name`.
  var parameter: String?
  /// In place of the wire's own code.
  var code: String?
  var retryAfterMilliseconds: Int?

  init(
    _ kind: Kind, _ message: String? = nil, parameter: String? = nil, code: String? = nil,
    status: Int? = nil
  ) {
    self.kind = kind
    self.message = message
    self.parameter = parameter
    self.code = code
    self.status = status
  }

  static func invalidRequest(
    _ message: String, parameter: String? = nil, code: String? = nil
  ) -> ProviderError {
    ProviderError(.invalidRequest, message, parameter: parameter, code: code)
  }
}

extension ProviderError.Kind {
  /// The kind that a script's bare `status` means.
  init(status: Int) {
    self =
      switch status {
      case 401: .authentication
      case 402: .billing
      case 403: .permission
      case 404: .notFound
      case 405: .methodNotAllowed
      case 408, 504: .timeout
      case 413: .tooLarge
      case 424: .model
      case 429: .rateLimit
      case 503, 529: .overloaded
      case 500...: .server
      default: .invalidRequest
      }
  }
}

extension ProviderError {
  init(_ error: Script.ParseError) {
    self = .invalidRequest(error.message, parameter: error.key, code: "invalid_script")
  }
}
