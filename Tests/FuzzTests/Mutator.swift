// SPDX-License-Identifier: MIT

import Clocks

/// A small mutation engine for the smoke run: no coverage, but the same targets and seeds as
/// libFuzzer, in the debug build that the tests are built in anyway.
struct Mutator {
  static let inputLengthMaximum = 4_096

  private var random: RandomSource
  private let seeds: [[UInt8]]
  private let dictionary: [[UInt8]]

  init(seed: UInt64, seeds: [[UInt8]], dictionary: [String]) {
    random = RandomSource(seed: seed)
    self.seeds = seeds.isEmpty ? [[]] : seeds
    self.dictionary = dictionary.map { Array($0.utf8) }
  }

  /// The next input: a seed after one to eight changes.
  mutating func next() -> [UInt8] {
    var input = seeds[number(below: seeds.count)]
    for _ in 0...number(below: 8) { change(&input) }
    return Array(input.prefix(Mutator.inputLengthMaximum))
  }

  private mutating func number(below bound: Int) -> Int {
    bound <= 1 ? 0 : Int(random.next(below: UInt32(bound)))
  }

  private mutating func change(_ input: inout [UInt8]) {
    let place = number(below: input.count + 1)
    switch number(below: 8) {
    case 0 where place < input.count: input[place] ^= 1 << UInt8(number(below: 8))
    case 1 where place < input.count: input[place] = UInt8(number(below: 256))
    case 2: input.insert(UInt8(number(below: 256)), at: place)
    case 3 where place < input.count:
      input.removeSubrange(place..<min(input.count, place + 1 + number(below: 8)))
    case 4 where !dictionary.isEmpty:
      input.insert(contentsOf: dictionary[number(below: dictionary.count)], at: place)
    case 5 where place < input.count:
      let end = min(input.count, place + 1 + number(below: 32))
      input.insert(contentsOf: Array(input[place..<end]), at: number(below: input.count + 1))
    case 6:
      // The head of this input and the tail of another.
      let other = seeds[number(below: seeds.count)]
      input = Array(input[..<place]) + other.dropFirst(number(below: other.count + 1))
    default: input.removeLast(min(input.count, number(below: 8)))
    }
  }
}
