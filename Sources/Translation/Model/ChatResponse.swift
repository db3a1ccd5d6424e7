// SPDX-License-Identifier: MIT

public import JSON

/// A whole answer, whatever API it came by.
public struct ChatResponse: Sendable {
  /// The provider's id of the answer; empty when it gives none.
  public var id = JSONText.empty
  /// The model as the provider names it; empty when it does not say.
  public var model = JSONText.empty
  /// By index; most providers give one.
  public var choices: [Choice] = []
  /// Nil when the provider does not say.
  public var usage: Usage?

  public init() {}

  public struct Choice: Sendable {
    public var blocks: [Block]
    public var finish: FinishReason
    /// The provider's own word for `finish`.
    public var nativeFinish: JSONText?
    /// The stop sequence that ended the answer.
    public var stopSequence: JSONText?
    /// OpenAI `logprobs`.
    public var logProbabilities: JSONFragment?

    public init(
      blocks: [Block], finish: FinishReason, nativeFinish: JSONText? = nil,
      stopSequence: JSONText? = nil, logProbabilities: JSONFragment? = nil
    ) {
      self.blocks = blocks
      self.finish = finish
      self.nativeFinish = nativeFinish
      self.stopSequence = stopSequence
      self.logProbabilities = logProbabilities
    }
  }
}

/// Why an answer ended.
public enum FinishReason: UInt8, CaseIterable, Sendable {
  /// The model was done, or met a stop sequence.
  case stop
  /// A limit of tokens.
  case length
  /// Tools are to be called.
  case toolCalls
  /// The provider or the model declined.
  case contentFilter
}

/// Token counts. The parts are contained in the two sums, not added to them.
public struct Usage: Equatable, Sendable {
  /// All tokens in, cached or not.
  public var inputTokens: UInt64 = 0
  /// All tokens out, thoughts included.
  public var outputTokens: UInt64 = 0
  /// Of the tokens in: read from a prompt cache.
  public var cacheReadTokens: UInt64 = 0
  /// Of the tokens in: written to a prompt cache, for whatever time.
  public var cacheWriteTokens: UInt64 = 0
  /// Of those written: for an hour (Anthropic `ephemeral_1h_input_tokens`).
  public var cacheWriteHourTokens: UInt64 = 0
  /// Of the tokens in: sound.
  public var audioInputTokens: UInt64 = 0
  /// Of the tokens out: thoughts.
  public var reasoningTokens: UInt64 = 0
  /// Of the tokens out: sound.
  public var audioOutputTokens: UInt64 = 0

  public init() {}

  public var totalTokens: UInt64 { inputTokens &+ outputTokens }

  /// Adds what another part of the same answer took.
  mutating func add(_ other: Usage) {
    inputTokens &+= other.inputTokens
    outputTokens &+= other.outputTokens
    cacheReadTokens &+= other.cacheReadTokens
    cacheWriteTokens &+= other.cacheWriteTokens
    cacheWriteHourTokens &+= other.cacheWriteHourTokens
    audioInputTokens &+= other.audioInputTokens
    reasoningTokens &+= other.reasoningTokens
    audioOutputTokens &+= other.audioOutputTokens
  }
}
