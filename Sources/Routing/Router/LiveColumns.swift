// SPDX-License-Identifier: MIT

internal import DecisionIR
internal import ModelCatalog

/// Brings the live state of deployments into the attributes that policies read, model by model.
struct LiveColumns {
  private let averageLatency: LiveAttribute?
  private let percentile95Latency: LiveAttribute?
  private let errorRate: LiveAttribute?
  private let inFlight: LiveAttribute?
  private let circuit: LiveAttribute?
  /// Whether any policy reads any of them.
  let isRead: Bool

  init(_ plan: BatchPlan) {
    averageLatency = plan.liveAttribute(RoutingEntities.averageLatency)
    percentile95Latency = plan.liveAttribute(RoutingEntities.percentile95Latency)
    errorRate = plan.liveAttribute(RoutingEntities.errorRate)
    inFlight = plan.liveAttribute(RoutingEntities.inFlight)
    circuit = plan.liveAttribute(RoutingEntities.circuit)
    isRead =
      averageLatency != nil || percentile95Latency != nil || errorRate != nil || inFlight != nil
      || circuit != nil
  }

  /// Writes what is known of every model. Models that were never called keep their zeros.
  func write(
    _ table: ResourceTable, _ snapshot: RoutingSnapshot, nowMilliseconds: Int64,
    includesUnused: Bool
  ) {
    let catalog = snapshot.catalog
    for position in 0..<catalog.modelCount {
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      var isUsed = includesUnused
      for deployment in model.deployments where !isUsed {
        isUsed = snapshot.health(of: DeploymentIndex(rawValue: UInt16(deployment))).isUsed
      }
      if !isUsed { continue }
      let health = ModelHealth(model, snapshot, nowMilliseconds: nowMilliseconds)
      if let averageLatency {
        table.set(averageLatency, of: position, long: health.averageLatencyMilliseconds)
      }
      if let percentile95Latency {
        table.set(percentile95Latency, of: position, long: health.percentile95LatencyMilliseconds)
      }
      if let errorRate {
        let rate = health.window.errorRateCedarDecimal(snapshot.circuitSettings)
        table.set(errorRate, of: position, decimalScaled: rate)
      }
      if let inFlight { table.set(inFlight, of: position, long: health.inFlight) }
      if let circuit { set(circuit, of: position, health.circuit, table) }
    }
    table.refresh()
  }

  func pin(_ table: ResourceTable, _ position: Int, _ state: PinnedState) {
    if let averageLatency, let value = state.averageLatencyMilliseconds {
      table.set(averageLatency, of: position, long: value)
    }
    if let percentile95Latency, let value = state.percentile95LatencyMilliseconds {
      table.set(percentile95Latency, of: position, long: value)
    }
    if let errorRate, let value = state.errorRateCedarDecimal {
      table.set(errorRate, of: position, decimalScaled: value)
    }
    if let inFlight, let value = state.inFlight {
      table.set(inFlight, of: position, long: value)
    }
    if let circuit, let value = state.circuit { set(circuit, of: position, value, table) }
    table.refresh()
  }

  private func set(
    _ attribute: LiveAttribute, of position: Int, _ state: CircuitState, _ table: ResourceTable
  ) {
    switch state {
    case .closed: table.set(attribute, of: position, text: "closed")
    case .open: table.set(attribute, of: position, text: "open")
    case .halfOpen: table.set(attribute, of: position, text: "half-open")
    }
  }
}
