// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ChatAnswer {
  /// The `chat.completion` object.
  func body(for request: ChatRequest, created: Int64, omitsUsage: Bool) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string(identifier)), .init("object", "chat.completion"),
      .init("created", .integer(created)), .init("model", .string(model)),
      .init("choices", .array(choices.enumerated().map { object($1, $0, request) })),
    ]
    if !omitsUsage { members.append(.init("usage", usage)) }
    members.append(.init("service_tier", "default"))
    members.append(.init("system_fingerprint", .string(Self.fingerprint)))
    return .object(members)
  }

  static let fingerprint = "fp_scripted"

  var usage: JSONValue {
    [
      "prompt_tokens": JSONValue(promptTokens), "completion_tokens": JSONValue(completionTokens),
      "total_tokens": JSONValue(promptTokens + completionTokens),
      "prompt_tokens_details": ["cached_tokens": 0, "audio_tokens": 0],
      "completion_tokens_details": [
        "reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
        "rejected_prediction_tokens": 0,
      ],
    ]
  }

  private func object(_ choice: Choice, _ index: Int, _ request: ChatRequest) -> JSONValue {
    var message: [JSONValue.Member] = [
      .init("role", "assistant"), .init("content", JSONValue(choice.text)), .init("refusal", .null),
    ]
    if !choice.toolCalls.isEmpty {
      message.append(.init("tool_calls", .array(choice.toolCalls.map(\.object))))
    }
    message.append(.init("annotations", []))
    return [
      "index": JSONValue(index), "message": .object(message),
      "logprobs": request.givesLogprobs
        ? Self.logprobs(TokenEstimate.split(choice.text ?? "")[...], top: request.topLogprobs)
        : .null,
      "finish_reason": .string(choice.finishReason),
    ]
  }

  /// Made-up but lawful log probabilities, from each token's own hash.
  static func logprobs(_ tokens: ArraySlice<Substring>, top: Int) -> JSONValue {
    let content = tokens.map { token -> JSONValue in
      let first = logprob(token, 0)
      let others = (0..<top).map { rank in
        rank == 0 ? first : logprob(token + String(rank), rank)
      }
      guard case .object(var members) = first else { return first }
      members.append(.init("top_logprobs", .array(others)))
      return .object(members)
    }
    return ["content": .array(content), "refusal": .null]
  }

  private static func logprob(_ token: some StringProtocol, _ rank: Int) -> JSONValue {
    var hash = StableHash()
    hash.combine(token)
    let fraction = Double(hash.value >> 40) / Double(1 << 24)
    return [
      "token": .string(String(token)), "logprob": .number(-0.5 * fraction - 2 * Double(rank)),
      "bytes": .array(token.utf8.map { JSONValue($0) }),
    ]
  }
}

extension ChatAnswer.ToolCall {
  fileprivate var object: JSONValue {
    let kind = isCustom ? "custom" : "function"
    return [
      "id": .string(identifier), "type": .string(kind),
      kind: ["name": .string(name), isCustom ? "input" : "arguments": .string(arguments)],
    ]
  }
}
