// SPDX-License-Identifier: MIT

/// When a circuit opens and how it closes again. Out-of-range values are clamped where they are
/// used; configuration refuses them with file and line.
public struct CircuitSettings: BitwiseCopyable, Hashable, Sendable {
  /// The sliding window is ten buckets of this length.
  public var bucketMilliseconds: Int64 = 3_000
  /// Below this many answers in the window its error rate decides nothing.
  public var minimumVolume: Int64 = 20
  /// The circuit opens at this error rate, in thousandths.
  public var errorRateThousandths: Int64 = 500
  /// The circuit opens on this many failures in a row: 1 to 127.
  public var consecutiveFailures: Int64 = 5
  /// The first cool-down; each further one doubles it.
  public var coolDownMilliseconds: Int64 = 1_000
  public var coolDownMaximumMilliseconds: Int64 = 60_000
  /// A cool-down is drawn from ± this many thousandths of its length.
  public var jitterThousandths: Int64 = 200
  /// Requests that a half-open circuit lets through at a time: 1 to 15.
  public var probesMaximum: Int64 = 2
  /// Probes that must succeed to close the circuit: 1 to 15.
  public var probeSuccesses: Int64 = 2
  /// After this long without an answer the probes count as lost and new ones are let through.
  public var probeTimeoutMilliseconds: Int64 = 30_000
  /// The longest `Retry-After` that is believed.
  public var retryAfterMaximumMilliseconds: Int64 = 120_000
  /// A circuit that stayed closed this long after a trip starts again at the first cool-down.
  public var forgivenessMilliseconds: Int64 = 120_000

  public init() {}
}
