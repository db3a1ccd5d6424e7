// SPDX-License-Identifier: MIT

import Bytes

/// The lines of a head that the gateway has written itself: CRLF at each end, no folding.
struct HTTP1HeadLines {
  let bytes: ByteView
  private(set) var offset = 0

  init(_ bytes: ByteView) { self.bytes = bytes }

  /// The next line without its CRLF; nil when no whole line is left.
  mutating func next() -> ByteView? {
    guard let end = bytes.firstIndex(of: 0x0a, from: offset), end > offset,
      bytes[end - 1] == 0x0d
    else { return nil }
    let line = bytes[offset..<end - 1]
    offset = end + 1
    return line
  }

  /// Name and value of a field line, the white space around the value cut off.
  static func field(of line: ByteView) -> SectionField? {
    guard let colon = line.firstIndex(of: 0x3a), colon > 0 else { return nil }
    return SectionField(
      name: line.prefix(colon), value: line.dropFirst(colon + 1).trimmingBlanks())
  }
}
