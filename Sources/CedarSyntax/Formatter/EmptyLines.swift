// SPDX-License-Identifier: MIT

/// Takes the lines with nothing on them out of a policy that is laid out.
///
/// The reference does so piece by piece, between its string literals and comments, which are left
/// alone. So a line break right behind a literal and a space is taken for an empty line and goes,
/// and what stood on the next line follows on the same; since layouts are compared byte for byte,
/// it is done the same way here.
enum EmptyLines {
  static func removed(from text: String) -> String {
    let bytes = Array(text.utf8)
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var start = 0
    var position = 0
    while position < bytes.count {
      let end: Int
      if bytes[position] == UInt8(ascii: "\"") {
        end = literalEnd(bytes, position)
      } else if bytes[position...].starts(with: "//".utf8) {
        end = bytes[position...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      } else {
        position += 1
        continue
      }
      append(bytes[start..<position], to: &result)
      result += bytes[position..<end]
      start = end
      position = end
    }
    append(bytes[start...], to: &result)
    return String(decoding: result, as: UTF8.self)
  }

  /// Behind the literal's closing quote; the text is known to be well formed.
  private static func literalEnd(_ bytes: [UInt8], _ start: Int) -> Int {
    var position = start + 1
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      position += bytes[position] == UInt8(ascii: "\\") ? 2 : 1
    }
    return min(position + 1, bytes.count)
  }

  /// A piece without its empty lines; a line break at its beginning stays, and so does its last
  /// line, which goes on in the next piece.
  private static func append(_ piece: ArraySlice<UInt8>, to result: inout [UInt8]) {
    if piece.first == 0x0A { result.append(0x0A) }
    var start = piece.startIndex
    while start < piece.endIndex {
      guard let end = piece[start...].firstIndex(of: 0x0A) else {
        result += piece[start...]
        return
      }
      let line = piece[start...end]
      if line.contains(where: { $0 != 0x20 && $0 != 0x0A }) { result += line }
      start = end + 1
    }
  }
}
