// SPDX-License-Identifier: MIT

import Clocks
import Telemetry
import Testing

@Suite struct TraceSamplerTests {
  static func share(_ sampler: TraceSampler, parent: TraceContext? = nil) -> Double {
    var random = RandomSource(seed: 7)
    let count = 20_000
    let sampled = (0..<count).filter { _ in
      sampler.samples(traceLow: random.next(), parent: parent)
    }
    return Double(sampled.count) / Double(count)
  }

  @Test(arguments: [0, 0.01, 0.25, 0.5, 1])
  func aRatioIsHeld(ratio: Double) {
    let share = Self.share(TraceSampler(isParentBased: true, ratio: ratio))
    #expect(abs(share - ratio) < 0.01)
  }

  @Test func theEndsAreExact() {
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: 0)) == 0)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: 1)) == 1)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: -3)) == 0)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: .infinity)) == 1)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: .nan)) == 1)
  }

  @Test func aSmallerRatioKeepsASubset() {
    let small = TraceSampler(isParentBased: false, ratio: 0.1)
    let large = TraceSampler(isParentBased: false, ratio: 0.3)
    var random = RandomSource(seed: 3)
    for _ in 0..<10_000 {
      let low = random.next()
      if small.samples(traceLow: low, parent: nil) {
        #expect(large.samples(traceLow: low, parent: nil))
      }
    }
  }

  @Test func parentsDecideWhereTheyMay() {
    let yes = TraceContext(traceHigh: 1, traceLow: 1, spanID: 1, flags: 1)
    let no = TraceContext(traceHigh: 1, traceLow: 1, spanID: 1, flags: 0)
    #expect(Self.share(TraceSampler(isParentBased: true, ratio: 0), parent: yes) == 1)
    #expect(Self.share(TraceSampler(isParentBased: true, ratio: 1), parent: no) == 0)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: 0), parent: yes) == 0)
    #expect(Self.share(TraceSampler(isParentBased: false, ratio: 1), parent: no) == 1)
  }

  @Test func namesAreThoseOfTheSpecification() {
    for name in TraceSampler.names { #expect(TraceSampler(name: name, ratio: 0.5) != nil) }
    #expect(TraceSampler(name: "jaeger_remote", ratio: 1) == nil)
    #expect(TraceSampler(name: "parentbased_always_on", ratio: 0) == .standard)
    #expect(
      TraceSampler(name: "traceidratio", ratio: 0.5)
        == TraceSampler(isParentBased: false, ratio: 0.5))
  }
}
