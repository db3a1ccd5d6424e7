// SPDX-License-Identifier: MIT

import Bytes

/// Why a scan stopped before the head was complete.
enum ScanStop: Error {
  case needMore
  case failure(WireError)
}

/// What the framing fields of a head said, before any conclusion is drawn from them.
struct FramingFields {
  var contentLength: UInt64 = 0
  var hasContentLength = false
  var hasTransferEncoding = false
  var isChunked = false
  var saysClose = false
  var saysKeepAlive = false
  var namesConnectionOptions = false
  var expectContinue = false
}

/// The part of parsing which requests and responses share: the field lines.
struct HeadScanner {
  let bytes: ByteView
  var index: Int
  var framing = FramingFields()

  @inline(__always)
  init(bytes: ByteView) {
    self.bytes = bytes
    index = 0
  }

  /// Steps over CRLF at `index`, where a line must end.
  @inline(__always)
  mutating func lineEnd(otherwise error: WireError) throws(ScanStop) {
    guard index < bytes.count else { throw .needMore }
    let byte = bytes[index]
    guard byte == 0x0d else { throw .failure(byte == 0x0a ? .bareLineFeed : error) }
    guard index &+ 1 < bytes.count else { throw .needMore }
    guard bytes[index &+ 1] == 0x0a else { throw .failure(.bareCarriageReturn) }
    index &+= 2
  }

  /// Reads field lines up to and over the empty line.
  @inline(__always)
  mutating func fields(into table: inout HeaderTable, isRequest: Bool) throws(ScanStop) {
    while true {
      guard index < bytes.count else { throw .needMore }
      if bytes[index] == 0x0d {
        try lineEnd(otherwise: .bareCarriageReturn)
        return
      }
      try field(into: &table, isRequest: isRequest)
    }
  }

  @inline(__always)
  private mutating func field(into table: inout HeaderTable, isRequest: Bool) throws(ScanStop) {
    let nameStart = index
    let nameEnd = bytes.tokenEnd(from: nameStart)
    guard nameEnd < bytes.count else { throw .needMore }
    var valueStart = nameEnd &+ 1
    if bytes[nameEnd] != 0x3a || nameEnd == nameStart {
      valueStart = try afterColon(nameStart: nameStart, nameEnd: nameEnd, isRequest: isRequest)
    }
    while valueStart < bytes.count && isBlank(bytes[valueStart]) { valueStart &+= 1 }
    index = bytes.fieldValueEnd(from: valueStart)
    var valueEnd = index
    try lineEnd(otherwise: .fieldValueInvalid)
    while valueEnd > valueStart && isBlank(bytes[valueEnd &- 1]) { valueEnd &-= 1 }

    guard nameEnd &- nameStart <= Int(UInt16.max) else { throw .failure(.headTooLarge) }
    let known = KnownHeader(name: bytes[nameStart..<nameEnd])
    if known.rawValue != 0 && known.rawValue <= KnownHeader.expect.rawValue {
      let value = bytes[valueStart..<valueEnd]
      let isRepeated = table.contains(known)
      try note(known, value, isRepeated: isRepeated, isRequest: isRequest)
    }
    let field = HeaderField(
      nameStart: UInt32(truncatingIfNeeded: nameStart),
      nameCount: UInt16(truncatingIfNeeded: nameEnd &- nameStart), known: known,
      value: ByteRange(valueStart, valueEnd))
    guard table.append(field) else { throw .failure(.fieldsTooMany) }
  }

  /// Where the value starts although the name did not end at a colon, or what is wrong.
  ///
  /// A proxy must remove white space before the colon of a response's field (RFC 9112 section 5.1);
  /// in a request it is refused.
  private func afterColon(
    nameStart: Int, nameEnd: Int, isRequest: Bool
  ) throws(ScanStop) -> Int {
    let byte = bytes[nameEnd]
    if byte == 0x0a { throw .failure(.bareLineFeed) }
    if byte == 0x3a { throw .failure(.fieldNameEmpty) }
    if byte == 0x0d { throw .failure(.fieldColonMissing) }
    guard isBlank(byte) else { throw .failure(.fieldNameInvalid) }
    if nameEnd == nameStart { throw .failure(.fieldFolded) }
    if isRequest { throw .failure(.fieldSpaceBeforeColon) }
    var colon = nameEnd
    while colon < bytes.count && isBlank(bytes[colon]) { colon += 1 }
    guard colon < bytes.count else { throw .needMore }
    guard bytes[colon] == 0x3a else { throw .failure(.fieldNameInvalid) }
    return colon + 1
  }

  /// Looks at the fields that decide about framing. Host is left to the request parser.
  private mutating func note(
    _ known: KnownHeader, _ value: ByteView, isRepeated: Bool, isRequest: Bool
  ) throws(ScanStop) {
    switch known {
    case .host:
      if isRequest && isRepeated { throw .failure(.hostDuplicate) }
    case .contentLength:
      try noteContentLength(value, isRequest: isRequest)
    case .transferEncoding:
      if isRepeated { throw .failure(.transferEncodingDuplicate) }
      framing.hasTransferEncoding = true
      try noteTransferEncoding(value, isRequest: isRequest)
    case .connection:
      noteConnection(value)
    case .expect:
      guard isRequest else { return }
      guard value.equalsIgnoringCase("100-continue") else {
        throw .failure(.expectationUnsupported)
      }
      framing.expectContinue = true
    default: break
    }
  }

  /// In a response, repetitions of one and the same value count once (RFC 9112 section 6.3, rule
  /// 5); in a request even those are refused, as two parsers in a row might differ.
  private mutating func noteContentLength(
    _ value: ByteView, isRequest: Bool
  ) throws(ScanStop) {
    if framing.hasContentLength && isRequest { throw .failure(.contentLengthDuplicate) }
    var rest = value
    repeat {
      var item = rest
      var comma: Int?
      if !isRequest {
        comma = rest.firstIndex(of: 0x2c)
        if let comma { item = rest.prefix(comma).trimmingBlanks() }
      }
      guard let length = item.decimalLength else { throw .failure(.contentLengthInvalid) }
      if framing.hasContentLength && framing.contentLength != length {
        throw .failure(.contentLengthDuplicate)
      }
      framing.hasContentLength = true
      framing.contentLength = length
      guard let comma else { return }
      rest = rest.dropFirst(comma + 1).trimmingBlanks()
    } while true
  }

  private mutating func noteTransferEncoding(
    _ value: ByteView, isRequest: Bool
  ) throws(ScanStop) {
    if value.equalsIgnoringCase("chunked") {
      framing.isChunked = true
      return
    }
    // A list of other codings that ends in chunked is well formed, only not supported.
    var last = value
    while let comma = last.firstIndex(of: 0x2c) {
      let coding = last.prefix(comma).trimmingBlanks()
      let isCoding = !coding.isEmpty && coding.tokenEnd(from: 0) == coding.count
      guard isCoding, !coding.equalsIgnoringCase("chunked") else {
        throw .failure(.transferEncodingInvalid)
      }
      last = last.dropFirst(comma + 1).trimmingBlanks()
    }
    let isList = last.count < value.count && last.equalsIgnoringCase("chunked")
    throw .failure(isList ? .transferEncodingUnsupported : .transferEncodingInvalid)
  }

  private mutating func noteConnection(_ value: ByteView) {
    if value.equalsIgnoringCase("keep-alive") {
      framing.saysKeepAlive = true
      return
    }
    var options = ConnectionOptions(value)
    while let option = options.next() {
      if option.equalsIgnoringCase("close") {
        framing.saysClose = true
      } else if option.equalsIgnoringCase("keep-alive") {
        framing.saysKeepAlive = true
      } else {
        framing.namesConnectionOptions = true
      }
    }
  }
}

/// Space or HTAB.
@inline(__always)
func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

extension ByteView {
  func trimmingBlanks() -> ByteView {
    var lower = 0
    var upper = count
    while lower < upper && isBlank(self[lower]) { lower += 1 }
    while lower < upper && isBlank(self[upper - 1]) { upper -= 1 }
    return self[lower..<upper]
  }

  /// The value of a run of digits below 2^63, nil for anything else.
  var decimalLength: UInt64? {
    guard count > 0 && count <= 19 else { return nil }
    var value: UInt64 = 0
    for index in 0..<count {
      let digit = self[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
    }
    // 19 digits stay below 2^64, so the sum above cannot have wrapped.
    return value <= UInt64(Int64.max) ? value : nil
  }
}
