// SPDX-License-Identifier: MIT

import Bytes

/// What the framing fields of a head said, before any conclusion is drawn from them.
struct FramingFields {
  var contentLength: UInt64 = 0
  var hasContentLength = false
  var hasTransferEncoding = false
  var saysClose = false
  var saysKeepAlive = false
  var namesConnectionOptions = false
  var expectContinue = false

  /// Reads the framing fields of a complete head. Host is left to the request parser.
  ///
  /// - Parameter repeated: the known headers that occur more than once, as bits.
  @inline(__always)
  init(
    _ table: HeaderTable, in bytes: ByteView, repeated: UInt64, isRequest: Bool
  ) throws(ScanStop) {
    if let index = table.firstIndex(of: .contentLength) {
      try contentLength(table, index, bytes, isRequest: isRequest, repeated & Self.lengthBit != 0)
    }
    if let index = table.firstIndex(of: .transferEncoding) {
      if repeated & Self.transferBit != 0 { throw .failure(.transferEncodingDuplicate) }
      if let error = noteTransferEncoding(bytes[table[index].value]) { throw .failure(error) }
    }
    if let index = table.firstIndex(of: .connection) {
      noteConnection(bytes[table[index].value])
      if repeated & Self.connectionBit != 0 { noteMoreConnections(table, bytes, after: index) }
    }
    if isRequest, let index = table.firstIndex(of: .expect) {
      if !bytes[table[index].value].equalsIgnoringCase("100-continue") {
        throw .failure(.expectationUnsupported)
      }
      expectContinue = true
    }
  }

  private static var lengthBit: UInt64 { 1 << UInt64(KnownHeader.contentLength.rawValue) }
  private static var transferBit: UInt64 { 1 << UInt64(KnownHeader.transferEncoding.rawValue) }
  private static var connectionBit: UInt64 { 1 << UInt64(KnownHeader.connection.rawValue) }

  @inline(__always)
  private mutating func contentLength(
    _ table: HeaderTable, _ first: Int, _ bytes: ByteView, isRequest: Bool, _ isRepeated: Bool
  ) throws(ScanStop) {
    if isRequest && isRepeated { throw .failure(.contentLengthDuplicate) }
    if let error = noteContentLength(bytes[table[first].value], isRequest: isRequest) {
      throw .failure(error)
    }
    guard isRepeated else { return }
    var index = first
    while let next = table.firstIndex(of: .contentLength, from: index + 1) {
      if let error = noteContentLengthList(bytes[table[next].value]) { throw .failure(error) }
      index = next
    }
  }

  private mutating func noteMoreConnections(
    _ table: HeaderTable, _ bytes: ByteView, after first: Int
  ) {
    var index = first
    while let next = table.firstIndex(of: .connection, from: index + 1) {
      noteConnection(bytes[table[next].value])
      index = next
    }
  }

  /// In a response, repetitions of one and the same value count once (RFC 9112 section 6.3, rule
  /// 5); in a request even those are refused, as two parsers in a row might differ.
  @inline(__always)
  mutating func noteContentLength(_ value: ByteView, isRequest: Bool) -> WireError? {
    if let length = value.decimalLength {
      hasContentLength = true
      contentLength = length
      return nil
    }
    return isRequest ? .contentLengthInvalid : noteContentLengthList(value)
  }

  private mutating func noteContentLengthList(_ value: ByteView) -> WireError? {
    var rest = value
    while true {
      let comma = rest.firstIndex(of: 0x2c)
      let item = rest.prefix(comma ?? rest.count).trimmingBlanks()
      guard let length = item.decimalLength else { return .contentLengthInvalid }
      if hasContentLength && contentLength != length { return .contentLengthDuplicate }
      hasContentLength = true
      contentLength = length
      guard let comma else { return nil }
      rest = rest.dropFirst(comma + 1)
    }
  }

  mutating func noteTransferEncoding(_ value: ByteView) -> WireError? {
    hasTransferEncoding = true
    if value.equalsIgnoringCase("chunked") { return nil }
    // A list of other codings that ends in chunked is well formed, only not supported.
    var last = value
    while let comma = last.firstIndex(of: 0x2c) {
      let coding = last.prefix(comma).trimmingBlanks()
      let isCoding = !coding.isEmpty && coding.tokenEnd(from: 0) == coding.count
      guard isCoding, !coding.equalsIgnoringCase("chunked") else {
        return .transferEncodingInvalid
      }
      last = last.dropFirst(comma + 1).trimmingBlanks()
    }
    let isList = last.count < value.count && last.equalsIgnoringCase("chunked")
    return isList ? .transferEncodingUnsupported : .transferEncodingInvalid
  }

  @inline(__always)
  mutating func noteConnection(_ value: ByteView) {
    if value.equalsIgnoringCase("keep-alive") {
      saysKeepAlive = true
    } else if value.equalsIgnoringCase("close") {
      saysClose = true
    } else {
      noteConnectionList(value)
    }
  }

  private mutating func noteConnectionList(_ value: ByteView) {
    var options = ConnectionOptions(value)
    while let option = options.next() {
      if option.equalsIgnoringCase("close") {
        saysClose = true
      } else if option.equalsIgnoringCase("keep-alive") {
        saysKeepAlive = true
      } else {
        namesConnectionOptions = true
      }
    }
  }
}

extension ByteView {
  func trimmingBlanks() -> ByteView {
    var lower = 0
    var upper = count
    while lower < upper && isBlank(self[lower]) { lower += 1 }
    while lower < upper && isBlank(self[upper - 1]) { upper -= 1 }
    return self[lower..<upper]
  }

  /// The value of a run of digits below 2^63, nil for anything else.
  @inline(__always)
  var decimalLength: UInt64? {
    guard count > 0 && count <= 19 else { return nil }
    var value: UInt64 = 0
    var index = 0
    while index < count {
      let digit = unsafe base[index] &- 0x30
      guard digit < 10 else { return nil }
      value = value &* 10 &+ UInt64(digit)
      index &+= 1
    }
    // 19 digits stay below 2^64, so the sum above cannot have wrapped.
    return value <= UInt64(Int64.max) ? value : nil
  }
}
