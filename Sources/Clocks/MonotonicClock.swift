// SPDX-License-Identifier: MIT

internal import Glibc

/// Where a component reads the monotonic time: the machine's clock, or a simulated one in tests.
///
/// A value, not a protocol: a read is one branch and one vDSO call, without allocation.
public struct MonotonicClock: Sendable {
  private let simulation: SimulatedTime?

  public static let system = MonotonicClock(simulation: nil)

  init(simulation: SimulatedTime?) { self.simulation = simulation }

  public func now() -> Instant {
    if let simulation { return simulation.now }
    return Instant(nanoseconds: readClock(CLOCK_MONOTONIC))
  }
}

/// Where a component reads civil time: the machine's clock, or a simulated one in tests.
public struct WallClock: Sendable {
  private let simulation: SimulatedTime?

  public static let system = WallClock(simulation: nil)

  init(simulation: SimulatedTime?) { self.simulation = simulation }

  public func now() -> Timestamp {
    if let simulation { return simulation.timestamp }
    return Timestamp(nanosecondsSinceEpoch: readClock(CLOCK_REALTIME))
  }
}

/// Nanoseconds on one of the system's clocks. The two clocks read here exist on every Linux, so a
/// failure is a programmer error.
private func readClock(_ clock: clockid_t) -> Int64 {
  var reading = timespec()
  let result = unsafe clock_gettime(clock, &reading)
  precondition(result == 0)
  return Int64(reading.tv_sec) &* 1_000_000_000 &+ Int64(reading.tv_nsec)
}
