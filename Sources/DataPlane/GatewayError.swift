// SPDX-License-Identifier: MIT

/// Whose fault an error is.
public enum ErrorFault: UInt8, Sendable {
  case client
  case upstream
  case gateway
}

/// What went wrong with a request: the one error type at the proxy's edge. Each kind has one HTTP
/// status, one `type` and one `code` of the OpenAI error object, and says whether asking again may
/// help (`x-should-retry`, which the official SDKs follow).
public enum GatewayErrorKind: UInt8, CaseIterable, Sendable {
  case malformedHTTP
  case malformedJSON
  /// A `multipart/form-data` body.
  case malformedForm
  case invalidParameter
  case missingParameter
  /// The provider has nothing for a parameter, and it must not be dropped.
  case unsupportedParameter
  case unsupportedEncoding
  case malformedEncoding
  case missingKey
  case invalidKey
  case keyNotAllowed
  case modelNotFound
  case modelUnsupported
  case forbiddenByPolicy
  case routeNotFound
  /// No account is known that keeps this response.
  case responseNotFound
  case methodNotAllowed
  case requestTimeout
  case bodyTooLarge
  case headTooLarge
  case noHealthyDeployment
  case overloaded
  /// As many requests are under way as a provider is given at a time, and no place came in time.
  case concurrencyLimited
  case draining
  /// The credential of a gateway could not be fetched.
  case credentialUnavailable
  case upstreamUnreachable
  case upstreamTimeout
  case upstreamReset
  case upstreamIncomplete
  case upstreamMalformed
  case upstreamAuthentication
  case upstreamError
  /// An upstream's 4xx, passed on with its status.
  case upstreamRefused
  case upstreamRateLimited
  case streamStalled
  case streamTimeout
  case policyFailure
  case internalError

  public var status: UInt16 {
    switch self {
    case .malformedHTTP, .malformedJSON, .malformedForm, .invalidParameter, .missingParameter,
      .unsupportedParameter,
      .malformedEncoding, .modelUnsupported, .upstreamRefused:
      400
    case .missingKey, .invalidKey: 401
    case .keyNotAllowed, .forbiddenByPolicy: 403
    case .modelNotFound, .routeNotFound, .responseNotFound: 404
    case .methodNotAllowed: 405
    case .requestTimeout: 408
    case .bodyTooLarge: 413
    case .unsupportedEncoding: 415
    case .concurrencyLimited, .upstreamRateLimited: 429
    case .headTooLarge: 431
    case .policyFailure, .internalError: 500
    case .upstreamUnreachable, .upstreamReset, .upstreamIncomplete, .upstreamMalformed,
      .upstreamAuthentication, .upstreamError:
      502
    case .noHealthyDeployment, .overloaded, .draining, .credentialUnavailable: 503
    case .upstreamTimeout, .streamStalled, .streamTimeout: 504
    }
  }

  public var fault: ErrorFault {
    if self == .concurrencyLimited { return .gateway }
    return switch status {
    case 429, 502, 504: .upstream
    case 500, 503: .gateway
    default: .client
    }
  }

  public var isRetryable: Bool {
    switch self {
    case .requestTimeout, .noHealthyDeployment, .overloaded, .concurrencyLimited, .draining,
      .credentialUnavailable,
      .upstreamUnreachable, .upstreamTimeout, .upstreamReset, .upstreamIncomplete,
      .upstreamMalformed, .upstreamError,
      .upstreamRateLimited,
      .streamStalled, .streamTimeout:
      true
    default: false
    }
  }

  /// `error.type` of the OpenAI error object.
  public var type: StaticString {
    switch self {
    case .missingKey, .invalidKey: "authentication_error"
    case .keyNotAllowed, .forbiddenByPolicy: "permission_error"
    case .upstreamAuthentication: "upstream_auth_error"
    case .concurrencyLimited, .upstreamRateLimited: "rate_limit_error"
    case .requestTimeout, .upstreamTimeout, .streamStalled, .streamTimeout: "timeout_error"
    default: fault == .client ? "invalid_request_error" : "server_error"
    }
  }

  /// `error.code` of the OpenAI error object.
  public var code: StaticString {
    switch self {
    case .malformedHTTP: "malformed_http"
    case .malformedJSON: "malformed_json"
    case .malformedForm: "malformed_form"
    case .invalidParameter: "invalid_parameter"
    case .missingParameter: "missing_required_parameter"
    case .unsupportedParameter: "unsupported_parameter"
    case .unsupportedEncoding: "unsupported_content_encoding"
    case .malformedEncoding: "malformed_content_encoding"
    case .missingKey: "missing_api_key"
    case .invalidKey: "invalid_api_key"
    case .keyNotAllowed: "api_key_not_allowed"
    case .modelNotFound: "model_not_found"
    case .modelUnsupported: "model_not_supported"
    case .forbiddenByPolicy: "forbidden_by_policy"
    case .routeNotFound: "unknown_url"
    case .responseNotFound: "response_not_found"
    case .methodNotAllowed: "method_not_allowed"
    case .requestTimeout: "request_timeout"
    case .bodyTooLarge: "request_too_large"
    case .headTooLarge: "request_header_fields_too_large"
    case .policyFailure: "policy_failure"
    case .internalError: "internal_error"
    default: upstreamCode
    }
  }

  private var upstreamCode: StaticString {
    switch self {
    case .noHealthyDeployment: "no_healthy_deployment"
    case .overloaded: "overloaded"
    case .concurrencyLimited: "concurrency_limit_exceeded"
    case .draining: "draining"
    case .credentialUnavailable: "credential_unavailable"
    case .upstreamUnreachable: "upstream_unreachable"
    case .upstreamTimeout: "upstream_timeout"
    case .upstreamReset: "upstream_reset"
    case .upstreamIncomplete: "upstream_incomplete"
    case .upstreamMalformed: "upstream_malformed"
    case .upstreamAuthentication: "upstream_auth_error"
    case .streamStalled: "stream_stalled"
    case .streamTimeout: "stream_timeout"
    case .upstreamRateLimited: "rate_limit_exceeded"
    case .upstreamRefused: "upstream_refused"
    default: "upstream_error"
    }
  }
}

/// An error with its words for the client.
public struct GatewayError: Error, Sendable {
  public var kind: GatewayErrorKind
  public var message: String
  /// The request parameter at fault, as a path (`messages`, `max_tokens`).
  public var parameter: String?
  /// Overrides the kind's status where a protocol error brings its own (414, 417, 505 …).
  public var statusOverride: UInt16?
  public var retryAfterSeconds: UInt64?

  public init(
    _ kind: GatewayErrorKind, _ message: String, parameter: String? = nil,
    statusOverride: UInt16? = nil, retryAfterSeconds: UInt64? = nil
  ) {
    self.kind = kind
    self.message = message
    self.parameter = parameter
    self.statusOverride = statusOverride
    self.retryAfterSeconds = retryAfterSeconds
  }

  public var status: UInt16 { statusOverride ?? kind.status }

  /// The OpenAI error object, as JSON text.
  public var body: String {
    var text = "{\"error\":{\"message\":"
    Self.appendQuoted(message, to: &text)
    text += ",\"type\":\"\(kind.type)\",\"param\":"
    if let parameter { Self.appendQuoted(parameter, to: &text) } else { text += "null" }
    text += ",\"code\":\"\(kind.code)\"}}"
    return text
  }

  static func appendQuoted(_ value: String, to text: inout String) {
    text += "\""
    for scalar in value.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
