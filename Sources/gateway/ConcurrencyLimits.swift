// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Routing
import Telemetry

/// The limits of concurrency of a catalogue, in the order of their rows in the metrics.
struct ConcurrencyLimits: Sendable {
  private struct Row {
    var label: LimitLabel
    var deployment: DeploymentIndex
    /// Among the deployment's gates.
    var position: Int
  }

  private var rows: [Row] = []

  /// - Parameter names: of the deployments, as metrics call them.
  init(_ catalog: Catalog, _ names: [String]) {
    var seen: Set<GatewayIndex> = []
    for place in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(place)))
      let gateway = catalog.gateway(deployment.gateway)
      let name = gateway.name.string
      if gateway.deploymentConcurrency != nil {
        rows.append(
          Row(
            label: LimitLabel(gateway: name, deployment: names[place]),
            deployment: deployment.index, position: 0))
      }
      if gateway.concurrency != nil, seen.insert(gateway.index).inserted {
        rows.append(
          Row(
            label: LimitLabel(gateway: name, deployment: ""), deployment: deployment.index,
            position: gateway.deploymentConcurrency == nil ? 0 : 1))
      }
    }
  }

  var labels: [LimitLabel] { rows.map(\.label) }

  func sample(_ snapshot: RoutingSnapshot, into recorder: MetricRecorder) {
    for (index, row) in rows.enumerated() {
      let gates = snapshot.gates(of: row.deployment)
      guard row.position < gates.count else { continue }
      let reading = gates[row.position].read()
      recorder.concurrency(
        index, limit: reading.limit, inFlight: reading.inFlight, queued: reading.waiting,
        queueFull: reading.refusedFull, queueTimeout: reading.refusedLate)
    }
  }
}
