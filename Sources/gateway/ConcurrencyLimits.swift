// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Routing
import Telemetry

/// The limits of concurrency of a configuration, in the order of their rows in the metrics: those
/// of its deployments, then those of its accounts. Deployments that lists bring in later are
/// counted under their account alone.
struct ConcurrencyLimits: Sendable {
  private(set) var labels: [LimitLabel] = []
  /// By the deployments' own rows in the metrics.
  private var deploymentRows: [UInt16: Int] = [:]
  private var accountRows: [GatewayIndex: Int] = [:]

  /// - Parameters:
  ///   - catalog: as configured, before any list.
  ///   - names: of the deployments, as metrics call them.
  init(_ catalog: Catalog, _ names: [String]) {
    for place in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(place)))
      let gateway = catalog.gateway(deployment.gateway)
      guard gateway.deploymentConcurrency != nil else { continue }
      deploymentRows[deployment.metricRow] = labels.count
      labels.append(LimitLabel(gateway: gateway.name.string, deployment: names[place]))
    }
    for place in 0..<catalog.gatewayCount {
      let gateway = catalog.gateway(GatewayIndex(rawValue: UInt16(place)))
      guard gateway.concurrency != nil else { continue }
      accountRows[gateway.index] = labels.count
      labels.append(LimitLabel(gateway: gateway.name.string, deployment: ""))
    }
  }

  /// - Parameter snapshot: its catalogue may have other deployments by now.
  func sample(_ snapshot: RoutingSnapshot, into recorder: MetricRecorder) {
    forEachGate(snapshot) { row, gate in
      let reading = gate.read()
      recorder.concurrency(
        row, limit: reading.limit, inFlight: reading.inFlight, queued: reading.waiting,
        queueFull: reading.refusedFull, queueTimeout: reading.refusedLate)
    }
  }

  /// The row of each gate of a snapshot by the gate's number; -1 for none.
  static func rowsOfGates(_ snapshot: RoutingSnapshot) -> [Int] {
    let names = (0..<snapshot.catalog.deploymentCount).map(String.init)
    var result: [Int] = []
    ConcurrencyLimits(snapshot.catalog, names).forEachGate(snapshot) { row, gate in
      while result.count <= gate.number { result.append(-1) }
      result[gate.number] = row
    }
    return result
  }

  private func forEachGate(_ snapshot: RoutingSnapshot, _ body: (Int, GateReference) -> Void) {
    for (gateway, row) in accountRows {
      if let gate = snapshot.gate(of: gateway) { body(row, gate) }
    }
    if deploymentRows.isEmpty { return }
    let catalog = snapshot.catalog
    for place in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(place)))
      // Those that lists have brought in share the row of another.
      guard !catalog.model(deployment.model).origin.isDiscovery,
        let row = deploymentRows[deployment.metricRow]
      else { continue }
      body(row, snapshot.gates(of: deployment.index)[0])
    }
  }
}
