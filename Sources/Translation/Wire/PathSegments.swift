// SPDX-License-Identifier: MIT

/// Names in the path of a URL.
enum PathSegments {
  /// Percent-encodes what may not stand in a path (RFC 3986 section 3.3), and what would end it. A
  /// slash stays: names of models may have several segments.
  static func encoded(_ name: String) -> String {
    var bytes: [UInt8] = []
    for byte in name.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x2f, 0x40, 0x5f, 0x7e:
        bytes.append(byte)
      default:
        bytes.append(0x25)
        bytes.append(digit(byte >> 4))
        bytes.append(digit(byte & 15))
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  private static func digit(_ value: UInt8) -> UInt8 { value < 10 ? 0x30 + value : 0x37 + value }
}
