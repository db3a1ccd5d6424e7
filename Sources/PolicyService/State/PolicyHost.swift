// SPDX-License-Identifier: MIT

public import Clocks
public import DecisionIR
public import Routing

/// What the program around the policy service gives it: closures, so that tests give others.
public struct PolicyHost: Sendable {
  public typealias MakeSnapshot =
    @Sendable (_ program: Program, _ version: String) throws(RoutingSnapshotError) ->
    RoutingSnapshot

  /// The snapshot in force.
  public var current: @Sendable () -> RoutingSnapshot
  /// A snapshot of the present catalogue and keys with these policies.
  public var makeSnapshot: MakeSnapshot
  /// Puts a snapshot in force for every worker.
  public var publish: @Sendable (RoutingSnapshot) -> Void
  /// A decision of the data plane, while it is remembered.
  public var dataPlaneDecision: @Sendable (_ identifier: String) async -> RoutingDecision?
  /// The clock that circuits and health use.
  public var monotonicClock: MonotonicClock
  public var wallClock: WallClock

  public init(
    current: @escaping @Sendable () -> RoutingSnapshot, makeSnapshot: @escaping MakeSnapshot,
    publish: @escaping @Sendable (RoutingSnapshot) -> Void,
    dataPlaneDecision: @escaping @Sendable (_ identifier: String) async -> RoutingDecision? = {
      _ in nil
    },
    monotonicClock: MonotonicClock = .system, wallClock: WallClock = .system
  ) {
    self.current = current
    self.makeSnapshot = makeSnapshot
    self.publish = publish
    self.dataPlaneDecision = dataPlaneDecision
    self.monotonicClock = monotonicClock
    self.wallClock = wallClock
  }
}
