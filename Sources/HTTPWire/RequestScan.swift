// SPDX-License-Identifier: MIT

import Bytes

/// One attempt at a request head.
struct RequestScan {
  let bytes: ByteView
  let targetBytesMax: Int
  var head = RequestHead()

  @inline(__always)
  init(bytes: ByteView, targetBytesMax: Int) {
    self.bytes = bytes
    self.targetBytesMax = targetBytesMax
  }

  @inline(__always)
  mutating func parse(
    _ scanner: HeadScanner, into table: inout HeaderTable, emptyLinesMax: Int
  ) throws(ScanStop) {
    table.removeAll()
    var index = 0
    if index < bytes.count && bytes[index] <= 0x0d {
      index = try emptyLines(scanner, max: emptyLinesMax)
    }
    index = try requestLine(scanner, from: index)
    let (end, repeated) = try scanner.fields(from: index, into: &table)
    head.fieldCount = UInt16(truncatingIfNeeded: table.count)
    head.length = UInt32(truncatingIfNeeded: end)
    try host(table, isRepeated: repeated & 1 << UInt64(KnownHeader.host.rawValue) != 0)
    let framing = try FramingFields(table, in: bytes, repeated: repeated, isRequest: true)
    try conclude(framing)
  }

  private func emptyLines(_ scanner: HeadScanner, max: Int) throws(ScanStop) -> Int {
    var index = 0
    var count = 0
    while index < bytes.count && (bytes[index] == 0x0d || bytes[index] == 0x0a) {
      count += 1
      if count > max { throw .failure(.emptyLinesExcessive) }
      index = try scanner.lineEnd(index, otherwise: .startLineMalformed)
    }
    return index
  }

  @inline(__always)
  private mutating func requestLine(
    _ scanner: HeadScanner, from start: Int
  ) throws(ScanStop) -> Int {
    var methodEnd = start &+ 4
    if methodEnd < bytes.count && bytes[start..<(start &+ 5)].equals("POST ") {
      head.method = .post
    } else {
      methodEnd = bytes.tokenEnd(from: start)
      guard methodEnd < bytes.count else { throw .needMore }
      guard bytes[methodEnd] == 0x20, methodEnd > start else {
        throw .failure(bytes[methodEnd] == 0x20 ? .startLineMalformed : .methodInvalid)
      }
      head.method = HTTPMethod(bytes[start..<methodEnd])
    }
    head.methodRange = ByteRange(start, methodEnd)

    let targetStart = methodEnd &+ 1
    let targetEnd = bytes.targetEnd(from: targetStart)
    guard targetEnd &- targetStart <= targetBytesMax else { throw .failure(.targetTooLong) }
    guard targetEnd < bytes.count else { throw .needMore }
    guard bytes[targetEnd] == 0x20, targetEnd > targetStart else {
      throw .failure(targetFault(at: targetEnd))
    }
    head.target = ByteRange(targetStart, targetEnd)
    let versionEnd = try version(from: targetEnd &+ 1)
    let next = try scanner.lineEnd(versionEnd, otherwise: .startLineMalformed)
    if bytes[targetStart] == 0x2f && head.method != .connect {
      try pathAndQuery(start: targetStart, end: targetEnd)
    } else {
      try rareTarget(start: targetStart, end: targetEnd)
    }
    return next
  }

  private func targetFault(at end: Int) -> WireError {
    switch bytes[end] {
    case 0x0a: .bareLineFeed
    case 0x0d, 0x20, 0x09: .startLineMalformed
    default: .targetInvalid
    }
  }

  @inline(__always)
  private mutating func version(from start: Int) throws(ScanStop) -> Int {
    guard start &+ 8 <= bytes.count else { throw shortVersion(start) }
    let text = bytes[start..<(start &+ 8)]
    if !text.equals("HTTP/1.1") {
      guard text.equals("HTTP/1.0") else { throw .failure(versionFault(text)) }
      head.minorVersion = 0
    }
    return start &+ 8
  }

  /// Fewer than 8 bytes are there: garbage is told from a version that is still on its way.
  private func shortVersion(_ start: Int) -> ScanStop {
    let expected: StaticString = "HTTP/"
    let rest = bytes.dropFirst(start).prefix(5)
    for index in 0..<rest.count where unsafe rest[index] != expected.utf8Start[index] {
      return .failure(.versionMalformed)
    }
    return .needMore
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
  private mutating func pathAndQuery(start: Int, end: Int) throws(ScanStop) {
    let found = bytes.index(ofEither: 0x3f, 0x23, from: start, to: end)
    head.path = ByteRange(start, found)
    guard found < end else { return }
    if bytes.index(ofEither: 0x23, 0x23, from: found, to: end) < end {
      throw .failure(.targetInvalid)
    }
    head.query = ByteRange(found &+ 1, end)
  }

  private mutating func rareTarget(start: Int, end: Int) throws(ScanStop) {
    let text = bytes[start..<end]
    if head.method == .connect {
      guard HostPort.isValid(bytes, head.target, portRequired: true) else {
        throw .failure(.targetInvalid)
      }
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
    let authorityEnd = bytes.index(ofEither: 0x2f, 0x3f, from: start + scheme, to: end)
    head.authority = ByteRange(start + scheme, authorityEnd)
    guard HostPort.isValid(bytes, head.authority, portRequired: false) else {
      throw .failure(.targetInvalid)
    }
    try pathAndQuery(start: authorityEnd, end: end)
  }

  /// Exactly one valid Host for HTTP/1.1 (RFC 9112 section 3.2), and no second opinion in the
  /// target: a proxy in front might have routed by the other one.
  @inline(__always)
  private mutating func host(_ table: HeaderTable, isRepeated: Bool) throws(ScanStop) {
    if isRepeated { throw .failure(.hostDuplicate) }
    guard let index = table.firstIndex(of: .host) else {
      if head.minorVersion == 1 { throw .failure(.hostMissing) }
      return
    }
    let value = table[index].value
    guard value.isEmpty || HostPort.isValid(bytes, value, portRequired: false) else {
      throw .failure(.hostInvalid)
    }
    switch head.targetForm {
    case .origin, .asterisk: head.authority = value
    case .absolute, .authority:
      guard HostPort.areEqual(bytes[value], bytes[head.authority]) else {
        throw .failure(.hostMismatch)
      }
    }
  }

  @inline(__always)
  private mutating func conclude(_ framing: FramingFields) throws(ScanStop) {
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
