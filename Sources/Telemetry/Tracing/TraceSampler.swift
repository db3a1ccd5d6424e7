// SPDX-License-Identifier: MIT

/// Which traces are recorded. The names are those of `OTEL_TRACES_SAMPLER`.
///
/// The decision rests on the trace's id alone (its last 56 bits, which W3C level 2 says are
/// random), so every service that samples by the same ratio keeps the same traces. What goes wrong
/// is recorded whatever the decision was; see `Worker`.
@frozen
public struct TraceSampler: BitwiseCopyable, Equatable, Sendable {
  /// Whether a parent's decision is followed.
  public let isParentBased: Bool
  /// Ids whose last 56 bits are at or above this are sampled; 2^56 samples none.
  public let threshold: UInt64

  static let idBitCount: UInt64 = 56

  public static let names = [
    "always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off",
    "parentbased_traceidratio",
  ]

  public static let standard = TraceSampler(isParentBased: true, ratio: 1)

  /// - Parameter ratio: the share of traces that is sampled; what is outside 0 to 1 counts as the
  ///   nearer end.
  public init(isParentBased: Bool, ratio: Double) {
    self.isParentBased = isParentBased
    let share = ratio.isNaN ? 1 : min(max(ratio, 0), 1)
    threshold = UInt64((1 - share) * Double(UInt64(1) << Self.idBitCount))
  }

  /// - Parameters:
  ///   - name: one of `names`; nil for another.
  ///   - ratio: for the names with `traceidratio`.
  public init?(name: String, ratio: Double) {
    switch name {
    case "always_on": self.init(isParentBased: false, ratio: 1)
    case "always_off": self.init(isParentBased: false, ratio: 0)
    case "traceidratio": self.init(isParentBased: false, ratio: ratio)
    case "parentbased_always_on": self.init(isParentBased: true, ratio: 1)
    case "parentbased_always_off": self.init(isParentBased: true, ratio: 0)
    case "parentbased_traceidratio": self.init(isParentBased: true, ratio: ratio)
    default: return nil
    }
  }

  /// - Parameters:
  ///   - traceLow: the last eight bytes of the trace's id.
  ///   - parent: the context that came with the request.
  public func samples(traceLow: UInt64, parent: TraceContext?) -> Bool {
    if isParentBased, let parent { return parent.isSampled }
    return traceLow & (1 << Self.idBitCount - 1) >= threshold
  }
}
