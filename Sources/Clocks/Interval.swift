// SPDX-License-Identifier: MIT

/// A length of time in whole nanoseconds, about ±292 years.
///
/// Arithmetic saturates: a timeout from a configuration file that is too large becomes "never", not
/// a crash.
@frozen
public struct Interval: Hashable, Comparable, Sendable {
  public var nanoseconds: Int64

  @inlinable @inline(__always)
  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static let zero = Interval(nanoseconds: 0)
  /// Longer than any run of the program; adding it to an instant gives `Instant.distantFuture`.
  public static let forever = Interval(nanoseconds: .max)

  @inlinable @inline(__always)
  public static func nanoseconds(_ count: Int64) -> Interval { Interval(nanoseconds: count) }

  @inlinable
  public static func microseconds(_ count: Int64) -> Interval { scaled(count, 1_000) }

  @inlinable
  public static func milliseconds(_ count: Int64) -> Interval { scaled(count, 1_000_000) }

  @inlinable
  public static func seconds(_ count: Int64) -> Interval { scaled(count, 1_000_000_000) }

  /// Seconds with a fraction, rounded towards zero; NaN is zero, out of range saturates.
  @inlinable
  public static func fractionalSeconds(_ count: Double) -> Interval {
    let scaled = count * 1e9
    if scaled.isNaN { return .zero }
    if scaled >= 9.2e18 { return .forever }
    if scaled <= -9.2e18 { return Interval(nanoseconds: .min) }
    return Interval(nanoseconds: Int64(scaled))
  }

  /// Whole microseconds, rounded towards zero.
  @inlinable public var microseconds: Int64 { nanoseconds / 1_000 }
  /// Whole milliseconds, rounded towards zero.
  @inlinable public var milliseconds: Int64 { nanoseconds / 1_000_000 }
  @inlinable public var seconds: Double { Double(nanoseconds) / 1e9 }

  @inlinable @inline(__always)
  public static func < (left: Interval, right: Interval) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  @inlinable @inline(__always)
  public static func + (left: Interval, right: Interval) -> Interval {
    Interval(nanoseconds: saturatingSum(left.nanoseconds, right.nanoseconds))
  }

  @inlinable @inline(__always)
  public static func - (left: Interval, right: Interval) -> Interval {
    Interval(nanoseconds: saturatingDifference(left.nanoseconds, right.nanoseconds))
  }

  @inlinable
  public static func * (left: Interval, factor: Int64) -> Interval {
    scaled(left.nanoseconds, factor)
  }

  @inlinable
  static func scaled(_ count: Int64, _ factor: Int64) -> Interval {
    let (product, overflow) = count.multipliedReportingOverflow(by: factor)
    if overflow { return Interval(nanoseconds: (count < 0) == (factor < 0) ? .max : .min) }
    return Interval(nanoseconds: product)
  }
}

@inlinable @inline(__always)
func saturatingSum(_ left: Int64, _ right: Int64) -> Int64 {
  let (sum, overflow) = left.addingReportingOverflow(right)
  return overflow ? (right < 0 ? .min : .max) : sum
}

@inlinable @inline(__always)
func saturatingDifference(_ left: Int64, _ right: Int64) -> Int64 {
  let (difference, overflow) = left.subtractingReportingOverflow(right)
  return overflow ? (right < 0 ? .max : .min) : difference
}
