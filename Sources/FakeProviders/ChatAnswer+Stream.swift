// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ChatAnswer {
  /// The `chat.completion.chunk` events of this answer, `[DONE]` last.
  ///
  /// With `stream_options.include_usage` every chunk has `"usage": null` and one more chunk, with
  /// no choices, gives the usage; without it no chunk mentions usage.
  func events(for request: ChatRequest, created: Int64, script: Script) -> [StreamEvent] {
    let frame = ChunkFrame(
      identifier: identifier, object: "chat.completion.chunk", model: model, created: created,
      includesUsage: request.includesUsage && !script.omitsUsage)
    let queues = choices.enumerated().map { index, choice in
      deltas(of: choice, request, chunkTokens: script.chunkTokens).map { delta, logprobs in
        StreamEvent.chunk(frame.chunk(choice: Self.choice(index, delta, logprobs, .null)))
      }
    }
    // The choices take turns, as parallel generations do.
    var events: [StreamEvent] = []
    for turn in 0..<(queues.map(\.count).max() ?? 0) {
      for queue in queues where turn < queue.count { events.append(queue[turn]) }
    }
    for (index, choice) in choices.enumerated() {
      let last = Self.choice(index, [:], .null, .string(choice.finishReason))
      events.append(.finish(frame.chunk(choice: last)))
    }
    if frame.includesUsage { events.append(.usage(frame.usageChunk(usage))) }
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
    of choice: Choice, _ request: ChatRequest, chunkTokens: Int
  ) -> [(delta: JSONValue, logprobs: JSONValue)] {
    let opening: JSONValue = [
      "role": "assistant", "content": choice.text == nil ? .null : "", "refusal": .null,
    ]
    var result: [(JSONValue, JSONValue)] = [(opening, .null)]
    let tokens = TokenEstimate.split(choice.text ?? "")
    for piece in pieces(tokens, chunkTokens) {
      result.append(
        (
          ["content": .string(piece.joined())],
          request.givesLogprobs ? Self.logprobs(piece, top: request.topLogprobs) : .null
        ))
    }
    for (index, call) in choice.toolCalls.enumerated() {
      result.append((call.openingDelta(index), .null))
      for piece in pieces(TokenEstimate.split(call.arguments), chunkTokens) {
        result.append((call.argumentsDelta(index, piece.joined()), .null))
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

extension ChatAnswer.ToolCall {
  /// The first delta of a call: the only one with its id and name.
  fileprivate func openingDelta(_ index: Int) -> JSONValue {
    let kind = isCustom ? "custom" : "function"
    return [
      "tool_calls": [
        [
          "index": JSONValue(index), "id": .string(identifier), "type": .string(kind),
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

  func chunk(choice: JSONValue) -> JSONValue { make(choices: [choice], usage: .null) }

  func usageChunk(_ usage: JSONValue) -> JSONValue { make(choices: [], usage: usage) }

  private func make(choices: [JSONValue], usage: JSONValue) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(identifier)), .init("object", .string(object)),
      .init("created", .integer(created)), .init("model", .string(model)),
      .init("system_fingerprint", .string(ChatAnswer.fingerprint)),
      .init("choices", .array(choices)),
    ]
    if includesUsage { members.append(.init("usage", usage)) }
    return .object(members)
  }
}
