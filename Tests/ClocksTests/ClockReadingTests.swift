// SPDX-License-Identifier: MIT

import Clocks
import Testing

@Suite struct ClockReadingTests {
  @Test func systemClocksMove() {
    let first = MonotonicClock.system.now()
    var last = first
    for _ in 0..<1_000 {
      let next = MonotonicClock.system.now()
      #expect(next >= last)
      last = next
    }
    #expect(last > first)
    // After 2026-01-01 and before 2100: seconds were not mistaken for another unit.
    let seconds = WallClock.system.now().secondsSinceEpoch
    #expect(seconds > 1_767_225_600 && seconds < 4_102_444_800)
  }

  @Test func simulatedTimeMovesOnlyWhenTold() {
    let time = SimulatedTime()
    let monotonic = time.monotonicClock
    let wall = time.wallClock
    let start = monotonic.now()
    let wallStart = wall.now()
    #expect(monotonic.now() == start)
    time.advance(by: .milliseconds(250))
    #expect(monotonic.now() - start == .milliseconds(250))
    #expect(wall.now() - wallStart == .milliseconds(250))
    time.stepWallClock(by: .seconds(-3_600))
    #expect(monotonic.now() - start == .milliseconds(250))
    #expect(wall.now() - wallStart == .milliseconds(250 - 3_600_000))
  }
}
