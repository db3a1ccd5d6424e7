// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import Routing

@Suite("Hedge delays")
struct HedgeDelayTests {
  @Test(
    "what the annotation may say",
    arguments: [
      "250ms": 250, "1ms": 1, "60000ms": 60_000, "2s": 2_000, "60s": 60_000, "007ms": 7,
    ] as [String: Int64])
  func accepted(text: String, milliseconds: Int64) throws {
    let delay = try #require(HedgeDelay(text))
    let registry = HealthRegistry()
    let health = try #require(registry.reference(for: "a"))
    #expect(delay.isOn && delay.milliseconds(for: health) == milliseconds)
    #expect(delay.text == "\(milliseconds)ms")
    #expect(HedgeDelay(delay.text) == delay)
  }

  @Test(
    "what it may not",
    arguments: [
      "", "250", "ms", "s", "0ms", "0s", "-1ms", "+1ms", "1.5s", "60001ms", "61s", "p99", "P95",
      "p95 ", "250 ms", "250MS", "9999999999ms", "１ms", "1mss", "1m",
    ])
  func refused(text: String) { #expect(HedgeDelay(text) == nil) }

  @Test("by percentile: a default at first, then what was measured, never below the floor")
  func percentile() throws {
    let registry = HealthRegistry()
    let health = try #require(registry.reference(for: "a"))
    let delay = HedgeDelay.percentile95
    for count in 0..<HedgeDelay.samplesMinimum {
      #expect(health.latencySampleCount == count)
      #expect(delay.milliseconds(for: health) == HedgeDelay.unmeasuredMilliseconds)
      health.measure(latencyMicroseconds: 400_000)
    }
    #expect(delay.milliseconds(for: health) == 400)
    health.measure(latencyMicroseconds: 400_000)
    #expect(health.latencySampleCount == HedgeDelay.samplesMinimum)

    let quick = try #require(registry.reference(for: "b"))
    for _ in 0..<30 { quick.measure(latencyMicroseconds: 90) }
    #expect(delay.milliseconds(for: quick) == HedgeDelay.percentileMillisecondsMinimum)
    let slow = try #require(registry.reference(for: "c"))
    for _ in 0..<30 { slow.measure(latencyMicroseconds: 90_000_000) }
    #expect(delay.milliseconds(for: slow) == HedgeDelay.millisecondsMaximum)
  }

  @Test("the 95th percentile stays near the truth though slow answers are overtaken and not seen")
  func censored() throws {
    let registry = HealthRegistry()
    let told = try #require(registry.reference(for: "told"))
    let untold = try #require(registry.reference(for: "untold"))
    var generator = SeededGenerator(seed: 95)
    for _ in 0..<20_000 {
      // One in ten takes a second, the others a tenth of it: the percentile is a second.
      let sample: Int64 = Int.random(in: 0..<10, using: &generator) == 0 ? 1_000_000 : 100_000
      for (health, says) in [(told, true), (untold, false)] {
        let delay = max(health.latencyPercentile95Microseconds, 100_000)
        if sample <= delay {
          health.measure(latencyMicroseconds: sample)
        } else if says {
          // Overtaken soon after the delay.
          health.measure(latencyAboveMicroseconds: delay * 11 / 10)
        }
      }
    }
    #expect(untold.latencyPercentile95Microseconds < 110_000)
    #expect(told.latencyPercentile95Microseconds > 500_000)
  }

  @Test("a bound below what is known says nothing")
  func bound() throws {
    let registry = HealthRegistry()
    let health = try #require(registry.reference(for: "a"))
    health.measure(latencyMicroseconds: 500_000)
    health.measure(latencyAboveMicroseconds: 499_999)
    #expect(health.latencyMicroseconds == 500_000 && health.latencySampleCount == 1)
    health.measure(latencyAboveMicroseconds: 900_000)
    #expect(health.latencyMicroseconds > 500_000 && health.latencySampleCount == 2)
    #expect(health.latencyPercentile95Microseconds > 500_000)
  }
}
