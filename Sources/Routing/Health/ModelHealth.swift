// SPDX-License-Identifier: MIT

public import ModelCatalog

/// The live state of a model: that of its deployments taken together.
public struct ModelHealth: BitwiseCopyable, Hashable, Sendable {
  /// Mean over the deployments that were measured; 0 when none was.
  public var averageLatencyMilliseconds: Int64 = 0
  /// The worst deployment's.
  public var percentile95LatencyMilliseconds: Int64 = 0
  public var window = WindowSum()
  public var inFlight: Int64 = 0
  public var tokenRateThousandths: Int64 = 0
  /// The best of the deployments': closed before half-open before open.
  public var circuit = CircuitState.closed

  public init(_ model: Model, _ snapshot: RoutingSnapshot, nowMilliseconds: Int64) {
    var measured: Int64 = 0
    var latency: Int64 = 0
    var rates: Int64 = 0
    var hasClosed = false
    var hasHalfOpen = false
    for position in model.deployments {
      let reading = snapshot.health(of: DeploymentIndex(rawValue: UInt16(position)))
        .read(nowMilliseconds: nowMilliseconds, settings: snapshot.circuitSettings)
      if reading.latencyMicroseconds > 0 {
        measured += 1
        latency += reading.latencyMicroseconds
      }
      if reading.tokenRateThousandths > 0 {
        rates += 1
        tokenRateThousandths += reading.tokenRateThousandths
      }
      percentile95LatencyMilliseconds = max(
        percentile95LatencyMilliseconds, reading.latencyPercentile95Microseconds / 1_000)
      window.answers += reading.window.answers
      window.failures += reading.window.failures
      inFlight += reading.inFlight
      hasClosed = hasClosed || reading.circuit.state == .closed
      hasHalfOpen = hasHalfOpen || reading.circuit.state == .halfOpen
    }
    if measured > 0 { averageLatencyMilliseconds = latency / measured / 1_000 }
    if rates > 0 { tokenRateThousandths /= rates }
    if !hasClosed, model.deploymentCount > 0 { circuit = hasHalfOpen ? .halfOpen : .open }
  }
}
