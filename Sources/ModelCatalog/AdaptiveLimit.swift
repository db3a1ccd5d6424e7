// SPDX-License-Identifier: MIT

/// Between what bounds a limit of concurrency follows the provider's latency.
@frozen
public struct AdaptiveLimit: BitwiseCopyable, Hashable, Sendable {
  /// The least that it becomes: 1 or more.
  public var minimum: Int64
  /// Where it begins, which should be below what the provider can take.
  public var initial: Int64
  /// How many times slower than usual the provider may be, in thousandths.
  public var toleranceThousandths: Int64

  public static let initialStandard: Int64 = 4
  public static let toleranceThousandthsStandard: Int64 = 1_500
  public static let toleranceThousandthsRange: ClosedRange<Int64> = 1_100...10_000

  /// - Parameter initial: nil for `initialStandard`, or the minimum if that is more.
  public init(
    minimum: Int64 = 1, initial: Int64? = nil,
    toleranceThousandths: Int64 = AdaptiveLimit.toleranceThousandthsStandard
  ) {
    self.minimum = max(minimum, 1)
    self.initial = max(initial ?? Self.initialStandard, self.minimum)
    self.toleranceThousandths = toleranceThousandths
  }
}
