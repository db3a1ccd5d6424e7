// SPDX-License-Identifier: MIT

/// Estimates that move with each sample and fit in one word, 0 meaning "no sample yet".
enum MovingEstimate {
  /// Exponentially weighted mean with weight 1/8 for the new sample, never back at 0.
  /// Rounded down: a mean that lies above steady samples comes down to them.
  static func mean(_ current: UInt64, sample: UInt64) -> UInt64 {
    let sample = min(max(sample, 1), 1 << 50)
    if current == 0 { return sample }
    let sum = current.multipliedReportingOverflow(by: 7)
    if sum.overflow { return sample }
    return max((sum.partialValue + sample) / 8, 1)
  }

  /// The 95th percentile by multiplicative steps: a sample above moves the estimate up by 1/16,
  /// one below moves it down by a nineteenth of that, so that it rests where 5 % lie above.
  /// The value is kept times 1,024 by the caller so that small steps are not lost.
  static func percentile95(_ current: UInt64, sample: UInt64) -> UInt64 {
    let sample = min(max(sample, 1), 1 << 50)
    if current == 0 { return sample }
    let step = max(current / 16, 19)
    if sample > current { return min(current + step, sample) }
    return max(current - step / 19, sample)
  }
}
