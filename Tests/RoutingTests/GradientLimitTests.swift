// SPDX-License-Identifier: MIT

import ModelCatalog
import TestSupport
import Testing

@testable import Routing

@Suite("The limit that follows the latency")
struct GradientLimitTests {
  /// Runs for a while and returns the least and the most of the limit, and what share of the
  /// greatest possible throughput there was.
  private func watch(
    _ server: inout SimulatedServer, seconds: Double
  ) -> (least: Int64, most: Int64, throughput: Double) {
    var least = Int64.max
    var most: Int64 = 0
    let before = server.completed
    server.run(seconds: seconds) { limit in
      least = min(least, limit)
      most = max(most, limit)
    }
    let answers = Double(server.completed - before)
    return (least, most, answers / seconds / server.throughputMaximum)
  }

  private static let quick = SimulatedServer.Answers.whole(secondsPerToken: 0.002)

  @Test("it finds the capacity, and stays there", arguments: [2, 10, 40, 150], 1...3)
  func converges(capacity: Int, seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: capacity, seed: seed)
    server.run(seconds: 120)
    let seen = watch(&server, seconds: 600)
    #expect(seen.throughput > 0.95, "no capacity is left lying: \(seen)")
    #expect(seen.least >= Int64(capacity), "\(seen)")
    #expect(seen.most <= Int64(capacity) * 5 / 2 + 4, "nor is it overrun: \(seen)")
  }

  @Test("it is found soon", arguments: 1...3)
  func starts(seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: 100, seed: seed)
    server.run(seconds: 20)
    #expect(server.limit.inForce >= 100)
  }

  @Test("answers that take half a minute do not make it swing", arguments: 1...3)
  func slowAnswers(seed: UInt64) {
    var server = SimulatedServer(.whole(secondsPerToken: 0.1), capacity: 20, seed: seed)
    server.run(seconds: 2_000)
    let seen = watch(&server, seconds: 20_000)
    #expect(seen.throughput > 0.95 && seen.least >= 18 && seen.most <= 60, "\(seen)")
  }

  @Test("streams are measured by their first event", arguments: 1...3)
  func streams(seed: UInt64) {
    var server = SimulatedServer(
      .streams(firstSeconds: 0.3, restSeconds: 10), capacity: 30, seed: seed)
    server.run(seconds: 300)
    let seen = watch(&server, seconds: 2_000)
    #expect(seen.throughput > 0.9 && seen.most <= 80, "\(seen)")
  }

  @Test("it follows a capacity that goes down and comes back", arguments: 1...4)
  func recovers(seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: 100, seed: seed)
    server.run(seconds: 100)
    #expect(server.limit.inForce >= 100)
    server.capacity = 20
    server.run(seconds: 120)
    var seen = watch(&server, seconds: 200)
    #expect(seen.most <= 60 && seen.throughput > 0.95, "\(seen)")
    server.capacity = 100
    server.run(seconds: 120)
    seen = watch(&server, seconds: 200)
    #expect(seen.least >= 95 && seen.throughput > 0.95, "\(seen)")
  }

  @Test("a provider that becomes slower for good gets its limit back", arguments: 1...4)
  func slowForGood(seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: 1_000, seed: seed, maximum: 60)
    server.demand = 50
    server.run(seconds: 100)
    #expect(server.limit.inForce >= 50)
    server.slowness = 4
    server.run(seconds: 600)
    let seen = watch(&server, seconds: 600)
    #expect(seen.least >= 45, "\(seen)")
  }

  @Test("one slow phase after another does not raise what is usual", arguments: 1...3)
  func phases(seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: 40, seed: seed)
    server.run(seconds: 100)
    for _ in 0..<20 {
      server.capacity = 10
      server.run(seconds: 60)
      server.capacity = 40
      server.run(seconds: 60)
    }
    server.run(seconds: 100)
    let seen = watch(&server, seconds: 300)
    #expect(seen.most <= 110 && seen.throughput > 0.95, "\(seen)")
  }

  @Test("refusals keep it below where they begin", arguments: [20, 200], 1...3)
  func refusals(bound: Int, seed: UInt64) {
    var server = SimulatedServer(Self.quick, capacity: 1_000, seed: seed)
    server.refusesAbove = bound
    server.run(seconds: 60)
    let (before, completed) = (server.refused, server.completed)
    let seen = watch(&server, seconds: 600)
    let refused = Double(server.refused - before)
    #expect(seen.most <= Int64(bound) * 5 / 4 && seen.least >= Int64(bound) / 2, "\(seen)")
    #expect(refused < 0.02 * Double(server.completed - completed), "\(refused)")
  }

  @Test("what is not needed does not grow, and what is learnt then is right")
  func unneeded() {
    var server = SimulatedServer(
      Self.quick, capacity: 30, seed: 1, AdaptiveLimit(initial: 40))
    server.demand = 5
    server.run(seconds: 100)
    #expect(server.limit.inForce == 40)
    server.demand = 2_000
    server.run(seconds: 60)
    let seen = watch(&server, seconds: 200)
    #expect(seen.least >= 30 && seen.most <= 79, "\(seen)")
  }

  @Test("a burst of refusals is one step, and old requests make none")
  func burst() {
    var limit = GradientLimit(AdaptiveLimit(initial: 100), maximum: 200)
    for sent in 1...50 { limit.learn(.refused, sent: UInt64(sent), now: 1_000, inFlight: 100) }
    #expect(limit.inForce == 90)
    limit.learn(.refused, sent: 999, now: 2_000, inFlight: 100)
    #expect(limit.inForce == 90)
    limit.learn(.refused, sent: 1_500, now: 2_000, inFlight: 40)
    #expect(limit.inForce == 36, "from what was in flight")
    for moment in 3...200 {
      let time = UInt64(moment) * 1_000
      limit.learn(.refused, sent: time, now: time, inFlight: 9)
    }
    #expect(limit.inForce == 1)
  }

  @Test("an answer of many tokens after one of few, both after hours, is no more than slow")
  func enormous() {
    var limit = GradientLimit(AdaptiveLimit(initial: 4), maximum: 200)
    let hours: Int64 = 1 << 40
    for (round, tokens) in ([1, .max, .max, 1] as [Int64]).enumerated() {
      for position in 1...4 {
        let sent = UInt64(round * 10 + position) * 1_000_000_000
        limit.learn(
          .answered(.whole(microseconds: hours, tokens: tokens)), sent: sent,
          now: sent + 2_000_000_000, inFlight: 4)
      }
    }
    #expect((1...200).contains(limit.inForce))
  }

  @Test("other bounds after a reload hold at once, and what it has found out stays")
  func reload() throws {
    let registry = HealthRegistry()
    func gate(_ limit: ConcurrencyLimit) throws -> GateReference {
      try #require(registry.gate(for: "g", limit))
    }
    let first = try gate(
      ConcurrencyLimit(maximum: 50, adaptive: AdaptiveLimit(minimum: 2, initial: 20)))
    #expect(first.isAdaptive && first.read().limit == 20)
    _ = first.learn(.refused, sentNanoseconds: 1, nowNanoseconds: 2)
    #expect(first.read().limit == 2, "one in flight at most: the minimum")
    let second = try gate(ConcurrencyLimit(maximum: 50, adaptive: AdaptiveLimit(minimum: 8)))
    #expect(second.read().limit == 8)
    #expect(try gate(ConcurrencyLimit(maximum: 5)).read().limit == 5 && !first.isAdaptive)
    #expect(!first.learn(.refused, sentNanoseconds: 3, nowNanoseconds: 4))
    #expect(first.read().limit == 5)
  }

  @Test("several threads feed one gate, and its limit stays within its bounds")
  func shared() async throws {
    let registry = HealthRegistry(workerCount: 4)
    let gate = try #require(
      registry.gate(
        for: "g", ConcurrencyLimit(maximum: 50, adaptive: AdaptiveLimit(initial: 2))))
    for _ in 0..<2 { #expect(gate.take()) }
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for step in 1...4_000 {
            let now = UInt64(step) * 10_000_000
            _ = gate.learn(
              .answered(.whole(microseconds: 1_000, tokens: 0)), sentNanoseconds: now,
              nowNanoseconds: now + 1_000_000)
          }
        }
      }
    }
    // Two in flight: at most twice as many are known to be good, and half of that more was tried.
    #expect((4...7).contains(gate.read().limit), "\(gate.read().limit)")
  }
}
