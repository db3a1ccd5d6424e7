// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a stream of the Messages API: `message_start`, blocks one after the other, each with
/// `content_block_start`, deltas and `content_block_stop`, then `message_delta` and `message_stop`.
/// (Anthropic API reference, "Streaming Messages".)
///
/// Other APIs may alternate between calls of tools. A block that begins while a call's arguments
/// are not yet a whole JSON value is held back until they are.
struct AnthropicStreamEncoder: StreamEncoder {
  /// More bytes than this are not held back; the stream breaks.
  static let heldBytesMaximum = 16 << 20

  private let context: AnswerContext
  private var id: JSONText?
  private var model: JSONText?
  private var usage: Usage?
  private var hasStarted = false
  private var isBroken = false
  /// The first is being written; the others wait.
  private var blocks: [StreamBlock] = []
  private var blockCount = 0
  private var refusal: [UInt8] = []
  private var ending = Ending()

  init(_ context: AnswerContext) { self.context = context }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    guard !isBroken else { return }
    switch event {
    // Written with what comes first, so that it tells the usage where the provider began with it.
    case .start(let id, let model):
      self.id = id
      self.model = model
    case .usage(let usage): self.usage = usage
    case .text(0, let text): append(text, to: .text, &output)
    case .reasoning(0, let text): append(text, to: .thinking, &output)
    case .reasoningSignature(0, let signature): sign(signature, &output)
    case .encryptedReasoning(0, let data): redacted(data, &output)
    case .toolCallStart(0, let index, let id, let name, _): call(index, id, name, &output)
    case .toolCallArguments(0, let index, let text): arguments(index, text, &output)
    case .refusal(0, let text): refusal += text.escaped
    case .finish(0, let reason, let native, let stopSequence):
      finish(reason, native, stopSequence, &output)
    case .end: end(&output)
    // There is one answer, and no place for probabilities.
    case .text, .reasoning, .reasoningSignature, .encryptedReasoning, .toolCallStart,
      .toolCallArguments, .refusal, .finish, .logProbabilities, .failure:
      break
    }
  }

  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    isBroken = true
    output += "event: error\ndata: ".utf8
    var json = JSONBuilder()
    AnthropicClient.append(error, context, to: &json)
    output += json.finish()
    output += "\n\n".utf8
  }

  // MARK: The message

  private mutating func start(_ output: inout [UInt8]) {
    guard !hasStarted else { return }
    hasStarted = true
    var json = JSONBuilder()
    json.object { json in
      json.member("type", literal: "message_start")
      json.object("message") { json in
        json.member("id", id ?? AnthropicResponseWriter.fallbackID(context))
        json.member("type", literal: "message")
        json.member("role", literal: "assistant")
        json.member("model", model ?? context.model)
        json.array("content") { _ in }
        json.nullMember("stop_reason")
        json.nullMember("stop_sequence")
        (usage ?? Usage()).appendAnthropic(to: &json)
      }
    }
    output += "event: message_start\ndata: ".utf8
    output += json.finish()
    output += "\n\n".utf8
  }

  private mutating func finish(
    _ reason: FinishReason, _ native: JSONText?, _ stopSequence: JSONText?,
    _ output: inout [UInt8]
  ) {
    ending = Ending(
      finish: reason, native: native, stopSequence: stopSequence,
      refusal: refusal.isEmpty ? nil : JSONText(escaped: refusal[...]), context)
    if let text = ending.spokenRefusal { append(text, to: .text, &output) }
    closeAll(&output)
  }

  private mutating func end(_ output: inout [UInt8]) {
    start(&output)
    closeAll(&output)
    var json = JSONBuilder()
    json.object { json in
      json.member("type", literal: "message_delta")
      json.object("delta") { ending.append(to: &$0) }
      if let usage {
        usage.appendAnthropic(to: &json)
      } else {
        json.object("usage") { $0.member("output_tokens", integer: 0) }
      }
    }
    output += "event: message_delta\ndata: ".utf8
    output += json.finish()
    output += "\n\nevent: message_stop\ndata: {\"type\":\"message_stop\"}\n\n".utf8
  }

  // MARK: Blocks

  private mutating func append(
    _ text: JSONText, to kind: StreamBlock.Kind, _ output: inout [UInt8]
  ) {
    if blocks.last?.kind != kind { begin(StreamBlock(kind, at: blockCount), &output) }
    write(StreamBlock.delta(kind, text), to: blocks.count - 1, &output)
  }

  /// A signature without thoughts before it makes a block of its own, as Anthropic has it where
  /// thoughts are not shown.
  private mutating func sign(_ signature: JSONText, _ output: inout [UInt8]) {
    if blocks.last?.kind != .thinking { begin(StreamBlock(.thinking, at: blockCount), &output) }
    write(StreamBlock.signature(signature), to: blocks.count - 1, &output)
    blocks[blocks.count - 1].kind = .complete
  }

  private mutating func redacted(_ data: JSONText, _ output: inout [UInt8]) {
    begin(StreamBlock(redacted: data, at: blockCount), &output)
  }

  private mutating func call(
    _ index: Int, _ id: JSONText, _ name: JSONText, _ output: inout [UInt8]
  ) {
    let id = id.isEmpty ? JSONText("toolu_\(context.requestID)_\(index)") : id
    begin(StreamBlock(tool: index, id, name, at: blockCount), &output)
  }

  private mutating func arguments(_ index: Int, _ text: JSONText, _ output: inout [UInt8]) {
    // A call whose value is whole may be closed already; nothing but white space can follow it.
    guard let place = blocks.firstIndex(where: { $0.kind == .tool(index) }), !text.isEmpty
    else { return }
    blocks[place].progress.take(text)
    write(StreamBlock.delta(.tool(index), text), to: place, &output)
    advance(&output)
  }

  private mutating func begin(_ block: StreamBlock, _ output: inout [UInt8]) {
    start(&output)
    blockCount += 1
    if blocks.isEmpty { output += block.held }
    blocks.append(block)
    advance(&output)
  }

  /// Writes a delta of the block at `place`, or holds it back.
  private mutating func write(
    _ delta: StreamBlock.Delta, to place: Int, _ output: inout [UInt8]
  ) {
    let index = blocks[place].index
    guard place > 0 else { return delta.append(index: index, to: &output) }
    delta.append(index: index, to: &blocks[place].held)
    if blocks[place].held.count > Self.heldBytesMaximum {
      fail(ProviderError(.server, "Too much of the answer had to be held back."), into: &output)
    }
  }

  /// Closes the first blocks that are done, if others wait.
  private mutating func advance(_ output: inout [UInt8]) {
    while blocks.count > 1, blocks[0].isDone { closeFirst(&output) }
  }

  private mutating func closeAll(_ output: inout [UInt8]) {
    while !blocks.isEmpty { closeFirst(&output) }
  }

  private mutating func closeFirst(_ output: inout [UInt8]) {
    output += "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":".utf8
    output += String(blocks[0].index).utf8
    output += "}\n\n".utf8
    blocks.removeFirst()
    if let next = blocks.first { output += next.held }
  }
}
