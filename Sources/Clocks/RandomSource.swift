// SPDX-License-Identifier: MIT

/// xoshiro256**: a fast generator for jitter, weights, sampling and identifiers of requests.
///
/// Not for secrets: whoever sees a few outputs can predict the rest. Keys and nonces come from
/// `SystemRandomNumberGenerator`. Algorithm: Blackman and Vigna, "Scrambled Linear Pseudorandom
/// Number Generators" (2021).
@frozen
public struct RandomSource: RandomNumberGenerator, Sendable {
  @usableFromInline var state0: UInt64
  @usableFromInline var state1: UInt64
  @usableFromInline var state2: UInt64
  @usableFromInline var state3: UInt64

  /// Seeded from the kernel's generator.
  public init() {
    var system = SystemRandomNumberGenerator()
    self.init(seed: system.next())
  }

  /// The same seed gives the same numbers, on every machine and in every release.
  public init(seed: UInt64) {
    // SplitMix64 spreads the seed, as the authors advise; its four outputs are never all zero.
    var seeds = seed
    func spread() -> UInt64 {
      seeds &+= 0x9E37_79B9_7F4A_7C15
      var mixed = seeds
      mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
      mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
      return mixed ^ (mixed >> 31)
    }
    state0 = spread()
    state1 = spread()
    state2 = spread()
    state3 = spread()
  }

  @inlinable
  public mutating func next() -> UInt64 {
    let result = rotateLeft(state1 &* 5, by: 7) &* 9
    let shifted = state1 << 17
    state2 ^= state0
    state3 ^= state1
    state1 ^= state2
    state0 ^= state3
    state2 ^= shifted
    state3 = rotateLeft(state3, by: 45)
    return result
  }

  /// A number in `0..<bound`, without bias beyond 2⁻³².
  ///
  /// - Precondition: the bound is not zero.
  @inlinable
  public mutating func next(below bound: UInt32) -> UInt32 {
    precondition(bound > 0)
    return UInt32(truncatingIfNeeded: ((next() >> 32) &* UInt64(bound)) >> 32)
  }

  /// A number in `0..<1` with 53 random bits.
  @inlinable
  public mutating func nextUnit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// An interval drawn evenly from half of `interval` to the whole of it: "equal jitter", which
  /// spreads retries without ever making them immediate.
  @inlinable
  public mutating func jittered(_ interval: Interval) -> Interval {
    let half = interval.nanoseconds / 2
    return Interval(nanoseconds: half + Int64(Double(interval.nanoseconds - half) * nextUnit()))
  }
}

@inlinable @inline(__always)
func rotateLeft(_ value: UInt64, by count: UInt64) -> UInt64 {
  (value << count) | (value >> (64 - count))
}
