// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ScriptedAnswer {
  /// The `chat.completion.chunk` events of this answer, `[DONE]` last.
  ///
  /// With `stream_options.include_usage` every chunk has `"usage": null` and one more chunk, with
  /// no choices, gives the usage; without it no chunk mentions usage.
  func chatEvents(
    for request: AnswerRequest, created: Int64, wire: Wire, script: Script
  ) -> [StreamEvent] {
    let frame = ChunkFrame(
      identifier: "chatcmpl-" + digits, object: "chat.completion.chunk", model: model,
      created: created, includesUsage: request.includesUsage && !script.omitsUsage)
    let queues = choices.enumerated().map { index, choice in
      deltas(of: choice, request, wire, chunkTokens: script.chunkTokens).map { delta, logprobs in
        StreamEvent.chunk(frame.chunk(choice: Self.choice(index, delta, logprobs, .null)))
      }
    }
    var events: [StreamEvent] = []
    if wire == .azure { events.append(.chunk(frame.azureOpening)) }
    // The choices take turns, as parallel generations do.
    for turn in 0..<(queues.map(\.count).max() ?? 0) {
      for queue in queues where turn < queue.count { events.append(queue[turn]) }
    }
    let mergesUsage = script.mergesUsageIntoFinish
    for (index, choice) in choices.enumerated() {
      let last = Self.choice(index, [:], .null, finishReason(choice, wire))
      let isLast = index == choices.count - 1
      let usage = mergesUsage && isLast ? chatUsage(wire) : .null
      events.append(.finish(frame.chunk(choice: last, usage: usage)))
    }
    if frame.includesUsage, !mergesUsage {
      events.append(.usage(frame.usageChunk(chatUsage(wire))))
    }
    events.append(.done)
    return events
  }

  private static func choice(
    _ index: Int, _ delta: JSONValue, _ logprobs: JSONValue, _ finishReason: JSONValue
  ) -> JSONValue {
    [
      "index": JSONValue(index), "delta": delta, "logprobs": logprobs,
      "finish_reason": finishReason,
    ]
  }

  private func deltas(
    of choice: Choice, _ request: AnswerRequest, _ wire: Wire, chunkTokens: Int
  ) -> [(delta: JSONValue, logprobs: JSONValue)] {
    let hasText = choice.text != nil && choice.ending != .refusal
    let opening: JSONValue = [
      "role": "assistant", "content": hasText ? "" : .null, "refusal": .null,
    ]
    var result: [(JSONValue, JSONValue)] = [(opening, .null)]
    var callIndex = 0
    for block in choice.blocks {
      switch block {
      case .hiddenReasoning: break
      case .reasoning(let text):
        guard let name = wire.reasoningName else { continue }
        for piece in pieces(TokenEstimate.split(text), chunkTokens) {
          result.append(([name: .string(piece.joined())], .null))
        }
      case .text(let text):
        let name = choice.ending == .refusal ? "refusal" : "content"
        for piece in pieces(TokenEstimate.split(text), chunkTokens) {
          result.append(
            (
              [name: .string(piece.joined())],
              request.givesLogprobs ? Self.logprobs(piece, top: request.topLogprobs) : .null
            ))
        }
      case .call(let call):
        result.append((call.openingDelta(callIndex), .null))
        for piece in pieces(TokenEstimate.split(call.arguments), chunkTokens) {
          result.append((call.argumentsDelta(callIndex, piece.joined()), .null))
        }
        callIndex += 1
      }
    }
    return result
  }
}

/// `tokens` in runs of `length`.
func pieces(_ tokens: [Substring], _ length: Int) -> [ArraySlice<Substring>] {
  stride(from: 0, to: tokens.count, by: length).map {
    tokens[$0..<min($0 + length, tokens.count)]
  }
}

extension ScriptedAnswer.ToolCall {
  /// The first delta of a call: the only one with its id and name.
  fileprivate func openingDelta(_ index: Int) -> JSONValue {
    let kind = isCustom ? "custom" : "function"
    return [
      "tool_calls": [
        [
          "index": JSONValue(index), "id": .string(openAIIdentifier), "type": .string(kind),
          kind: ["name": .string(name), isCustom ? "input" : "arguments": ""],
        ]
      ]
    ]
  }

  fileprivate func argumentsDelta(_ index: Int, _ fragment: String) -> JSONValue {
    let kind = isCustom ? "custom" : "function"
    let name = isCustom ? "input" : "arguments"
    return [
      "tool_calls": [["index": JSONValue(index), kind: [name: .string(fragment)]]]
    ]
  }
}

/// What all chunks of one stream have in common.
struct ChunkFrame {
  let identifier: String
  let object: String
  let model: String
  let created: Int64
  let includesUsage: Bool

  func chunk(choice: JSONValue, usage: JSONValue = .null) -> JSONValue {
    make(choices: [choice], usage: usage)
  }

  func usageChunk(_ usage: JSONValue) -> JSONValue { make(choices: [], usage: usage) }

  /// Azure's first chunk: about the prompt, before there is any choice, model or identifier.
  var azureOpening: JSONValue {
    [
      "id": "", "object": "", "created": 0, "model": "", "choices": [],
      "prompt_filter_results": ScriptedAnswer.promptFilterResults,
    ]
  }

  private func make(choices: [JSONValue], usage: JSONValue) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(identifier)), .init("object", .string(object)),
      .init("created", .integer(created)), .init("model", .string(model)),
      .init("system_fingerprint", .string(ScriptedAnswer.fingerprint)),
      .init("choices", .array(choices)),
    ]
    if includesUsage { members.append(.init("usage", usage)) }
    return .object(members)
  }
}
