// SPDX-License-Identifier: MIT

/// What the policies say about one candidate of a batch.
@frozen
public struct CandidateVerdict: Sendable, BitwiseCopyable {
  /// Whether a permit holds and no forbid does.
  public var isAllowed: Bool
  /// Conditions that failed for this candidate while the decision was made. Conditions on the
  /// resource or the principal alone are judged ahead and not counted: `explain` gives all errors.
  public var failureCount: UInt16
  /// Number of the deciding permit, or -1: the highest `@priority` among the satisfied ones, then
  /// the first in file order. Known for allowed candidates only.
  public var permit: Int32
  /// Number of the first satisfied forbid in file order, or -1.
  public var forbid: Int32
  /// `@priority` of the deciding permit times 10^4; 0 without one.
  public var priority: Int64

  /// A candidate about which nothing is said: denied.
  public init() {
    isAllowed = false
    failureCount = 0
    permit = -1
    forbid = -1
    priority = 0
  }
}
