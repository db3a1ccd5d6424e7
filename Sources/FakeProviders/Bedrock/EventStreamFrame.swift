// SPDX-License-Identifier: MIT

internal import CZlib

/// One frame of `application/vnd.amazon.eventstream`: total length, length of the headers, CRC of
/// both, headers, payload, CRC of everything before it; all numbers big-endian.
struct EventStreamFrame {
  var headers: [(name: String, value: String)]
  var payload: [UInt8]

  init(headers: [(name: String, value: String)], payload: [UInt8]) {
    self.headers = headers
    self.payload = payload
  }

  /// An event, or the exception that a failure is.
  init(_ event: StreamEvent) {
    let name = event.name ?? "chunk"
    headers =
      event.kind == .failure
      ? [(":exception-type", name), (":content-type", "application/json")]
        + [(":message-type", "exception")]
      : [(":event-type", name), (":content-type", "application/json")]
        + [(":message-type", "event")]
    payload = event.data
  }

  /// The type code of a header whose value is text.
  private static let textType: UInt8 = 7
  private static let preludeBytes = 12
  private static let checksumBytes = 4

  /// - Parameter isCorrupt: whether the last checksum is wrong in one bit.
  func bytes(isCorrupt: Bool = false) -> [UInt8] {
    var head: [UInt8] = []
    for header in headers {
      head.append(UInt8(truncatingIfNeeded: header.name.utf8.count))
      head += Array(header.name.utf8)
      head.append(Self.textType)
      let length = UInt16(truncatingIfNeeded: header.value.utf8.count)
      head += [UInt8(length >> 8), UInt8(length & 0xFF)]
      head += Array(header.value.utf8)
    }
    let total = Self.preludeBytes + head.count + payload.count + Self.checksumBytes
    var frame = Self.bigEndian(UInt32(total)) + Self.bigEndian(UInt32(head.count))
    frame += Self.bigEndian(Self.checksum(frame))
    frame += head + payload
    let checksum = Self.checksum(frame) ^ (isCorrupt ? 1 : 0)
    return frame + Self.bigEndian(checksum)
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    UInt32(truncatingIfNeeded: crc32(0, bytes, UInt32(bytes.count)))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> $0) }
  }
}
