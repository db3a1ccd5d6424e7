// SPDX-License-Identifier: MIT

internal import Clocks
internal import ControlPlane

/// An answer as `/api/chat` gives it: one object, or one line for each piece.
struct OllamaAnswer {
  let answer: ScriptedAnswer
  let script: Script
  /// Seconds since 1970.
  let now: Int64
  /// A request without messages only loads the model.
  let isEmpty: Bool

  private static let nanosecondsPerToken = 20_000_000

  // MARK: Whole

  var body: JSONValue {
    let choice = answer.choice
    var message: [JSONValue.Member] = [
      .init("role", "assistant"), .init("content", .string(isEmpty ? "" : choice.text ?? "")),
    ]
    if !isEmpty {
      if let reasoning = choice.reasoning {
        message.append(.init("thinking", .string(reasoning)))
      }
      if !choice.toolCalls.isEmpty {
        message.append(
          .init(
            "tool_calls",
            .array(choice.toolCalls.enumerated().map { Self.call($1, index: $0) })))
      }
    }
    return .object(frame(message) + ending)
  }

  private func frame(_ message: [JSONValue.Member]) -> [JSONValue.Member] {
    // Fractions as Go writes them: nine digits.
    let created = Timestamp(nanosecondsSinceEpoch: now * 1_000_000_000 + 123_456_789)
    return [
      .init("model", .string(answer.model)),
      .init("created_at", .string(created.rfc3339(fractionDigits: 9))),
      .init("message", .object(message)),
    ]
  }

  private static func call(_ call: ScriptedAnswer.ToolCall, index: Int) -> JSONValue {
    [
      "function": [
        "index": JSONValue(index), "name": .string(call.name),
        "arguments": (try? JSONValue(parsing: Array(call.arguments.utf8))) ?? .object([]),
      ]
    ]
  }

  private var doneReason: JSONValue {
    if isEmpty { return "load" }
    if let native = answer.nativeFinish { return .string(native) }
    return switch answer.choice.ending {
    case .length, .contextWindow: "length"
    default: "stop"
    }
  }

  /// `done` and the counts. What was in the cache as a whole was not evaluated, and has no count.
  private var ending: [JSONValue.Member] {
    var members: [JSONValue.Member] = [.init("done", true), .init("done_reason", doneReason)]
    if isEmpty || script.omitsUsage { return members }
    let output = answer.completionTokens
    members.append(
      .init("total_duration", JSONValue((output + 1) * Self.nanosecondsPerToken)))
    members.append(.init("load_duration", 1_019_500))
    if answer.cachedTokens < answer.promptTokens {
      members.append(.init("prompt_eval_count", JSONValue(answer.promptTokens)))
      members.append(.init("prompt_eval_duration", 5_000_000))
    }
    members.append(.init("eval_count", JSONValue(output)))
    members.append(.init("eval_duration", JSONValue(output * Self.nanosecondsPerToken)))
    return members
  }

  // MARK: Stream

  /// One line for each piece, a call whole in a line of its own; the last line has the counts.
  var events: [StreamEvent] {
    var events: [StreamEvent] = []
    func add(_ members: [JSONValue.Member]) {
      let message = [JSONValue.Member("role", "assistant")] + members
      events.append(.chunk(.object(frame(message) + [.init("done", false)])))
    }
    func fragments(_ text: String) -> [String] {
      pieces(TokenEstimate.split(text), script.chunkTokens).map { $0.joined() }
    }
    var callIndex = 0
    for block in isEmpty ? [] : answer.choice.blocks {
      switch block {
      case .hiddenReasoning: break
      case .reasoning(let text):
        for piece in fragments(text) {
          add([.init("content", ""), .init("thinking", .string(piece))])
        }
      case .text(let text):
        for piece in fragments(text) { add([.init("content", .string(piece))]) }
      case .call(let call):
        add([
          .init("content", ""), .init("tool_calls", [Self.call(call, index: callIndex)]),
        ])
        callIndex += 1
      }
    }
    let last: [JSONValue.Member] = [.init("role", "assistant"), .init("content", "")]
    events.append(.done(.object(frame(last) + ending)))
    return events
  }
}
