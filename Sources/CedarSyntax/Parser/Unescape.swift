// SPDX-License-Identifier: MIT

/// Resolves the escapes of string literals, which are Rust's: `\n \r \t \0 \\ \" \'`,
/// `\xHH` up to 7F and `\u{…}` of 1 to 6 hexadecimal digits (underscores between them allowed).
package enum Unescape {
  /// A wrong place in a literal: what is wrong and the byte range within the source.
  package struct Problem {
    let message: String
    let start: Int
    let end: Int
  }

  /// One piece of a literal.
  package enum Piece {
    case scalar(Unicode.Scalar)
    /// `\*`, which only patterns allow.
    case escapedStar
  }

  /// Walks the content of a literal (`range` is without the quotes) and gives each scalar to
  /// `piece`, each mistake to `problem`.
  package static func walk(
    _ bytes: [UInt8], _ range: Range<Int>, piece: (Piece) -> Void, problem: (Problem) -> Void
  ) {
    var position = range.lowerBound
    while position < range.upperBound {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\\") {
        let start = position
        switch escape(bytes, &position, range.upperBound) {
        case .success(let found): piece(found)
        case .failure(let reason):
          problem(Problem(message: reason.text, start: start, end: position))
        }
      } else if byte == 0x0D {
        problem(
          Problem(
            message: "a bare carriage return in a string; write `\\r`", start: position,
            end: position + 1))
        position += 1
      } else {
        piece(.scalar(scalar(bytes, &position)))
      }
    }
  }

  private struct Reason: Error {
    let text: String
  }

  /// Decodes one scalar; the source is valid UTF-8.
  private static func scalar(_ bytes: [UInt8], _ position: inout Int) -> Unicode.Scalar {
    let first = bytes[position]
    position += 1
    guard first >= 0x80 else { return Unicode.Scalar(first) }
    let following = first >= 0xF0 ? 3 : first >= 0xE0 ? 2 : 1
    var value = UInt32(first) & (0x3F >> UInt32(following))
    for _ in 0..<following where position < bytes.count {
      value = value << 6 | UInt32(bytes[position] & 0x3F)
      position += 1
    }
    return Unicode.Scalar(value) ?? "\u{FFFD}"
  }

  private static func escape(
    _ bytes: [UInt8], _ position: inout Int, _ end: Int
  ) -> Result<Piece, Reason> {
    position += 1
    guard position < end else { return .failure(Reason(text: "a lone backslash")) }
    let letter = scalar(bytes, &position)
    switch letter {
    case "n": return .success(.scalar("\n"))
    case "r": return .success(.scalar("\r"))
    case "t": return .success(.scalar("\t"))
    case "0": return .success(.scalar("\0"))
    case "\\", "\"", "'": return .success(.scalar(letter))
    case "*": return .success(.escapedStar)
    case "x": return hexadecimal(bytes, &position, end)
    case "u": return unicode(bytes, &position, end)
    default: return .failure(Reason(text: "`\\\(letter)` is not an escape"))
    }
  }

  private static func digit(_ byte: UInt8) -> UInt32? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
    case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
    default: nil
    }
  }

  private static func hexadecimal(
    _ bytes: [UInt8], _ position: inout Int, _ end: Int
  ) -> Result<Piece, Reason> {
    var value: UInt32 = 0
    for _ in 0..<2 {
      guard position < end, let next = digit(bytes[position]) else {
        return .failure(Reason(text: "`\\x` takes two hexadecimal digits"))
      }
      value = value * 16 + next
      position += 1
    }
    guard value <= 0x7F, let result = Unicode.Scalar(value) else {
      return .failure(Reason(text: "`\\x` reaches 7F; write `\\u{…}` for other characters"))
    }
    return .success(.scalar(result))
  }

  private static func unicode(
    _ bytes: [UInt8], _ position: inout Int, _ end: Int
  ) -> Result<Piece, Reason> {
    guard position < end, bytes[position] == UInt8(ascii: "{") else {
      return .failure(Reason(text: "`\\u` is followed by `{`, hexadecimal digits and `}`"))
    }
    position += 1
    var value: UInt32 = 0
    var digits = 0
    while position < end, bytes[position] != UInt8(ascii: "}") {
      let byte = bytes[position]
      if byte == UInt8(ascii: "_"), digits > 0 {
        position += 1
        continue
      }
      guard let next = digit(byte) else {
        return .failure(Reason(text: "a character that is not a hexadecimal digit in `\\u{…}`"))
      }
      position += 1
      digits += 1
      if digits <= 6 { value = value * 16 + next }
    }
    guard position < end else { return .failure(Reason(text: "`\\u{` without its `}`")) }
    position += 1
    guard digits >= 1, digits <= 6 else {
      return .failure(Reason(text: "`\\u{…}` takes one to six hexadecimal digits"))
    }
    guard let result = Unicode.Scalar(value) else {
      return .failure(Reason(text: "`\\u{…}` names no Unicode character"))
    }
    return .success(.scalar(result))
  }
}
