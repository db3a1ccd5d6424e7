// SPDX-License-Identifier: MIT

public import Accounts
public import Bytes
public import ModelCatalog

/// What routing knows of a request. Views are borrowed until the decision is made; texts must be
/// valid UTF-8, which the JSON scanner has seen to.
public struct RouteRequest: BitwiseCopyable, Sendable {
  public var requestedModel: ByteView
  /// Nil when there is no key: every model may be asked for.
  public var key: KeyIndex?
  /// The capability that the endpoint needs: `.chat`, `.completion` or `.embeddings`.
  public var capability: Capabilities = .chat
  public var estimatedInputTokens: Int64 = 0
  /// What the caller asked for; negative when it did not say.
  public var maximumOutputTokens: Int64 = -1
  public var isStream = false
  public var hasTools = false
  public var hasImages = false
  /// Empty when unknown.
  public var useCase: ByteView = .empty
  public var sourceAddress: SourceAddress = .unknown
  /// USD × 10^4; nil when there is no budget, which policies see as `unlimitedBudget`.
  public var costBudgetRemaining: Int64?
  /// Share × 10^4.
  public var budgetUsedRatio: Int64 = 0
  /// Nil when none is wanted, which policies see as `unlimitedLatencyMilliseconds`.
  public var latencySLAMilliseconds: Int64?
  /// Of the monotonic clock that circuits and health use.
  public var nowMilliseconds: Int64
  /// Since 1970.
  public var wallMilliseconds: Int64 = 0
  /// Uniform bits for weighted choices; the same bits give the same answer.
  public var random: UInt64 = 0
  /// `AffinityHash` of the session that the client names, and of the prompt's beginning; 0 for
  /// none.
  public var sessionHash: UInt64 = 0
  public var prefixHash: UInt64 = 0
  public private(set) var tagCount = 0
  private var tags: InlineArray<8, ByteView> = InlineArray(repeating: .empty)

  public static let tagsMaximum = 8
  /// A thousand million dollars, × 10^4.
  public static let unlimitedBudget: Int64 = 10_000_000_000_000
  /// An hour.
  public static let unlimitedLatencyMilliseconds: Int64 = 3_600_000

  public init(requestedModel: ByteView, key: KeyIndex? = nil, nowMilliseconds: Int64) {
    self.requestedModel = requestedModel
    self.key = key
    self.nowMilliseconds = nowMilliseconds
  }

  /// Adds a tag; those beyond `tagsMaximum` are left out.
  public mutating func add(tag: ByteView) {
    guard tagCount < Self.tagsMaximum else { return }
    tags[tagCount] = tag
    tagCount += 1
  }

  public func tag(_ position: Int) -> ByteView { tags[position] }
}

/// The address of a caller.
@frozen
public enum SourceAddress: BitwiseCopyable, Hashable, Sendable {
  case unknown
  case version4(UInt32)
  case version6(high: UInt64, low: UInt64)
}
