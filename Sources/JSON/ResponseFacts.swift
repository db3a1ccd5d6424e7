// SPDX-License-Identifier: MIT

/// Token counts as an OpenAI-compatible API reports them. The others are parts of `prompt` and
/// `completion`, not added to them.
@frozen
public struct TokenUsage: Equatable, Sendable {
  public var promptTokens: UInt64 = 0
  public var completionTokens: UInt64 = 0
  public var totalTokens: UInt64 = 0
  /// `prompt_tokens_details.cached_tokens` (DeepSeek: `prompt_cache_hit_tokens`).
  public var cachedTokens: UInt64 = 0
  /// `completion_tokens_details.reasoning_tokens`.
  public var reasoningTokens: UInt64 = 0
  /// `prompt_tokens_details.cache_write_tokens` (OpenRouter), `…cache_creation_tokens` or
  /// `cache_creation_input_tokens` (LiteLLM).
  public var cacheWriteTokens: UInt64 = 0
  /// Of those written to a cache: for an hour (Anthropic, by translation).
  public var cacheWriteHourTokens: UInt64 = 0
  /// `prompt_tokens_details.audio_tokens`.
  public var audioInputTokens: UInt64 = 0
  /// `completion_tokens_details.audio_tokens`.
  public var audioOutputTokens: UInt64 = 0

  @inlinable
  public init() {}
}

/// What the gateway looks at in a response body or in the data of one stream chunk. POD; ranges are
/// relative to the text scanned.
@frozen
public struct ResponseFacts: Sendable {
  /// Whether the text has been validated to its end. Where it has not, what follows holds for the
  /// part before `error`.
  public var isValid: Bool = false
  /// Why the text is not a JSON object, if it is not.
  public var failure: JSONError = JSONError(.unexpectedEnd, at: 0)
  /// Whether `usage` is an object (in streams it is `null` until the last chunk).
  public var hasUsage: Bool = false
  public var usage = TokenUsage()
  /// The value of `usage`.
  public var usageSpan: JSONSpan = .absent
  /// The value of `error`, if it is not `null`.
  public var error: JSONSpan = .absent
  public var id: JSONSpan = .absent
  public var model: JSONSpan = .absent
  public var choices: JSONSpan = .absent
  public var choiceCount: UInt32 = 0
  /// The last `finish_reason` among the choices that is a string.
  public var finishReason: JSONSpan = .absent
  /// Un-nested errors: `object`, `message`, `type` and `code` beside each other at the top.
  public var object: JSONSpan = .absent
  public var message: JSONSpan = .absent
  public var type: JSONSpan = .absent
  public var code: JSONSpan = .absent
  public var parameter: JSONSpan = .absent

  @inlinable
  public init() {}

  /// Whether this is the extra chunk of a stream that carries the usage alone.
  @inlinable
  public var isUsageChunk: Bool { hasUsage && choices.kind == .array && choiceCount == 0 }

  /// Whether this is the chunk that Azure sends first, with `prompt_filter_results` and no choice.
  @inlinable
  public var isPromptChunk: Bool { !hasUsage && choices.kind == .array && choiceCount == 0 }
}
