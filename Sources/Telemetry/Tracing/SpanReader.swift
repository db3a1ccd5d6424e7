// SPDX-License-Identifier: MIT

public import Bytes

/// Reads the records that a worker has left in its ring. Records come whole, but the ring hands
/// its bytes over in pieces: what is cut is kept until the rest is there.
public struct SpanReader {
  /// Rewrites a document of the wire's shape for the attribute that carries it; nil leaves it out.
  public typealias DocumentRewriter = (SpanAttribute, ByteView) -> String?

  private var pending: [UInt8] = []
  /// A record larger than a ring is no record.
  static let recordBytesMaximum = LineRing.capacity

  public init() {}

  /// - Parameters:
  ///   - wallOffsetNanoseconds: civil time minus monotonic time, now.
  ///   - body: called with each span that is complete.
  public mutating func read(
    _ piece: ByteView, wallOffsetNanoseconds: Int64, rewrite: DocumentRewriter,
    _ body: (Span) -> Void
  ) {
    unsafe pending.append(
      contentsOf: UnsafeBufferPointer(start: piece.base, count: piece.count))
    var start = 0
    let headSize = MemoryLayout<SpanHead>.size
    while pending.count - start >= headSize {
      let head = unsafe pending.withUnsafeBytes { bytes in
        // SAFETY: so many bytes are there, and every bit pattern that `SpanWriter` makes is a head.
        unsafe bytes.loadUnaligned(fromByteOffset: start, as: SpanHead.self)
      }
      let count = Int(head.byteCount)
      guard count >= headSize, count <= Self.recordBytesMaximum else {
        // Not written by `SpanWriter`: nothing behind it can be trusted.
        assertionFailure("a span's record has no length")
        start = pending.count
        break
      }
      guard pending.count - start >= count else { break }
      let fields = Array(pending[start + headSize..<start + count])
      body(Self.span(head, fields, wallOffsetNanoseconds, rewrite))
      start += count
    }
    pending.removeFirst(start)
  }

  private static func span(
    _ head: SpanHead, _ fields: [UInt8], _ offset: Int64, _ rewrite: DocumentRewriter
  ) -> Span {
    let context = TraceContext(
      traceHigh: head.traceHigh, traceLow: head.traceLow, spanID: head.spanID, flags: head.flags)
    var span = Span(context, kind: head.role == .request ? .server : .client, name: "")
    span.parentSpanID = head.parentSpanID
    span.startNanoseconds = UInt64(clamping: Int64(clamping: head.startNanoseconds) &+ offset)
    span.endNanoseconds = UInt64(clamping: Int64(clamping: head.endNanoseconds) &+ offset)
    unsafe fields.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return }
      // SAFETY: the array's bytes live for the call.
      let view = unsafe ByteView(base: base, count: buffer.count)
      readAttributes(view, into: &span, rewrite)
    }
    if head.role == .attempt {
      span.attributes.insert(
        Attribute(SpanAttribute.operationName.name, .text(head.operation.label)), at: 0)
    }
    span.name = name(of: span, head)
    if head.isError { span.errorMessage = span.text(.errorType) ?? "" }
    return span
  }

  /// `POST /v1/chat/completions` for requests (HTTP conventions), `chat gpt-5` for attempts.
  private static func name(of span: Span, _ head: SpanHead) -> String {
    switch head.role {
    case .request:
      let method = span.text(.httpRequestMethod) ?? "HTTP"
      return span.text(.httpRoute).map { "\(method) \($0)" } ?? method
    case .attempt:
      let operation = head.operation.label
      return span.text(.requestModel).map { "\(operation) \($0)" } ?? operation
    }
  }

  private static func readAttributes(
    _ fields: ByteView, into span: inout Span, _ rewrite: DocumentRewriter
  ) {
    var cursor = SpanFieldCursor(fields)
    while let (attribute, form) = cursor.next() {
      switch form {
      case .text:
        guard let text = cursor.text() else { return }
        switch attribute {
        case .traceState: span.traceState = text.string
        case .providerName: span.add(attribute, .text(semanticProviderName(text.string)))
        default: span.add(attribute, .text(text.string))
        }
      case .element:
        guard let text = cursor.text() else { return }
        span.append(text.string, to: attribute)
      case .number:
        guard let text = cursor.text() else { return }
        if let value = Double(text.string) { span.add(attribute, .number(value)) }
      case .document:
        guard let text = cursor.text() else { return }
        if let value = rewrite(attribute, text) { span.add(attribute, .text(value)) }
      case .truth:
        guard let value = cursor.byte() else { return }
        span.add(attribute, .truth(value != 0))
      case .integer, .seconds, .dollars:
        guard let value = cursor.word() else { return }
        let signed = Int64(bitPattern: value)
        switch form {
        case .seconds: span.add(attribute, .number(Double(value) / 1e9))
        case .dollars: span.add(attribute, .number(Double(signed) / 1e12))
        default: span.add(attribute, .integer(signed))
        }
      }
    }
  }
}

extension Span {
  fileprivate mutating func add(_ attribute: SpanAttribute, _ value: AttributeValue) {
    attributes.append(Attribute(attribute.name, value))
  }

  fileprivate mutating func append(_ text: String, to attribute: SpanAttribute) {
    if let index = attributes.firstIndex(where: { $0.name == attribute.name }),
      case .texts(let earlier) = attributes[index].value
    {
      attributes[index].value = .texts(earlier + [text])
    } else {
      add(attribute, .texts([text]))
    }
  }

  /// The text under `attribute`, if there is one.
  public func text(_ attribute: SpanAttribute) -> String? {
    guard let found = attributes.first(where: { $0.name == attribute.name }),
      case .text(let text) = found.value
    else { return nil }
    return text
  }
}

/// Steps through the attributes of a record. Nil where the bytes end too early, which a record
/// from `SpanWriter` never does.
private struct SpanFieldCursor {
  private let fields: ByteView
  private var index = 0

  init(_ fields: ByteView) { self.fields = fields }

  mutating func byte() -> UInt8? {
    guard index < fields.count else { return nil }
    index += 1
    return fields[index - 1]
  }

  mutating func next() -> (SpanAttribute, SpanValueForm)? {
    guard let name = byte(), let form = byte(), let attribute = SpanAttribute(rawValue: name),
      let form = SpanValueForm(rawValue: form)
    else { return nil }
    return (attribute, form)
  }

  mutating func word() -> UInt64? { number(byteCount: 8) }

  mutating func text() -> ByteView? {
    guard let count = number(byteCount: 4), UInt64(fields.count - index) >= count else {
      return nil
    }
    index += Int(count)
    return fields[index - Int(count)..<index]
  }

  private mutating func number(byteCount: Int) -> UInt64? {
    guard fields.count - index >= byteCount else { return nil }
    var value: UInt64 = 0
    for offset in 0..<byteCount { value |= UInt64(fields[index + offset]) << UInt64(8 * offset) }
    index += byteCount
    return value
  }
}
