// SPDX-License-Identifier: MIT

/// Names in the path of a URL (RFC 3986, section 3.3).
enum PathSegments {
  /// Percent-encodes all but the unreserved characters (section 2.3) and those of `kept`.
  static func encoded(_ name: String, but kept: StaticString = "") -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    let kept = Array("\(kept)".utf8)
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: bytes.append(byte)
      case _ where kept.contains(byte): bytes.append(byte)
      default: bytes += [0x25, digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
