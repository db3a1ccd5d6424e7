// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads a stream of the Messages API (Anthropic API reference, "Streaming Messages").
///
/// ```
/// start ──message_start──▶ message ──content_block_start──▶ block ──content_block_delta──▶ block
///                             ▲ └──message_delta──▶ closing      └──content_block_stop──▶ message
///                                                     └──message_stop──▶ stopped
/// ```
/// `ping` and events that are not known are passed over; any other event in a wrong place, and any
/// end before `message_stop`, is an error.
struct AnthropicStreamDecoder: StreamDecoder {
  private enum State: Equatable {
    case start
    /// Between blocks.
    case message
    /// In the block with this index.
    case block(Int64)
    /// The reason of the end was told, or an update of the usage: no block may follow.
    case closing
    case stopped
  }

  private enum Kind {
    case text
    case thinking
    /// A call: its number among calls.
    case tool(Int)
    /// The call that stands for an answer in JSON.
    case answer
    /// What only Anthropic's own tools bring about.
    case other
  }

  private let tree = JSONTree()
  /// The last piece of the block that is open.
  private var piece = RepeatedFrame()
  private var state = State.start
  private var kind = Kind.other
  /// Blocks that have begun.
  private var blockCount: Int64 = 0
  private var toolCount = 0
  private var hasArguments = false
  /// The arguments as the block's start tells them, where they are not streamed.
  private var input: JSONText?
  private var usage = AnthropicUsage()
  private var hasFinish = false

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    if let text = piece.text(in: frame.data) {
      append(text, &events)
      return
    }
    let node: JSONNode
    do throws(JSONError) { node = try tree.parse(frame.data) } catch {
      throw .malformed("An event's data is no JSON: \(error.sentence)")
    }
    guard let type = node["type"]?.text else { return try unnamed(frame, node, &events) }
    if type.equals("content_block_delta") { return try delta(node, frame.data, &events) }
    switch type.plain {
    case "message_start": try messageStart(node, &events)
    case "content_block_start": try blockStart(node, &events)
    case "content_block_stop": try blockStop(node, &events)
    case "message_delta": try messageDelta(node, &events)
    case "message_stop": try messageStop(&events)
    case "error": events.append(.failure(failure(node)))
    default: break
    }
  }

  mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    guard state == .stopped else {
      throw .malformed("The stream ended before 'message_stop'.")
    }
  }

  /// Without a type it may still be an error, as gateways on the way write them.
  private func unnamed(
    _ frame: StreamFrame, _ node: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard node["error"] != nil || frame.name.equals("error") else {
      throw .malformed("An event has no 'type'.")
    }
    events.append(.failure(failure(node)))
  }

  private func failure(_ node: JSONNode) -> ProviderError {
    AnthropicErrorReader.read(node["error"] ?? node, fallback: .server)
  }

  private func misplaced(_ event: String) -> TranslationError {
    .malformed("The stream has a '\(event)' where none belongs.")
  }

  // MARK: The message

  private mutating func messageStart(
    _ node: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard state == .start, let message = node["message"] else { throw misplaced("message_start") }
    state = .message
    events.append(.start(id: message["id"]?.text.nonEmpty, model: message["model"]?.text.nonEmpty))
    if let counts = message["usage"] {
      usage.update(counts)
      events.append(.usage(usage.usage))
    }
  }

  private mutating func messageDelta(
    _ node: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard state == .message || state == .closing else { throw misplaced("message_delta") }
    state = .closing
    if let counts = node["usage"] {
      usage.update(counts)
      events.append(.usage(usage.usage))
    }
    guard !hasFinish, let delta = node["delta"], let reason = delta["stop_reason"]?.text else {
      return
    }
    hasFinish = true
    if let explanation = delta["stop_details"]?["explanation"]?.text.nonEmpty {
      events.append(.refusal(choice: 0, explanation))
    }
    events.append(
      .finish(
        choice: 0, AnthropicAnswer.finish(reason, hasCalls: toolCount > 0), native: reason,
        stopSequence: delta["stop_sequence"]?.text))
  }

  private mutating func messageStop(_ events: inout [StreamEvent]) throws(TranslationError) {
    guard state == .closing, hasFinish else { throw misplaced("message_stop") }
    state = .stopped
    events.append(.end)
  }

  // MARK: Blocks

  private mutating func blockStart(
    _ node: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard state == .message, let block = node["content_block"],
      node["index"]?.integer == blockCount
    else { throw misplaced("content_block_start") }
    state = .block(blockCount)
    piece.forget()
    blockCount += 1
    hasArguments = false
    input = nil
    switch block["type"]?.string {
    case "text":
      kind = .text
      if let text = block["text"]?.text.nonEmpty { events.append(.text(choice: 0, text)) }
    case "thinking":
      kind = .thinking
      appendThought(block, &events)
    case "redacted_thinking":
      kind = .other
      if let data = block["data"]?.text.nonEmpty {
        events.append(.encryptedReasoning(choice: 0, data))
      }
    case "tool_use": try toolStart(block, &events)
    default: kind = .other
    }
  }

  private mutating func toolStart(
    _ block: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard let id = block["id"]?.text, let name = block["name"]?.text else {
      throw .malformed("A tool_use block has no id or no name.")
    }
    if let value = block["input"], value.isObject { input = value.fragment.quoted }
    if AnthropicAnswer.isAnswerTool(name) {
      kind = .answer
    } else {
      kind = .tool(toolCount)
      events.append(
        .toolCallStart(choice: 0, index: toolCount, id: id, name: name, signature: nil))
      toolCount += 1
    }
  }

  private mutating func delta(
    _ node: JSONNode, _ data: ByteView, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard case .block(let open) = state, node["index"]?.integer == open, let delta = node["delta"]
    else { throw misplaced("content_block_delta") }
    let text: JSONText? =
      switch kind {
      case .text: delta["text"]?.text
      case .thinking: delta["thinking"]?.text
      case .tool, .answer: delta["partial_json"]?.text
      case .other: nil
      }
    if let text {
      append(text, &events)
      if delta["signature"] == nil { piece.learn(data, text) }
    }
    if case .thinking = kind { appendSignature(delta, &events) }
  }

  /// The text of a piece of the block that is open.
  private mutating func append(_ text: JSONText, _ events: inout [StreamEvent]) {
    guard !text.isEmpty else { return }
    switch kind {
    case .text: events.append(.text(choice: 0, text))
    case .thinking: events.append(.reasoning(choice: 0, text))
    case .tool, .answer: appendArguments(text, &events)
    case .other: break
    }
  }

  private func appendThought(_ node: JSONNode, _ events: inout [StreamEvent]) {
    if let text = node["thinking"]?.text.nonEmpty { events.append(.reasoning(choice: 0, text)) }
    appendSignature(node, &events)
  }

  private func appendSignature(_ node: JSONNode, _ events: inout [StreamEvent]) {
    if let signature = node["signature"]?.text.nonEmpty {
      events.append(.reasoningSignature(choice: 0, signature))
    }
  }

  private mutating func appendArguments(_ piece: JSONText, _ events: inout [StreamEvent]) {
    hasArguments = true
    if case .tool(let index) = kind {
      events.append(.toolCallArguments(choice: 0, index: index, piece))
    } else {
      events.append(.text(choice: 0, piece))
    }
  }

  private mutating func blockStop(
    _ node: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard case .block(let open) = state, node["index"]?.integer == open else {
      throw misplaced("content_block_stop")
    }
    state = .message
    piece.forget()
    switch kind {
    case .tool, .answer:
      // A tool without arguments has no deltas.
      if !hasArguments { appendArguments(input ?? "{}", &events) }
    case .text, .thinking, .other: break
    }
  }
}
