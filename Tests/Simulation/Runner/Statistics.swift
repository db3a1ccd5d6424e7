// SPDX-License-Identifier: MIT

import SimulatedWorld

/// What runs were made of, so that a green result can be seen to mean something.
struct Statistics {
  private(set) var counts: [String: Int] = [:]

  init() {}

  init(_ run: Run) {
    for record in run.ledger.records {
      add("requests")
      add("attempts", record.attempts.count)
      if record.attempts.count > 1 { add("requests with several attempts") }
      switch record.outcome {
      case .good: add(record.plan.isStream ? "good streams" : "good answers")
      case .refused: add("errors before an answer")
      case .failed: add("errors within a stream")
      case .broken: add("broken answers")
      case .left: add("clients that left")
      case .dropped: add("requests behind a closed connection")
      case .invalid: add("bodies passed on unchecked")
      case nil: add("requests without an end")
      }
    }
    add("hedges", Int(run.gateway.metricText.sum("gateway_hedges_started_total")))
    if !run.plan.limits.isEmpty { add("runs with limits") }
    for fault in run.plan.faults {
      switch fault {
      case .answer: add("faults: answers")
      case .connect: add("faults: connects")
      case .resolve: add("faults: look-ups")
      case .leave, .halfSent, .slowReader, .stranger: add("faults: clients")
      case .smallBuffers, .idleClose: add("faults: links")
      case .pause, .wallStep: add("faults: time")
      case .terminate: add("faults: SIGTERM")
      }
    }
    add("events", run.world.trace.eventCount)
    add("virtual seconds", Int((run.world.now - 1_000_000_000_000) / 1_000_000_000))
  }

  mutating func add(_ name: String, _ count: Int = 1) { counts[name, default: 0] += count }

  mutating func add(_ other: Statistics) {
    for (name, count) in other.counts { add(name, count) }
  }
}
