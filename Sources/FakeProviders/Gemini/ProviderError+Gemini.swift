// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ProviderError {
  /// `{"error": {"code", "message", "status", "details"}}`, as google.rpc.Status maps to JSON.
  var geminiBody: JSONValue {
    let usual = geminiUsual
    var object: [JSONValue.Member] = [
      .init("code", JSONValue(geminiStatus)), .init("message", .string(message ?? usual.message)),
      .init("status", .string(code ?? usual.name)),
    ]
    let details = geminiDetails
    if !details.isEmpty { object.append(.init("details", .array(details))) }
    return ["error": .object(object)]
  }

  var geminiStatus: Int { status ?? geminiUsual.status }

  private var geminiDetails: [JSONValue] {
    switch kind {
    case .authentication:
      return [
        [
          "@type": "type.googleapis.com/google.rpc.ErrorInfo", "reason": "API_KEY_INVALID",
          "domain": "googleapis.com",
          "metadata": ["service": "generativelanguage.googleapis.com"],
        ]
      ]
    case .rateLimit:
      let milliseconds = retryAfterMilliseconds ?? 34_000
      return [
        [
          "@type": "type.googleapis.com/google.rpc.QuotaFailure",
          "violations": [
            [
              "quotaMetric":
                "generativelanguage.googleapis.com/generate_content_free_tier_requests",
              "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
              "quotaValue": "10",
            ]
          ],
        ],
        [
          "@type": "type.googleapis.com/google.rpc.RetryInfo",
          "retryDelay": .string(Self.duration(milliseconds)),
        ],
      ]
    default: return []
    }
  }

  /// google.protobuf.Duration as JSON: seconds, with a fraction where there is one.
  private static func duration(_ milliseconds: Int) -> String {
    let rest = milliseconds % 1_000
    if rest == 0 { return "\(milliseconds / 1_000)s" }
    let digits = String(rest)
    let zeros = String(repeating: "0", count: 3 - digits.count)
    return "\(milliseconds / 1_000).\(zeros)\(digits)s"
  }

  private var geminiUsual: (status: Int, name: String, message: String) {
    let invalid = "INVALID_ARGUMENT"
    return switch kind {
    case .invalidRequest, .contentFilter:
      (400, invalid, "Request contains an invalid argument.")
    case .contextLength:
      (
        400, invalid,
        "The input token count (1048577) exceeds the maximum number of tokens allowed (1048576)."
      )
    case .authentication:
      (400, invalid, "API key not valid. Please pass a valid API key.")
    case .billing:
      (403, "PERMISSION_DENIED", "This API method requires billing to be enabled.")
    case .permission: (403, "PERMISSION_DENIED", "The caller does not have permission")
    case .notFound:
      (
        404, "NOT_FOUND",
        "The model is not found for API version v1beta, or is not supported for generateContent. "
          + "Call ListModels to see the list of available models and their supported methods."
      )
    case .methodNotAllowed: (405, invalid, "The method is not allowed.")
    case .timeout:
      (504, "DEADLINE_EXCEEDED", "Deadline expired before operation could complete.")
    case .tooLarge:
      (400, invalid, "Request payload size exceeds the limit: 20971520 bytes.")
    case .rateLimit:
      (
        429, "RESOURCE_EXHAUSTED",
        "You exceeded your current quota, please check your plan and billing details."
      )
    case .server, .model:
      (
        500, "INTERNAL",
        "An internal error has occurred. Please retry or report in "
          + "https://developers.generativeai.google/guide/troubleshooting"
      )
    case .overloaded:
      (503, "UNAVAILABLE", "The model is overloaded. Please try again later.")
    }
  }
}
