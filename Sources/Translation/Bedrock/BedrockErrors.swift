// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Bedrock's exceptions, with a status or within a stream.
enum BedrockErrors {
  /// By the field `x-amzn-errortype`, or `__type` in the body; the message is `message` or
  /// `Message`.
  static func read(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError {
    let root = try? JSONTree().parse(body)
    let type = headers.amazonErrorType ?? root?["__type"]?.string ?? root?["code"]?.string
    return error(
      named: type.map(bareName) ?? "", message: message(root, body),
      fallback: ProviderError.Kind(status: status), headers.retryAfterMilliseconds)
  }

  /// An exception frame: its name comes with a small letter.
  static func read(exception name: String, payload: ByteView) -> ProviderError {
    let bare = bareName(name)
    let capitalised = bare.prefix(1).uppercased() + bare.dropFirst()
    return error(
      named: capitalised, message: message(try? JSONTree().parse(payload), payload),
      fallback: .server, nil)
  }

  private static func error(
    named name: String, message: String, fallback: ProviderError.Kind, _ delay: Int64?
  ) -> ProviderError {
    var kind = kind(of: name) ?? fallback
    if kind == .invalidRequest, ProviderError.saysContextOverflow(message) {
      kind = .contextLengthExceeded
    }
    return ProviderError(kind, message, nativeType: name, retryAfterMilliseconds: delay)
  }

  private static func kind(of name: String) -> ProviderError.Kind? {
    switch name {
    case "ValidationException", "ConflictException", "SerializationException": .invalidRequest
    case "ThrottlingException", "TooManyRequestsException": .rateLimit
    case "ServiceQuotaExceededException": .quota
    case "ModelNotReadyException", "ServiceUnavailableException": .overloaded
    case "ModelTimeoutException": .timeout
    case "ModelErrorException", "ModelStreamErrorException", "InternalServerException",
      "InternalFailure":
      .server
    case "ResourceNotFoundException", "UnknownOperationException": .notFound
    case "AccessDeniedException", "NotAuthorized", "OptInRequired": .permission
    case "UnrecognizedClientException", "InvalidSignatureException", "ExpiredTokenException",
      "ExpiredToken", "MissingAuthenticationTokenException", "IncompleteSignatureException",
      "InvalidClientTokenId", "RequestExpired":
      .authentication
    case "RequestEntityTooLargeException": .requestTooLarge
    default: nil
    }
  }

  /// The exception that tells a client of Bedrock the same.
  static func name(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .requestTooLarge:
      "ValidationException"
    case .authentication: "UnrecognizedClientException"
    case .permission: "AccessDeniedException"
    case .notFound: "ResourceNotFoundException"
    case .rateLimit: "ThrottlingException"
    case .quota: "ServiceQuotaExceededException"
    case .overloaded: "ServiceUnavailableException"
    case .timeout: "ModelTimeoutException"
    case .server: "InternalServerException"
    }
  }

  /// The same within a stream, where there are five.
  static func streamName(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .requestTooLarge:
      "validationException"
    case .rateLimit, .quota: "throttlingException"
    case .overloaded: "serviceUnavailableException"
    case .timeout: "modelStreamErrorException"
    case .authentication, .permission, .notFound, .server: "internalServerException"
    }
  }

  /// `com.amazon.coral.service#Name:http://...` is `Name`.
  static func bareName(_ type: String) -> String {
    var name = type[...]
    if let colon = name.firstIndex(of: ":") { name = name[..<colon] }
    if let hash = name.lastIndex(of: "#") { name = name[name.index(after: hash)...] }
    return String(name)
  }

  private static func message(_ root: JSONNode?, _ body: ByteView) -> String {
    if let text = root?["message"]?.string ?? root?["Message"]?.string { return text }
    return root?["originalMessage"]?.string ?? String(body.prefix(1_024).string)
  }
}
