// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import JSON
internal import Network
internal import Telemetry
internal import Translation

/// What spans say of an answer, noted while its bytes are at hand.
extension Worker {
  /// Notes id, model and finish reasons of a whole answer.
  func noteAnswer(_ client: Client, _ whole: ByteView) {
    guard client.pointee.exchange.trace.isRecording, tracer != nil else { return }
    var facts = ResponseFacts()
    ResponseScanner.scan(whole, into: &facts)
    noteIdentity(client, facts, whole)
    noteFinishReasons(client, whole)
    noteContent(client, whole, isStream: false)
  }

  /// Notes the same of one event of a stream.
  ///
  /// - Parameter facts: nil for a plain chunk, which is not scanned.
  func noteEvent(_ client: Client, _ facts: ResponseFacts?, _ data: ByteView) {
    if !client.pointee.exchange.trace.isIdentified {
      var found = facts ?? ResponseFacts()
      if facts == nil { ResponseScanner.scan(data, into: &found) }
      noteIdentity(client, found, data)
    }
    if let facts, facts.finishReason.kind == .string {
      note(client, .responseFinishReasons, element: data[facts.finishReason.contents])
    }
    noteContent(client, data, isStream: true)
  }

  /// Notes the same of an answer that was translated.
  func noteAnswer(
    _ client: Client, _ id: JSONText?, _ model: JSONText?, _ finishes: [FinishReason]
  ) {
    guard client.pointee.exchange.trace.isRecording, tracer != nil else { return }
    writeNote(client) { writer in
      for (attribute, text) in [(SpanAttribute.responseID, id), (.responseModel, model)] {
        guard let text else { continue }
        text.plain.withByteView {
          SpanAttributes.add(attribute, $0, maximum: SpanWriter.textBytesMaximum, to: &writer)
        }
      }
      for finish in finishes {
        "\(finish.semanticName)".withByteView {
          SpanAttributes.add(.responseFinishReasons, element: $0, to: &writer)
        }
      }
    }
  }

  private func noteIdentity(_ client: Client, _ facts: ResponseFacts, _ text: ByteView) {
    guard facts.id.kind == .string || facts.model.kind == .string else { return }
    client.pointee.exchange.trace.isIdentified = true
    writeNote(client) { writer in
      if facts.id.kind == .string {
        SpanAttributes.add(
          .responseID, text[facts.id.contents], maximum: SpanWriter.textBytesMaximum, to: &writer)
      }
      if facts.model.kind == .string {
        SpanAttributes.add(
          .responseModel, text[facts.model.contents], maximum: SpanWriter.textBytesMaximum,
          to: &writer)
      }
    }
  }

  /// Each choice has a reason of its own. The name with its quotes occurs as a name only: within
  /// strings the quotes have a backslash before them.
  private func noteFinishReasons(_ client: Client, _ whole: ByteView) {
    let name: StaticString = "\"finish_reason\""
    var index = 0
    while let found = whole.firstIndex(of: name, from: index) {
      index = found + name.utf8CodeUnitCount
      guard found == 0 || whole[found - 1] != 0x5c else { continue }
      while index < whole.count, [0x20, 0x0a, 0x0d, 0x09, 0x3a].contains(whole[index]) {
        index += 1
      }
      guard index < whole.count, whole[index] == 0x22,
        let end = whole.firstIndex(of: 0x22, from: index + 1)
      else { continue }
      note(client, .responseFinishReasons, element: whole[index + 1..<end])
    }
  }

  private func note(_ client: Client, _ attribute: SpanAttribute, element text: ByteView) {
    writeNote(client) { SpanAttributes.add(attribute, element: text, to: &$0) }
  }

  /// Writes to the end of the answer's attributes; what does not fit is left out whole.
  private func writeNote(_ client: Client, _ body: (inout ByteWriter) -> Void) {
    var buffer =
      client.pointee.exchange.trace.answer ?? loop.buffers.take(Tracer.answerBytesMaximum)
    let room = min(buffer.available, Tracer.answerBytesMaximum - buffer.count)
    var writer = ByteWriter(base: buffer.base + buffer.count, capacity: max(room, 0))
    body(&writer)
    if !writer.overflowed { buffer.count += writer.count }
    client.pointee.exchange.trace.answer = buffer
  }

  // MARK: Content

  /// Keeps what the answer says, within the limit: a whole answer that fits, or as many whole
  /// events as do, with a line feed after each.
  private func noteContent(_ client: Client, _ text: ByteView, isStream: Bool) {
    guard let tracer, tracer.settings.capturesContent else { return }
    let limit = tracer.settings.contentBytesMaximum
    let held = client.pointee.exchange.trace.content?.count ?? 0
    guard held + text.count + 1 <= limit else { return }
    append(text, to: &client.pointee.exchange.trace.content)
    if isStream {
      append(Self.lineFeed, to: &client.pointee.exchange.trace.content)
    }
  }

  private static let lineFeed = ByteView(base: ("\n" as StaticString).utf8Start, count: 1)

  /// Has a call keep what its answer says, where a span will tell it.
  func prepareContent(_ client: Client, _ call: ForeignCall) {
    guard let tracer, tracer.settings.capturesContent,
      client.pointee.exchange.trace.isRecording, client.pointee.exchange.endpoint.task == .chat
    else { return }
    call.contentBytesMaximum = tracer.settings.contentBytesMaximum
  }

  /// Adds what was asked and answered, for whoever has turned that on.
  func addContent(_ client: Client, _ tracer: Tracer, _ span: inout SpanWriter) {
    guard client.pointee.exchange.endpoint.task == .chat else { return }
    if let call = foreignCall(client) { return addContent(client, call, tracer, &span) }
    let facts = client.pointee.exchange.facts
    let body = body(of: client)
    let limit = tracer.settings.contentBytesMaximum
    let asked = facts.messages.isPresent ? facts.messages : facts.prompt
    if asked.isPresent, Int(asked.range.count) <= limit {
      span.add(.inputMessages, document: body[asked.range])
    }
    if facts.tools.isPresent, Int(facts.tools.range.count) <= limit {
      span.add(.toolDefinitions, document: body[facts.tools.range])
    }
    if client.pointee.exchange.trace.content != nil {
      span.add(.outputMessages, document: view(of: client.pointee.exchange.trace.content))
    }
  }

  /// The same of a call between APIs, or in one that is not OpenAI's: in the conventions' own form.
  private func addContent(
    _ client: Client, _ call: ForeignCall, _ tracer: Tracer, _ span: inout SpanWriter
  ) {
    let limit = tracer.settings.contentBytesMaximum
    func add(_ attribute: SpanAttribute, _ document: [UInt8]?) {
      guard let document, document.count <= limit else { return }
      document.withUnsafeBufferPointer { buffer in
        guard let base = buffer.baseAddress, buffer.count + 6 <= span.space else { return }
        span.add(attribute, ByteView(base: base, count: buffer.count), maximum: limit)
      }
    }
    let body = body(of: client)
    // Of a larger one nothing would be within the limit but its tools.
    if body.count <= limit * Self.bodiesPerDocument, let request = call.requestContent(body) {
      add(.inputMessages, SemanticContent.inputMessages(of: request))
      add(.systemInstructions, SemanticContent.systemInstructions(of: request))
      add(.toolDefinitions, SemanticContent.toolDefinitions(of: request))
    }
    add(.outputMessages, call.answerContent)
  }

  /// How much larger than a document may be a request that is read for it.
  private static let bodiesPerDocument = 4
}

extension FinishReason {
  /// The word of `gen_ai.response.finish_reasons`.
  fileprivate var semanticName: StaticString {
    switch self {
    case .stop: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case .contentFilter: "content_filter"
    }
  }
}
