// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads the typed events of a response. Its end is `response.completed`, `response.incomplete` or
/// `response.failed`.
struct ResponsesStreamDecoder: StreamDecoder {
  private struct Call {
    var outputIndex: Int64
    var hasArguments = false
  }

  private let tree = JSONTree()
  private var hasStarted = false
  private var isOver = false
  /// By the number of the call.
  private var calls: [Call] = []
  /// Items of thoughts whose text was told.
  private var hasThoughts = false
  private(set) var isAtWork = false

  /// Events that are no part of an answer.
  private static let beginnings: Set<String> = [
    "response.created", "response.in_progress", "response.queued", "response.failed", "error",
  ]

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard !isOver, !frame.data.equals("[DONE]") else { return }
    let body: JSONNode
    do throws(JSONError) { body = try tree.parse(frame.data) } catch {
      throw .malformed("An event of the stream is not JSON: \(error.sentence)")
    }
    let type = body["type"]?.string
    isAtWork = isAtWork || type.map { !Self.beginnings.contains($0) } ?? false
    switch type {
    case "response.created", "response.in_progress", "response.queued":
      start(body["response"], &events)
    case "response.output_text.delta":
      try text(body, &events) { .text(choice: 0, $0) }
      addLogProbabilities(body["logprobs"], &events)
    case "response.refusal.delta": try text(body, &events) { .refusal(choice: 0, $0) }
    case "response.reasoning_summary_text.delta", "response.reasoning_text.delta":
      hasThoughts = true
      try text(body, &events) { .reasoning(choice: 0, $0) }
    case "response.reasoning_summary_part.added":
      // The parts of a summary are one text between APIs.
      if hasThoughts, (body["summary_index"]?.integer ?? 0) > 0 {
        events.append(.reasoning(choice: 0, ResponsesReasoning.separator))
      }
    case "response.output_item.added": try begin(body, &events)
    case "response.function_call_arguments.delta": try addArguments(body, &events)
    case "response.output_item.done": try finishItem(body, &events)
    case "response.completed", "response.incomplete": finish(body["response"], &events)
    case "response.failed":
      isOver = true
      events.append(
        .failure(
          body["response"].map(ResponsesAnswer.failure) ?? ProviderError(.server, "It failed.")))
    case "error":
      isOver = true
      events.append(.failure(OpenAIErrorReader.read(body["error"] ?? body, in: body, status: 0)))
    case nil:
      // Gateways on the way write errors in a form of their own.
      guard let failure = OpenAIErrorReader.read(answer: body) else { break }
      isOver = true
      events.append(.failure(failure))
    default: break
    }
  }

  mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    guard isOver else { throw .malformed("The stream ended before 'response.completed'.") }
  }

  private mutating func start(_ response: JSONNode?, _ events: inout [StreamEvent]) {
    guard !hasStarted else { return }
    hasStarted = true
    events.append(.start(id: response?["id"]?.text, model: response?["model"]?.text))
  }

  private mutating func finish(_ response: JSONNode?, _ events: inout [StreamEvent]) {
    start(response, &events)
    isOver = true
    let reason = response.map { ResponsesAnswer.finish($0, hasCalls: !calls.isEmpty) } ?? .stop
    events.append(.finish(choice: 0, reason, native: nil, stopSequence: nil))
    if let usage = response?["usage"] { events.append(.usage(ResponsesAnswer.usage(usage))) }
    events.append(.end)
  }

  // MARK: Items

  private mutating func text(
    _ body: JSONNode, _ events: inout [StreamEvent], _ event: (JSONText) -> StreamEvent
  ) throws(TranslationError) {
    start(nil, &events)
    guard let delta = body["delta"]?.text else {
      throw .malformed("An event of the stream has no 'delta'.")
    }
    if !delta.isEmpty { events.append(event(delta)) }
  }

  private func addLogProbabilities(_ node: JSONNode?, _ events: inout [StreamEvent]) {
    let tokens = (node?.elements ?? JSONElements.none).map(\.fragment)
    guard !tokens.isEmpty else { return }
    events.append(
      .logProbabilities(
        choice: 0,
        .object { json in
          json.array("content") { json in for token in tokens { json.raw(token) } }
          json.nullMember("refusal")
        }))
  }

  private mutating func begin(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    start(nil, &events)
    guard let item = body["item"] else { return }
    if item["type"]?.equals("reasoning") == true { hasThoughts = false }
    guard item["type"]?.equals("function_call") == true else { return }
    guard let id = item["call_id"]?.text, let name = item["name"]?.text,
      let outputIndex = body["output_index"]?.integer
    else { throw .malformed("A function call begins without id, name or index.") }
    events.append(
      .toolCallStart(choice: 0, index: calls.count, id: id, name: name, signature: nil))
    calls.append(Call(outputIndex: outputIndex))
  }

  private mutating func addArguments(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    let outputIndex = body["output_index"]?.integer
    guard let index = calls.firstIndex(where: { $0.outputIndex == outputIndex }) else {
      throw .malformed("The stream has arguments of a function call that did not begin.")
    }
    guard let delta = body["delta"]?.text, !delta.isEmpty else { return }
    calls[index].hasArguments = true
    events.append(.toolCallArguments(choice: 0, index: index, delta))
  }

  private mutating func finishItem(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard let item = body["item"] else { return }
    if item["type"]?.equals("reasoning") == true {
      if let content = item["encrypted_content"]?.text, !content.isEmpty {
        let carried = ResponsesReasoning.carried(content, id: item["id"]?.text)
        events.append(.encryptedReasoning(choice: 0, carried))
      }
      return
    }
    let outputIndex = body["output_index"]?.integer
    guard let index = calls.firstIndex(where: { $0.outputIndex == outputIndex }) else { return }
    // Servers are seen that tell the arguments only here.
    if !calls[index].hasArguments {
      let whole = item["arguments"]?.text ?? .empty
      events.append(.toolCallArguments(choice: 0, index: index, whole.isEmpty ? "{}" : whole))
    }
  }
}
