// SPDX-License-Identifier: MIT

/// Comparisons with literals. They are always inlined: the literal's length and words are then
/// constants, and what remains is one or two loads and compares, without a call.
///
/// SAFETY: words are read only within `length` bytes of both sides, and each caller has compared
/// the view's length with that of the literal before.
extension ByteView {
  @inlinable @inline(__always)
  public func equals(_ text: StaticString) -> Bool {
    count == text.utf8CodeUnitCount && hasPrefix(text, foldingCase: false)
  }

  @inlinable @inline(__always)
  public func starts(with text: StaticString) -> Bool {
    count >= text.utf8CodeUnitCount && hasPrefix(text, foldingCase: false)
  }

  /// ASCII case-insensitive equality with `lowercase`, which must be lower-case itself.
  @inlinable @inline(__always)
  public func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
    count == lowercase.utf8CodeUnitCount && hasPrefix(lowercase, foldingCase: true)
  }

  /// - Precondition: `count` is at least the length of `text`.
  @inlinable @inline(__always)
  func hasPrefix(_ text: StaticString, foldingCase: Bool) -> Bool {
    let length = text.utf8CodeUnitCount
    let theirs = unsafe UnsafeRawPointer(text.utf8Start)
    let mine = unsafe UnsafeRawPointer(base)
    if length >= 8 {
      var difference: UInt64 = 0
      var offset = 0
      while offset &+ 8 <= length {
        unsafe difference |= Self.word8(mine, theirs, offset, foldingCase)
        offset &+= 8
      }
      if offset < length {
        unsafe difference |= Self.word8(mine, theirs, length &- 8, foldingCase)
      }
      return difference == 0
    }
    if length >= 4 {
      var difference = unsafe Self.word4(mine, theirs, 0, foldingCase)
      if length > 4 { unsafe difference |= Self.word4(mine, theirs, length &- 4, foldingCase) }
      return difference == 0
    }
    if length >= 2 {
      var difference = unsafe Self.word2(mine, theirs, 0, foldingCase)
      if length > 2 { unsafe difference |= Self.word2(mine, theirs, length &- 2, foldingCase) }
      return difference == 0
    }
    return unsafe length == 0 || Self.word1(mine, theirs, foldingCase) == 0
  }

  /// What differs, without the case bit where the literal has a lower-case letter. (Of the bytes
  /// that may stand in a literal given here only letters have bit 6, and '{', '|', '}', '~', '_';
  /// those would be compared too loosely, so no folded literal contains them.)
  @inlinable @inline(__always)
  static func word8(
    _ mine: UnsafeRawPointer, _ theirs: UnsafeRawPointer, _ offset: Int, _ fold: Bool
  ) -> UInt64 {
    let literal = unsafe theirs.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let word = unsafe mine.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
    let caseBits = fold ? (literal & 0x4040_4040_4040_4040) >> 1 : 0
    return (word ^ literal) & ~caseBits
  }

  @inlinable @inline(__always)
  static func word4(
    _ mine: UnsafeRawPointer, _ theirs: UnsafeRawPointer, _ offset: Int, _ fold: Bool
  ) -> UInt32 {
    let literal = unsafe theirs.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    let word = unsafe mine.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
    let caseBits = fold ? (literal & 0x4040_4040) >> 1 : 0
    return (word ^ literal) & ~caseBits
  }

  @inlinable @inline(__always)
  static func word2(
    _ mine: UnsafeRawPointer, _ theirs: UnsafeRawPointer, _ offset: Int, _ fold: Bool
  ) -> UInt16 {
    let literal = unsafe theirs.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    let word = unsafe mine.loadUnaligned(fromByteOffset: offset, as: UInt16.self)
    let caseBits = fold ? (literal & 0x4040) >> 1 : 0
    return (word ^ literal) & ~caseBits
  }

  @inlinable @inline(__always)
  static func word1(
    _ mine: UnsafeRawPointer, _ theirs: UnsafeRawPointer, _ fold: Bool
  ) -> UInt8 {
    let literal = unsafe theirs.load(as: UInt8.self)
    let caseBits = fold ? (literal & 0x40) >> 1 : 0
    return unsafe (mine.load(as: UInt8.self) ^ literal) & ~caseBits
  }
}
