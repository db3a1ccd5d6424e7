// SPDX-License-Identifier: MIT

import Bytes
import Configuration
import DataPlane
import ModelCatalog
import Routing
import Telemetry

extension GatewayProgram {
  /// The rows are those of the configuration for good: what upstreams' lists bring in later shares
  /// one for each provider, and one for each gateway.
  func makeMetrics(_ catalog: Catalog) -> MetricSet {
    var models: [ModelLabel] = []
    for position in 0..<catalog.modelCount {
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      models.append(
        ModelLabel(
          model: model.name.string, provider: catalog.provider(model.provider).name.string))
    }
    var deployments = (0..<catalog.deploymentCount).map { position in
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      let model = models[Int(catalog.model(deployment.model).metricRow)]
      return DeploymentLabel(
        deployment: "\(deployment.gatewayName.string)/\(model.model)#\(position)",
        model: model.model, provider: model.provider)
    }
    let own = deployments.map(\.deployment)
    for provider in configuration.catalog.discoveredProviders {
      models.append(ModelLabel(model: Self.discovered(provider), provider: provider))
    }
    for discovery in configuration.catalog.discoveries {
      deployments.append(
        DeploymentLabel(
          deployment: Self.discovered(discovery.gateway),
          model: Self.discovered(discovery.provider), provider: discovery.provider))
    }
    return MetricSet(
      models: models, deployments: deployments, probes: probedAccounts(catalog).map(\.label),
      discoveries: configuration.catalog.discoveries.map(\.gateway),
      limits: ConcurrencyLimits(catalog, own).labels, workerCount: workerCount,
      showsTokenUsage: configuration.telemetry.hasTokenUsageHistogram)
  }

  /// No model can be called so.
  private static func discovered(_ place: String) -> String { "discovered (\(place))" }

  func sampler(
    _ metrics: MetricSet, _ publisher: SnapshotPublisher, _ accessLog: AccessLog?
  ) -> @Sendable () -> Void {
    let started = started
    let first = publisher.snapshot.catalog
    let limits = ConcurrencyLimits(first, (0..<first.deploymentCount).map { String($0) })
    let rowCount = first.deploymentCount + configuration.catalog.discoveries.count
    return {
      let snapshot = publisher.snapshot
      limits.sample(snapshot, into: metrics.control)
      // Of those that share a row the worst is shown.
      var states = [Int64](repeating: 0, count: rowCount)
      for position in 0..<snapshot.catalog.deploymentCount {
        let index = DeploymentIndex(rawValue: UInt16(position))
        let row = Int(snapshot.catalog.deployment(index).metricRow)
        guard row < rowCount else { continue }
        states[row] = max(states[row], snapshot.health(of: index).circuit.state.metricValue)
      }
      for (row, state) in states.enumerated() {
        metrics.control.circuit(deployment: row, state: state)
      }
      metrics.control.accessLogSampled(droppedLineCount: accessLog?.droppedLineCount ?? 0)
      metrics.control.processSampled(ProcessSample(startedAt: started))
    }
  }
}
