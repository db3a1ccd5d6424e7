// SPDX-License-Identifier: MIT

import Bytes

/// A count of `TokenUsage`.
enum UsageField: UInt8 {
  case none
  case prompt
  case completion
  case total
  case cached
  case reasoning
  case cacheWrite
  case audioInput
  case audioOutput
}

/// Which counts stand under which names, in the completions API and in the newer one of OpenAI.
extension UsageField {
  /// The count that is a member of `usage` itself.
  @inline(__always)
  init(_ name: ByteView) {
    switch name.count {
    case 12 where name.equals("total_tokens"): self = .total
    case 12 where name.equals("input_tokens"): self = .prompt
    case 13 where name.equals("prompt_tokens"): self = .prompt
    case 13 where name.equals("output_tokens"): self = .completion
    case 17 where name.equals("completion_tokens"): self = .completion
    case 23 where name.equals("prompt_cache_hit_tokens"): self = .cached
    case 27 where name.equals("cache_creation_input_tokens"): self = .cacheWrite
    default: self = .none
    }
  }

  /// The count that is a member of the details of the prompt, or else of the completion.
  @inline(__always)
  init(detail name: ByteView, isPrompt: Bool) {
    switch name.count {
    case 12 where name.equals("audio_tokens"): self = isPrompt ? .audioInput : .audioOutput
    case 13 where isPrompt && name.equals("cached_tokens"): self = .cached
    case 16 where !isPrompt && name.equals("reasoning_tokens"): self = .reasoning
    case 18 where isPrompt && name.equals("cache_write_tokens"): self = .cacheWrite
    case 21 where isPrompt && name.equals("cache_creation_tokens"): self = .cacheWrite
    default: self = .none
    }
  }
}

extension TokenUsage {
  /// - Parameter counts: by `UsageField`.
  @inline(__always)
  init(_ counts: InlineArray<9, UInt64>) {
    self.init()
    promptTokens = counts[Int(UsageField.prompt.rawValue)]
    completionTokens = counts[Int(UsageField.completion.rawValue)]
    totalTokens = counts[Int(UsageField.total.rawValue)]
    cachedTokens = counts[Int(UsageField.cached.rawValue)]
    reasoningTokens = counts[Int(UsageField.reasoning.rawValue)]
    cacheWriteTokens = counts[Int(UsageField.cacheWrite.rawValue)]
    audioInputTokens = counts[Int(UsageField.audioInput.rawValue)]
    audioOutputTokens = counts[Int(UsageField.audioOutput.rawValue)]
  }

  @inline(__always)
  mutating func set(_ field: UsageField, _ count: UInt64) {
    switch field {
    case .none: break
    case .prompt: promptTokens = count
    case .completion: completionTokens = count
    case .total: totalTokens = count
    case .cached: cachedTokens = count
    case .reasoning: reasoningTokens = count
    case .cacheWrite: cacheWriteTokens = count
    case .audioInput: audioInputTokens = count
    case .audioOutput: audioOutputTokens = count
    }
  }

  /// Transcriptions write `input_token_details` (OpenAI API reference, "Create transcription").
  @inline(__always)
  static func isPromptDetails(_ name: ByteView) -> Bool {
    name.equals("prompt_tokens_details") || name.equals("input_tokens_details")
      || name.equals("input_token_details")
  }

  @inline(__always)
  static func isCompletionDetails(_ name: ByteView) -> Bool {
    name.equals("completion_tokens_details") || name.equals("output_tokens_details")
      || name.equals("output_token_details")
  }

  /// Counts as OpenAI counts, of what other servers say with the same names: xAI counts thoughts
  /// beside the completion, not within it, which its total tells; embeddings and rankings of some
  /// (Voyage, Jina) tell a total only, all of it tokens in.
  @inlinable
  public mutating func settle() {
    if reasoningTokens > 0, totalTokens == promptTokens &+ completionTokens &+ reasoningTokens {
      completionTokens &+= reasoningTokens
    }
    if promptTokens | completionTokens == 0 { promptTokens = totalTokens }
  }
}
