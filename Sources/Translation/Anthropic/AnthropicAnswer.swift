// SPDX-License-Identifier: MIT

internal import JSON

/// What whole answers and streams have in common.
enum AnthropicAnswer {
  /// - Parameter hasCalls: an answer with calls of tools wants them made, whatever it says.
  static func finish(_ stopReason: JSONText, hasCalls: Bool) -> FinishReason {
    switch stopReason.plain {
    case "max_tokens", "model_context_window_exceeded": .length
    case "refusal": .contentFilter
    default: hasCalls ? .toolCalls : .stop
    }
  }

  static func isAnswerTool(_ name: JSONText) -> Bool { name.equals(JSONAnswerTool.name) }
}

/// The counts of `usage`, which a stream tells more than once: what is said later replaces what was
/// said before. (Anthropic API reference, "Streaming Messages": counts are cumulative.)
struct AnthropicUsage {
  private var input: UInt64 = 0
  private var output: UInt64 = 0
  private var cacheRead: UInt64 = 0
  private var cacheWrite: UInt64 = 0
  private var cacheWriteHour: UInt64 = 0
  private var thinking: UInt64 = 0

  mutating func update(_ node: JSONNode) {
    set(\.input, node["input_tokens"])
    set(\.output, node["output_tokens"])
    set(\.cacheRead, node["cache_read_input_tokens"])
    set(\.cacheWrite, node["cache_creation_input_tokens"])
    if let parts = node["cache_creation"] {
      set(\.cacheWriteHour, parts["ephemeral_1h_input_tokens"])
    }
    if let parts = node["output_tokens_details"] { set(\.thinking, parts["thinking_tokens"]) }
  }

  private mutating func set(_ path: WritableKeyPath<AnthropicUsage, UInt64>, _ node: JSONNode?) {
    guard let count = node?.integer, count >= 0 else { return }
    self[keyPath: path] = UInt64(count)
  }

  var usage: Usage {
    var usage = Usage()
    usage.inputTokens = input &+ cacheRead &+ cacheWrite
    usage.outputTokens = output
    usage.cacheReadTokens = cacheRead
    usage.cacheWriteTokens = cacheWrite
    usage.cacheWriteHourTokens = min(cacheWriteHour, cacheWrite)
    usage.reasoningTokens = min(thinking, output)
    return usage
  }
}
