// SPDX-License-Identifier: MIT

internal import JSON

/// Base64 (RFC 4648), written with the standard alphabet, read with either, padded or not; line
/// ends may stand anywhere.
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: some Collection<UInt8>) -> [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity((bytes.count + 2) / 3 * 4)
    var group: UInt32 = 0
    var count = 0
    for byte in bytes {
      group = group << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      append(group, digits: 4, to: &output)
      (group, count) = (0, 0)
    }
    if count > 0 {
      append(group << UInt32(8 * (3 - count)), digits: count + 1, to: &output)
      output += repeatElement(0x3d, count: 3 - count)
    }
    return output
  }

  private static func append(_ group: UInt32, digits: Int, to output: inout [UInt8]) {
    for shift in [18, 12, 6, 0].prefix(digits) {
      output.append(alphabet[Int(group >> UInt32(shift) & 63)])
    }
  }

  /// Nil for what is no base64.
  static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    output.reserveCapacity(text.count / 4 * 3)
    var group: UInt32 = 0
    var count = 0
    var padding = 0
    for byte in text {
      if byte == 0x0a || byte == 0x0d { continue }
      if byte == 0x3d {
        padding += 1
        continue
      }
      guard padding == 0, let value = value(of: byte) else { return nil }
      group = group << 6 | value
      count += 1
      guard count == 4 else { continue }
      output += [UInt8(group >> 16), UInt8(group >> 8 & 255), UInt8(group & 255)]
      (group, count) = (0, 0)
    }
    guard count != 1, padding <= 2 else { return nil }
    if count > 1 { output.append(UInt8(count == 2 ? group >> 4 & 255 : group >> 10)) }
    if count == 3 { output.append(UInt8(group >> 2 & 255)) }
    return output
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5a: UInt32(byte - 0x41)
    case 0x61...0x7a: UInt32(byte - 0x61 + 26)
    case 0x30...0x39: UInt32(byte - 0x30 + 52)
    case 0x2b, 0x2d: 62
    case 0x2f, 0x5f: 63
    default: nil
    }
  }

  /// Base64 with the alphabet for URLs, as Google's SDKs write it, in the standard one, which is
  /// all that other providers read.
  static func standard(_ text: JSONText) -> JSONText {
    guard text.escaped.contains(where: { $0 == 0x2d || $0 == 0x5f }) else { return text }
    return JSONText(
      escaped: ArraySlice(text.escaped.map { $0 == 0x2d ? 0x2b : $0 == 0x5f ? 0x2f : $0 }))
  }
}
