// SPDX-License-Identifier: MIT

/// FNV-1a with a final mix: the same on every run and machine, unlike Swift's seeded `Hasher`.
/// Every "random" choice of the scripted provider comes from one of these.
struct StableHash {
  private(set) var state: UInt64 = 0xCBF2_9CE4_8422_2325

  mutating func combine(_ text: some StringProtocol) {
    for byte in text.utf8 { combine(byte: byte) }
    combine(byte: 0xFF)  // No UTF-8 byte: keeps "ab","c" apart from "a","bc".
  }

  mutating func combine(_ value: Int64) {
    var rest = UInt64(bitPattern: value)
    for _ in 0..<8 {
      combine(byte: UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func combine(byte: UInt8) {
    state = (state ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
  }

  /// The hash so far, well mixed in all bits.
  var value: UInt64 {
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Sixteen hexadecimal digits of ``value``.
  var digits: String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: 16 - text.count) + text
  }
}

/// SplitMix64: a stream of numbers from one hash.
struct StableRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
