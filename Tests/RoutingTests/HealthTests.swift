// SPDX-License-Identifier: MIT

import Routing
import TestSupport
import Testing

@Suite("Live health")
struct HealthTests {
  let registry = HealthRegistry()
  let settings = CircuitTests.settings

  func answer(_ health: HealthReference, _ outcome: AttemptOutcome, at now: Int64) {
    let admission = health.begin(nowMilliseconds: now, settings: settings)
    if case .refused = admission { return }
    health.end(outcome, admission: admission, nowMilliseconds: now, random: 0, settings: settings)
  }

  @Test("the same identity is the same state; another one is its own")
  func identity() throws {
    let one = try #require(registry.reference(for: "openai/eu"))
    let again = try #require(registry.reference(for: "openai/eu"))
    let other = try #require(registry.reference(for: "openai/us"))
    _ = one.begin(nowMilliseconds: 0, settings: settings)
    #expect(again.inFlight == 1)
    #expect(other.inFlight == 0)
  }

  @Test("the window counts, slides and forgets")
  func window() throws {
    let health = try #require(registry.reference(for: "a"))
    for step in Int64(0)..<40 {
      answer(health, step % 4 == 0 ? .failure : .success, at: step * 100)
    }
    var reading = health.read(nowMilliseconds: 4_000, settings: settings)
    #expect(reading.window == WindowSum(answers: 40, failures: 10))
    #expect(reading.window.errorRateCedarDecimal(settings) == 2_500)
    // The first bucket, 0 to 2,999 ms with 30 answers, leaves the window at 30,000 ms.
    reading = health.read(nowMilliseconds: 30_000, settings: settings)
    #expect(reading.window == WindowSum(answers: 10, failures: 2))
    #expect(reading.window.errorRateCedarDecimal(settings) == 0)
    #expect(health.read(nowMilliseconds: 60_000, settings: settings).window == WindowSum())
    #expect(reading.inFlight == 0)
  }

  @Test("half of twenty answers failing opens the circuit, though no five in a row did")
  func errorRate() throws {
    let health = try #require(registry.reference(for: "a"))
    for step in Int64(0)..<18 { answer(health, step % 2 == 0 ? .failure : .success, at: step) }
    #expect(health.circuit.state == .closed)
    answer(health, .success, at: 18)
    answer(health, .failure, at: 19)
    #expect(health.circuit.state == .open)
    answer(health, .success, at: 1_100)
    answer(health, .success, at: 1_200)
    #expect(health.circuit.state == .closed)
    #expect(health.read(nowMilliseconds: 1_200, settings: settings).window.failures == 0)
  }

  @Test("the mean follows, the percentile lies near the truth")
  func latency() throws {
    let health = try #require(registry.reference(for: "a"))
    #expect(health.latencyMicroseconds == 0)
    var generator = SeededGenerator(seed: 11)
    for _ in 0..<20_000 {
      health.measure(latencyMicroseconds: .random(in: 1_000...101_000, using: &generator))
    }
    let reading = health.read(nowMilliseconds: 0, settings: settings)
    #expect((20_000...85_000).contains(reading.latencyMicroseconds))
    #expect((80_000...101_000).contains(reading.latencyPercentile95Microseconds))
    for _ in 0..<100 { health.measure(latencyMicroseconds: 7) }
    #expect(health.latencyMicroseconds <= 10)
  }

  @Test("tokens per second in thousandths")
  func tokenRate() throws {
    let health = try #require(registry.reference(for: "a"))
    for _ in 0..<50 { health.measure(tokens: 100, overMicroseconds: 2_000_000) }
    health.measure(tokens: 0, overMicroseconds: 5)
    health.measure(tokens: 5, overMicroseconds: 0)
    let rate = health.read(nowMilliseconds: 0, settings: settings).tokenRateThousandths
    #expect((49_900...50_100).contains(rate))
  }

  @Test("two threads lose no answer and no request in flight", .timeLimit(.minutes(1)))
  func shared() async throws {
    let health = try #require(registry.reference(for: "a"))
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for _ in 0..<5_000 { self.answer(health, .success, at: 100) }
        }
      }
    }
    let reading = health.read(nowMilliseconds: 100, settings: settings)
    #expect(reading.window.answers == 20_000)
    #expect(reading.inFlight == 0)
  }
}
