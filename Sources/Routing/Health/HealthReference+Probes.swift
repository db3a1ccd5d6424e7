// SPDX-License-Identifier: MIT

internal import Synchronization

/// What the health probes of a deployment's gateway say.
@frozen
public enum ProbeVerdict: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// The gateway is not probed.
  case none = 0
  /// No probe has decided yet.
  case unknown = 1
  case healthy = 2
  case unhealthy = 3

  /// The name that logs and `/models` show.
  public var name: String {
    switch self {
    case .none: "none"
    case .unknown: "unknown"
    case .healthy: "healthy"
    case .unhealthy: "unhealthy"
    }
  }
}

/// What health probes do to a deployment. The circuit is all that requests look at, so a probed
/// gateway costs them nothing.
extension HealthReference {
  public var probe: ProbeVerdict {
    unsafe ProbeVerdict(rawValue: pointer.pointee.probe.load(ordering: .relaxed)) ?? .none
  }

  public func setProbe(_ verdict: ProbeVerdict) {
    unsafe pointer.pointee.probe.store(verdict.rawValue, ordering: .relaxed)
  }

  /// Lets nothing through until then: to be repeated while the probes fail, so that a prober that
  /// is gone holds nothing for ever.
  public func hold(untilMilliseconds until: Int64, nowMilliseconds now: Int64) {
    unsafe pointer.pointee.changeCircuit { $0.held(untilMilliseconds: until, nowMilliseconds: now) }
  }

  /// Ends `hold`. - Parameter own: the end of the cool-down that it was in before; 0 for none.
  public func release(
    ownUntilMilliseconds own: Int64, nowMilliseconds now: Int64, settings: CircuitSettings
  ) {
    unsafe pointer.pointee.changeCircuit {
      $0.released(ownUntilMilliseconds: own, nowMilliseconds: now, settings: settings)
    }
  }

  /// Until then an open or half-open circuit is tried by probes, and costs no request: to be
  /// repeated, as with `hold`.
  public func reserveTrials(untilMilliseconds until: Int64) {
    unsafe pointer.pointee.trialsReservedUntil.store(until, ordering: .relaxed)
  }
}
