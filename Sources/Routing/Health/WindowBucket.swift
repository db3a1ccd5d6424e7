// SPDX-License-Identifier: MIT

/// One bucket of a sliding window in one word: 24 bits of epoch (the bucket's number on the time
/// line), 20 of answers, 20 of failures. A bucket whose epoch is not wanted counts as empty, so
/// nobody has to sweep.
@frozen
public struct WindowBucket: BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt64
  @inlinable public init(rawValue: UInt64) { self.rawValue = rawValue }

  /// Buckets in a window.
  public static let count = 10
  static let answersMaximum: UInt64 = (1 << 20) - 1

  public var epoch: Int64 { Int64(rawValue >> 40) }
  public var answers: Int64 { Int64(rawValue >> 20 & Self.answersMaximum) }
  public var failures: Int64 { Int64(rawValue & Self.answersMaximum) }

  static func epoch(nowMilliseconds: Int64, settings: CircuitSettings) -> Int64 {
    max(nowMilliseconds, 0) / max(settings.bucketMilliseconds, 1) & 0xff_ffff
  }

  /// The bucket with one answer more in `epoch`, begun anew if it was an earlier one's. Full
  /// buckets are halved, which keeps their rate.
  func adding(isFailure: Bool, epoch wanted: Int64) -> WindowBucket {
    var answers = UInt64(0)
    var failures = UInt64(0)
    if epoch == wanted {
      answers = UInt64(self.answers)
      failures = UInt64(self.failures)
      if answers == Self.answersMaximum { (answers, failures) = (answers / 2, failures / 2) }
    }
    answers += 1
    failures += isFailure ? 1 : 0
    return WindowBucket(rawValue: UInt64(wanted) << 40 | answers << 20 | failures)
  }

  /// Whether the bucket belongs to the window that ends in `now`.
  func isWithin(windowEndingAt now: Int64) -> Bool {
    let age = (now - epoch) & 0xff_ffff
    return age < Int64(Self.count)
  }
}

/// What a window holds.
@frozen
public struct WindowSum: BitwiseCopyable, Hashable, Sendable {
  public var answers: Int64
  public var failures: Int64

  @inlinable public init(answers: Int64 = 0, failures: Int64 = 0) {
    self.answers = answers
    self.failures = failures
  }

  public func isOver(_ settings: CircuitSettings) -> Bool {
    answers >= max(settings.minimumVolume, 1)
      && failures * 1_000 >= answers * settings.errorRateThousandths && failures > 0
  }

  /// Failures per answer in units of 10⁻⁴; 0 below the minimum volume, where one failure of two
  /// requests would read as an outage.
  public func errorRateCedarDecimal(_ settings: CircuitSettings) -> Int64 {
    guard answers >= max(settings.minimumVolume, 1) else { return 0 }
    return failures * 10_000 / answers
  }
}
