// SPDX-License-Identifier: MIT

import ModelCatalog
import Routing
import SimulatedWorld

/// A second opinion on the circuits, from what can be seen of them after each turn of the loop:
/// which changes there may be, how long an open circuit stays so, and when one must have opened.
struct BreakerWatch {
  private struct Seen {
    var state = CircuitState.closed
    var openedAt: UInt64 = 0
    var inFlight: Int64 = 0
    var answers: Int64 = 0
    var failures: Int64 = 0
    var failuresInARow: Int64 = 0
  }

  private unowned let run: Run
  private var seen: [Seen]
  private let settings: CircuitSettings

  init(run: Run) {
    self.run = run
    settings = run.plan.settings.circuit
    seen = Array(repeating: Seen(), count: run.gateway.snapshot.catalog.deploymentCount)
  }

  mutating func look() {
    let now = run.world.now / 1_000_000
    for position in seen.indices {
      let health = run.gateway.snapshot.health(of: DeploymentIndex(rawValue: UInt16(position)))
      guard health.isUsed else { continue }
      look(position, health.read(nowMilliseconds: Int64(now), settings: settings), now)
    }
  }

  private mutating func look(_ position: Int, _ reading: HealthReading, _ now: UInt64) {
    var before = seen[position]
    let state = reading.circuit.state
    if state == .open, before.state == .open, reading.inFlight > before.inFlight {
      run.fail("an attempt at deployment \(position) was let through an open circuit")
    }
    countFailures(&before, reading)
    switch (before.state, state) {
    case (.closed, .open), (.halfOpen, .open): before.openedAt = now
    case (.open, .halfOpen): judgeLength(position, now - before.openedAt)
    case (.open, .closed): run.fail("the circuit of deployment \(position) closed without a probe")
    case (.closed, .halfOpen):
      run.fail("the circuit of deployment \(position) was half-open before it was open")
    default: break
    }
    if state == .closed, before.failuresInARow >= settings.consecutiveFailures {
      run.fail(
        "the circuit of deployment \(position) is closed after \(before.failuresInARow) failures")
    }
    if state != .closed { before.failuresInARow = 0 }
    before.state = state
    before.inFlight = reading.inFlight
    seen[position] = before
  }

  /// The window forgets and is cleared, so only what it gains counts. A turn with an answer that
  /// was no failure begins the count anew: in which order they came is not seen.
  private func countFailures(_ before: inout Seen, _ reading: HealthReading) {
    let answers = reading.window.answers - before.answers
    let failures = reading.window.failures - before.failures
    before.answers = reading.window.answers
    before.failures = reading.window.failures
    guard answers > 0, failures >= 0 else { return }
    before.failuresInARow = answers == failures ? before.failuresInARow + failures : 0
  }

  /// The first cool-down less its jitter; a `Retry-After` of no time at all is as long as it says.
  private func judgeLength(_ position: Int, _ milliseconds: UInt64) {
    let least =
      settings.coolDownMilliseconds * (1_000 - settings.jitterThousandths) / 1_000
    let isToldToReturn = run.plan.faults.contains {
      guard case .answer(_, _, let script) = $0 else { return false }
      return script.contains("retry_after=0") || script.contains("rate_limit")
    }
    if Int64(milliseconds) + 10 < least, !isToldToReturn {
      run.fail("the circuit of deployment \(position) was open for \(milliseconds) ms only")
    }
  }
}
