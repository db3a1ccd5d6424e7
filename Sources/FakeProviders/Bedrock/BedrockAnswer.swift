// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer as Converse and ConverseStream give it.
struct BedrockAnswer {
  let answer: ScriptedAnswer
  let script: Script

  private static let guardrailWords = "Sorry, the model cannot answer this question."
  /// As the real service's: random letters, so that lengths tell nothing.
  private static let paddingAlphabet =
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

  // MARK: Whole

  var body: JSONValue {
    var members: [JSONValue.Member] = [
      .init("metrics", metrics),
      .init(
        "output",
        ["message": ["content": .array(blocks.map(\.converse)), "role": "assistant"]]),
      .init("stopReason", stopReason),
    ]
    if !script.omitsUsage { members.append(.init("usage", usage)) }
    return .object(members)
  }

  private var metrics: JSONValue { ["latencyMs": JSONValue(script.delayMilliseconds + 1)] }

  private var blocks: [ScriptedAnswer.Block] {
    if script.blocksPrompt { return [.text(Self.guardrailWords)] }
    return answer.choice.blocks.filter { block in
      if case .text(let text) = block { return !text.isEmpty }
      return true
    }
  }

  private var stopReason: JSONValue {
    if script.blocksPrompt { return "guardrail_intervened" }
    if let native = answer.nativeFinish { return .string(native) }
    return switch answer.choice.ending {
    case .stop, .pause: "end_turn"
    case .stopSequence: "stop_sequence"
    case .length: "max_tokens"
    case .contextWindow: "model_context_window_exceeded"
    case .toolCalls, .functionCall: "tool_use"
    case .contentFilter, .refusal: "content_filtered"
    case .malformedCall: "malformed_tool_use"
    }
  }

  /// What was cached stands beside the input; the total has everything.
  private var usage: JSONValue {
    let output = script.blocksPrompt ? 0 : answer.completionTokens
    let fresh = answer.promptTokens - answer.cachedTokens - answer.cacheWriteTokens
    return [
      "cacheReadInputTokens": JSONValue(answer.cachedTokens),
      "cacheWriteInputTokens": JSONValue(answer.cacheWriteTokens),
      "inputTokens": JSONValue(fresh), "outputTokens": JSONValue(output),
      "totalTokens": JSONValue(answer.promptTokens + output),
    ]
  }

  // MARK: Stream

  /// `messageStart` to `metadata`, each with its padding. Only calls of tools have a start.
  var events: [StreamEvent] {
    var hash = StableHash()
    hash.combine(answer.digits)
    var random = StableRandom(seed: hash.value)
    var events: [StreamEvent] = []
    func add(
      _ name: String, _ members: [JSONValue.Member], _ kind: StreamEvent.Kind = .chunk
    ) {
      let padded = members + [.init("p", .string(Self.padding(&random)))]
      events.append(
        StreamEvent(kind: kind, name: name, data: JSONValue.object(padded).encodedBytes))
    }
    add("messageStart", [.init("role", "assistant")])
    for (index, block) in blocks.enumerated() {
      let place = JSONValue.Member("contentBlockIndex", JSONValue(index))
      if case .call(let call) = block {
        let start: JSONValue = [
          "toolUse": ["name": .string(call.name), "toolUseId": .string(call.bedrockIdentifier)]
        ]
        add("contentBlockStart", [place, .init("start", start)])
      }
      for delta in deltas(block) { add("contentBlockDelta", [place, .init("delta", delta)]) }
      add("contentBlockStop", [place])
    }
    add("messageStop", [.init("stopReason", stopReason)], .finish)
    var last: [JSONValue.Member] = [.init("metrics", metrics)]
    if !script.omitsUsage { last.append(.init("usage", usage)) }
    add("metadata", last, .done)
    return events
  }

  static func padding(_ random: inout StableRandom) -> String {
    let count = Int(random.next() % UInt64(paddingAlphabet.count)) + 1
    return String(paddingAlphabet.prefix(count))
  }

  private func deltas(_ block: ScriptedAnswer.Block) -> [JSONValue] {
    func fragments(_ text: String) -> [String] {
      pieces(TokenEstimate.split(text), script.chunkTokens).map { $0.joined() }
    }
    switch block {
    case .text(let text): return fragments(text).map { ["text": .string($0)] }
    case .reasoning(let text):
      return fragments(text).map { ["reasoningContent": ["text": .string($0)]] }
        + [["reasoningContent": ["signature": .string(ThinkingSignature.sign(text))]]]
    case .hiddenReasoning(let tokens):
      let data = ThinkingSignature.redacted(tokens: tokens)
      return [["reasoningContent": ["redactedContent": .string(data)]]]
    case .call(let call):
      // A call without arguments has no delta at all.
      let parts = call.arguments == "{}" ? [] : fragments(call.arguments)
      return parts.map { ["toolUse": ["input": .string($0)]] }
    }
  }
}

extension ScriptedAnswer.Block {
  fileprivate var converse: JSONValue {
    switch self {
    case .text(let text): return ["text": .string(text)]
    case .reasoning(let text):
      return [
        "reasoningContent": [
          "reasoningText": [
            "text": .string(text), "signature": .string(ThinkingSignature.sign(text)),
          ]
        ]
      ]
    case .hiddenReasoning(let tokens):
      let data = ThinkingSignature.redacted(tokens: tokens)
      return ["reasoningContent": ["redactedContent": .string(data)]]
    case .call(let call):
      let input = (try? JSONValue(parsing: Array(call.arguments.utf8))) ?? .object([])
      return [
        "toolUse": [
          "input": input, "name": .string(call.name),
          "toolUseId": .string(call.bedrockIdentifier),
        ]
      ]
    }
  }
}

extension ScriptedAnswer.ToolCall {
  fileprivate var bedrockIdentifier: String { "tooluse_" + digits }
}
