// SPDX-License-Identifier: MIT

import Routing
import TestSupport
import Testing

/// Random histories against what must hold in each of them. The seed is in the test's name.
@Suite("Circuit: random histories")
struct CircuitModelTests {
  static func settings(_ generator: inout SeededGenerator) -> CircuitSettings {
    var settings = CircuitSettings()
    settings.consecutiveFailures = Int64.random(in: 1...8, using: &generator)
    settings.probesMaximum = Int64.random(in: 1...5, using: &generator)
    settings.probeSuccesses = Int64.random(in: 1...5, using: &generator)
    settings.coolDownMilliseconds = Int64.random(in: 1...2_000, using: &generator)
    settings.probeTimeoutMilliseconds = Int64.random(in: 1...5_000, using: &generator)
    settings.jitterThousandths = Int64.random(in: 0...500, using: &generator)
    return settings
  }

  static func outcome(_ generator: inout SeededGenerator) -> AttemptOutcome {
    switch Int.random(in: 0..<10, using: &generator) {
    case 0..<4: .success
    case 4..<8: .failure
    case 8: .rateLimited(retryAfterMilliseconds: .random(in: -1...3_000, using: &generator))
    default: .ignored
    }
  }

  @Test("what must hold after every event", arguments: UInt64(1)...50)
  func invariants(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    let settings = Self.settings(&generator)
    var circuit = Circuit.initial
    var now: Int64 = 0
    var outstanding: [Admission] = []
    for _ in 0..<2_000 {
      now += Int64.random(in: 0...400, using: &generator)
      let before = circuit
      if outstanding.isEmpty || Bool.random(using: &generator) {
        let (next, admission) = circuit.admitting(nowMilliseconds: now, settings: settings)
        circuit = next
        if case .refused = admission {
          #expect(before.state != .closed)
          #expect(!before.wouldAdmit(nowMilliseconds: now, settings: settings))
          #expect(circuit == before)
        } else {
          #expect(before.state != .open || now >= before.milliseconds)
          outstanding.append(admission)
        }
      } else {
        let position = outstanding.indices.randomElement(using: &generator)!
        let outcome = Self.outcome(&generator)
        circuit = circuit.recording(
          outcome, admission: outstanding.remove(at: position),
          isWindowOverThreshold: false, nowMilliseconds: now, random: generator.next(),
          settings: settings)
        if outcome == .ignored, before.state != .halfOpen { #expect(circuit == before) }
        if before.state == .open { #expect(circuit.state == .open) }
        if before.state == .closed, outcome == .success { #expect(circuit.state == .closed) }
      }
      #expect(circuit.probesInFlight <= settings.probesMaximum)
      if circuit.state == .open, before.state != .open {
        let wait = circuit.milliseconds - now
        #expect(wait >= 1 && wait <= settings.coolDownMaximumMilliseconds * 3 / 2)
      }
      if before.state == .halfOpen, circuit.state == .closed {
        #expect(before.probesInFlight > 0)
      }
    }
  }

  @Test("a deployment that is well again is closed in bounded time", arguments: UInt64(1)...50)
  func recovery(seed: UInt64) {
    var generator = SeededGenerator(seed: seed &* 77)
    let settings = Self.settings(&generator)
    var circuit = Circuit.initial
    var now: Int64 = 0
    for _ in 0..<500 {
      now += Int64.random(in: 0...400, using: &generator)
      let (next, admission) = circuit.admitting(nowMilliseconds: now, settings: settings)
      circuit = next
      if Int.random(in: 0..<4, using: &generator) == 0 { continue }
      circuit = circuit.recording(
        Self.outcome(&generator), admission: admission, isWindowOverThreshold: false,
        nowMilliseconds: now, random: generator.next(), settings: settings)
    }
    let worst =
      settings.coolDownMaximumMilliseconds * 3 / 2 + settings.probeTimeoutMilliseconds + 10_000
    let deadline = now + worst
    while circuit.state != .closed, now <= deadline {
      now += 50
      let (next, admission) = circuit.admitting(nowMilliseconds: now, settings: settings)
      circuit = next
      if case .refused = admission { continue }
      circuit = circuit.recording(
        .success, admission: admission, isWindowOverThreshold: false, nowMilliseconds: now,
        random: generator.next(), settings: settings)
    }
    #expect(circuit.state == .closed)
  }
}
