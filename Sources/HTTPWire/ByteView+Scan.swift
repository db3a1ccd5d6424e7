// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// The scans of the head parsers: 16 bytes at a time while so many are left, then byte by byte.
///
/// SAFETY: each loop reads 16 bytes at `index` only where `index + 16 <= count`, and single bytes
/// only where `index < count`. `start` is checked on entry.
extension ByteView {
  /// The index of the first byte at or after `start` that is no tchar, or `count`.
  func tokenEnd(from start: Int) -> Int {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_http_name_stop16(base + index)
      if mask == 0 {
        index &+= 16
        continue
      }
      index &+= mask.trailingZeroBitCount
      // Rarer tchars let the run go on.
      if unsafe !ByteSet.token.contains(base[index]) { return index }
      index &+= 1
    }
    while unsafe index < count && ByteSet.token.contains(base[index]) { index &+= 1 }
    return index
  }

  /// The index of the first byte at or after `start` which a field value cannot contain (so also
  /// of the CR that ends it), or `count`.
  @inline(__always)
  func fieldValueEnd(from start: Int) -> Int {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_http_value_stop16(base + index)
      if mask == 0 {
        index &+= 16
        continue
      }
      index &+= mask.trailingZeroBitCount
      if unsafe !isRareValueByte(base[index]) { return index }
      index &+= 1
    }
    while index < count {
      let byte = unsafe base[index]
      if (byte < 0x20 || byte == 0x7f) && byte != 0x09 { return index }
      index &+= 1
    }
    return count
  }

  /// The index of the first byte at or after `start` which a request target cannot contain, or
  /// `count`.
  @inline(__always)
  func targetEnd(from start: Int) -> Int {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_http_target_stop16(base + index)
      if mask != 0 { return index &+ mask.trailingZeroBitCount }
      index &+= 16
    }
    while index < count {
      let byte = unsafe base[index]
      if byte < 0x21 || byte >= 0x7f { return index }
      index &+= 1
    }
    return count
  }

  /// The index of the first byte at or after `start` that cannot stand in a registered name, or
  /// `count`.
  @inline(__always)
  func hostNameEnd(from start: Int) -> Int {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_http_host_stop16(base + index)
      if mask == 0 {
        index &+= 16
        continue
      }
      index &+= mask.trailingZeroBitCount
      let byte = unsafe base[index]
      // ':' before a port and the CR of the line end are what nearly always comes.
      if byte == 0x3a || byte == 0x0d || !ByteSet.host.contains(byte) { return index }
      index &+= 1
    }
    while unsafe index < count && ByteSet.host.contains(base[index]) { index &+= 1 }
    return index
  }

  /// The index of the first byte in `start..<end` that is one of two, or `end`. Blocks may be read
  /// beyond `end`, within the view.
  @inline(__always)
  func index(ofEither one: UInt8, _ other: UInt8, from start: Int, to end: Int) -> Int {
    precondition(start >= 0 && start <= end && end <= count)
    var index = start
    while index < end && index &+ 16 <= count {
      let mask = unsafe ck_match_either16(base + index, one, other)
      if mask != 0 { return min(index &+ mask.trailingZeroBitCount, end) }
      index &+= 16
    }
    while index < end {
      let byte = unsafe base[index]
      if byte == one || byte == other { return index }
      index &+= 1
    }
    return end
  }

  /// Whether an empty line ends at or after `start`, whatever the line ends are made of.
  func containsEmptyLine(endingFrom start: Int) -> Bool {
    var index = min(max(start, 0), count)
    while let found = firstIndex(of: 0x0a, from: index) {
      if found >= 1 && self[found - 1] == 0x0a { return true }
      if found >= 2 && self[found - 1] == 0x0d && self[found - 2] == 0x0a { return true }
      index = found + 1
    }
    return false
  }
}

/// HTAB or obs-text, which a field value may contain.
@inline(__always)
private func isRareValueByte(_ byte: UInt8) -> Bool { byte >= 0x80 || byte == 0x09 }
