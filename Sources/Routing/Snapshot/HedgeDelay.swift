// SPDX-License-Identifier: MIT

/// `@hedge`: how long an attempt may go without an answer before a second one is sent to the next
/// deployment of the plan. In two bytes, because every plan holds one.
@frozen
public struct HedgeDelay: BitwiseCopyable, Hashable, Sendable {
  /// 0 for no hedging, `.max` for the deployment's 95th percentile, else milliseconds.
  @usableFromInline let word: UInt16

  @inlinable init(word: UInt16) { self.word = word }

  /// No second attempt.
  public static let off = HedgeDelay(word: 0)
  /// As long as 95 % of the deployment's answers took to begin.
  public static let percentile95 = HedgeDelay(word: .max)

  /// The longest delay that can be asked for.
  public static let millisecondsMaximum: Int64 = 60_000
  /// The least delay by percentile: what answers in no time is not worth a second request.
  public static let percentileMillisecondsMinimum: Int64 = 10
  /// The delay by percentile while a deployment has answered less than `samplesMinimum` times.
  public static let unmeasuredMilliseconds: Int64 = 1_000
  /// Answers after which the percentile is believed.
  public static let samplesMinimum = 20

  /// Reads the annotation's value: `p95`, or a whole number followed by `ms` or `s` from `1ms` to
  /// `60s`. Nil for anything else.
  public init?(_ text: String) {
    if text == "p95" {
      self = .percentile95
      return
    }
    let isSeconds = !text.hasSuffix("ms")
    let digits = text.utf8.dropLast(isSeconds ? 1 : 2)
    guard text.hasSuffix("s"), (1...9).contains(digits.count),
      digits.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int64(Substring(digits))
    else { return nil }
    let milliseconds = isSeconds ? number * 1_000 : number
    guard (1...Self.millisecondsMaximum).contains(milliseconds) else { return nil }
    word = UInt16(milliseconds)
  }

  @inlinable @inline(__always)
  public var isOn: Bool { word != 0 }

  /// How long to wait for a deployment with this history.
  public func milliseconds(for health: HealthReference) -> Int64 {
    guard self == .percentile95 else { return Int64(word) }
    guard health.latencySampleCount >= Self.samplesMinimum else {
      return Self.unmeasuredMilliseconds
    }
    let rounded = (health.latencyPercentile95Microseconds + 999) / 1_000
    return min(max(rounded, Self.percentileMillisecondsMinimum), Self.millisecondsMaximum)
  }

  /// As the annotation says it.
  public var text: String { self == .percentile95 ? "p95" : "\(word)ms" }
}
