// SPDX-License-Identifier: MIT

import Routing
import Testing

@Suite("Circuits under health probes")
struct HealthProbeTests {
  let registry = HealthRegistry()
  let settings = CircuitTests.settings

  func fail(_ health: HealthReference, at now: Int64, times: Int = 5) {
    for _ in 0..<times {
      let admission = health.begin(nowMilliseconds: now, settings: settings)
      if case .refused = admission { return }
      health.end(
        .failure, admission: admission, nowMilliseconds: now, random: 0, settings: settings)
    }
  }

  @Test("held: nothing gets through, late answers change nothing; released: everything does")
  func holdAndRelease() throws {
    let health = try #require(registry.reference(for: "a"))
    let early = health.begin(nowMilliseconds: 0, settings: settings)
    health.hold(untilMilliseconds: 5_000, nowMilliseconds: 100)
    #expect(health.circuit.state == .open)
    #expect(!health.wouldAdmit(nowMilliseconds: 4_999, settings: settings))
    health.end(.success, admission: early, nowMilliseconds: 200, random: 0, settings: settings)
    #expect(health.circuit.state == .open)
    health.hold(untilMilliseconds: 4_000, nowMilliseconds: 300)
    #expect(health.circuit.milliseconds == 5_000, "a hold is never shortened")
    health.hold(untilMilliseconds: 9_000, nowMilliseconds: 4_000)
    #expect(!health.wouldAdmit(nowMilliseconds: 8_999, settings: settings))
    health.release(ownUntilMilliseconds: 0, nowMilliseconds: 6_000, settings: settings)
    #expect(health.circuit.state == .closed)
    #expect(health.begin(nowMilliseconds: 6_000, settings: settings) == .admitted)
  }

  @Test("a hold that nobody renews ends in a trial by a request")
  func lease() throws {
    let health = try #require(registry.reference(for: "a"))
    health.hold(untilMilliseconds: 5_000, nowMilliseconds: 0)
    guard case .probe = health.begin(nowMilliseconds: 5_000, settings: settings) else {
      Issue.record("no trial")
      return
    }
    // Requests decide now; a release that comes late leaves it to them.
    health.release(ownUntilMilliseconds: 0, nowMilliseconds: 5_001, settings: settings)
    #expect(health.circuit.state == .halfOpen)
  }

  @Test("a cool-down of its own is not cut short by the release, and its trips are remembered")
  func ownCoolDown() throws {
    let health = try #require(registry.reference(for: "a"))
    fail(health, at: 0)
    let own = health.circuit.milliseconds
    #expect(own > 0 && health.circuit.trips == 1)
    health.hold(untilMilliseconds: own + 5_000, nowMilliseconds: 10)
    health.release(ownUntilMilliseconds: own, nowMilliseconds: 20, settings: settings)
    #expect(health.circuit.state == .open)
    #expect(health.circuit.milliseconds == own)
    health.hold(untilMilliseconds: own + 5_000, nowMilliseconds: 30)
    health.release(ownUntilMilliseconds: own, nowMilliseconds: own + 1, settings: settings)
    #expect(health.circuit.state == .closed)
    #expect(health.circuit.trips == 1)
    #expect(
      health.read(nowMilliseconds: own + 1, settings: settings).window.failures == 0,
      "old failures do not open it again")
  }

  @Test("while trials are reserved, only probes try an open circuit out")
  func reserved() throws {
    let health = try #require(registry.reference(for: "a"))
    fail(health, at: 0)
    let over = health.circuit.milliseconds + 1
    health.reserveTrials(untilMilliseconds: over + 1_000)
    #expect(!health.wouldAdmit(nowMilliseconds: over, settings: settings))
    guard case .refused = health.begin(nowMilliseconds: over, settings: settings) else {
      Issue.record("a request was let through")
      return
    }
    for _ in 0..<2 {
      let trial = health.begin(nowMilliseconds: over, settings: settings, isTrial: true)
      guard case .probe = trial else {
        Issue.record("the trial was refused")
        return
      }
      health.end(
        .success, admission: trial, nowMilliseconds: over, random: 0, settings: settings)
    }
    #expect(health.circuit.state == .closed)
    #expect(health.begin(nowMilliseconds: over, settings: settings) == .admitted)
    #expect(health.inFlight == 1)
    // Nobody renews the reservation: requests are let through again.
    fail(health, at: over + 10)
    #expect(health.circuit.state == .open)
    #expect(
      health.wouldAdmit(nowMilliseconds: health.circuit.milliseconds + 1_000, settings: settings))
  }

  @Test("the verdict is shown")
  func verdict() throws {
    let health = try #require(registry.reference(for: "a"))
    #expect(health.probe == .none)
    health.setProbe(.unhealthy)
    #expect(health.read(nowMilliseconds: 0, settings: settings).probe == .unhealthy)
  }
}
