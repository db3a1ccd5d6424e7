// SPDX-License-Identifier: MIT

public import Clocks
public import Telemetry

/// The metrics that are exported, and what is needed to do so.
public struct ExportedMetrics: Sendable {
  let set: MetricSet
  /// Since when they count.
  let started: Timestamp
  /// Brings up to date what is not recorded as it happens.
  let sample: @Sendable () -> Void

  public init(set: MetricSet, started: Timestamp, sample: @escaping @Sendable () -> Void) {
    self.set = set
    self.started = started
    self.sample = sample
  }
}
