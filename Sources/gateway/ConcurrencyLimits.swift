// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Routing
import Telemetry

/// The limits of concurrency of a configuration, in the order of their rows in the metrics.
struct ConcurrencyLimits: Sendable {
  private struct Row {
    var label: LimitLabel
    var gateway: GatewayIndex
    /// The deployment's row in the metrics; nil for the account's limit.
    var deployment: UInt16?
  }

  private var rows: [Row] = []

  /// - Parameter names: of the deployments, as metrics call them.
  init(_ catalog: Catalog, _ names: [String]) {
    for place in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(place)))
      let gateway = catalog.gateway(deployment.gateway)
      guard gateway.deploymentConcurrency != nil else { continue }
      rows.append(
        Row(
          label: LimitLabel(gateway: gateway.name.string, deployment: names[place]),
          gateway: gateway.index, deployment: deployment.metricRow))
    }
    for place in 0..<catalog.gatewayCount {
      let gateway = catalog.gateway(GatewayIndex(rawValue: UInt16(place)))
      guard gateway.concurrency != nil else { continue }
      rows.append(
        Row(
          label: LimitLabel(gateway: gateway.name.string, deployment: ""), gateway: gateway.index))
    }
  }

  var labels: [LimitLabel] { rows.map(\.label) }

  /// - Parameter snapshot: its catalogue may have other deployments by now.
  func sample(_ snapshot: RoutingSnapshot, into recorder: MetricRecorder) {
    forEachGate(snapshot) { index, gate in
      let reading = gate.read()
      recorder.concurrency(
        index, limit: reading.limit, inFlight: reading.inFlight, queued: reading.waiting,
        queueFull: reading.refusedFull, queueTimeout: reading.refusedLate)
    }
  }

  /// The row of each gate of a snapshot by the gate's number; -1 for none.
  static func rowsOfGates(_ snapshot: RoutingSnapshot) -> [Int] {
    let names = (0..<snapshot.catalog.deploymentCount).map(String.init)
    var result: [Int] = []
    ConcurrencyLimits(snapshot.catalog, names).forEachGate(snapshot) { index, gate in
      while result.count <= gate.number { result.append(-1) }
      result[gate.number] = index
    }
    return result
  }

  private func forEachGate(_ snapshot: RoutingSnapshot, _ body: (Int, GateReference) -> Void) {
    if rows.isEmpty { return }
    let catalog = snapshot.catalog
    for place in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(place)))
      let gates = snapshot.gates(of: deployment.index)
      guard gates.count > 0 else { continue }
      let hasOwn = catalog.gateway(deployment.gateway).deploymentConcurrency != nil
      let isListed = catalog.model(deployment.model).origin.isDiscovery
      for (index, row) in rows.enumerated() where row.gateway == deployment.gateway {
        let isOwn = row.deployment == deployment.metricRow && !isListed
        guard row.deployment == nil || isOwn else { continue }
        let position = row.deployment == nil && hasOwn ? 1 : 0
        if position < gates.count { body(index, gates[position]) }
      }
    }
  }
}
