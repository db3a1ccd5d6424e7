// SPDX-License-Identifier: MIT

public import JSON

/// Clients of Google's Gemini API (`generateContent`, `streamGenerateContent`), on the paths of
/// Google AI or of Vertex AI. The model and whether the answer shall be a stream stand in the path.
public enum GeminiClient: ClientWire {
  public static let name: StaticString = "gemini"
  public static let streamContentType: StaticString = "text/event-stream"
  /// Of a stream without `alt=sse`.
  public static let arrayContentType: StaticString = "application/json"

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = GeminiRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
    }
    return try reader.finish()
  }

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    GeminiResponseWriter.write(response, context)
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    append(error, to: &json)
    return json.finish()
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    GeminiStreamEncoder(context)
  }

  /// `google.rpc.Status` as Google's front ends write it (AIP-193).
  static func append(_ error: ProviderError, to json: inout JSONBuilder) {
    json.object {
      $0.object("error") { json in
        json.member("code", integer: Int64(error.status))
        json.member("message", string: error.message)
        json.member("status", literal: word(of: error.kind))
        guard let wait = error.retryAfterMilliseconds else { return }
        json.array("details") {
          $0.object {
            $0.member("@type", literal: "type.googleapis.com/google.rpc.RetryInfo")
            $0.member("retryDelay", string: duration(wait))
          }
        }
      }
    }
  }

  /// Seconds with a fraction, and `s`.
  private static func duration(_ milliseconds: Int64) -> String {
    let (seconds, rest) = max(milliseconds, 0).quotientAndRemainder(dividingBy: 1_000)
    guard rest > 0 else { return "\(seconds)s" }
    let digits = String(rest)
    return "\(seconds).\(String(repeating: "0", count: 3 - digits.count))\(digits)s"
  }

  /// `google.rpc.Code`.
  private static func word(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .requestTooLarge:
      "INVALID_ARGUMENT"
    case .authentication: "UNAUTHENTICATED"
    case .permission: "PERMISSION_DENIED"
    case .notFound: "NOT_FOUND"
    case .rateLimit, .quota: "RESOURCE_EXHAUSTED"
    case .overloaded: "UNAVAILABLE"
    case .timeout: "DEADLINE_EXCEEDED"
    case .server: "INTERNAL"
    }
  }
}
