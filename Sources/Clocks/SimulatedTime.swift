// SPDX-License-Identifier: MIT

internal import Synchronization

/// Time under a test's control: it stands still until it is moved. Any thread may read or move it.
public final class SimulatedTime: Sendable {
  private let elapsedNanoseconds = Atomic<Int64>(0)
  /// What steps of the civil clock (`stepWallClock`) add up to.
  private let wallOffsetNanoseconds = Atomic<Int64>(0)
  private let start: Instant
  private let wallStart: Timestamp

  /// - Parameters:
  ///   - start: the first monotonic reading.
  ///   - wallStart: the first civil reading; 2026-01-01T00:00:00Z unless told.
  public init(
    start: Instant = Instant(nanoseconds: 1_000_000_000),
    wallStart: Timestamp = Timestamp(secondsSinceEpoch: 1_767_225_600)
  ) {
    self.start = start
    self.wallStart = wallStart
  }

  public var now: Instant {
    start + Interval(nanoseconds: elapsedNanoseconds.load(ordering: .acquiring))
  }

  public var timestamp: Timestamp {
    let elapsed = Interval(nanoseconds: elapsedNanoseconds.load(ordering: .acquiring))
    let offset = Interval(nanoseconds: wallOffsetNanoseconds.load(ordering: .acquiring))
    return wallStart + elapsed + offset
  }

  /// The clocks that components under test are given.
  public var monotonicClock: MonotonicClock { MonotonicClock(simulation: self) }
  public var wallClock: WallClock { WallClock(simulation: self) }

  /// Moves both clocks on.
  ///
  /// - Precondition: the interval is not negative; monotonic time never goes back.
  public func advance(by interval: Interval) {
    precondition(interval >= .zero)
    elapsedNanoseconds.wrappingAdd(interval.nanoseconds, ordering: .acquiringAndReleasing)
  }

  /// Sets the civil clock forward or back, as an administrator or NTP may, without moving
  /// monotonic time.
  public func stepWallClock(by interval: Interval) {
    wallOffsetNanoseconds.wrappingAdd(interval.nanoseconds, ordering: .acquiringAndReleasing)
  }
}
