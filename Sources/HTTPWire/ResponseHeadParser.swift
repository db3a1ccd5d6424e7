// SPDX-License-Identifier: MIT

public import Bytes

/// Parses response heads of upstreams, as strictly as requests except where RFC 9112 obliges a
/// client or proxy to be lenient: a missing reason phrase, white space before a colon, and one
/// Content-Length value said several times.
///
/// Used as `RequestHeadParser` is: the same first byte each time until the answer is not
/// `needMore`. After a 1xx the parser is ready for the head that follows.
@frozen
public struct ResponseHeadParser: Sendable {
  @usableFromInline var progress = HeadProgress()

  @inlinable
  public init() {}

  /// Forgets a head of which only a part has arrived.
  @inlinable
  public mutating func reset() { progress = HeadProgress() }

  /// Parses the head at the start of `bytes`.
  ///
  /// - Parameter isHeadRequest: whether the request was HEAD, whose response has no body whatever
  ///   its fields say.
  public mutating func parse(
    _ bytes: ByteView, isHeadRequest: Bool, limits: HeadLimits, table: inout HeaderTable
  ) -> ResponseHeadResult {
    parse(
      bytes, isHeadRequest: isHeadRequest, limits: limits, table: &table, known: .empty,
      knownCount: 0)
  }

  /// As `parse(_:isHeadRequest:limits:table:)` for an answer to anything but HEAD, helped by what
  /// was parsed into the table last.
  ///
  /// - Parameters:
  ///   - limits: the same each time.
  ///   - memo: the table's.
  public mutating func parse(
    _ bytes: ByteView, limits: HeadLimits, table: inout HeaderTable,
    memo: inout HeadMemo<ResponseHead>
  ) -> ResponseHeadResult {
    if let head = memo.head(of: bytes, table) {
      progress = HeadProgress()
      return .complete(head)
    }
    let result = parse(
      bytes, isHeadRequest: false, limits: limits, table: &table, known: memo.bytes,
      knownCount: Int(memo.head.fieldCount))
    if case .complete(let head) = result {
      memo.remember(bytes.prefix(Int(head.length)), head)
    } else {
      memo.forget()
    }
    return result
  }

  @inline(__always)
  private mutating func parse(
    _ bytes: ByteView, isHeadRequest: Bool, limits: HeadLimits, table: inout HeaderTable,
    known: ByteView, knownCount: Int
  ) -> ResponseHeadResult {
    let sizeMax = min(limits.headBytesMax, Int(UInt32.max))
    guard progress.isWorthParsing(bytes, sizeMax: sizeMax) else { return .needMore }
    let window = bytes.prefix(sizeMax)
    var scan = ResponseScan(bytes: window)
    let fields = HeadScanner(
      bytes: window, isRequest: false, known: known, knownCount: knownCount)
    do throws(ScanStop) {
      try scan.parse(fields, into: &table, isHeadRequest: isHeadRequest)
      progress = HeadProgress()
      return .complete(scan.head)
    } catch {
      let failure = progress.stopped(error, bytes, sizeMax: sizeMax)
      return failure.map { .failure($0) } ?? .needMore
    }
  }
}

/// One attempt at a response head.
private struct ResponseScan {
  let bytes: ByteView
  var head = ResponseHead()

  @inline(__always)
  init(bytes: ByteView) {
    self.bytes = bytes
  }

  @inline(__always)
  mutating func parse(
    _ scanner: HeadScanner, into table: inout HeaderTable, isHeadRequest: Bool
  ) throws(ScanStop) {
    table.removeAll()
    let start = try statusLine(scanner)
    let (end, repeated) = try scanner.fields(from: start, into: &table)
    head.fieldCount = UInt16(truncatingIfNeeded: table.count)
    head.length = UInt32(truncatingIfNeeded: end)
    let framing = try FramingFields(table, in: bytes, repeated: repeated, isRequest: false)
    try conclude(framing, isHeadRequest: isHeadRequest)
  }

  @inline(__always)
  private mutating func statusLine(_ scanner: HeadScanner) throws(ScanStop) -> Int {
    // "HTTP/1.1 200" and at least one byte more: a space or the CR.
    guard bytes.count > 12 else {
      let start: StaticString = "HTTP/1."
      let length = min(bytes.count, start.utf8CodeUnitCount)
      for index in 0..<length where unsafe bytes[index] != start.utf8Start[index] {
        throw .failure(.startLineMalformed)
      }
      throw .needMore
    }
    guard bytes.starts(with: "HTTP/"), bytes[8] == 0x20 else {
      throw .failure(.startLineMalformed)
    }
    guard bytes.starts(with: "HTTP/1."), bytes[7] &- 0x30 <= 1 else {
      throw .failure(.versionUnsupported)
    }
    head.minorVersion = bytes[7] &- 0x30
    let hundreds = UInt16(bytes[9] &- 0x30)
    let tens = UInt16(bytes[10] &- 0x30)
    let ones = UInt16(bytes[11] &- 0x30)
    guard hundreds > 0 && hundreds < 10 && tens < 10 && ones < 10 else {
      throw .failure(.statusInvalid)
    }
    head.status = hundreds &* 100 &+ tens &* 10 &+ ones
    var end = 12
    if bytes[12] == 0x20 {
      end = bytes.fieldValueEnd(from: 13)
      head.reason = ByteRange(13, end)
    }
    return try scanner.lineEnd(end, otherwise: .startLineMalformed)
  }

  /// The rules of RFC 9112 section 6.3 in their order.
  @inline(__always)
  private mutating func conclude(
    _ framing: FramingFields, isHeadRequest: Bool
  ) throws(ScanStop) {
    if framing.hasTransferEncoding {
      // The RFC lets Transfer-Encoding win; an upstream that says both is not to be trusted with a
      // shared connection, and no known provider does.
      if framing.hasContentLength { throw .failure(.framingAmbiguous) }
      if head.minorVersion == 0 { throw .failure(.transferEncodingInOldVersion) }
    }
    head.keepAlive =
      !framing.saysClose && (head.minorVersion == 1 || framing.saysKeepAlive)
    head.namesConnectionOptions = framing.namesConnectionOptions
    if isHeadRequest || head.status < 200 || head.status == 204 || head.status == 304 {
      head.framing = .none
    } else if framing.hasTransferEncoding {
      head.framing = .chunked
    } else if framing.hasContentLength {
      head.framing = .length(framing.contentLength)
    } else {
      head.framing = .untilClose
      head.keepAlive = false
    }
  }
}
