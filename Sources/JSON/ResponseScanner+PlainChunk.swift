// SPDX-License-Identifier: MIT

public import Bytes
internal import CKernels

extension ResponseScanner {
  /// Whether the data of a chunk can be relayed without a scan: it ends as an object does (so it
  /// was not cut short), mentions neither a `usage` that
  /// is an object nor an `error`, and no choice says why it finished. (Quotes inside strings are
  /// escaped, so a quoted name found here is a string of its own.)
  ///
  /// This is the dearest step of a relayed chunk, so it looks at the names in one pass: a quote
  /// that the first letter of one of the three follows is rare.
  ///
  /// - Parameter mayFinish: why a choice finished does not matter.
  public static func isPlainChunk(_ data: ByteView, mayFinish: Bool = false) -> Bool {
    guard !data.isEmpty, data[data.count &- 1] == 0x7d else { return false }
    var index = 0
    var hasUsage = false
    while let quote = nameCandidate(data, from: index) {
      index = quote &+ 1
      let rest = data[index..<data.count]
      switch rest[0] {
      case 0x65:  // e
        if rest.starts(with: "error\"") { return false }
      case 0x75:  // u
        guard rest.starts(with: "usage\"") else { continue }
        guard !hasUsage, isNull(data, after: quote &+ 7) else { return false }
        hasUsage = true
      default:  // f
        guard rest.starts(with: "finish_reason\"") else { continue }
        guard mayFinish || isNull(data, after: quote &+ 15) else { return false }
      }
    }
    return true
  }

  /// The first quote at or after `start` that is followed by an `e`, `f` or `u`.
  @inline(__always)
  private static func nameCandidate(_ data: ByteView, from start: Int) -> Int? {
    var index = start
    while index &+ 17 <= data.count {
      // SAFETY: the 17 bytes from `index` on lie within the view.
      let next = unsafe data.base + index + 1
      let quotes = unsafe ck_match16(data.base + index, 0x22)
      let letters = unsafe ck_match_either16(next, 0x65, 0x66) | ck_match16(next, 0x75)
      let found = quotes & letters
      if found != 0 { return index &+ found.trailingZeroBitCount }
      index &+= 16
    }
    while index &+ 1 < data.count {
      let letter = data[index &+ 1]
      if data[index] == 0x22, letter == 0x65 || letter == 0x66 || letter == 0x75 { return index }
      index &+= 1
    }
    return nil
  }

  private static func isNull(_ data: ByteView, after index: Int) -> Bool {
    var cursor = JSONCursor(data, at: index)
    cursor.trailingSpace()
    guard cursor.index < data.count, data[cursor.index] == 0x3a else { return false }
    cursor.index += 1
    cursor.trailingSpace()
    return data.dropFirst(cursor.index).starts(with: "null")
  }
}
