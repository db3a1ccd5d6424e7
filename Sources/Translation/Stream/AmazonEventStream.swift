// SPDX-License-Identifier: MIT

internal import Bytes

/// `application/vnd.amazon.eventstream`: messages of a prelude (total length, headers' length, CRC
/// of both), headers, a payload and a CRC over all before it; numbers are big-endian. (AWS SDK
/// documentation, "Event stream encoding".)
public enum AmazonEventStream {
  static let overheadBytes = 16

  struct Message {
    var frame: StreamFrame
    var length: Int
  }

  /// The message at the start of `bytes`; nil if it is not whole yet.
  ///
  /// - Throws: `malformedAnswer` for lengths or checksums that do not fit.
  static func message(in bytes: ByteView) throws(TranslationError) -> Message? {
    guard bytes.count >= 12 else { return nil }
    let total = Int(word(bytes, 0))
    let headersLength = Int(word(bytes, 4))
    guard checksum(bytes.prefix(8)) == word(bytes, 8) else {
      throw .malformed("A message's prelude does not match its checksum.")
    }
    guard total >= overheadBytes + headersLength, total <= FrameReader.frameBytesMaximum else {
      throw .malformed("A message says that it has \(total) bytes.")
    }
    guard bytes.count >= total else { return nil }
    guard checksum(bytes.prefix(total - 4)) == word(bytes, total - 4) else {
      throw .malformed("A message does not match its checksum.")
    }
    var frame = StreamFrame(data: bytes[(12 + headersLength)..<(total - 4)])
    try readHeaders(bytes[12..<(12 + headersLength)], &frame)
    return Message(frame: frame, length: total)
  }

  private static func readHeaders(
    _ headers: ByteView, _ frame: inout StreamFrame
  ) throws(TranslationError) {
    var rest = headers
    while !rest.isEmpty {
      let nameLength = Int(rest[0])
      guard rest.count >= nameLength + 2 else { throw .malformed("A message's header is cut.") }
      let name = rest[1..<(1 + nameLength)]
      let type = rest[1 + nameLength]
      rest = rest.dropFirst(2 + nameLength)
      let value = try valueLength(type, rest)
      guard rest.count >= value.skip + value.count else {
        throw .malformed("A message's header is cut.")
      }
      let text = rest[value.skip..<(value.skip + value.count)]
      rest = rest.dropFirst(value.skip + value.count)
      guard type == 7 else { continue }
      if name.equals(":message-type") {
        frame.isException = !text.equals("event")
      } else if name.equals(":event-type") || name.equals(":exception-type")
        || name.equals(":error-code")
      {
        frame.name = text
      } else if name.equals(":error-message"), frame.data.isEmpty {
        // An `error` has no payload.
        frame.data = text
      }
    }
  }

  /// How many bytes of length stand before a header's value, and how many the value has.
  private static func valueLength(
    _ type: UInt8, _ rest: ByteView
  ) throws(TranslationError) -> (skip: Int, count: Int) {
    switch type {
    case 0, 1: return (0, 0)
    case 2: return (0, 1)
    case 3: return (0, 2)
    case 4: return (0, 4)
    case 5, 8: return (0, 8)
    case 9: return (0, 16)
    case 6, 7:
      guard rest.count >= 2 else { throw .malformed("A message's header is cut.") }
      return (2, Int(rest[0]) << 8 | Int(rest[1]))
    default: throw .malformed("A message's header has the unknown type \(type).")
    }
  }

  private static func word(_ bytes: ByteView, _ offset: Int) -> UInt32 {
    UInt32(bytes[offset]) << 24 | UInt32(bytes[offset + 1]) << 16
      | UInt32(bytes[offset + 2]) << 8 | UInt32(bytes[offset + 3])
  }

  /// Appends a message with string headers.
  public static func append(
    headers: [(name: StaticString, value: StaticString)], payload: [UInt8],
    to output: inout [UInt8]
  ) {
    var fields: [UInt8] = []
    for header in headers {
      fields.append(UInt8(header.name.utf8CodeUnitCount))
      fields += "\(header.name)".utf8
      fields.append(7)
      let length = header.value.utf8CodeUnitCount
      fields += [UInt8(length >> 8), UInt8(length & 255)]
      fields += "\(header.value)".utf8
    }
    let first = output.count
    appendWord(UInt32(overheadBytes + fields.count + payload.count), to: &output)
    appendWord(UInt32(fields.count), to: &output)
    appendChecksum(from: first, to: &output)
    output += fields
    output += payload
    appendChecksum(from: first, to: &output)
  }

  private static func appendWord(_ value: UInt32, to output: inout [UInt8]) {
    for shift in [24, 16, 8, 0] { output.append(UInt8(truncatingIfNeeded: value >> shift)) }
  }

  private static func appendChecksum(from first: Int, to output: inout [UInt8]) {
    let sum = unsafe output[first...].withUnsafeBufferPointer { buffer in
      unsafe buffer.baseAddress.map {
        unsafe checksum(ByteView(base: $0, count: buffer.count))
      } ?? 0
    }
    appendWord(sum, to: &output)
  }
}

/// The CRC of zlib and Ethernet (ISO 3309).
private func checksum(_ bytes: ByteView) -> UInt32 {
  var sum = ~UInt32(0)
  for index in 0..<bytes.count {
    let row = Int(UInt8(truncatingIfNeeded: sum) ^ bytes[index])
    sum = crcTable[row] ^ sum >> 8
  }
  return ~sum
}

private let crcTable: [UInt32] = (0..<256).map { index in
  (0..<8).reduce(UInt32(index)) { sum, _ in sum & 1 == 1 ? sum >> 1 ^ 0xedb8_8320 : sum >> 1 }
}
