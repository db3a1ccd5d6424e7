// SPDX-License-Identifier: MIT

import Clocks
import DecisionIR
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

  /// A seed that a new version of the format made useless would go unnoticed.
  @Test func imageSeedsLoad() throws {
    for seed in try FuzzSmokeTests.seeds("policy-image") { _ = try Program(image: seed) }
  }

  /// An index that hides a policy would change decisions: none of its words can be another, its
  /// checksum set right.
  @Test func anIndexThatIsAnotherIsRefused() throws {
    let images = try FuzzSmokeTests.seeds("policy-image")
    let image = try #require(
      images.first { (try? Program(image: $0))?.ledPolicies.isEmpty == false })
    var tried = 0
    for number in 18...21 {
      // A section's entry: number, record size, offset, length.
      let entry = 32 + (number - 1) * 16
      func word(_ place: Int) -> Int {
        (0..<4).reduce(0) { $0 | Int(image[place + $1]) << ($1 * 8) }
      }
      #expect(word(entry) == number)
      for place in stride(from: word(entry + 8), to: word(entry + 8) + word(entry + 12), by: 4) {
        for value in [word(place) + 1, word(place) - 1, 0, 1, 7, 0xFFFF_FFFF, 0x3000_0000]
        where value & 0xFFFF_FFFF != word(place) {
          var changed = image
          for byte in 0..<4 {
            changed[place + byte] = UInt8(truncatingIfNeeded: value >> (byte * 8))
          }
          #expect(throws: ImageError.self, "section \(number), byte \(place): \(value)") {
            try Program(image: sealed(changed))
          }
          tried += 1
        }
      }
    }
    #expect(tried > 200)
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
