// SPDX-License-Identifier: MIT

/// Live attributes of a model given by hand. It changes what policies read, not the circuits that
/// choose deployments.
public struct PinnedState: BitwiseCopyable, Hashable, Sendable {
  public var averageLatencyMilliseconds: Int64?
  public var percentile95LatencyMilliseconds: Int64?
  /// Share × 10^4.
  public var errorRateCedarDecimal: Int64?
  public var inFlight: Int64?
  public var circuit: CircuitState?

  public init() {}
}
