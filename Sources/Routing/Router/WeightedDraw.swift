// SPDX-License-Identifier: MIT

/// Random order by weight (Efraimidis and Spirakis, 2006): each gets an exponential variate divided
/// by its weight, and the smallest is first. One pass, no sum of weights, and reproducible: the
/// variate depends on the request's bits and the item alone.
enum WeightedDraw {
  /// Smaller is earlier.
  static func score(random: UInt64, item: UInt16, weight: Int64) -> Int64 {
    score(word: random &+ (UInt64(item) &+ 1) &* 0x9e37_79b9_7f4a_7c15, weight: weight)
  }

  /// The same for a key that always gives the same: both are hashes.
  static func score(key: UInt64, item: UInt64, weight: Int64) -> Int64 {
    score(word: key &+ item, weight: weight)
  }

  private static func score(word start: UInt64, weight: Int64) -> Int64 {
    var word = start
    word = (word ^ word >> 30) &* 0xbf58_476d_1ce4_e5b9
    word = (word ^ word >> 27) &* 0x94d0_49bb_1331_11eb
    word ^= word >> 31
    // 53 bits of (0, 1].
    let uniform = (Double(word >> 11) + 1) / 9_007_199_254_740_992
    let variate = -logarithm(uniform) / Double(max(weight, 1))
    return Int64(variate * 1e12)
  }

  /// The natural logarithm, to about ten digits: the exponent, and the series of the inverse
  /// hyperbolic tangent for the significand. The C library is not for pure layers.
  static func logarithm(_ value: Double) -> Double {
    let significand = value.significand
    let ratio = (significand - 1) / (significand + 1)
    let square = ratio * ratio
    var term = ratio
    var sum = 0.0
    var odd = 1.0
    while odd < 20 {
      sum += term / odd
      term *= square
      odd += 2
    }
    return Double(value.exponent) * 0.693_147_180_559_945_3 + 2 * sum
  }
}
