// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ScriptedAnswer {
  static let fingerprint = "fp_scripted"

  /// The `chat.completion` object.
  func chatBody(
    for request: AnswerRequest, created: Int64, wire: Wire, omitsUsage: Bool
  ) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("id", .string("chatcmpl-" + digits)), .init("object", "chat.completion"),
      .init("created", .integer(created)), .init("model", .string(model)),
      .init("choices", .array(choices.enumerated().map { object($1, $0, request, wire) })),
    ]
    if !omitsUsage { members.append(.init("usage", chatUsage(wire))) }
    if wire == .azure { members.append(.init("prompt_filter_results", Self.promptFilterResults)) }
    members.append(.init("service_tier", "default"))
    members.append(.init("system_fingerprint", .string(Self.fingerprint)))
    return .object(members)
  }

  private func object(
    _ choice: Choice, _ index: Int, _ request: AnswerRequest, _ wire: Wire
  ) -> JSONValue {
    let isRefusal = choice.ending == .refusal
    let text = JSONValue(choice.text)
    var message: [JSONValue.Member] = [
      .init("role", "assistant"), .init("content", isRefusal ? .null : text),
      .init("refusal", isRefusal ? text : .null),
    ]
    if let name = wire.reasoningName, let reasoning = choice.reasoning {
      message.append(.init(name, .string(reasoning)))
    }
    if !choice.toolCalls.isEmpty {
      message.append(.init("tool_calls", .array(choice.toolCalls.map(\.chatObject))))
    }
    message.append(.init("annotations", []))
    var members: [JSONValue.Member] = [
      .init("index", JSONValue(index)), .init("message", .object(message)),
      .init(
        "logprobs",
        request.givesLogprobs
          ? Self.logprobs(TokenEstimate.split(choice.text ?? "")[...], top: request.topLogprobs)
          : .null),
      .init("finish_reason", finishReason(choice, wire)),
    ]
    if wire == .azure { members.append(.init("content_filter_results", Self.filterResults)) }
    return .object(members)
  }

  /// The finish reason on the wire: xAI leaves it empty before tool calls.
  func finishReason(_ choice: Choice, _ wire: Wire) -> JSONValue {
    if let nativeFinish { return .string(nativeFinish) }
    if wire == .xai, choice.ending == .toolCalls { return "" }
    return .string(choice.ending.openAIName)
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

extension ScriptedAnswer.ToolCall {
  var openAIIdentifier: String { "call_" + digits }

  fileprivate var chatObject: JSONValue {
    let kind = isCustom ? "custom" : "function"
    return [
      "id": .string(openAIIdentifier), "type": .string(kind),
      kind: ["name": .string(name), isCustom ? "input" : "arguments": .string(arguments)],
    ]
  }
}

extension ScriptedAnswer.Ending {
  var openAIName: String {
    switch self {
    case .stop, .stopSequence, .refusal, .malformedCall, .pause: "stop"
    case .length, .contextWindow: "length"
    case .toolCalls: "tool_calls"
    case .functionCall: "function_call"
    case .contentFilter: "content_filter"
    }
  }
}
