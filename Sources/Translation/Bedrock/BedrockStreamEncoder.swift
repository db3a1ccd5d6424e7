// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a stream of ConverseStream: `messageStart`, blocks one after the other, `messageStop`,
/// and `metadata` with the usage.
///
/// Other APIs may alternate between calls of tools. A block that begins while a call's arguments
/// are not yet a whole JSON value is held back until they are.
struct BedrockStreamEncoder: StreamEncoder {
  /// More bytes than this are not held back; the stream breaks.
  static let heldBytesMaximum = 16 << 20

  private enum Kind: Equatable {
    case text
    case reasoning
    /// A call: its number among calls.
    case tool(Int)
    /// Nothing can follow.
    case complete
  }

  private struct OpenBlock {
    var kind: Kind
    let index: Int
    var held: [UInt8] = []
    var progress = JSONProgress()

    /// Whether the block may be closed when another one waits.
    var isDone: Bool {
      if case .tool = kind { return progress.isComplete }
      return true
    }
  }

  private var hasStarted = false
  private var isBroken = false
  /// The first is being written; the others wait.
  private var blocks: [OpenBlock] = []
  private var blockCount = 0
  private var usage: Usage?
  private var elapsedMilliseconds: Int64

  init(_ context: AnswerContext) { elapsedMilliseconds = context.elapsedMilliseconds }

  mutating func note(elapsedMilliseconds: Int64) {
    self.elapsedMilliseconds = elapsedMilliseconds
  }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    guard !isBroken else { return }
    switch event {
    case .start: start(&output)
    case .text(0, let text), .refusal(0, let text):
      open(.text, &output)
      delta(blocks.count - 1, &output) { $0.member("text", text) }
    case .reasoning(0, let text):
      open(.reasoning, &output)
      reasoning(&output) { $0.member("text", text) }
    case .reasoningSignature(0, let signature):
      open(.reasoning, &output)
      reasoning(&output) { $0.member("signature", signature) }
      blocks[blocks.count - 1].kind = .complete
    case .encryptedReasoning(0, let data):
      guard let data = BedrockResponseWriter.redactedContent(data) else { return }
      begin(.complete, &output)
      reasoning(&output) { $0.member("redactedContent", data) }
    case .toolCallStart(0, let index, let id, let name, _): call(index, id, name, &output)
    case .toolCallArguments(0, let index, let text): arguments(index, text, &output)
    case .finish(0, let reason, let native, let stopSequence):
      finish(reason, native, stopSequence, &output)
    case .usage(let usage): self.usage = usage
    case .end: end(&output)
    // There is one answer, and no place for probabilities; a failure is told by `fail`.
    default: break
    }
  }

  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    isBroken = true
    var json = JSONBuilder()
    json.object { $0.member("message", string: error.message) }
    AmazonEventStream.append(
      headers: [
        (":exception-type", BedrockErrors.streamName(of: error.kind)),
        (":content-type", "application/json"), (":message-type", "exception"),
      ], payload: json.finish(), to: &output)
  }

  private static func append(
    _ name: StaticString, to output: inout [UInt8], _ body: (inout JSONBuilder) -> Void
  ) {
    var json = JSONBuilder()
    json.object(body)
    AmazonEventStream.append(
      headers: [
        (":event-type", name), (":content-type", "application/json"), (":message-type", "event"),
      ], payload: json.finish(), to: &output)
  }

  // MARK: The message

  private mutating func start(_ output: inout [UInt8]) {
    guard !hasStarted else { return }
    hasStarted = true
    Self.append("messageStart", to: &output) { $0.member("role", literal: "assistant") }
  }

  private mutating func finish(
    _ reason: FinishReason, _ native: JSONText?, _ stopSequence: JSONText?,
    _ output: inout [UInt8]
  ) {
    start(&output)
    while !blocks.isEmpty { closeFirst(&output) }
    Self.append("messageStop", to: &output) { json in
      json.member(
        "stopReason",
        BedrockResponseWriter.stopReason(reason, native, hasStopSequence: stopSequence != nil))
      BedrockResponseWriter.appendStopSequence(stopSequence, to: &json)
    }
  }

  private mutating func end(_ output: inout [UInt8]) {
    guard let usage else { return }
    Self.append("metadata", to: &output) { json in
      usage.appendBedrock(to: &json)
      BedrockResponseWriter.appendMetrics(elapsedMilliseconds, to: &json)
    }
  }

  // MARK: Blocks

  /// Goes on with the last block, or begins one.
  private mutating func open(_ kind: Kind, _ output: inout [UInt8]) {
    if blocks.last?.kind != kind { begin(kind, &output) }
  }

  private mutating func begin(_ kind: Kind, _ output: inout [UInt8]) {
    start(&output)
    blocks.append(OpenBlock(kind: kind, index: blockCount))
    blockCount += 1
    advance(&output)
  }

  private mutating func call(
    _ index: Int, _ id: JSONText, _ name: JSONText, _ output: inout [UInt8]
  ) {
    begin(.tool(index), &output)
    write(blocks.count - 1, "contentBlockStart", &output) { json in
      json.object("start") { json in
        json.object("toolUse") { json in
          json.member("toolUseId", id)
          json.member("name", name)
        }
      }
    }
  }

  private mutating func arguments(_ index: Int, _ text: JSONText, _ output: inout [UInt8]) {
    // A call whose value is whole may be closed already; nothing but white space can follow it.
    guard let place = blocks.firstIndex(where: { $0.kind == .tool(index) }), !text.isEmpty
    else { return }
    blocks[place].progress.take(text)
    delta(place, &output) { json in
      json.object("toolUse") { $0.member("input", text) }
    }
    advance(&output)
  }

  private mutating func reasoning(
    _ output: inout [UInt8], _ body: (inout JSONBuilder) -> Void
  ) {
    delta(blocks.count - 1, &output) { $0.object("reasoningContent", body) }
  }

  private mutating func delta(
    _ place: Int, _ output: inout [UInt8], _ body: (inout JSONBuilder) -> Void
  ) {
    write(place, "contentBlockDelta", &output) { $0.object("delta", body) }
  }

  /// Writes an event of the block at `place`, or holds it back.
  private mutating func write(
    _ place: Int, _ name: StaticString, _ output: inout [UInt8],
    _ body: (inout JSONBuilder) -> Void
  ) {
    let index = Int64(blocks[place].index)
    func whole(_ json: inout JSONBuilder) {
      body(&json)
      json.member("contentBlockIndex", integer: index)
    }
    guard place > 0 else { return Self.append(name, to: &output, whole) }
    Self.append(name, to: &blocks[place].held, whole)
    if blocks[place].held.count > Self.heldBytesMaximum {
      fail(ProviderError(.server, "Too much of the answer had to be held back."), into: &output)
    }
  }

  /// Closes the first blocks that are done, if others wait.
  private mutating func advance(_ output: inout [UInt8]) {
    while blocks.count > 1, blocks[0].isDone { closeFirst(&output) }
  }

  private mutating func closeFirst(_ output: inout [UInt8]) {
    let index = Int64(blocks[0].index)
    Self.append("contentBlockStop", to: &output) { $0.member("contentBlockIndex", integer: index) }
    blocks.removeFirst()
    if let next = blocks.first { output += next.held }
  }
}
