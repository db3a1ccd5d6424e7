// SPDX-License-Identifier: MIT

/// A run of bytes by offset and length: 8 bytes, no pointer, so that it stays true when the buffer
/// it speaks of moves. Offsets are relative to whatever the giver says (usually a head or a body).
@frozen
public struct ByteRange: Equatable, Sendable {
  public var start: UInt32
  public var count: UInt32

  @inlinable @inline(__always)
  public init(start: UInt32, count: UInt32) {
    self.start = start
    self.count = count
  }

  /// - Precondition: both bounds are in order and fit 32 bits (buffers are far smaller).
  @inlinable @inline(__always)
  public init(_ lower: Int, _ upper: Int) {
    precondition(lower >= 0 && upper >= lower && upper <= Int(UInt32.max))
    start = UInt32(truncatingIfNeeded: lower)
    count = UInt32(truncatingIfNeeded: upper &- lower)
  }

  /// Nothing, at offset 0.
  @inlinable
  public static var empty: ByteRange { ByteRange(start: 0, count: 0) }

  @inlinable @inline(__always)
  public var isEmpty: Bool { count == 0 }

  @inlinable @inline(__always)
  public var lowerBound: Int { Int(start) }

  /// One past the last byte.
  @inlinable @inline(__always)
  public var upperBound: Int { Int(start) &+ Int(count) }

  /// The same run, `distance` bytes further on.
  @inlinable
  public func shifted(by distance: Int) -> ByteRange {
    ByteRange(lowerBound + distance, upperBound + distance)
  }
}

extension ByteView {
  /// The bytes of `range`, checked against the bounds of the view.
  @inlinable @inline(__always)
  public subscript(range: ByteRange) -> ByteView {
    self[range.lowerBound..<range.upperBound]
  }
}
