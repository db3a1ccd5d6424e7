// SPDX-License-Identifier: MIT

public import CKernels

/// A borrowed run of bytes: a start and a length, checked on every access.
///
/// SAFETY: spatial safety is checked here in release builds too: no subscript, slice or search
/// leaves `0..<count`. Temporal safety is the giver's promise: a view lives no longer than the call
/// that hands it over, unless its owner (a pooled buffer, an interned string) says otherwise.
@safe
@frozen
public struct ByteView: @unchecked Sendable {
  public let base: UnsafePointer<UInt8>
  public let count: Int

  /// - Precondition: `count` bytes at `base` are readable while the view is in use.
  @inlinable @inline(__always)
  public init(base: UnsafePointer<UInt8>, count: Int) {
    precondition(count >= 0)
    unsafe self.base = base
    self.count = count
  }

  /// An empty view; its base is never read.
  @inlinable
  public static var empty: ByteView {
    unsafe ByteView(base: UnsafePointer(bitPattern: 1).unsafelyUnwrapped, count: 0)
  }

  @inlinable @inline(__always)
  public var isEmpty: Bool { count == 0 }

  @inlinable @inline(__always)
  public subscript(index: Int) -> UInt8 {
    precondition(UInt(bitPattern: index) < UInt(bitPattern: count))
    return unsafe base[index]
  }

  @inlinable @inline(__always)
  public subscript(range: Range<Int>) -> ByteView {
    precondition(range.lowerBound >= 0 && range.upperBound <= count)
    return unsafe ByteView(base: base + range.lowerBound, count: range.count)
  }

  @inlinable
  public func dropFirst(_ length: Int) -> ByteView { self[min(length, count)..<count] }

  @inlinable
  public func prefix(_ length: Int) -> ByteView { self[0..<min(length, count)] }

  /// The index of the first `byte` at or after `start`, or nil.
  @inlinable
  public func firstIndex(of byte: UInt8, from start: Int = 0) -> Int? {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_match16(base + index, byte)
      if mask != 0 { return index &+ mask.trailingZeroBitCount }
      index &+= 16
    }
    while index < count {
      if unsafe base[index] == byte { return index }
      index &+= 1
    }
    return nil
  }

  /// The index of the first byte at or after `start` that is one of two, or nil.
  @inlinable
  public func firstIndex(ofEither one: UInt8, _ other: UInt8, from start: Int = 0) -> Int? {
    precondition(start >= 0 && start <= count)
    var index = start
    while index &+ 16 <= count {
      let mask = unsafe ck_match_either16(base + index, one, other)
      if mask != 0 { return index &+ mask.trailingZeroBitCount }
      index &+= 16
    }
    while index < count {
      let byte = unsafe base[index]
      if byte == one || byte == other { return index }
      index &+= 1
    }
    return nil
  }

  /// The index at which `needle` first occurs at or after `start`, or nil.
  ///
  /// Looks for two of its bytes at their distance: the second and the last but one, which for a
  /// name in quotes are rarer than the quotes.
  ///
  /// - Precondition: `needle` has at least two bytes.
  @inlinable
  public func firstIndex(of needle: StaticString, from start: Int = 0) -> Int? {
    let length = needle.utf8CodeUnitCount
    precondition(start >= 0 && length >= 2)
    let inset = length >= 4 ? 1 : 0
    let distance = length &- 1 &- 2 &* inset
    let one = unsafe needle.utf8Start[inset]
    let other = unsafe needle.utf8Start[inset &+ distance]
    let end = count &- length
    // The last place from which a block of candidates can be read: it ends with the view.
    let lastBlock = end &- 15
    var index = start
    if lastBlock &- index >= 128 {
      unsafe index &+= ck_find_pair(base + index + inset, end &- index, one, distance, other)
    }
    while index <= lastBlock {
      let mask = unsafe ck_match_pair16(base + index + inset, one, distance, other)
      if mask == 0 {
        index &+= 16
        continue
      }
      index &+= mask.trailingZeroBitCount
      if unsafe ByteView(base: base + index, count: count &- index).starts(with: needle) {
        return index
      }
      index &+= 1
    }
    while index <= end {
      if lastBlock >= 0 {
        var mask = unsafe ck_match_pair16(base + lastBlock + inset, one, distance, other)
        mask &= ~0 &<< UInt32(truncatingIfNeeded: index &- lastBlock)
        if mask == 0 { return nil }
        index = lastBlock &+ mask.trailingZeroBitCount
      }
      if unsafe ByteView(base: base + index, count: count &- index).starts(with: needle) {
        return index
      }
      index &+= 1
    }
    return nil
  }

  /// The index at which `needle` last occurs, or nil; searched from the end.
  ///
  /// - Precondition: `needle` has at least two bytes.
  @inlinable
  public func lastIndex(of needle: StaticString) -> Int? {
    let length = needle.utf8CodeUnitCount
    precondition(length >= 2)
    let inset = length >= 4 ? 1 : 0
    let distance = length &- 1 &- 2 &* inset
    let one = unsafe needle.utf8Start[inset]
    let other = unsafe needle.utf8Start[inset &+ distance]
    // Places at and after `end` have been looked at.
    var end = count &- length &+ 1
    while end >= 16 {
      var mask = unsafe ck_match_pair16(base + end - 16 + inset, one, distance, other)
      while mask != 0 {
        let bit = 31 &- mask.leadingZeroBitCount
        let index = end &- 16 &+ bit
        if unsafe ByteView(base: base + index, count: count &- index).starts(with: needle) {
          return index
        }
        mask ^= 1 &<< UInt32(truncatingIfNeeded: bit)
      }
      end &-= 16
    }
    while end > 0 {
      end &-= 1
      if unsafe ByteView(base: base + end, count: count &- end).starts(with: needle) { return end }
    }
    return nil
  }

  @inlinable
  public func equals(_ other: ByteView) -> Bool {
    unsafe count == other.count && memcmp(base, other.base, count) == 0
  }

  /// The bytes as text; invalid UTF-8 is replaced by U+FFFD. Allocates: not for the request path.
  public var string: String {
    unsafe String(decoding: UnsafeBufferPointer(start: base, count: count), as: UTF8.self)
  }
}

extension String {
  /// Calls `body` with the UTF-8 of the string, valid for the call only.
  public func withByteView<Result>(_ body: (ByteView) throws -> Result) rethrows -> Result {
    var copy = self
    return try copy.withUTF8 { buffer in
      guard let base = buffer.baseAddress else { return try body(.empty) }
      return try unsafe body(ByteView(base: base, count: buffer.count))
    }
  }
}
