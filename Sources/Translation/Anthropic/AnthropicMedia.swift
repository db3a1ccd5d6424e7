// SPDX-License-Identifier: MIT

internal import JSON

/// What kind of data images and documents are.
enum AnthropicMedia {
  /// By its media type, or else by how such files begin; nil for what the API does not take.
  static func imageType(_ type: JSONText?, _ data: JSONText) -> StaticString? {
    switch type?.plain.lowercased() {
    case "image/jpeg", "image/jpg": return "image/jpeg"
    case "image/png": return "image/png"
    case "image/gif": return "image/gif"
    case "image/webp": return "image/webp"
    default: break
    }
    let start = String(decoding: data.escaped.prefix(16), as: UTF8.self)
    if start.hasPrefix("/9j/") || start.hasPrefix("\\/9j") { return "image/jpeg" }
    if start.hasPrefix("iVBORw0KGgo") { return "image/png" }
    if start.hasPrefix("R0lGOD") { return "image/gif" }
    if start.hasPrefix("UklGR") { return "image/webp" }
    return nil
  }

  static func isPDF(_ media: Media) -> Bool {
    switch media.mediaType?.plain.lowercased() {
    case "application/pdf", "application/x-pdf": true
    case nil, "application/octet-stream": startsAsPDF(media)
    default: false
    }
  }

  private static func startsAsPDF(_ media: Media) -> Bool {
    guard case .base64(let data) = media.source else { return false }
    return data.escaped.starts(with: "JVBERi".utf8)
  }

  /// The text of a document that is text by its media type; nil for others, and where it is not
  /// UTF-8.
  static func documentText(_ media: Media) -> JSONText? {
    guard case .base64(let data) = media.source, let type = media.mediaType?.plain.lowercased()
    else { return nil }
    let isText =
      type.hasPrefix("text/") || type == "application/json" || type == "application/xml"
      || type == "application/x-ndjson" || type == "application/yaml"
    guard isText, let bytes = Base64.decode(data.plainBytes),
      let text = String(validating: bytes, as: UTF8.self)
    else { return nil }
    return JSONText(text)
  }
}

/// RFC 4648, section 4.
enum Base64 {
  /// Nil for what is not base64. Padding may be missing, line ends may stand anywhere.
  static func decode(_ text: some Sequence<UInt8>) -> [UInt8]? {
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    var isPadded = false
    for byte in text {
      if byte == 0x3d {
        isPadded = true
        continue
      }
      if byte == 0x0a || byte == 0x0d { continue }
      guard !isPadded, let value = value(of: byte) else { return nil }
      bits = bits << 6 | value
      count += 1
      if count == 4 {
        for shift in [UInt32(16), 8, 0] { output.append(UInt8(truncatingIfNeeded: bits >> shift)) }
        bits = 0
        count = 0
      }
    }
    switch count {
    case 0: break
    case 2: output.append(UInt8(truncatingIfNeeded: bits >> 4))
    case 3:
      output.append(UInt8(truncatingIfNeeded: bits >> 10))
      output.append(UInt8(truncatingIfNeeded: bits >> 2))
    default: return nil
    }
    return output
  }

  static func encode(_ bytes: some Sequence<UInt8>) -> [UInt8] {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var output: [UInt8] = []
    var bits: UInt32 = 0
    var count = 0
    for byte in bytes {
      bits = bits << 8 | UInt32(byte)
      count += 1
      guard count == 3 else { continue }
      for shift in [UInt32(18), 12, 6, 0] { output.append(alphabet[Int(bits >> shift & 63)]) }
      bits = 0
      count = 0
    }
    if count == 1 {
      output += [alphabet[Int(bits >> 2)], alphabet[Int(bits << 4 & 63)], 0x3d, 0x3d]
    } else if count == 2 {
      output += [alphabet[Int(bits >> 10)], alphabet[Int(bits >> 4 & 63)]]
      output += [alphabet[Int(bits << 2 & 63)], 0x3d]
    }
    return output
  }

  private static func value(of byte: UInt8) -> UInt32? {
    switch byte {
    case 0x41...0x5a: UInt32(byte) - 0x41
    case 0x61...0x7a: UInt32(byte) - 0x61 + 26
    case 0x30...0x39: UInt32(byte) - 0x30 + 52
    case 0x2b: 62
    case 0x2f: 63
    default: nil
    }
  }
}
