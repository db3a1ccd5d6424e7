// SPDX-License-Identifier: MIT

import Bytes

/// Multi-byte sequences of UTF-8 (RFC 3629 section 4).
enum UTF8Sequence {
  /// The length of the well-formed sequence whose first byte, 0x80 or above, is at `index`; 0 where
  /// none is: a stray continuation, an overlong form, a surrogate, or beyond U+10FFFF.
  static func length(in text: ByteView, at index: Int) -> Int {
    let lead = text[index]
    let left = text.count &- index
    if lead < 0xe0 {
      return lead >= 0xc2 && left >= 2 && isContinuation(text[index &+ 1]) ? 2 : 0
    }
    if lead < 0xf0 {
      guard left >= 3, isContinuation(text[index &+ 2]) else { return 0 }
      let second = text[index &+ 1]
      let lower: UInt8 = lead == 0xe0 ? 0xa0 : 0x80
      let upper: UInt8 = lead == 0xed ? 0x9f : 0xbf
      return second >= lower && second <= upper ? 3 : 0
    }
    guard lead <= 0xf4, left >= 4, isContinuation(text[index &+ 2]),
      isContinuation(text[index &+ 3])
    else { return 0 }
    let second = text[index &+ 1]
    let lower: UInt8 = lead == 0xf0 ? 0x90 : 0x80
    let upper: UInt8 = lead == 0xf4 ? 0x8f : 0xbf
    return second >= lower && second <= upper ? 4 : 0
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xc0 == 0x80 }
}
