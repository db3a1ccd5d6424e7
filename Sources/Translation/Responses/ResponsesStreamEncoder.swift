// SPDX-License-Identifier: MIT

internal import JSON

/// Writes the typed events of a response: `response.created` and `response.in_progress`, for each
/// item those from `response.output_item.added` to `response.output_item.done`, and the whole
/// response at the end.
///
/// One message or item of thoughts is open at a time; calls stay open to the end, because their
/// pieces may alternate.
struct ResponsesStreamEncoder: StreamEncoder {
  private let writer: ResponsesWriter
  private var named: ResponsesWriter
  private var sequence: Int64 = 0
  private var hasBegun = false
  private var items: [ResponsesItem] = []
  /// The message or thoughts that go on.
  private var open: Int?
  /// Places of calls by their index.
  private var calls: [Int: Int] = [:]
  private var finish: FinishReason?
  private var usage: Usage?

  init(_ context: AnswerContext) {
    writer = ResponsesWriter(context)
    named = writer
  }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    switch event {
    case .start(let id, let model):
      named.name(id: id, model: model)
      begin(&output)
    case .text(0, let text): add(text, isRefusal: false, &output)
    case .refusal(0, let text): add(text, isRefusal: true, &output)
    case .reasoning(0, let text): addThought(text, &output)
    case .reasoningSignature(0, let signature):
      items[thoughts(&output) { $0.signature != nil || $0.encrypted != nil }]
        .reasoning.signature = signature
    case .encryptedReasoning(0, let data):
      items[thoughts(&output) { $0.signature != nil || $0.encrypted != nil }]
        .reasoning.encrypted = data
      close(&output)
    case .toolCallStart(0, let index, let id, let name, let signature):
      let call = ToolCall(id: id, name: name, arguments: .empty, signature: signature)
      addCall(index, call, &output)
    case .toolCallArguments(0, let index, let text): addArguments(index, text, &output)
    case .logProbabilities(0, let value): addLogProbabilities(value)
    case .finish(0, let reason, _, _): finish(reason, &output)
    case .usage(let usage): self.usage = usage
    case .end: end(&output)
    // One answer is all that the API has; a failure is told by `fail`.
    default: break
    }
  }

  /// The failed response, and an `error` event of both forms that are seen in the field: the SDKs
  /// raise at the nested one.
  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    if hasBegun {
      let (writer, items, usage) = (named, items, usage)
      emit("response.failed", &output) { json in
        json.object("response") { writer.append(.failed(error), items, usage, to: &$0) }
      }
    }
    let body = OpenAIChatClient.writeError(error, named.context)
    let nested = JSONFragment(validated: body[...]).parsed["error"]
    emit("error", &output) { json in
      if let nested {
        json.member("code", nested["code"]?.text)
        json.member("message", nested["message"]?.text)
        json.nullMember("param")
        json.member("error", nested.fragment)
      }
    }
  }

  // MARK: Events

  private mutating func emit(
    _ name: StaticString, _ output: inout [UInt8], _ body: (inout JSONBuilder) -> Void
  ) {
    var bytes: [UInt8] = []
    swap(&bytes, &output)
    bytes += "event: \(name)\ndata: ".utf8
    var json = JSONBuilder(bytes)
    json.object { json in
      json.member("type", literal: name)
      json.member("sequence_number", integer: sequence)
      body(&json)
    }
    output = json.finish()
    output += "\n\n".utf8
    sequence += 1
  }

  private mutating func begin(_ output: inout [UInt8]) {
    guard !hasBegun else { return }
    hasBegun = true
    let writer = named
    for name: StaticString in ["response.created", "response.in_progress"] {
      emit(name, &output) { json in
        json.object("response") { writer.append(.inProgress, [], nil, to: &$0) }
      }
    }
  }

  private mutating func end(_ output: inout [UInt8]) {
    finish(finish ?? .stop, &output)
    let reason = finish ?? .stop
    let isIncomplete = reason == .length || reason == .contentFilter
    let (writer, items, usage) = (named, items, usage)
    emit(isIncomplete ? "response.incomplete" : "response.completed", &output) { json in
      json.object("response") { writer.append(.finished(reason), items, usage, to: &$0) }
    }
  }

  /// Closes all that is open.
  private mutating func finish(_ reason: FinishReason, _ output: inout [UInt8]) {
    begin(&output)
    guard finish == nil else { return }
    finish = reason
    let isCut = reason == .length || reason == .contentFilter
    close(&output, isCut ? .incomplete : .completed)
    for place in calls.values.sorted() {
      let isLast = place == items.count - 1
      closeCall(place, isCut && isLast ? .incomplete : .completed, &output)
    }
  }

  // MARK: Items

  private mutating func addItem(_ item: ResponsesItem, _ output: inout [UInt8]) -> Int {
    begin(&output)
    close(&output)
    let place = items.count
    items.append(item)
    emit("response.output_item.added", &output) { json in
      json.member("output_index", integer: Int64(place))
      json.object("item") { item.append(to: &$0) }
    }
    return place
  }

  private mutating func closeItem(
    _ place: Int, _ status: ResponsesItem.Status, _ output: inout [UInt8]
  ) {
    items[place].status = status
    let item = items[place]
    emit("response.output_item.done", &output) { json in
      json.member("output_index", integer: Int64(place))
      json.object("item") { item.append(to: &$0) }
    }
  }

  /// Closes the message or thoughts that are open.
  private mutating func close(
    _ output: inout [UInt8], _ status: ResponsesItem.Status = .completed
  ) {
    guard let place = open else { return }
    open = nil
    if items[place].kind == .message {
      closePart(place, &output)
    } else if !items[place].reasoning.text.isEmpty {
      closeSummary(place, &output)
    }
    closeItem(place, status, &output)
  }

  // MARK: Messages

  private mutating func add(_ text: JSONText, isRefusal: Bool, _ output: inout [UInt8]) {
    let place: Int
    if let open, items[open].kind == .message {
      place = open
    } else {
      place = addItem(
        ResponsesItem(.message, place: items.count, named.context), &output)
      open = place
    }
    if items[place].parts.last?.isRefusal != isRefusal {
      if !items[place].parts.isEmpty { closePart(place, &output) }
      openPart(place, isRefusal: isRefusal, &output)
    }
    let part = items[place].parts.count - 1
    items[place].parts[part].text.escaped += text.escaped
    let id = items[place].id
    let name: StaticString = isRefusal ? "response.refusal.delta" : "response.output_text.delta"
    emit(name, &output) { json in
      Self.place(id, place, part, &json)
      json.member("delta", text)
      if !isRefusal { json.array("logprobs") { _ in } }
    }
  }

  private static func place(
    _ id: JSONText, _ item: Int, _ part: Int, _ json: inout JSONBuilder
  ) {
    json.member("item_id", id)
    json.member("output_index", integer: Int64(item))
    json.member("content_index", integer: Int64(part))
  }

  private mutating func openPart(_ place: Int, isRefusal: Bool, _ output: inout [UInt8]) {
    let part = ResponsesItem.Part(isRefusal: isRefusal)
    items[place].parts.append(part)
    let (id, index) = (items[place].id, items[place].parts.count - 1)
    emit("response.content_part.added", &output) { json in
      Self.place(id, place, index, &json)
      json.object("part") { part.append(to: &$0) }
    }
  }

  private mutating func closePart(_ place: Int, _ output: inout [UInt8]) {
    guard let part = items[place].parts.last else { return }
    let (id, index) = (items[place].id, items[place].parts.count - 1)
    emit(part.isRefusal ? "response.refusal.done" : "response.output_text.done", &output) { json in
      Self.place(id, place, index, &json)
      json.member(part.isRefusal ? "refusal" : "text", part.text)
      if !part.isRefusal { part.appendLogProbabilities(to: &json) }
    }
    emit("response.content_part.done", &output) { json in
      Self.place(id, place, index, &json)
      json.object("part") { part.append(to: &$0) }
    }
  }

  private mutating func addLogProbabilities(_ value: JSONFragment) {
    guard let open, let part = items[open].parts.indices.last else { return }
    items[open].parts[part].logProbabilities += ResponsesWriter.tokens(value)
  }

  // MARK: Thoughts

  /// The open thoughts, or new ones where those are full already.
  private mutating func thoughts(
    _ output: inout [UInt8], isFull: (ReasoningBlock) -> Bool
  ) -> Int {
    if let open, items[open].kind == .reasoning, !isFull(items[open].reasoning) { return open }
    let place = addItem(ResponsesItem(.reasoning, place: items.count, named.context), &output)
    open = place
    return place
  }

  private mutating func addThought(_ text: JSONText, _ output: inout [UInt8]) {
    let place = thoughts(&output) { $0.signature != nil || $0.encrypted != nil }
    let id = items[place].id
    if items[place].reasoning.text.isEmpty {
      emit("response.reasoning_summary_part.added", &output) { json in
        Self.summary(id, place, &json)
        json.object("part") { ResponsesItem.appendSummary(.empty, to: &$0) }
      }
    }
    items[place].reasoning.text.escaped += text.escaped
    emit("response.reasoning_summary_text.delta", &output) { json in
      Self.summary(id, place, &json)
      json.member("delta", text)
    }
  }

  private static func summary(_ id: JSONText, _ place: Int, _ json: inout JSONBuilder) {
    json.member("item_id", id)
    json.member("output_index", integer: Int64(place))
    json.member("summary_index", integer: 0)
  }

  private mutating func closeSummary(_ place: Int, _ output: inout [UInt8]) {
    let (id, text) = (items[place].id, items[place].reasoning.text)
    emit("response.reasoning_summary_text.done", &output) { json in
      Self.summary(id, place, &json)
      json.member("text", text)
    }
    emit("response.reasoning_summary_part.done", &output) { json in
      Self.summary(id, place, &json)
      json.object("part") { ResponsesItem.appendSummary(text, to: &$0) }
    }
  }

  // MARK: Calls

  private mutating func addCall(_ index: Int, _ call: ToolCall, _ output: inout [UInt8]) {
    var item = ResponsesItem(named.kind(of: call), place: items.count, named.context)
    item.call = call
    calls[index] = addItem(item, &output)
  }

  private mutating func addArguments(_ index: Int, _ text: JSONText, _ output: inout [UInt8]) {
    guard let place = calls[index] else { return }
    items[place].call.arguments.escaped += text.escaped
    // The text within them is told as a whole.
    guard items[place].kind == .call else { return }
    let id = items[place].id
    emit("response.function_call_arguments.delta", &output) { json in
      json.member("item_id", id)
      json.member("output_index", integer: Int64(place))
      json.member("delta", text)
    }
  }

  private mutating func closeCall(
    _ place: Int, _ status: ResponsesItem.Status, _ output: inout [UInt8]
  ) {
    guard items[place].kind == .call else { return closeCustomCall(place, status, &output) }
    if items[place].call.arguments.isEmpty { items[place].call.arguments = "{}" }
    let (id, call) = (items[place].id, items[place].call)
    emit("response.function_call_arguments.done", &output) { json in
      json.member("item_id", id)
      json.member("output_index", integer: Int64(place))
      json.member("name", call.name)
      json.member("arguments", call.arguments)
    }
    closeItem(place, status, &output)
  }

  private mutating func closeCustomCall(
    _ place: Int, _ status: ResponsesItem.Status, _ output: inout [UInt8]
  ) {
    let (id, input) = (items[place].id, CustomTool.input(items[place].call.arguments))
    emit("response.custom_tool_call_input.delta", &output) { json in
      json.member("item_id", id)
      json.member("output_index", integer: Int64(place))
      json.member("delta", input)
    }
    emit("response.custom_tool_call_input.done", &output) { json in
      json.member("item_id", id)
      json.member("output_index", integer: Int64(place))
      json.member("input", input)
    }
    closeItem(place, status, &output)
  }
}
