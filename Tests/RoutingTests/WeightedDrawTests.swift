// SPDX-License-Identifier: MIT

import Glibc
import Testing

@testable import Routing

@Suite("WeightedDraw")
struct WeightedDrawTests {
  @Test("the logarithm is the C library's to nine digits")
  func logarithm() {
    for step in 1...10_000 {
      let value = Double(step) / 10_000
      #expect(abs(WeightedDraw.logarithm(value) - log(value)) < 1e-9)
    }
    for exponent in 1...53 {
      let value = 1 / Double(UInt64(1) << exponent)
      #expect(abs(WeightedDraw.logarithm(value) - log(value)) < 1e-9)
    }
  }

  @Test("scores are never negative, whatever the bits and the weight")
  func range() {
    for random in [0, 1, UInt64.max, 0x8000_0000_0000_0000] {
      for weight in [-1, 0, 1, 10_000, Int64.max] {
        #expect(WeightedDraw.score(random: random, item: 7, weight: weight) >= 0)
      }
    }
  }
}
