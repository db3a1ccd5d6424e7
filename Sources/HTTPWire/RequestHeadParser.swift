// SPDX-License-Identifier: MIT

public import Bytes

/// Parses request heads strictly by RFC 9112: what two servers could read in two ways is an error.
///
/// One parser per connection, 8 bytes. It is given everything received since the end of the last
/// message, from the same first byte each time, until the answer is not `needMore`; then it is
/// ready for the next head. A head that arrives in many pieces is parsed at most twice (on the
/// first piece, to refuse garbage early, and when its empty line has come), so the work is linear
/// in its length. The table may be shared by all connections of a thread: it is filled from scratch
/// by each attempt.
@frozen
public struct RequestHeadParser: Sendable {
  /// How many bytes have been looked at in vain.
  @usableFromInline var scanned: UInt32

  @inlinable
  public init() { scanned = 0 }

  /// Forgets a head of which only a part has arrived.
  @inlinable
  public mutating func reset() { scanned = 0 }

  /// Parses the head at the start of `bytes`.
  public mutating func parse(
    _ bytes: ByteView, limits: HeadLimits, table: inout HeaderTable
  ) -> RequestHeadResult {
    let sizeMax = min(limits.headBytesMax, Int(UInt32.max))
    if scanned > 0 && bytes.count < sizeMax {
      if !bytes.containsEmptyLine(endingFrom: Int(scanned)) {
        scanned = UInt32(truncatingIfNeeded: max(Int(scanned), bytes.count))
        return .needMore
      }
    }
    let window = bytes.prefix(sizeMax)
    var scan = RequestScan(bytes: window, targetBytesMax: limits.targetBytesMax)
    do throws(ScanStop) {
      let head = try scan.head(into: &table, emptyLinesMax: limits.leadingEmptyLinesMax)
      scanned = 0
      return .complete(head)
    } catch {
      switch error {
      case .failure(let error):
        scanned = 0
        return .failure(error)
      case .needMore:
        guard bytes.count >= sizeMax else {
          scanned = UInt32(truncatingIfNeeded: bytes.count)
          return .needMore
        }
        scanned = 0
        return .failure(.headTooLarge)
      }
    }
  }
}

/// One attempt at a request head.
private struct RequestScan {
  var scanner: HeadScanner
  var head = RequestHead()
  let targetBytesMax: Int

  @inline(__always)
  init(bytes: ByteView, targetBytesMax: Int) {
    scanner = HeadScanner(bytes: bytes)
    self.targetBytesMax = targetBytesMax
  }

  private var bytes: ByteView {
    @inline(__always) get { scanner.bytes }
  }

  @inline(__always)
  mutating func head(
    into table: inout HeaderTable, emptyLinesMax: Int
  ) throws(ScanStop) -> RequestHead {
    table.removeAll()
    try emptyLines(max: emptyLinesMax)
    try requestLine()
    try scanner.fields(into: &table, isRequest: true)
    head.fieldCount = UInt16(truncatingIfNeeded: table.count)
    head.length = UInt32(truncatingIfNeeded: scanner.index)
    try host(table)
    try conclude()
    return head
  }

  @inline(__always)
  private mutating func emptyLines(max: Int) throws(ScanStop) {
    var count = 0
    while scanner.index < bytes.count
      && (bytes[scanner.index] == 0x0d || bytes[scanner.index] == 0x0a)
    {
      count += 1
      if count > max { throw .failure(.emptyLinesExcessive) }
      try scanner.lineEnd(otherwise: .startLineMalformed)
    }
  }

  @inline(__always)
  private mutating func requestLine() throws(ScanStop) {
    let methodStart = scanner.index
    let methodEnd = bytes.tokenEnd(from: methodStart)
    guard methodEnd < bytes.count else { throw .needMore }
    guard bytes[methodEnd] == 0x20, methodEnd > methodStart else {
      throw .failure(bytes[methodEnd] == 0x20 ? .startLineMalformed : .methodInvalid)
    }
    head.methodRange = ByteRange(methodStart, methodEnd)
    head.method = HTTPMethod(bytes[methodStart..<methodEnd])

    let targetStart = methodEnd &+ 1
    let targetEnd = bytes.targetEnd(from: targetStart)
    guard targetEnd &- targetStart <= targetBytesMax else { throw .failure(.targetTooLong) }
    guard targetEnd < bytes.count else { throw .needMore }
    guard bytes[targetEnd] == 0x20, targetEnd > targetStart else {
      throw .failure(targetFault(at: targetEnd, start: targetStart))
    }
    head.target = ByteRange(targetStart, targetEnd)
    scanner.index = targetEnd &+ 1
    try version()
    try target(start: targetStart, end: targetEnd)
  }

  private func targetFault(at end: Int, start: Int) -> WireError {
    switch bytes[end] {
    case 0x0a: .bareLineFeed
    case 0x0d, 0x20, 0x09: .startLineMalformed
    default: .targetInvalid
    }
  }

  @inline(__always)
  private mutating func version() throws(ScanStop) {
    let start = scanner.index
    guard start &+ 8 <= bytes.count else {
      try shortVersion(start)
      return
    }
    let text = bytes[start..<(start &+ 8)]
    guard text.starts(with: "HTTP/1."), text[7] &- 0x30 <= 1 else {
      throw .failure(versionFault(text))
    }
    head.minorVersion = text[7] &- 0x30
    scanner.index = start &+ 8
    try scanner.lineEnd(otherwise: .startLineMalformed)
  }

  /// Fewer than 8 bytes are there: garbage is told from a version that is still on its way.
  private func shortVersion(_ start: Int) throws(ScanStop) {
    let expected: StaticString = "HTTP/"
    var rest = bytes.dropFirst(start)
    rest = rest.prefix(5)
    guard expected.starts(with: rest) else { throw .failure(.versionMalformed) }
    throw .needMore
  }

  private func versionFault(_ text: ByteView) -> WireError {
    let isVersion =
      text.starts(with: "HTTP/") && text[5] &- 0x30 < 10 && text[6] == 0x2e
      && text[7] &- 0x30 < 10
    guard isVersion else { return .versionMalformed }
    let isPreface = bytes[head.methodRange].equals("PRI") && text[5] == 0x32
    return isPreface ? .http2Preface : .versionUnsupported
  }

  @inline(__always)
  private mutating func target(start: Int, end: Int) throws(ScanStop) {
    if bytes[start] == 0x2f && head.method != .connect {
      try pathAndQuery(start: start, end: end)
      return
    }
    try rareTarget(start: start, end: end)
  }

  @inline(__always)
  private mutating func pathAndQuery(start: Int, end: Int) throws(ScanStop) {
    let text = bytes[start..<end]
    let (query, fragment) = text.queryAndFragment()
    if fragment { throw .failure(.targetInvalid) }
    head.path = ByteRange(start, start &+ (query ?? text.count))
    if let query { head.query = ByteRange(start &+ query &+ 1, end) }
  }

  private mutating func rareTarget(start: Int, end: Int) throws(ScanStop) {
    let text = bytes[start..<end]
    if head.method == .connect {
      guard HostPort.isValid(text, portRequired: true) else { throw .failure(.targetInvalid) }
      head.targetForm = .authority
      head.authority = head.target
      return
    }
    if text.equals("*") {
      guard head.method == .options else { throw .failure(.targetInvalid) }
      head.targetForm = .asterisk
      head.path = head.target
      return
    }
    let scheme =
      text.prefix(7).equalsIgnoringCase("http://")
      ? 7 : text.prefix(8).equalsIgnoringCase("https://") ? 8 : 0
    guard scheme > 0 else { throw .failure(.targetInvalid) }
    head.targetForm = .absolute
    var authorityEnd = scheme
    while authorityEnd < text.count
      && text[authorityEnd] != 0x2f && text[authorityEnd] != 0x3f
    {
      authorityEnd += 1
    }
    let authority = text[scheme..<authorityEnd]
    guard !authority.isEmpty, HostPort.isValid(authority, portRequired: false) else {
      throw .failure(.targetInvalid)
    }
    head.authority = ByteRange(start + scheme, start + authorityEnd)
    try pathAndQuery(start: start + authorityEnd, end: end)
  }

  /// Exactly one valid Host for HTTP/1.1 (RFC 9112 section 3.2), and no second opinion in the
  /// target: a proxy in front might have routed by the other one.
  @inline(__always)
  private mutating func host(_ table: HeaderTable) throws(ScanStop) {
    guard let index = table.firstIndex(of: .host) else {
      if head.minorVersion == 1 { throw .failure(.hostMissing) }
      return
    }
    let value = bytes[table[index].value]
    guard value.isEmpty || HostPort.isValid(value, portRequired: false) else {
      throw .failure(.hostInvalid)
    }
    switch head.targetForm {
    case .origin, .asterisk: head.authority = table[index].value
    case .absolute, .authority:
      guard HostPort.areEqual(value, bytes[head.authority]) else { throw .failure(.hostMismatch) }
    }
  }

  @inline(__always)
  private mutating func conclude() throws(ScanStop) {
    let framing = scanner.framing
    if framing.hasTransferEncoding {
      if framing.hasContentLength { throw .failure(.framingAmbiguous) }
      if head.minorVersion == 0 { throw .failure(.transferEncodingInOldVersion) }
      head.framing = .chunked
    } else if framing.hasContentLength {
      head.framing = .length(framing.contentLength)
    }
    head.keepAlive =
      !framing.saysClose && (head.minorVersion == 1 || framing.saysKeepAlive)
    // A server ignores the expectation of an HTTP/1.0 client (RFC 9110 section 10.1.1).
    head.expectContinue =
      framing.expectContinue && head.minorVersion == 1 && head.framing != .none
    head.namesConnectionOptions = framing.namesConnectionOptions
  }
}

extension ByteView {
  /// The index of the first `?`, and whether there is a `#` anywhere.
  @inline(__always)
  fileprivate func queryAndFragment() -> (query: Int?, fragment: Bool) {
    guard let first = firstIndex(ofEither: 0x3f, 0x23) else { return (nil, false) }
    if self[first] == 0x23 { return (nil, true) }
    return (first, firstIndex(of: 0x23, from: first) != nil)
  }
}

extension StaticString {
  /// Whether `bytes` is a prefix of the text.
  fileprivate func starts(with bytes: ByteView) -> Bool {
    guard bytes.count <= utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count where unsafe bytes[index] != utf8Start[index] { return false }
    return true
  }
}
