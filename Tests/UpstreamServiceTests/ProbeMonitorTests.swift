// SPDX-License-Identifier: MIT

import Clocks
import ModelCatalog
import Routing
import Testing
import UpstreamService

@Suite("When probes are sent, and what they say")
struct ProbeMonitorTests {
  static let settings = {
    var settings = HealthCheckSettings()
    settings.intervalMilliseconds = 10_000
    settings.unhealthyAfter = 3
    settings.healthyAfter = 2
    return settings
  }()

  /// A monitor with virtual time; each probe is answered by `answer` after `latency`.
  struct Run {
    var monitor: ProbeMonitor
    var now: Int64 = 0
    var random = RandomSource(seed: 7)
    var probes: [Int64] = []
    var changes: [String] = []
    let latency: Int64

    init(_ settings: HealthCheckSettings = ProbeMonitorTests.settings, latency: Int64 = 40) {
      self.latency = latency
      monitor = ProbeMonitor(settings, nowMilliseconds: 0, random: 12_345)
    }

    mutating func advance(to end: Int64, _ answer: (Int64) -> ProbeResult) {
      var due: Int64?
      while now <= end {
        if let at = due, now >= at {
          due = nil
          note(monitor.handle(.ended(answer(now)), nowMilliseconds: now, random: random.next()))
        }
        let actions = monitor.handle(.time, nowMilliseconds: now, random: random.next())
        if actions.probes {
          #expect(due == nil, "one probe at a time")
          probes.append(now)
          due = now + latency
        }
        note(actions)
        now += 10
      }
    }

    mutating func note(_ actions: ProbeMonitor.Actions) {
      if let verdict = actions.change { changes.append("\(verdict.name)@\(now)") }
    }
  }

  @Test("the first comes soon, the others by the interval and its jitter")
  func schedule() {
    var run = Run()
    run.advance(to: 600_000) { _ in .success }
    #expect(run.probes[0] < 1_000)
    let gaps = zip(run.probes.dropFirst(), run.probes).map { $0 - $1 }
    #expect(gaps.count >= 50)
    #expect(gaps.allSatisfy { (8_000...12_010).contains($0) })
    #expect(Set(gaps).count > 20, "they differ")
    #expect(run.changes.count == 1 && run.changes[0].hasPrefix("healthy@"))
  }

  @Test("three failures in a row make it unhealthy, two successes well again")
  func rows() {
    var settings = Self.settings
    settings.jitterThousandths = 0
    var run = Run(settings)
    run.advance(to: 100_000) { now in
      switch now {
      case ..<25_000: .success
      case ..<35_000: .failure  // one
      case ..<45_000: .success
      case ..<75_000: .failure  // three in a row
      default: .success
      }
    }
    let verdicts = run.changes.map { String($0.prefix { $0 != "@" }) }
    #expect(verdicts == ["healthy", "unhealthy", "healthy"])
    #expect(run.monitor.verdict == .healthy)
  }

  @Test("what never succeeded is unhealthy after the same row; what says nothing breaks no row")
  func unknown() {
    let steps: [(ProbeResult, ProbeVerdict?)] = [
      (.failure, nil), (.inconclusive, nil), (.failure, nil), (.failure, .unhealthy),
      (.success, nil), (.inconclusive, nil), (.failure, nil), (.success, nil),
      (.success, .healthy),
    ]
    var monitor = ProbeMonitor(Self.settings, nowMilliseconds: 0, random: 0)
    for (index, step) in steps.enumerated() {
      let actions = monitor.handle(.ended(step.0), nowMilliseconds: 0, random: 0)
      #expect(actions.change == step.1, "step \(index)")
      if index < 3 { #expect(monitor.verdict == .unknown) }
    }
  }

  @Test("suspicion brings the next probe forward, a second apart at most")
  func suspicion() {
    var monitor = ProbeMonitor(Self.settings, nowMilliseconds: 0, random: 0)
    var probes: [Int64] = []
    for time in stride(from: Int64(0), through: 5_000, by: 100) {
      let actions = monitor.handle(.suspicion, nowMilliseconds: time, random: 0)
      if actions.probes {
        probes.append(time)
        _ = monitor.handle(.ended(.failure), nowMilliseconds: time, random: 0)
      }
    }
    #expect(probes == [0, 1_000, 2_000, 3_000, 4_000, 5_000])
  }

  @Test("a hanging probe delays the next one, and no other is sent beside it")
  func hanging() {
    var settings = Self.settings
    settings.intervalMilliseconds = 100
    var run = Run(settings, latency: 5_000)
    run.advance(to: 20_000) { _ in .failure }
    #expect(run.probes.count <= 5)
    #expect(run.changes.map { String($0.prefix { $0 != "@" }) } == ["unhealthy"])
  }
}
