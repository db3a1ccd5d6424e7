// SPDX-License-Identifier: MIT

internal import ControlPlane

extension ResponsesAnswer {
  /// `response.created` to `response.completed` or `response.incomplete`, numbered.
  var events: [StreamEvent] {
    var stream = ResponsesStream()
    stream.add("response.created", [.init("response", response(.inProgress, []))])
    stream.add("response.in_progress", [.init("response", response(.inProgress, []))])
    for item in items {
      let place = JSONValue.Member("output_index", JSONValue(item.index))
      stream.add("response.output_item.added", [place, .init("item", opened(item))])
      add(item, to: &stream)
      stream.add("response.output_item.done", [place, .init("item", finished(item))])
    }
    let name = status == .incomplete ? "response.incomplete" : "response.completed"
    stream.add(name, [.init("response", body)], .done)
    return stream.events
  }

  private func fragments(_ text: String) -> [JSONValue] {
    pieces(TokenEstimate.split(text), script.chunkTokens).map { .string($0.joined()) }
  }

  private func add(_ item: Item, to stream: inout ResponsesStream) {
    let place: [JSONValue.Member] = [
      .init("item_id", .string(item.identifier)), .init("output_index", JSONValue(item.index)),
    ]
    switch item.block {
    case .hiddenReasoning: break
    case .text(let text): addText(text, place + [.init("content_index", 0)], to: &stream)
    case .reasoning(let text):
      let place = place + [.init("summary_index", 0)]
      let name = "response.reasoning_summary_"
      stream.add(
        name + "part.added", place + [.init("part", ["type": "summary_text", "text": ""])])
      for piece in fragments(text) {
        stream.add(name + "text.delta", place + [.init("delta", piece)])
      }
      stream.add(name + "text.done", place + [.init("text", .string(text))])
      stream.add(
        name + "part.done",
        place + [.init("part", ["type": "summary_text", "text": .string(text)])])
    case .call(let call):
      let name =
        call.isCustom ? "response.custom_tool_call_input" : "response.function_call_arguments"
      for piece in fragments(call.arguments) {
        stream.add(name + ".delta", place + [.init("delta", piece)])
      }
      let whole = JSONValue.Member(call.isCustom ? "input" : "arguments", .string(call.arguments))
      let named = call.isCustom ? [] : [JSONValue.Member("name", .string(call.name))]
      stream.add(name + ".done", place + named + [whole])
    }
  }

  private func addText(
    _ text: String, _ place: [JSONValue.Member], to stream: inout ResponsesStream
  ) {
    let name = isRefusal ? "response.refusal" : "response.output_text"
    let noted = isRefusal ? [] : [JSONValue.Member("logprobs", [])]
    stream.add("response.content_part.added", place + [.init("part", part(""))])
    for piece in fragments(text) {
      stream.add(name + ".delta", place + [.init("delta", piece)] + noted)
    }
    let whole = JSONValue.Member(isRefusal ? "refusal" : "text", .string(text))
    stream.add(name + ".done", place + [whole] + noted)
    stream.add("response.content_part.done", place + [.init("part", part(text))])
  }
}

/// Numbers the events of a response.
private struct ResponsesStream {
  private(set) var events: [StreamEvent] = []

  mutating func add(
    _ type: String, _ members: [JSONValue.Member], _ kind: StreamEvent.Kind = .chunk
  ) {
    let all =
      [JSONValue.Member("type", .string(type))] + members
      + [.init("sequence_number", JSONValue(events.count))]
    events.append(
      StreamEvent(kind: kind, name: type, data: JSONValue.object(all).encodedBytes))
  }
}

extension ProviderError {
  /// An error in the stream of a response.
  var responsesEvent: StreamEvent {
    let error = openAIBody(.openai)["error"]
    return .failure(
      [
        "type": "error", "code": error?["code"] ?? .null, "message": error?["message"] ?? "",
        "param": error?["param"] ?? .null, "sequence_number": 0,
      ], name: "error")
  }
}
