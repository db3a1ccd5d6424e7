// SPDX-License-Identifier: MIT

/// Text forms of bytes for token requests.
enum TextCoding {
  private static let digits = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)

  /// Base64 with the alphabet of URLs and without padding (RFC 4648 section 5, RFC 7515 section 2).
  static func base64URL(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    text.reserveCapacity((bytes.count * 4 + 2) / 3)
    var index = 0
    while index < bytes.count {
      let count = min(3, bytes.count - index)
      var group: UInt32 = 0
      for offset in 0..<3 {
        group = group << 8 | (offset < count ? UInt32(bytes[index + offset]) : 0)
      }
      for place in 0...count {
        text.append(digits[Int(group >> UInt32(18 - 6 * place)) & 63])
      }
      index += 3
    }
    return String(decoding: text, as: UTF8.self)
  }

  /// Everything but unreserved characters as `%XX` (RFC 3986 section 2.3).
  static func percentEncoded(_ text: String) -> String {
    var result: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e: result.append(byte)
      default:
        let hexadecimal = String(byte, radix: 16, uppercase: true)
        result += Array((hexadecimal.utf8.count == 1 ? "%0" : "%").utf8) + Array(hexadecimal.utf8)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  /// `name=value&…`: a body of type `application/x-www-form-urlencoded`, or a query.
  static func form(_ pairs: [(name: String, value: String)]) -> String {
    pairs.map { percentEncoded($0.name) + "=" + percentEncoded($0.value) }
      .joined(separator: "&")
  }

  /// `text` as a JSON string, in its quotes.
  static func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\": result += "\\\(scalar)"
      case _ where scalar.value < 0x20:
        let hexadecimal = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result + "\""
  }
}
