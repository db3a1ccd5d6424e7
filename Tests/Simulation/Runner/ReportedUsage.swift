// SPDX-License-Identifier: MIT

import FakeProviders

/// What a provider says about tokens, found in the bytes of its answer by names alone.
struct ReportedUsage {
  let input: Int
  let output: Int

  /// Nil where the answer says nothing.
  init?(_ body: [UInt8], _ wire: Wire) {
    let (inputs, outputs): ([StaticString], [StaticString]) =
      switch wire {
      case .anthropic:
        (
          ["input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens"],
          ["output_tokens"]
        )
      case .bedrock:
        (["inputTokens", "cacheReadInputTokens", "cacheWriteInputTokens"], ["outputTokens"])
      case .gemini: (["promptTokenCount"], ["candidatesTokenCount", "thoughtsTokenCount"])
      case .ollama: (["prompt_eval_count"], ["eval_count"])
      default: (["prompt_tokens"], ["completion_tokens"])
      }
    let found = (inputs + outputs).map { Self.last($0, in: body) }
    if found.allSatisfy({ $0 == nil }) { return nil }
    input = found.prefix(inputs.count).reduce(0) { $0 + ($1 ?? 0) }
    output = found.dropFirst(inputs.count).reduce(0) { $0 + ($1 ?? 0) }
  }

  /// The last number of that name: counts in streams are of all that has come so far.
  private static func last(_ name: StaticString, in body: [UInt8]) -> Int? {
    let pattern = Array("\"\(name)\":".utf8)
    guard body.count > pattern.count else { return nil }
    var start = body.count - pattern.count
    while start >= 0 {
      if body[start] == pattern[0], body[start...].starts(with: pattern) {
        let digits = body[(start + pattern.count)...].drop { $0 == 0x20 }
          .prefix { (0x30...0x39).contains($0) }
        if !digits.isEmpty { return Int(String(decoding: digits, as: UTF8.self)) }
      }
      start -= 1
    }
    return nil
  }
}
