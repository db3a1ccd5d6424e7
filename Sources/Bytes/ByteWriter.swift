// SPDX-License-Identifier: MIT

public import CKernels

/// Appends to memory it does not own, and never past its end.
///
/// Writes that don't fit write nothing and set `overflowed`, which stays set: a caller appends a
/// whole head and asks once at the end.
///
/// SAFETY: spatial safety is checked here: each append compares with the space left before it
/// writes. The memory's owner promises that it outlives the writer and that nobody else uses it.
@safe
@frozen
public struct ByteWriter: @unchecked Sendable {
  public let base: UnsafeMutablePointer<UInt8>
  public let capacity: Int
  @usableFromInline var length: Int
  @usableFromInline var full: Bool

  /// - Precondition: `capacity` bytes at `base` are writable while the writer is in use.
  @inlinable @inline(__always)
  public init(base: UnsafeMutablePointer<UInt8>, capacity: Int) {
    precondition(capacity >= 0)
    unsafe self.base = base
    self.capacity = capacity
    length = 0
    full = false
  }

  /// How many bytes have been written.
  @inlinable @inline(__always)
  public var count: Int { length }

  /// Whether an append did not fit; nothing has been written since.
  @inlinable @inline(__always)
  public var overflowed: Bool { full }

  /// What has been written so far.
  @inlinable @inline(__always)
  public var written: ByteView { unsafe ByteView(base: UnsafePointer(base), count: count) }

  /// How many bytes still fit.
  @inlinable @inline(__always)
  public var space: Int { capacity &- count }

  /// Forgets everything from `length` on; also the overflow, since there is room again.
  @inlinable
  public mutating func truncate(to newLength: Int) {
    precondition(newLength >= 0 && newLength <= length)
    length = newLength
    full = false
  }

  /// Takes `size` bytes at the end, or nil and the overflow mark if they don't fit.
  @inlinable @inline(__always)
  mutating func reserve(_ size: Int) -> UnsafeMutablePointer<UInt8>? {
    guard !full, size <= capacity &- length else {
      full = true
      return nil
    }
    let target = unsafe base + length
    length &+= size
    return unsafe target
  }

  @inlinable @inline(__always)
  public mutating func append(_ bytes: ByteView) {
    guard let target = unsafe reserve(bytes.count) else { return }
    unsafe memcpy(target, bytes.base, bytes.count)
  }

  @inlinable @inline(__always)
  public mutating func append(_ text: StaticString) {
    let length = text.utf8CodeUnitCount
    guard let target = unsafe reserve(length) else { return }
    unsafe memcpy(target, text.utf8Start, length)
  }

  @inlinable @inline(__always)
  public mutating func append(_ byte: UInt8) {
    guard let target = unsafe reserve(1) else { return }
    unsafe target.pointee = byte
  }

  /// Appends `value` in decimal digits, without leading zeros.
  @inlinable
  public mutating func append(decimal value: UInt64) {
    var length = 1
    var bound: UInt64 = 10
    while value >= bound {
      length &+= 1
      // 10^19 is the last power of ten that fits; a value above it has 20 digits.
      if length == 20 { break }
      bound = bound &* 10
    }
    guard let target = unsafe reserve(length) else { return }
    var rest = value
    var index = length
    while index > 0 {
      index &-= 1
      let quotient = rest / 10
      unsafe target[index] = UInt8(truncatingIfNeeded: rest &- quotient &* 10) &+ 0x30
      rest = quotient
    }
  }

  /// Appends `value` in decimal, padded with zeros to at least `width` digits (at most 20).
  @inlinable
  public mutating func append(decimal value: UInt64, width: Int) {
    var bound: UInt64 = 10
    var length = 1
    while length < width && length < 20 {
      if value < bound { append(0x30) }
      length &+= 1
      bound = length < 20 ? bound &* 10 : bound
    }
    append(decimal: value)
  }

  /// Appends `value` in lower-case hexadecimal digits, without leading zeros.
  @inlinable
  public mutating func append(hexadecimal value: UInt64) {
    let length = max(1, (67 &- value.leadingZeroBitCount) / 4)
    guard let target = unsafe reserve(length) else { return }
    var rest = value
    var index = length
    while index > 0 {
      index &-= 1
      let digit = UInt8(truncatingIfNeeded: rest & 15)
      unsafe target[index] = digit < 10 ? digit &+ 0x30 : digit &+ 0x57
      rest >>= 4
    }
  }
}
