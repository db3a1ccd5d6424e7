// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Routing
import SimulatedWorld

/// A second opinion on the limits of concurrency: what servers are given at a time, in which order
/// those come that had to wait, and when one is refused.
///
/// What can be seen from outside is a lower bound of what is in flight (the request has been
/// written, its answer not been read to the end, the connection is open), so that no correct run
/// fails. The counts of the gates are looked at after each turn of the loop.
final class GateWatch {
  private struct Gate {
    let reference: GateReference
    let server: Int
    let model: String
    let isAccount: Bool
  }

  private unowned let run: Run
  private let limits: LimitsPlan
  private var gates: [Gate] = []
  /// In a run with these a request may have its place and yet not be written for a while.
  private let hasConnectFaults: Bool

  init(run: Run) {
    self.run = run
    limits = run.plan.limits
    hasConnectFaults =
      run.plan.settings.upstreamConnectionsMaximum == 1
      || run.plan.faults.contains {
        switch $0 {
        case .connect, .resolve, .idleClose, .smallBuffers: true
        default: false
        }
      }
    guard !limits.isEmpty else { return }
    let catalog = run.gateway.snapshot.catalog
    for position in 0..<catalog.deploymentCount {
      let deployment = catalog.deployment(DeploymentIndex(rawValue: UInt16(position)))
      guard let server = Int(deployment.gatewayName.string.dropFirst()) else { continue }
      let references = run.gateway.snapshot.gates(of: deployment.index)
      let expected = limits.limits(of: server).count
      if references.count != expected {
        run.fail("a deployment of s\(server) is under \(references.count) limits, not \(expected)")
      }
      for place in 0..<references.count {
        gates.append(
          Gate(
            reference: references[place], server: server,
            model: catalog.model(deployment.model).name.string,
            isAccount: limits.deployment(of: server) == nil || place == 1))
      }
    }
  }

  // MARK: After each turn

  func look() {
    if gates.isEmpty { return }
    for gate in gates {
      let reading = gate.reference.read()
      if reading.inFlight > reading.limit {
        run.fail("\(reading.inFlight) places of \(reading.limit) are taken at s\(gate.server)")
      }
      if reading.waiting > reading.queueMaximum {
        run.fail("\(reading.waiting) wait for s\(gate.server), more than \(reading.queueMaximum)")
      }
      if reading.waiting > 0, reading.inFlight < reading.limit {
        run.fail("\(reading.waiting) wait for s\(gate.server), which has a place")
      }
    }
    for client in run.clients { client.noteReady() }
  }

  /// At the end of the run.
  func judgeEnd() {
    for gate in gates {
      let reading = gate.reference.read()
      if reading.inFlight != 0 || reading.waiting != 0 {
        run.fail(
          "\(reading.inFlight) places at s\(gate.server) were never given back, "
            + "\(reading.waiting) wait for ever")
      }
    }
  }

  // MARK: When a request is written

  /// A whole request has been written to a server: no more may be there than its limits allow.
  func judgeCount(_ server: SimulatedServer, _ model: String) {
    let held = server.openConnections.filter(\.isHeld)
    if let limit = limits.account(of: server.number), held.count > limit.maximum {
      run.fail("\(held.count) requests at a time at s\(server.number), allowed: \(limit.maximum)")
    }
    guard let limit = limits.deployment(of: server.number) else { return }
    let same = held.count { $0.heldModel == model }
    if same > limit.maximum {
      run.fail("\(same) requests at a time for \(model) at s\(server.number): \(limit.maximum)")
    }
  }

  /// Who waits for a place at a server at the moment when another request begins to be written to
  /// it on a connection that was idle, and so has got its place just now. Empty where that cannot
  /// be told.
  func waiting(for server: SimulatedServer) -> [RequestRecord] {
    guard !hasConnectFaults, !limits.limits(of: server.number).isEmpty, !run.world.isConnecting,
      !server.openConnections.contains(where: \.isBeingWritten)
    else { return [] }
    return run.ledger.records.filter { record in
      guard let readyAt = record.readyAt else { return false }
      return readyAt < run.world.now && record.writtenCount == 0 && record.committedAt == nil
        && record.goneAt == nil && record.outcome == nil
        && SimulatedGateway.servers(of: record.plan.model) == [server.number]
    }
  }

  /// First come, first served: `record` is written while `earlier` wait.
  func judgeOrder(
    _ record: RequestRecord, _ server: Int, _ model: String, _ earlier: [RequestRecord]
  ) {
    // What waits for its own deployment does not stand before another one of the account.
    let isShared = limits.deployment(of: server) == nil
    guard let readyAt = record.readyAt,
      let overtaken = earlier.first(where: {
        ($0.readyAt ?? .max) < readyAt && (isShared || $0.plan.model == model)
      })
    else { return }
    run.fail("\(record.plan.tag) was sent to s\(server) before \(overtaken.plan.tag), which waits")
  }

  /// Nobody waits for a place longer than the queue allows: `record` is written for the first time.
  func judgeWait(_ record: RequestRecord, _ server: Int) {
    guard record.writtenCount == 1, !hasConnectFaults, !run.plan.hasPauses,
      let readyAt = record.readyAt,
      let longest = limits.limits(of: server).map(\.queueTimeoutMilliseconds).max(),
      SimulatedGateway.servers(of: record.plan.model) == [server]
    else { return }
    let waited = Int64((run.world.now - readyAt) / 1_000_000)
    if waited > longest + Self.connectMilliseconds {
      run.fail("\(record.plan.tag) waited \(waited) ms for s\(server), \(longest) are allowed")
    }
  }

  /// Look-up, connect and the bytes on their way.
  private static let connectMilliseconds: Int64 = 500

  // MARK: Refusals

  /// The servers where as many wait as may.
  func fullServers() -> Set<Int> {
    var full: Set<Int> = []
    for gate in gates {
      let reading = gate.reference.read()
      if reading.waiting >= reading.queueMaximum { full.insert(gate.server) }
    }
    return full
  }

  /// The gateway has answered a request with 429 of its own.
  func judgeRefusal(_ record: RequestRecord) {
    let servers = SimulatedGateway.servers(of: record.plan.model)
    let all = servers.flatMap(limits.limits)
    guard let shortest = all.map(\.queueTimeoutMilliseconds).min() else {
      run.fail("\(record.plan.tag) was refused for a limit where there is none")
      return
    }
    // Behind another answer the refusal may be written long after it was decided.
    if run.plan.client(of: record.plan)?.isPipelining != false { return }
    if !record.fullServers.isDisjoint(with: servers) { return }
    guard let committed = record.firstByteAt, let ready = record.readyAt else { return }
    let waited = (committed - min(ready, committed)) / 1_000_000
    if Int64(waited) + Self.slackMilliseconds < shortest {
      run.fail(
        "\(record.plan.tag) was refused after \(waited) ms though the queue was not full and "
          + "\(shortest) ms are allowed")
    }
    let longest = all.map(\.queueTimeoutMilliseconds).max() ?? 0
    if record.writtenCount == 0, !hasConnectFaults, !run.plan.hasPauses,
      Int64(waited) > longest + Self.slackMilliseconds
    {
      run.fail("\(record.plan.tag) waited \(waited) ms for a place, at most \(longest) are allowed")
    }
  }

  /// The resolution of timers, and the length of a turn.
  private static let slackMilliseconds: Int64 = 40
}
