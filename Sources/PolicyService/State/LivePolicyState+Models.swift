// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import ModelCatalog
internal import Routing

extension LivePolicyState {
  public func models() -> [ModelStatus] {
    let snapshot = host.current()
    let now = host.monotonicClock.now().nanoseconds / 1_000_000
    return (0..<snapshot.catalog.modelCount).map { position in
      let model = snapshot.catalog.model(ModelIndex(rawValue: UInt16(position)))
      return Self.status(model, snapshot, now)
    }
  }

  private static func status(
    _ model: Model, _ snapshot: RoutingSnapshot, _ now: Int64
  ) -> ModelStatus {
    let catalog = snapshot.catalog
    var readings: [HealthReading] = []
    let deployments = model.deployments.map { position -> ModelStatus.Deployment in
      let row = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      let reading = snapshot.health(of: row.index).read(
        nowMilliseconds: now, settings: snapshot.circuitSettings)
      readings.append(reading)
      return ModelStatus.Deployment(
        gateway: row.gatewayName.string, region: row.region.string,
        upstreamModel: row.upstreamModel.string, weight: row.weight,
        probe: reading.probe == .none ? nil : reading.probe.name,
        measurements: measurements(of: [reading], snapshot),
        limits: limits(of: row, snapshot))
    }
    return ModelStatus(
      model: model.name.string, provider: catalog.provider(model.provider).name.string,
      groups: catalog.groups(of: model.index).map { catalog.group($0).name.string },
      origin: model.origin.name,
      measurements: measurements(of: readings, snapshot), deployments: deployments)
  }

  private static func limits(
    of row: Deployment, _ snapshot: RoutingSnapshot
  ) -> [ModelStatus.Limit] {
    let gates = snapshot.gates(of: row.index)
    let isLimited = snapshot.catalog.gateway(row.gateway).deploymentConcurrency != nil
    return (0..<gates.count).map { position in
      let reading = gates[position].read()
      return ModelStatus.Limit(
        scope: isLimited && position == 0 ? "deployment" : "gateway", limit: reading.limit,
        isAdaptive: reading.isAdaptive, inFlight: reading.inFlight, queued: reading.waiting,
        queueMaximum: reading.queueMaximum,
        rejected: reading.refusedFull + reading.refusedLate)
    }
  }

  /// Several deployments together: mean latency, the worst p95, all answers, the best circuit.
  private static func measurements(
    of readings: [HealthReading], _ snapshot: RoutingSnapshot
  ) -> ModelStatus.Measurements {
    let measured = readings.filter { $0.latencyMicroseconds > 0 }
    let latency = measured.reduce(0) { $0 + $1.latencyMicroseconds }
    let percentile = measured.map(\.latencyPercentile95Microseconds).max()
    var window = WindowSum()
    for reading in readings {
      window.answers += reading.window.answers
      window.failures += reading.window.failures
    }
    let states = readings.map(\.circuit.state)
    let circuit: CircuitState =
      states.isEmpty || states.contains(.closed)
      ? .closed : states.contains(.halfOpen) ? .halfOpen : .open
    return ModelStatus.Measurements(
      averageLatencyMilliseconds: measured.isEmpty
        ? nil : Double(latency) / Double(measured.count) / 1_000,
      p95LatencyMilliseconds: percentile.map { Double($0) / 1_000 },
      errorRate: Double(window.errorRateCedarDecimal(snapshot.circuitSettings)) / 10_000,
      inFlight: readings.reduce(0) { $0 + $1.inFlight }, circuit: circuit.name)
  }
}
