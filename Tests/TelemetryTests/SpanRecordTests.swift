// SPDX-License-Identifier: MIT

import Bytes
import Telemetry
import Testing

/// Records as a worker writes them, read as the control loop does.
@Suite struct SpanRecordTests {
  static func head() -> SpanHead {
    var head = SpanHead()
    head.role = .attempt
    head.operation = .chat
    head.flags = 1
    head.traceHigh = 0x0102_0304_0506_0708
    head.traceLow = 0x090a_0b0c_0d0e_0f10
    head.spanID = 0x1112_1314_1516_1718
    head.parentSpanID = 0x2122_2324_2526_2728
    head.startNanoseconds = 1_000
    head.endNanoseconds = 2_000
    return head
  }

  static func record(
    _ head: SpanHead = head(), capacity: Int = 4_096, _ body: (inout SpanWriter) -> Void
  ) -> [UInt8] {
    let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
    defer { memory.deallocate() }
    var writer = SpanWriter(head, ByteWriter(base: memory, capacity: capacity))
    body(&writer)
    let view = writer.finish()
    return (0..<view.count).map { view[$0] }
  }

  static func view<Result>(_ text: StaticString, _ body: (ByteView) -> Result) -> Result {
    body(ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount))
  }

  /// The spans in `bytes`, handed over in pieces of `size`.
  static func spans(_ bytes: [UInt8], pieces size: Int = .max) -> [Span] {
    var reader = SpanReader()
    var spans: [Span] = []
    var start = 0
    while start < bytes.count {
      let end = min(bytes.count, start + min(size, bytes.count))
      bytes[start..<end].withUnsafeBufferPointer { buffer in
        reader.read(
          ByteView(base: buffer.baseAddress!, count: buffer.count), wallOffsetNanoseconds: 5_000,
          rewrite: { _, text in "<\(text.string)>" }
        ) { spans.append($0) }
      }
      start = end
    }
    return spans
  }

  @Test func everyFormComesBack() throws {
    let bytes = Self.record { span in
      Self.view("gpt-4o") { span.add(.requestModel, $0) }
      Self.view("azure") { span.add(.providerName, $0) }
      span.add(.serverPort, integer: -443)
      span.add(.responseTimeToFirstChunk, seconds: 1_500_000_000)
      span.add(.cost, dollars: 2_500_000_000)
      span.add(.requestIsStream, truth: true)
      Self.view("0.25") { span.add(.requestTemperature, number: $0) }
      Self.view("no") { span.add(.requestTopP, number: $0) }
      Self.view("a") { span.add(.requestStopSequences, element: $0) }
      Self.view("b") { span.add(.requestStopSequences, element: $0) }
      Self.view("[]") { span.add(.inputMessages, document: $0) }
      Self.view("k=v") { span.add(.traceState, $0) }
      Self.view("") { span.add(.errorType, $0) }
    }
    let span = try #require(Self.spans(bytes).first)
    #expect(span.name == "chat gpt-4o" && span.kind == .client)
    #expect(span.traceState == "k=v" && span.errorMessage == nil)
    #expect(span.context.spanID == 0x1112_1314_1516_1718)
    #expect(span.parentSpanID == 0x2122_2324_2526_2728)
    #expect(span.startNanoseconds == 6_000 && span.endNanoseconds == 7_000)
    #expect(
      span.attributes == [
        Attribute("gen_ai.operation.name", .text("chat")),
        Attribute("gen_ai.request.model", .text("gpt-4o")),
        Attribute("gen_ai.provider.name", .text("azure.ai.openai")),
        Attribute("server.port", .integer(-443)),
        Attribute("gen_ai.response.time_to_first_chunk", .number(1.5)),
        Attribute("gateway.cost.usd", .number(0.0025)),
        Attribute("gen_ai.request.stream", .truth(true)),
        Attribute("gen_ai.request.temperature", .number(0.25)),
        Attribute("gen_ai.request.stop_sequences", .texts(["a", "b"])),
        Attribute("gen_ai.input.messages", .text("<[]>")),
      ])
  }

  @Test func requestsAreNamedByMethodAndRoute() throws {
    var head = Self.head()
    head.role = .request
    head.isError = true
    let bytes = Self.record(head) { span in
      span.add(.httpRequestMethod, "POST")
      span.add(.httpRoute, "/v1/embeddings")
      span.add(.errorType, "upstream_timeout")
    }
    let span = try #require(Self.spans(bytes).first)
    #expect(span.name == "POST /v1/embeddings" && span.kind == .server)
    #expect(span.errorMessage == "upstream_timeout")
    let bare = try #require(Self.spans(Self.record(head) { _ in }).first)
    #expect(bare.name == "HTTP" && bare.errorMessage == "")
  }

  @Test(arguments: [1, 7, 64, 65, 200])
  func piecesMakeNoDifference(size: Int) {
    let one = Self.record { span in Self.view("model-one") { span.add(.requestModel, $0) } }
    let other = Self.record { $0.add(.attempt, integer: 2) }
    let bytes = one + other + one
    #expect(Self.spans(bytes, pieces: size) == Self.spans(bytes))
    #expect(Self.spans(bytes).map(\.name) == ["chat model-one", "chat", "chat model-one"])
  }

  @Test func whatDoesNotFitIsNoRecord() {
    let bytes = Self.record(capacity: 80) { span in
      Self.view("a-name-that-is-too-long-for-it") { span.add(.requestModel, $0) }
    }
    #expect(bytes.isEmpty)
  }

  @Test func namesAreDistinct() {
    let names = SpanAttribute.allCases.map(\.name)
    #expect(!names.contains(""))
    #expect(Set(names).count == names.count)
  }
}
