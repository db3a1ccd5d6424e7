// SPDX-License-Identifier: MIT

public import Bytes

/// A key's place in its table: dense, `0..<table.count`.
@frozen
public struct KeyIndex: BitwiseCopyable, Hashable, Sendable {
  public let rawValue: UInt32
  @inlinable public init(rawValue: UInt32) { self.rawValue = rawValue }
}

/// What is known of one key, as a plain row. The views live as long as the table.
@frozen
public struct KeyRecord: BitwiseCopyable, Sendable {
  public let index: KeyIndex
  public let digest: KeyDigest
  public let name: ByteView
  /// The caller's user and team, as Cedar's `User::"…"` and `Team::"…"`; the team may be empty.
  public let user: ByteView
  public let team: ByteView
  /// True for the development key: requests that do not come from loopback are refused.
  public let isLoopbackOnly: Bool
  /// Hint for policies, in units of 10⁻⁴ USD (Cedar's decimal); nil when the key has no budget.
  public let budgetCedarDecimal: Int64?
  /// The latency wanted when the request does not say; nil when there is none.
  public let latencySLAMilliseconds: Int64?
  /// False when the key may ask for every model; else see `KeyTable.allowedModels(of:)`.
  public let hasAllowedModels: Bool
}

/// A key as written: the input of `KeyTable.init`.
public struct KeyDescription: Hashable, Sendable {
  public var digest: KeyDigest
  public var name: String
  public var user: String
  public var team: String
  /// Names, groups or globs; empty means every model.
  public var allowedModels: [String]
  public var isLoopbackOnly: Bool
  public var budgetCedarDecimal: Int64?
  public var latencySLAMilliseconds: Int64?

  public init(
    digest: KeyDigest, name: String, user: String, team: String = "",
    allowedModels: [String] = [], isLoopbackOnly: Bool = false,
    budgetCedarDecimal: Int64? = nil, latencySLAMilliseconds: Int64? = nil
  ) {
    self.digest = digest
    self.name = name
    self.user = user
    self.team = team
    self.allowedModels = allowedModels
    self.isLoopbackOnly = isLoopbackOnly
    self.budgetCedarDecimal = budgetCedarDecimal
    self.latencySLAMilliseconds = latencySLAMilliseconds
  }
}
