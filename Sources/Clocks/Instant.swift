// SPDX-License-Identifier: MIT

/// A point on the monotonic time line of this machine, in nanoseconds since an arbitrary start.
///
/// It never goes back and means nothing outside the process. `uv_hrtime` reads the same time line.
@frozen
public struct Instant: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable @inline(__always)
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let distantPast = Instant(nanoseconds: .min)
  public static let distantFuture = Instant(nanoseconds: .max)

  @inlinable @inline(__always)
  public static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  @inlinable @inline(__always)
  public static func + (left: Instant, right: Interval) -> Instant {
    Instant(nanoseconds: saturatingSum(left.nanoseconds, right.nanoseconds))
  }

  @inlinable @inline(__always)
  public static func - (left: Instant, right: Interval) -> Instant {
    Instant(nanoseconds: saturatingDifference(left.nanoseconds, right.nanoseconds))
  }

  @inlinable @inline(__always)
  public static func - (left: Instant, right: Instant) -> Interval {
    Interval(nanoseconds: saturatingDifference(left.nanoseconds, right.nanoseconds))
  }
}
