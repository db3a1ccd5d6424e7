// SPDX-License-Identifier: MIT

/// A point in civil time: nanoseconds since 1970-01-01T00:00:00Z, leap seconds not counted (POSIX).
/// It covers the years 1677 to 2262.
@frozen
public struct Timestamp: Hashable, Comparable, Sendable {
  public var nanosecondsSinceEpoch: Int64

  @inlinable @inline(__always)
  public init(nanosecondsSinceEpoch: Int64) { self.nanosecondsSinceEpoch = nanosecondsSinceEpoch }

  @inlinable
  public init(secondsSinceEpoch: Int64) {
    self.nanosecondsSinceEpoch = Interval.seconds(secondsSinceEpoch).nanoseconds
  }

  /// Whole seconds since the epoch, rounded down: what OpenAI's `created` field holds.
  @inlinable
  public var secondsSinceEpoch: Int64 { floorDivide(nanosecondsSinceEpoch, 1_000_000_000) }

  /// Whole milliseconds since the epoch, rounded down: what Cedar's `datetime` holds.
  @inlinable
  public var millisecondsSinceEpoch: Int64 { floorDivide(nanosecondsSinceEpoch, 1_000_000) }

  @inlinable @inline(__always)
  public static func < (left: Timestamp, right: Timestamp) -> Bool {
    left.nanosecondsSinceEpoch < right.nanosecondsSinceEpoch
  }

  @inlinable @inline(__always)
  public static func + (left: Timestamp, right: Interval) -> Timestamp {
    Timestamp(
      nanosecondsSinceEpoch: saturatingSum(left.nanosecondsSinceEpoch, right.nanoseconds))
  }

  @inlinable @inline(__always)
  public static func - (left: Timestamp, right: Timestamp) -> Interval {
    Interval(
      nanoseconds: saturatingDifference(left.nanosecondsSinceEpoch, right.nanosecondsSinceEpoch))
  }
}

/// Division rounding towards negative infinity, so that times before 1970 fall into the right day.
@inlinable
func floorDivide(_ value: Int64, _ divisor: Int64) -> Int64 {
  let quotient = value / divisor
  return value % divisor < 0 ? quotient - 1 : quotient
}
