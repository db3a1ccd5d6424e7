// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

/// Takes `application/vnd.amazon.eventstream` apart, with a CRC of its own: what it reads was
/// written by another hand.
struct EventStreamReader {
  struct Frame {
    var headers: [String: String]
    var payload: JSONValue
    var isIntact: Bool
  }

  var frames: [Frame] = []
  /// Bytes after the last whole frame.
  var rest = 0

  init(_ bytes: [UInt8]) {
    var start = 0
    while start + 16 <= bytes.count {
      let total = Self.number(bytes, start, 4)
      if total < 16 || start + total > bytes.count { break }
      let frame = Array(bytes[start..<(start + total)])
      frames.append(Self.frame(frame))
      start += total
    }
    rest = bytes.count - start
  }

  private static func frame(_ bytes: [UInt8]) -> Frame {
    let headersEnd = 12 + number(bytes, 4, 4)
    var headers: [String: String] = [:]
    var place = 12
    while place < headersEnd {
      let nameEnd = place + 1 + Int(bytes[place])
      let name = String(decoding: bytes[(place + 1)..<nameEnd], as: UTF8.self)
      #expect(bytes[nameEnd] == 7)
      let valueStart = nameEnd + 3
      let valueEnd = valueStart + number(bytes, nameEnd + 1, 2)
      headers[name] = String(decoding: bytes[valueStart..<valueEnd], as: UTF8.self)
      place = valueEnd
    }
    let end = bytes.count - 4
    let isIntact =
      number(bytes, 8, 4) == checksum(bytes[..<8])
      && number(bytes, end, 4) == checksum(bytes[..<end])
    let payload = (try? JSONValue(parsing: Array(bytes[headersEnd..<end]))) ?? .null
    return Frame(headers: headers, payload: payload, isIntact: isIntact)
  }

  private static func number(_ bytes: [UInt8], _ start: Int, _ count: Int) -> Int {
    bytes[start..<(start + count)].reduce(0) { $0 << 8 | Int($1) }
  }

  /// CRC-32 of IEEE 802.3, bit by bit.
  private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
    var register: UInt32 = 0xFFFF_FFFF
    for byte in bytes {
      register ^= UInt32(byte)
      for _ in 0..<8 { register = register & 1 == 1 ? register >> 1 ^ 0xEDB8_8320 : register >> 1 }
    }
    return Int(~register)
  }
}
