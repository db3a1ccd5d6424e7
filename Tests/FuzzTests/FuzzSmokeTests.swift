// SPDX-License-Identifier: MIT

import Clocks
import Foundation
import FuzzTargets
import Testing

/// Every fuzz target for a moment, from fixed numbers: the same inputs on every machine.
@Suite(.serialized) struct FuzzSmokeTests {
  static let inputCount = 20_000
  static let timeLimit = Interval.seconds(20)

  static func seeds(_ name: String) throws -> [[UInt8]] {
    let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().appendingPathComponent("Fuzz/Corpus/\(name)")
    let files = try FileManager.default.contentsOfDirectory(
      at: folder, includingPropertiesForKeys: nil)
    return try files.sorted { $0.path < $1.path }.map { [UInt8](try Data(contentsOf: $0)) }
  }

  @Test(arguments: FuzzTarget.all.map(\.name))
  func holds(name: String) throws {
    let target = try #require(FuzzTarget.named(name))
    let seeds = try FuzzSmokeTests.seeds(name)
    #expect(!seeds.isEmpty)
    for seed in seeds { try target.run(seed) }
    var mutator = Mutator(seed: 1, seeds: seeds, dictionary: target.dictionary)
    let clock = MonotonicClock.system
    let end = clock.now() + FuzzSmokeTests.timeLimit
    for _ in 0..<FuzzSmokeTests.inputCount where clock.now() < end {
      let input = mutator.next()
      do {
        try target.run(input)
      } catch let failure as FuzzFailure {
        Issue.record("\(failure.message) — input in hexadecimal: \(hexadecimal(input))")
        return
      }
    }
  }

  /// The image target sets checksums right by its own copy of the rule, which must be the rule.
  @Test func imageSeedsAreSealed() throws {
    for seed in try FuzzSmokeTests.seeds("policy-image") { #expect(isSealed(seed)) }
  }

  /// The canary: if the engine cannot find this, its silence about the others means nothing.
  @Test func aPlantedFaultIsFound() {
    struct Planted: Error {}
    func run(_ input: [UInt8]) throws {
      if input.count > 12, input.contains(where: { $0 >= 0x80 }),
        input.starts(with: Array("GET".utf8))
      {
        throw Planted()
      }
    }
    var mutator = Mutator(seed: 1, seeds: [Array("GET / HTTP".utf8)], dictionary: ["Host: "])
    #expect(throws: Planted.self) {
      for _ in 0..<FuzzSmokeTests.inputCount { try run(mutator.next()) }
    }
  }

  private func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { String(UInt16($0) | 0x100, radix: 16).dropFirst() }.joined()
  }
}
