// SPDX-License-Identifier: MIT

public import Bytes

/// Appends JSON strings to a `ByteWriter`. (Numbers and brackets a caller appends itself.)
public enum JSONWriter {
  /// Appends `text` in quotes, with the escapes JSON needs. Bytes that are not UTF-8 become U+FFFD,
  /// so that what is written is always valid JSON.
  public static func append(string text: ByteView, to writer: inout ByteWriter) {
    writer.append(0x22)
    append(contents: text, to: &writer)
    writer.append(0x22)
  }

  /// Appends a literal in quotes.
  public static func append(string text: StaticString, to writer: inout ByteWriter) {
    unsafe append(
      string: ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount), to: &writer)
  }

  /// Appends what stands between the quotes, so that a string can be made of several parts.
  public static func append(contents text: ByteView, to writer: inout ByteWriter) {
    var start = 0
    var index = 0
    while index < text.count {
      let byte = text[index]
      if byte >= 0x20 && byte != 0x22 && byte != 0x5c && byte < 0x80 {
        index += 1
        continue
      }
      var length = 1
      if byte >= 0x80 {
        length = UTF8Sequence.length(in: text, at: index)
        if length > 0 {
          index += length
          continue
        }
        length = 1
      }
      writer.append(text[start..<index])
      appendEscape(byte, to: &writer)
      index += length
      start = index
    }
    writer.append(text[start..<index])
  }

  private static func appendEscape(_ byte: UInt8, to writer: inout ByteWriter) {
    switch byte {
    case 0x22: writer.append("\\\"")
    case 0x5c: writer.append("\\\\")
    case 0x0a: writer.append("\\n")
    case 0x0d: writer.append("\\r")
    case 0x09: writer.append("\\t")
    case 0x80...: writer.append("\u{fffd}")
    default:
      writer.append(byte < 0x10 ? "\\u000" : "\\u001")
      writer.append(hexadecimal: UInt64(byte & 0x0f))
    }
  }
}
