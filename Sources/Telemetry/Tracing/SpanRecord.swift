// SPDX-License-Identifier: MIT

public import Bytes

/// Which span a record is of.
@frozen
public enum SpanRole: UInt8, BitwiseCopyable, Sendable {
  /// A request and its answer: the server's side of HTTP.
  case request
  /// One attempt at a deployment: a client's side of HTTP, an operation of generative AI.
  case attempt
}

/// The part of a span's record that every span has. What follows it in a ring are attributes.
///
/// Times are of the machine's monotonic clock: whoever reads the ring knows civil time.
@frozen
public struct SpanHead: BitwiseCopyable, Sendable {
  /// Of the whole record, this head included.
  public var byteCount: UInt32 = 0
  public var role = SpanRole.request
  public var flags: UInt8 = 0
  public var operation = Operation.other
  /// What went wrong, in words of the conventions' `error.type`, stands among the attributes.
  public var isError = false
  public var traceHigh: UInt64 = 0
  public var traceLow: UInt64 = 0
  public var spanID: UInt64 = 0
  /// 0 where the span has no parent.
  public var parentSpanID: UInt64 = 0
  public var startNanoseconds: UInt64 = 0
  public var endNanoseconds: UInt64 = 0

  @inlinable
  public init() {}
}

/// How the value of an attribute stands in a record.
enum SpanValueForm: UInt8 {
  /// A length of 4 bytes, then UTF-8.
  case text = 1
  /// As `text`; several with the same name make one list.
  case element
  /// As `text`: a JSON number, to be shown as a double.
  case number
  /// As `text`: JSON of the wire's own shape, to be rewritten by the reader.
  case document
  /// 8 bytes.
  case integer
  /// 1 byte.
  case truth
  /// 8 bytes of nanoseconds, to be shown as seconds.
  case seconds
  /// 8 bytes of picodollars, to be shown as dollars.
  case dollars
}

/// Writes one span's record into memory of the caller's, from where it goes into a `LineRing` in
/// one piece. Allocates nothing. A text that does not fit is cut to what does, or left out.
public struct SpanWriter {
  private var writer: ByteWriter
  private var head: SpanHead

  /// Texts are cut to so many bytes unless the caller says otherwise.
  public static let textBytesMaximum = 256
  /// Room that every record needs besides its documents.
  public static let plainBytesMaximum = 12 << 10

  /// - Parameter writer: of the memory to use, from its start.
  public init(_ head: SpanHead, _ writer: ByteWriter) {
    self.writer = writer
    self.head = head
    self.writer.truncate(to: 0)
    appendHead()
  }

  private mutating func appendHead() {
    unsafe withUnsafeBytes(of: head) { bytes in
      // SAFETY: the head's bytes live for the call, which copies them.
      let base = unsafe bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      unsafe writer.append(ByteView(base: base, count: bytes.count))
    }
  }

  /// The whole record; empty where the memory was too small.
  public mutating func finish() -> ByteView {
    guard !writer.overflowed else { return .empty }
    let count = writer.count
    head.byteCount = UInt32(truncatingIfNeeded: count)
    unsafe withUnsafeBytes(of: head) { bytes in
      // SAFETY: `init` has written a head of this size at the memory's start.
      unsafe UnsafeMutableRawPointer(writer.base).copyMemory(
        from: bytes.baseAddress.unsafelyUnwrapped, byteCount: bytes.count)
    }
    return writer.written
  }

  /// Appends attributes that were written before by `SpanAttributes`.
  public mutating func append(_ attributes: ByteView) { writer.append(attributes) }

  public mutating func add(
    _ attribute: SpanAttribute, _ text: ByteView, maximum: Int = SpanWriter.textBytesMaximum
  ) {
    SpanAttributes.add(attribute, text, maximum: maximum, to: &writer)
  }

  public mutating func add(_ attribute: SpanAttribute, _ text: StaticString) {
    let view = unsafe ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
    SpanAttributes.add(attribute, view, maximum: Self.textBytesMaximum, to: &writer)
  }

  public mutating func add(_ attribute: SpanAttribute, integer value: Int64) {
    SpanAttributes.add(attribute, .integer, UInt64(bitPattern: value), to: &writer)
  }

  public mutating func add(_ attribute: SpanAttribute, seconds nanoseconds: UInt64) {
    SpanAttributes.add(attribute, .seconds, nanoseconds, to: &writer)
  }

  public mutating func add(_ attribute: SpanAttribute, dollars picodollars: Int64) {
    SpanAttributes.add(attribute, .dollars, UInt64(bitPattern: picodollars), to: &writer)
  }

  public mutating func add(_ attribute: SpanAttribute, truth value: Bool) {
    writer.append(attribute.rawValue)
    writer.append(SpanValueForm.truth.rawValue)
    writer.append(value ? 1 : 0)
  }

  /// A number as JSON has it.
  public mutating func add(_ attribute: SpanAttribute, number text: ByteView) {
    guard text.count <= 64 else { return }
    SpanAttributes.add(attribute, .number, text, to: &writer)
  }

  /// JSON of the wire's shape, whole: a part of a document is none.
  public mutating func add(_ attribute: SpanAttribute, document text: ByteView) {
    guard text.count + 6 <= writer.space else { return }
    SpanAttributes.add(attribute, .document, text, to: &writer)
  }

  /// One element of a list.
  public mutating func add(_ attribute: SpanAttribute, element text: ByteView) {
    SpanAttributes.add(
      attribute, .element, text.prefix(Self.textBytesMaximum), to: &writer)
  }

  /// Room that is left for documents.
  public var space: Int { writer.space }
}

/// Attributes in the form of a record, for those that are known before their span ends.
public enum SpanAttributes {
  public static func add(
    _ attribute: SpanAttribute, _ text: ByteView, maximum: Int, to writer: inout ByteWriter
  ) {
    guard !text.isEmpty else { return }
    add(attribute, .text, text.prefix(maximum), to: &writer)
  }

  public static func add(
    _ attribute: SpanAttribute, element text: ByteView, to writer: inout ByteWriter
  ) {
    add(attribute, .element, text.prefix(SpanWriter.textBytesMaximum), to: &writer)
  }

  static func add(
    _ attribute: SpanAttribute, _ form: SpanValueForm, _ text: ByteView,
    to writer: inout ByteWriter
  ) {
    writer.append(attribute.rawValue)
    writer.append(form.rawValue)
    append(UInt32(truncatingIfNeeded: text.count), to: &writer)
    writer.append(text)
  }

  static func add(
    _ attribute: SpanAttribute, _ form: SpanValueForm, _ value: UInt64,
    to writer: inout ByteWriter
  ) {
    writer.append(attribute.rawValue)
    writer.append(form.rawValue)
    append(value, to: &writer)
  }

  private static func append(_ value: some FixedWidthInteger, to writer: inout ByteWriter) {
    unsafe withUnsafeBytes(of: value.littleEndian) { bytes in
      // SAFETY: the value's bytes live for the call, which copies them.
      let base = unsafe bytes.baseAddress.unsafelyUnwrapped.assumingMemoryBound(to: UInt8.self)
      unsafe writer.append(ByteView(base: base, count: bytes.count))
    }
  }
}
