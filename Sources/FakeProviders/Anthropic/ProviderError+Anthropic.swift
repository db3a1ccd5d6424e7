// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ProviderError {
  static let anthropicRequestIdentifier = "req_011CSHoEeqs5C35K2UUqR7Fy"

  /// `{"type": "error", "error": {"type", "message"}, "request_id"}`.
  var anthropicBody: JSONValue {
    let usual = anthropicUsual
    return [
      "type": "error",
      "error": [
        "type": .string(code ?? usual.type), "message": .string(message ?? usual.message),
      ],
      "request_id": .string(Self.anthropicRequestIdentifier),
    ]
  }

  var anthropicStatus: Int { status ?? anthropicUsual.status }

  private var anthropicUsual: (status: Int, type: String, message: String) {
    let invalid = "invalid_request_error"
    return switch kind {
    case .invalidRequest: (400, invalid, "The request was refused by script.")
    case .contextLength: (400, invalid, "prompt is too long: 208310 tokens > 200000 maximum")
    case .contentFilter: (400, invalid, "Output blocked by content filtering policy")
    case .authentication: (401, "authentication_error", "invalid x-api-key")
    case .billing:
      (
        402, "billing_error",
        "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing "
          + "to upgrade or purchase credits."
      )
    case .permission:
      (403, "permission_error", "Your API key does not have permission to use this resource.")
    case .notFound: (404, "not_found_error", "Not found")
    case .methodNotAllowed: (405, invalid, "Method Not Allowed")
    case .timeout: (504, "timeout_error", "Request timed out")
    case .tooLarge:
      (413, "request_too_large", "Request exceeds the maximum size of 33554432 bytes")
    case .rateLimit:
      (
        429, "rate_limit_error",
        "This request would exceed the rate limit for your organization of 50 requests per minute."
      )
    case .server, .model: (500, "api_error", "Internal server error")
    case .overloaded: (529, "overloaded_error", "Overloaded")
    }
  }
}
