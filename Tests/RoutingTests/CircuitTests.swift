// SPDX-License-Identifier: MIT

import Routing
import Testing

@Suite("Circuit")
struct CircuitTests {
  static var settings: CircuitSettings {
    var settings = CircuitSettings()
    settings.jitterThousandths = 0
    return settings
  }

  func record(
    _ circuit: Circuit, _ outcome: AttemptOutcome, at now: Int64,
    admission: Admission = .admitted, isOver: Bool = false,
    settings: CircuitSettings = Self.settings
  ) -> Circuit {
    circuit.recording(
      outcome, admission: admission, isWindowOverThreshold: isOver, nowMilliseconds: now,
      random: 0, settings: settings)
  }

  func opened(at now: Int64) -> Circuit {
    (0..<5).reduce(Circuit.initial) { circuit, _ in record(circuit, .failure, at: now) }
  }

  @Test("five failures in a row open it; a success between starts the count again")
  func consecutive() {
    var circuit = Circuit.initial
    for _ in 0..<4 { circuit = record(circuit, .failure, at: 10) }
    #expect(circuit.state == .closed && circuit.failuresInARow == 4)
    circuit = record(circuit, .success, at: 10)
    #expect(circuit.failuresInARow == 0)
    for _ in 0..<5 { circuit = record(circuit, .failure, at: 10) }
    #expect(circuit.state == .open)
    #expect(circuit.milliseconds == 1_010)
    #expect(circuit.trips == 1)
  }

  @Test("the window opens it at the first failure over the threshold")
  func window() {
    let circuit = record(.initial, .failure, at: 10, isOver: true)
    #expect(circuit.state == .open)
  }

  @Test("a caller's fault changes nothing")
  func ignored() {
    var circuit = record(.initial, .failure, at: 0)
    for _ in 0..<100 { circuit = record(circuit, .ignored, at: 0) }
    #expect(circuit.state == .closed && circuit.failuresInARow == 1)
  }

  @Test("a rate limit opens it for its Retry-After, within the bound, and is no trip")
  func rateLimit() {
    var circuit = record(.initial, .rateLimited(retryAfterMilliseconds: 7_000), at: 100)
    #expect(circuit.state == .open && circuit.milliseconds == 7_100 && circuit.trips == 0)
    circuit = record(circuit, .rateLimited(retryAfterMilliseconds: 1_000), at: 200)
    #expect(circuit.milliseconds == 7_100)
    circuit = record(circuit, .rateLimited(retryAfterMilliseconds: 9_000_000), at: 200)
    #expect(circuit.milliseconds == 120_200)
    circuit = record(.initial, .rateLimited(retryAfterMilliseconds: -1), at: 100)
    #expect(circuit.milliseconds == 1_100)
  }

  @Test("after the cool-down a few probes pass; enough successes close it")
  func probes() {
    var circuit = opened(at: 0)
    #expect(
      circuit.admitting(nowMilliseconds: 999, settings: Self.settings).admission
        == .refused(untilMilliseconds: 1_000))
    var first: Admission
    (circuit, first) = circuit.admitting(nowMilliseconds: 1_000, settings: Self.settings)
    #expect(circuit.state == .halfOpen && circuit.probesInFlight == 1)
    var second: Admission
    (circuit, second) = circuit.admitting(nowMilliseconds: 1_001, settings: Self.settings)
    #expect(first == second)
    let third = circuit.admitting(nowMilliseconds: 1_002, settings: Self.settings)
    #expect(third.admission == .refused(untilMilliseconds: 31_000))
    #expect(!circuit.wouldAdmit(nowMilliseconds: 1_002, settings: Self.settings))
    circuit = record(circuit, .success, at: 1_100, admission: first)
    #expect(circuit.state == .halfOpen && circuit.probesInFlight == 1)
    circuit = record(circuit, .success, at: 1_200, admission: second)
    #expect(circuit.state == .closed)
  }

  @Test("a failed probe opens it for longer; the trips are forgiven after a time of peace")
  func growing() {
    var circuit = opened(at: 0)
    var now: Int64 = 1_000
    for expected: Int64 in [2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000] {
      let (halfOpen, admission) = circuit.admitting(nowMilliseconds: now, settings: Self.settings)
      circuit = record(halfOpen, .failure, at: now, admission: admission)
      #expect(circuit.state == .open && circuit.milliseconds - now == expected)
      now = circuit.milliseconds
    }
    for _ in 0..<2 {
      let (halfOpen, admission) = circuit.admitting(nowMilliseconds: now, settings: Self.settings)
      circuit = record(halfOpen, .success, at: now, admission: admission)
    }
    #expect(circuit.state == .closed && circuit.trips == 8)
    let soon = record(circuit, .failure, at: now + 1, isOver: true)
    #expect(soon.milliseconds - now - 1 == 60_000)
    let late = record(circuit, .failure, at: now + 120_000, isOver: true)
    #expect(late.milliseconds - now - 120_000 == 1_000 && late.trips == 1)
  }

  @Test("answers from before the circuit opened are no probes")
  func lateAnswers() {
    var circuit = opened(at: 0)
    var admission: Admission
    (circuit, admission) = circuit.admitting(nowMilliseconds: 1_000, settings: Self.settings)
    #expect(record(circuit, .failure, at: 1_001) == circuit)
    #expect(record(circuit, .success, at: 1_001) == circuit)
    let stale = Admission.probe(generation: 3)
    #expect(admission != stale)
    #expect(record(circuit, .success, at: 1_001, admission: stale) == circuit)
  }

  @Test("lost probes are replaced after their time")
  func lostProbes() {
    var circuit = opened(at: 0)
    for _ in 0..<2 {
      circuit = circuit.admitting(nowMilliseconds: 1_000, settings: Self.settings).next
    }
    #expect(!circuit.wouldAdmit(nowMilliseconds: 30_999, settings: Self.settings))
    let (next, admission) = circuit.admitting(nowMilliseconds: 31_000, settings: Self.settings)
    #expect(next.probesInFlight == 1)
    #expect(admission == .probe(generation: 2))
  }

  @Test("jitter stays within its bounds and is used")
  func jitter() {
    var settings = Self.settings
    settings.jitterThousandths = 200
    var seen: Set<Int64> = []
    for random in UInt64(0)..<1_000 {
      let circuit = Circuit.initial.recording(
        .failure, admission: .admitted, isWindowOverThreshold: true, nowMilliseconds: 0,
        random: random &* 0x9e37_79b9_7f4a_7c15, settings: settings)
      seen.insert(circuit.milliseconds)
    }
    #expect(seen.allSatisfy { (800...1_200).contains($0) })
    #expect(seen.count > 100)
  }
}
