// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer as Anthropic's Messages API gives it: one `message`, or the events of one.
struct AnthropicMessage {
  let answer: ScriptedAnswer
  let thinking: AnthropicRequest.Thinking
  let script: Script

  // MARK: Body

  /// The `message` object.
  var body: JSONValue {
    message(
      content: blocks.map { $0.whole(thinking) }, stopReason: stopReason,
      stopSequence: stopSequence,
      usage: script.omitsUsage ? nil : usage(outputTokens: answer.completionTokens))
  }

  private func message(
    content: [JSONValue], stopReason: JSONValue, stopSequence: JSONValue, usage: JSONValue?
  ) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string("msg_01" + answer.digits)), .init("type", "message"),
      .init("role", "assistant"), .init("model", .string(answer.model)),
      .init("content", .array(content)), .init("stop_reason", stopReason),
      .init("stop_sequence", stopSequence), .init("stop_details", .null),
    ]
    if let usage { members.append(.init("usage", usage)) }
    return .object(members)
  }

  /// The content blocks: an empty text is no block.
  private var blocks: [ScriptedAnswer.Block] {
    answer.choice.blocks.filter { block in
      switch block {
      case .text(let text): !text.isEmpty
      case .reasoning, .hiddenReasoning, .call: true
      }
    }
  }

  private var stopReason: JSONValue {
    if let native = answer.nativeFinish { return .string(native) }
    let name =
      switch answer.choice.ending {
      case .stop, .malformedCall: "end_turn"
      case .stopSequence: "stop_sequence"
      case .length: "max_tokens"
      case .contextWindow: "model_context_window_exceeded"
      case .toolCalls, .functionCall: "tool_use"
      case .contentFilter, .refusal: "refusal"
      case .pause: "pause_turn"
      }
    return .string(name)
  }

  private var stopSequence: JSONValue {
    answer.choice.ending == .stopSequence ? JSONValue(answer.choice.stopSequence) : .null
  }

  // MARK: Usage

  private var inputUsage: [JSONValue.Member] {
    let fresh = answer.promptTokens - answer.cachedTokens - answer.cacheWriteTokens
    return [
      .init("input_tokens", JSONValue(fresh)),
      .init("cache_creation_input_tokens", JSONValue(answer.cacheWriteTokens)),
      .init("cache_read_input_tokens", JSONValue(answer.cachedTokens)),
    ]
  }

  private func usage(outputTokens: Int) -> JSONValue {
    .object(
      inputUsage + [
        .init(
          "cache_creation",
          [
            "ephemeral_5m_input_tokens": JSONValue(answer.cacheWriteTokens),
            "ephemeral_1h_input_tokens": 0,
          ]), .init("output_tokens", JSONValue(outputTokens)),
        .init("service_tier", "standard"),
      ])
  }

  /// The usage of `message_delta`: every count is cumulative.
  private var finalUsage: JSONValue {
    var members = inputUsage
    members.append(.init("output_tokens", JSONValue(answer.completionTokens)))
    if answer.reasoningTokens > 0 {
      members.append(
        .init(
          "output_tokens_details", ["thinking_tokens": JSONValue(answer.reasoningTokens)]))
    }
    return .object(members)
  }

  // MARK: Stream

  /// `message_start` to `message_stop`, with the `ping` that follows the first block's start.
  var events: [StreamEvent] {
    let start = message(
      content: [], stopReason: .null, stopSequence: .null,
      usage: script.omitsUsage ? nil : usage(outputTokens: 1))
    var events = [Self.event("message_start", [.init("message", start)])]
    for (index, block) in blocks.enumerated() {
      events.append(
        Self.event(
          "content_block_start",
          [.init("index", JSONValue(index)), .init("content_block", block.start)]))
      if index == 0 { events.append(Self.event("ping", [])) }
      for delta in deltas(of: block) {
        events.append(
          Self.event(
            "content_block_delta", [.init("index", JSONValue(index)), .init("delta", delta)]))
      }
      events.append(Self.event("content_block_stop", [.init("index", JSONValue(index))]))
    }
    var last: [JSONValue.Member] = [
      .init("type", "message_delta"),
      .init("delta", ["stop_reason": stopReason, "stop_sequence": stopSequence]),
    ]
    if !script.omitsUsage { last.append(.init("usage", finalUsage)) }
    events.append(.finish(.object(last), name: "message_delta"))
    events.append(.done(["type": "message_stop"], name: "message_stop"))
    return events
  }

  private static func event(_ type: String, _ members: [JSONValue.Member]) -> StreamEvent {
    .chunk(.object([.init("type", .string(type))] + members), name: type)
  }

  private func deltas(of block: ScriptedAnswer.Block) -> [JSONValue] {
    func fragments(_ text: String) -> [String] {
      pieces(TokenEstimate.split(text), script.chunkTokens).map { $0.joined() }
    }
    switch block {
    case .hiddenReasoning: return []
    case .text(let text):
      return fragments(text).map { ["type": "text_delta", "text": .string($0)] }
    case .reasoning(let text):
      let shown: [JSONValue] =
        thinking == .omitted
        ? [] : fragments(text).map { ["type": "thinking_delta", "thinking": .string($0)] }
      return shown + [
        [
          "type": "signature_delta",
          "signature": .string(ThinkingSignature.sign(thinking == .omitted ? "" : text)),
        ]
      ]
    case .call(let call):
      // The first fragment is empty, and the only one of a call without arguments.
      let parts = call.arguments == "{}" ? [] : fragments(call.arguments)
      return ([""] + parts).map { ["type": "input_json_delta", "partial_json": .string($0)] }
    }
  }
}

extension ScriptedAnswer.Block {
  /// The block as a whole answer has it.
  fileprivate func whole(_ thinking: AnthropicRequest.Thinking) -> JSONValue {
    switch self {
    case .text(let text): return ["type": "text", "text": .string(text)]
    case .reasoning(let text):
      let shown = thinking == .omitted ? "" : text
      return [
        "type": "thinking", "thinking": .string(shown),
        "signature": .string(ThinkingSignature.sign(shown)),
      ]
    case .hiddenReasoning(let tokens):
      return [
        "type": "redacted_thinking", "data": .string(ThinkingSignature.redacted(tokens: tokens)),
      ]
    case .call(let call):
      // A call that was cut by the limit of tokens has no readable arguments.
      let input = (try? JSONValue(parsing: Array(call.arguments.utf8))) ?? .object([])
      return [
        "type": "tool_use", "id": .string(call.anthropicIdentifier), "name": .string(call.name),
        "input": input,
      ]
    }
  }

  /// The block as `content_block_start` has it: all of what is not streamed.
  fileprivate var start: JSONValue {
    switch self {
    case .text: ["type": "text", "text": ""]
    case .reasoning: ["type": "thinking", "thinking": "", "signature": ""]
    case .hiddenReasoning: whole(.shown)
    case .call(let call):
      [
        "type": "tool_use", "id": .string(call.anthropicIdentifier), "name": .string(call.name),
        "input": [:],
      ]
    }
  }
}

extension ScriptedAnswer.ToolCall {
  var anthropicIdentifier: String { "toolu_01" + digits }
}
