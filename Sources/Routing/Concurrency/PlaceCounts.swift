// SPDX-License-Identifier: MIT

/// The places taken at one gate and the requests that wait for one, as a pure state machine in one
/// word, so that all workers share it with a compare-and-swap and without a lock.
///
/// While anyone waits, a place is taken: it is what `giving` finds and passes on. So no one waits
/// for a place that nobody will give.
@frozen
public struct PlaceCounts: BitwiseCopyable, Hashable, Sendable {
  // Bits, from the lowest: taken 32, waiting 32.
  public let rawValue: UInt64

  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  @inlinable
  init(taken: Int64, waiting: Int64) {
    rawValue = UInt64(UInt32(clamping: waiting)) << 32 | UInt64(UInt32(clamping: taken))
  }

  public static let initial = PlaceCounts(rawValue: 0)

  /// Places in use, those among them that are on their way to one that waits.
  @inlinable public var taken: Int64 { Int64(rawValue & 0xffff_ffff) }
  /// Requests waiting, over all workers.
  @inlinable public var waiting: Int64 { Int64(rawValue >> 32) }

  /// With one place more taken; nil when none is free, or others wait for it.
  @inlinable
  public func taking(limit: Int64) -> PlaceCounts? {
    guard waiting == 0, taken < limit else { return nil }
    return PlaceCounts(taken: taken + 1, waiting: 0)
  }

  /// With one request more waiting; nil when as many wait as may.
  public func joining(queueMaximum: Int64) -> PlaceCounts? {
    guard waiting < queueMaximum else { return nil }
    return PlaceCounts(taken: taken, waiting: waiting + 1)
  }

  /// With one request fewer waiting: it has got its place, or has gone away.
  public func leaving() -> PlaceCounts { PlaceCounts(taken: taken, waiting: waiting - 1) }

  /// A place is given back: it stays taken and is passed on to one that waits, or becomes free. It
  /// is not passed on while more are taken than the limit, which may have become smaller.
  public func giving(limit: Int64) -> (next: PlaceCounts, isPassedOn: Bool) {
    if waiting > 0, taken <= max(limit, 1) { return (self, true) }
    return (PlaceCounts(taken: taken - 1, waiting: waiting), false)
  }

  /// With one place more taken, for one that waits; nil when none is free or no one waits. So
  /// places come to those who wait when the limit becomes larger.
  public func granting(limit: Int64) -> PlaceCounts? {
    guard waiting > 0, taken < limit else { return nil }
    return PlaceCounts(taken: taken + 1, waiting: waiting)
  }
}
