// SPDX-License-Identifier: MIT

import Bytes

/// Which counts stand under which names, in the completions API and in the newer one of OpenAI.
extension TokenUsage {
  /// Takes a count that is a member of `usage` itself.
  @inline(__always)
  mutating func note(_ name: ByteView, _ count: UInt64) {
    switch name.count {
    case 12:
      if name.equals("total_tokens") { totalTokens = count }
      if name.equals("input_tokens") { promptTokens = count }
    case 13:
      if name.equals("prompt_tokens") { promptTokens = count }
      if name.equals("output_tokens") { completionTokens = count }
    case 17: if name.equals("completion_tokens") { completionTokens = count }
    case 23: if name.equals("prompt_cache_hit_tokens") { cachedTokens = count }
    default: break
    }
  }

  /// Takes a count that is a member of the details of the prompt, or else of the completion.
  @inline(__always)
  mutating func noteDetail(_ name: ByteView, _ count: UInt64, isPrompt: Bool) {
    if isPrompt {
      if name.equals("cached_tokens") { cachedTokens = count }
    } else {
      if name.equals("reasoning_tokens") { reasoningTokens = count }
    }
  }

  @inline(__always)
  static func isPromptDetails(_ name: ByteView) -> Bool {
    name.equals("prompt_tokens_details") || name.equals("input_tokens_details")
  }

  @inline(__always)
  static func isCompletionDetails(_ name: ByteView) -> Bool {
    name.equals("completion_tokens_details") || name.equals("output_tokens_details")
  }
}
