// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Reads a stream of ConverseStream.
///
/// A message begins (`messageStart`), blocks follow (a tool's call with a start, a text without
/// one), `messageStop` says why it ended, and `metadata` after it what it cost. The end is
/// `metadata`, or the body's after `messageStop`.
struct BedrockStreamDecoder: StreamDecoder {
  private enum State {
    /// Nothing came; goes on to `open`.
    case initial
    /// Blocks come; goes on to `stopped`.
    case open
    /// `messageStop` came; goes on to `ended`.
    case stopped
    case ended
  }

  /// A tool's call that is being written.
  private struct Call {
    var block: Int64
    /// Nil for the tool that stands for the answer's schema.
    var index: Int?
    var hasArguments = false
  }

  private var state = State.initial
  private let tree = JSONTree()
  private var calls: [Call] = []
  private var callCount = 0

  init() {}

  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError) {
    if frame.isException {
      events.append(
        .failure(BedrockErrors.read(exception: frame.name.string, payload: frame.data)))
      return
    }
    let body: JSONNode
    do throws(JSONError) { body = try tree.parse(frame.data) } catch {
      throw .malformed("The stream's event '\(frame.name.string)' is no JSON.")
    }
    if frame.name.equals("contentBlockDelta") {
      try decodeDelta(body, &events)
    } else if frame.name.equals("contentBlockStart") {
      try decodeStart(body, &events)
    } else if frame.name.equals("contentBlockStop") {
      decodeStop(body, &events)
    } else if frame.name.equals("messageStart") {
      begin(&events)
    } else if frame.name.equals("messageStop") {
      try decodeMessageStop(body, &events)
    } else if frame.name.equals("metadata") {
      try decodeMetadata(body, &events)
    }
  }

  mutating func end(into events: inout [StreamEvent]) throws(TranslationError) {
    switch state {
    case .initial, .open: throw .malformed("The stream ended before 'messageStop'.")
    case .stopped:
      state = .ended
      events.append(.end)
    case .ended: break
    }
  }

  private mutating func begin(_ events: inout [StreamEvent]) {
    guard state == .initial else { return }
    state = .open
    events.append(.start(id: nil, model: nil))
  }

  private mutating func requireOpen(
    _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    begin(&events)
    guard state == .open else {
      throw .malformed("The stream has a block after its message's end.")
    }
  }

  // MARK: Blocks

  private mutating func decodeStart(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    try requireOpen(&events)
    guard let use = body["start"]?["toolUse"] else { return }
    guard let id = use["toolUseId"]?.text, let name = use["name"]?.text,
      let block = body["contentBlockIndex"]?.integer
    else { throw .malformed("A tool's call begins without id, name or index.") }
    if name.equals(JSONAnswerTool.name) {
      calls.append(Call(block: block, index: nil))
    } else {
      calls.append(Call(block: block, index: callCount))
      events.append(
        .toolCallStart(choice: 0, index: callCount, id: id, name: name, signature: nil))
      callCount += 1
    }
  }

  private mutating func decodeDelta(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    try requireOpen(&events)
    guard let delta = body["delta"] else { return }
    if let text = delta["text"]?.text {
      if !text.isEmpty { events.append(.text(choice: 0, text)) }
    } else if let input = delta["toolUse"]?["input"]?.text {
      try addArguments(input, block: body["contentBlockIndex"]?.integer, &events)
    } else if let reasoning = delta["reasoningContent"] {
      if let text = reasoning["text"]?.text, !text.isEmpty {
        events.append(.reasoning(choice: 0, text))
      }
      if let signature = reasoning["signature"]?.text, !signature.isEmpty {
        events.append(.reasoningSignature(choice: 0, signature))
      }
      if let encrypted = reasoning["redactedContent"]?.text, !encrypted.isEmpty {
        events.append(.encryptedReasoning(choice: 0, encrypted))
      }
    }
  }

  private mutating func addArguments(
    _ input: JSONText, block: Int64?, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard let place = calls.lastIndex(where: { $0.block == block }) else {
      throw .malformed("The stream has arguments of a tool's call that did not begin.")
    }
    guard !input.isEmpty else { return }
    calls[place].hasArguments = true
    addArguments(input, of: calls[place], &events)
  }

  private func addArguments(_ input: JSONText, of call: Call, _ events: inout [StreamEvent]) {
    if let index = call.index {
      events.append(.toolCallArguments(choice: 0, index: index, input))
    } else {
      events.append(.text(choice: 0, input))
    }
  }

  private mutating func decodeStop(_ body: JSONNode, _ events: inout [StreamEvent]) {
    let block = body["contentBlockIndex"]?.integer
    guard let place = calls.lastIndex(where: { $0.block == block }) else { return }
    let call = calls.remove(at: place)
    // A tool without parameters is called without a delta.
    if !call.hasArguments { addArguments("{}", of: call, &events) }
  }

  // MARK: The end

  private mutating func decodeMessageStop(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    try requireOpen(&events)
    guard let reason = body["stopReason"]?.text else {
      throw .malformed("The stream's 'messageStop' has no 'stopReason'.")
    }
    if let failure = BedrockAnswer.failure(reason) {
      events.append(.failure(failure))
      return
    }
    state = .stopped
    events.append(
      .finish(
        choice: 0, BedrockAnswer.finish(reason, hasCalls: callCount > 0), native: reason,
        stopSequence: BedrockAnswer.stopSequence(body["additionalModelResponseFields"])))
  }

  private mutating func decodeMetadata(
    _ body: JSONNode, _ events: inout [StreamEvent]
  ) throws(TranslationError) {
    guard state == .stopped else {
      throw .malformed("The stream has 'metadata' before 'messageStop'.")
    }
    if let usage = body["usage"] { events.append(.usage(BedrockAnswer.usage(usage))) }
    state = .ended
    events.append(.end)
  }
}
