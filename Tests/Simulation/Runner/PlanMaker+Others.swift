// SPDX-License-Identifier: MIT

import Clocks
import ModelCatalog

/// Requests to other APIs than chats; limits of concurrency, and clients that come all at once to
/// where there is one. Drawn by themselves: a seed without them is the run that it was before.
extension PlanMaker {
  /// Some requests are none for a chat.
  mutating func drawOthers() {
    guard one(in: 4) else { return }
    for client in plan.clients.indices {
      for index in plan.clients[client].requests.indices where one(in: 3) {
        let api = pick(ClientAPI.others)
        plan.clients[client].requests[index].api = api
        plan.clients[client].requests[index].model = api.model
        plan.clients[client].requests[index].isStream = false
        plan.clients[client].requests[index].asksForUsage = false
        plan.clients[client].requests[index].hasTools = false
      }
    }
  }

  /// Two attempts at once that both last longer than the request may.
  mutating func drawSilence() {
    guard !plan.faults.isEmpty, one(in: 4) else { return }
    let hedged = plan.requests.filter { $0.model == "twice" }
    guard !hedged.isEmpty else { return }
    let request = pick(hedged)
    plan.settings.totalMilliseconds = 20_000
    plan.settings.firstHeaderMilliseconds = 30_000
    for attempt in 1...2 {
      plan.faults.append(
        .answer(request: request.number, attempt: attempt, script: "delay_ms=40000"))
    }
  }

  /// Refused by their heads, of which the gateway may hear in one turn with their leaving.
  mutating func drawStrangers() {
    guard !plan.faults.isEmpty, one(in: 4) else { return }
    let requests = plan.requests.map(\.number)
    for _ in 0..<(1 + number(below: 3)) {
      plan.faults.append(.stranger(request: pick(requests), leaves: one(in: 2)))
    }
  }

  mutating func drawLimits() {
    guard one(in: 3) else { return }
    let server = number(below: SimulatedGateway.serverCount)
    for other in 0..<SimulatedGateway.serverCount where other == server || one(in: 6) {
      let kind = number(below: 3)
      if kind != 0 { plan.limits.limitAccount(of: other, limit()) }
      if kind != 1 { plan.limits.limitDeployments(of: other, limit()) }
    }
    drawRush(to: server)
  }

  private mutating func limit() -> ConcurrencyLimit {
    ConcurrencyLimit(
      maximum: pick([1, 1, 2, 3]), queueMaximum: pick([0, 1, 2, 5, 100]),
      queueTimeoutMilliseconds: pick([1, 40, 500, 3_000, 30_000]))
  }

  private mutating func drawRush(to server: Int) {
    let models = SimulatedGateway.models(of: server)
    let begin = number(below: 500)
    let hasFaults = !plan.faults.isEmpty
    for _ in 0..<(2 + number(below: 9)) {
      var client = client(plan.clients.count)
      client.startMilliseconds = begin + number(below: pick([1, 30, 400]))
      for index in client.requests.indices where !one(in: 5) {
        client.requests[index].model = pick(models)
        client.requests[index].thinkMilliseconds = pick([0, 0, 30])
      }
      plan.clients.append(client)
      guard hasFaults, one(in: 4), let first = client.requests.first else { continue }
      // Many of these leave while they wait.
      plan.faults.append(
        .leave(request: first.number, bytes: 0, isReset: one(in: 2)))
    }
    // What comes meanwhile is seen in one turn: a place, and that the one who waits for it left.
    if hasFaults, one(in: 2) {
      plan.faults.append(
        .pause(atMilliseconds: begin + number(below: 600), milliseconds: pick([5, 40, 300])))
    }
  }
}
