// SPDX-License-Identifier: MIT

public import JSON

/// Clients of Anthropic's Messages API, of both versions (2023-06-01 and 2026-10-21), which differ
/// in parameters that the later one refuses.
public enum AnthropicClient: ClientWire {
  public static let name: StaticString = "anthropic"
  public static let streamContentType: StaticString = "text/event-stream; charset=utf-8"

  /// Also reads what `/v1/messages/count_tokens` is sent: a request without a limit.
  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = AnthropicRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
    }
    return try reader.finish()
  }

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    AnthropicResponseWriter.write(response, context)
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    append(error, context, to: &json)
    return json.finish()
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    AnthropicStreamEncoder(context)
  }

  /// As `TokenCountClientWire` has it.
  public static func writeTokenCount(_ count: Int64) -> [UInt8] {
    var json = JSONBuilder()
    json.object { $0.member("input_tokens", integer: count) }
    return json.finish()
  }

  /// The error object, of whole answers and of streams. (Anthropic API reference, "Errors".)
  static func append(
    _ error: ProviderError, _ context: AnswerContext, to json: inout JSONBuilder
  ) {
    json.object {
      $0.member("type", literal: "error")
      $0.object("error") {
        $0.member("type", literal: type(of: error))
        $0.member("message", string: message(of: error))
      }
      $0.member("request_id", string: "req_\(context.requestID)")
    }
  }

  private static func type(of error: ProviderError) -> StaticString {
    switch error.kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter: "invalid_request_error"
    // The gateway's own key at the provider, of which the client knows nothing.
    case .authentication: error.isCallers ? "authentication_error" : "api_error"
    case .permission: "permission_error"
    case .notFound: "not_found_error"
    case .requestTooLarge: "request_too_large"
    case .rateLimit: "rate_limit_error"
    case .quota: "billing_error"
    case .overloaded: "overloaded_error"
    case .timeout: "timeout_error"
    case .server: "api_error"
    }
  }

  /// Clients shorten a conversation when they read these words: the API has no code for it.
  private static func message(of error: ProviderError) -> String {
    let words = "prompt is too long"
    guard error.kind == .contextLengthExceeded, !error.message.lowercased().contains(words)
    else { return error.message }
    return error.message.isEmpty ? words : "\(words): \(error.message)"
  }
}
