// SPDX-License-Identifier: MIT

import Clocks
import Testing

@Suite struct RandomSourceTests {
  @Test func matchesTheReferenceAlgorithm() {
    // The first outputs of the authors' C code (xoshiro256starstar.c seeded by splitmix64.c).
    var source = RandomSource(seed: 0)
    #expect(source.next() == 0x99ec_5f36_cb75_f2b4)
    #expect(source.next() == 0xbf6e_1f78_4956_452a)
    #expect(source.next() == 0x1a5f_849d_4933_e6e0)
    #expect(source.next() == 0x6aa5_94f1_262d_2d2c)
  }

  @Test func systemSeedsDiffer() {
    var first = RandomSource()
    var second = RandomSource()
    #expect(first.next() != second.next())
  }

  @Test func boundedNumbersStayInsideAndReachAll() {
    var source = RandomSource(seed: 7)
    var seen = [Int](repeating: 0, count: 10)
    for _ in 0..<10_000 { seen[Int(source.next(below: 10))] += 1 }
    // Each value is expected 1,000 times with a deviation of 30; 5 deviations cannot fail by luck.
    #expect(seen.allSatisfy { (850...1_150).contains($0) })
    #expect(source.next(below: 1) == 0)
    for _ in 0..<1_000 {
      let unit = source.nextUnit()
      #expect(unit >= 0 && unit < 1)
    }
  }

  @Test func jitterKeepsHalf() {
    var source = RandomSource(seed: 9)
    let whole = Interval.milliseconds(100)
    var lowest = whole
    var highest = Interval.zero
    for _ in 0..<1_000 {
      let drawn = source.jittered(whole)
      lowest = min(lowest, drawn)
      highest = max(highest, drawn)
    }
    #expect(lowest >= .milliseconds(50) && lowest < .milliseconds(52))
    #expect(highest <= whole && highest > .milliseconds(98))
    #expect(source.jittered(.zero) == .zero)
  }
}
