// SPDX-License-Identifier: MIT

import ModelCatalog
import TestSupport
import Testing

@testable import Routing

@Suite("Places at a gate")
struct PlaceCountsTests {
  @Test("a place is taken while one is free and no one waits")
  func taking() throws {
    let one = try #require(PlaceCounts.initial.taking(limit: 2))
    let two = try #require(one.taking(limit: 2))
    #expect(two.taken == 2)
    #expect(two.taking(limit: 2) == nil)
    let waiting = try #require(two.joining(queueMaximum: 1))
    #expect(waiting.joining(queueMaximum: 1) == nil)
    let (passed, isPassedOn) = waiting.giving(limit: 2)
    #expect(isPassedOn && passed == waiting)
    #expect(passed.taking(limit: 3) == nil, "not before those who wait")
    #expect(passed.leaving().giving(limit: 2).next == PlaceCounts(taken: 1, waiting: 0))
  }

  @Test("a smaller limit lets places go, a larger one gives them to those who wait")
  func changingLimit() throws {
    let full = PlaceCounts(taken: 4, waiting: 3)
    let (next, isPassedOn) = full.giving(limit: 2)
    #expect(!isPassedOn && next == PlaceCounts(taken: 3, waiting: 3))
    #expect(PlaceCounts(taken: 2, waiting: 3).giving(limit: 2).isPassedOn)
    #expect(full.granting(limit: 4) == nil)
    #expect(full.granting(limit: 5) == PlaceCounts(taken: 5, waiting: 3))
    #expect(PlaceCounts(taken: 4, waiting: 0).granting(limit: 5) == nil)
  }

  @Test("while anyone waits a place is taken, whatever happens", arguments: 1...20)
  func someoneWillGive(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    var counts = PlaceCounts.initial
    for _ in 0..<2_000 {
      let limit = Int64.random(in: 1...4, using: &random)
      switch Int64.random(in: 0...4, using: &random) {
      case 0: counts = counts.taking(limit: limit) ?? counts
      case 1:
        if counts.taking(limit: limit) == nil {
          counts = counts.joining(queueMaximum: 5) ?? counts
        }
      case 2 where counts.waiting > 0: counts = counts.leaving()
      case 3: counts = counts.granting(limit: limit) ?? counts
      default: if counts.taken > 0 { counts = counts.giving(limit: limit).next }
      }
      #expect(counts.taken <= 4 && counts.waiting <= 5)
      #expect(counts.waiting == 0 || counts.taken > 0)
    }
  }
}
