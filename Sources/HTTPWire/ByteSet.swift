// SPDX-License-Identifier: MIT

/// A set of ASCII characters as two words; membership is a shift and a mask. Bytes of 0x80 and
/// above are never members. A test holds each constant to the characters it stands for.
struct ByteSet {
  let low: UInt64
  let high: UInt64

  @inline(__always)
  func contains(_ byte: UInt8) -> Bool {
    let word = byte < 64 ? low : high
    return byte < 128 && (word &>> UInt64(byte & 63)) & 1 != 0
  }

  /// tchar of RFC 9110 section 5.6.2: letters, digits and ``!#$%&'*+-.^_`|~``.
  @inline(__always)
  static var token: ByteSet { ByteSet(low: 0x03ff_6cfa_0000_0000, high: 0x57ff_ffff_c7ff_fffe) }

  /// What may stand in a registered name or IPv4 address: unreserved, '%' and sub-delims of
  /// RFC 3986 section 3.2.2, except the comma, by which two Host lines could be joined.
  @inline(__always)
  static var host: ByteSet { ByteSet(low: 0x2bff_6ff2_0000_0000, high: 0x47ff_fffe_87ff_fffe) }

  /// What may stand between the brackets of an IP literal: hexadecimal digits, ':' and '.'.
  @inline(__always)
  static var addressLiteral: ByteSet {
    ByteSet(low: 0x07ff_4000_0000_0000, high: 0x0000_007e_0000_007e)
  }
}
