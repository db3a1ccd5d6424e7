// SPDX-License-Identifier: MIT

public import JSON

/// Clients of OpenAI's chat completions (OpenAI API reference, "Chat Completions"), and what grew
/// up around it: `reasoning_content` (DeepSeek), `thinking_blocks` and `cache_control` (LiteLLM),
/// `extra_content.google.thought_signature` (Google).
public enum OpenAIChatClient: ClientWire {
  public static let name: StaticString = "openai"
  public static let streamContentType: StaticString = "text/event-stream"

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = OpenAIChatRequestReader()
    for member in body.members where member.value.kind != .null {
      try reader.read(member.name, member.value)
    }
    return try reader.finish()
  }

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    OpenAIChatResponseWriter.write(response, context)
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    append(error, to: &json)
    return json.finish()
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    OpenAIChatStreamEncoder(context)
  }

  /// The error object; the official SDKs raise by status, or at `error` in a stream's data.
  static func append(_ error: ProviderError, to json: inout JSONBuilder) {
    json.object {
      $0.object("error") {
        $0.member("message", string: error.message)
        $0.member("type", literal: type(of: error.kind))
        $0.nullMember("param")
        $0.member("code", literal: code(of: error.kind))
        if !error.nativeType.isEmpty { $0.member("native_type", string: error.nativeType) }
      }
    }
  }

  private static func type(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .notFound, .requestTooLarge:
      "invalid_request_error"
    case .authentication: "upstream_auth_error"
    case .permission: "permission_error"
    case .rateLimit: "rate_limit_error"
    case .quota: "insufficient_quota"
    case .timeout: "timeout_error"
    case .overloaded, .server: "server_error"
    }
  }

  private static func code(of kind: ProviderError.Kind) -> StaticString {
    switch kind {
    case .invalidRequest: "invalid_request"
    case .contextLengthExceeded: "context_length_exceeded"
    case .contentFilter: "content_filter"
    case .authentication: "upstream_auth_error"
    case .permission: "permission_denied"
    case .notFound: "model_not_found"
    case .requestTooLarge: "request_too_large"
    case .rateLimit: "rate_limit_exceeded"
    case .quota: "insufficient_quota"
    case .overloaded: "overloaded"
    case .timeout: "upstream_timeout"
    case .server: "upstream_error"
    }
  }
}

extension FinishReason {
  /// OpenAI's word.
  var openAI: StaticString {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    }
  }

  /// The word in an answer of this form.
  func openAI(_ form: AnswerForm) -> StaticString {
    self == .toolCalls && form == .functionCall ? "function_call" : openAI
  }
}

extension Usage {
  /// OpenAI's `usage` object of completions.
  func appendOpenAI(to json: inout JSONBuilder) {
    json.object("usage") {
      $0.member("prompt_tokens", integer: Int64(clamping: inputTokens))
      $0.member("completion_tokens", integer: Int64(clamping: outputTokens))
      $0.member("total_tokens", integer: Int64(clamping: totalTokens))
      $0.object("prompt_tokens_details") {
        $0.member("cached_tokens", integer: Int64(clamping: cacheReadTokens))
        if cacheWriteTokens > 0 {
          $0.member("cache_write_tokens", integer: Int64(clamping: cacheWriteTokens))
        }
        if audioInputTokens > 0 {
          $0.member("audio_tokens", integer: Int64(clamping: audioInputTokens))
        }
      }
      $0.object("completion_tokens_details") {
        $0.member("reasoning_tokens", integer: Int64(clamping: reasoningTokens))
        if audioOutputTokens > 0 {
          $0.member("audio_tokens", integer: Int64(clamping: audioOutputTokens))
        }
      }
    }
  }
}
