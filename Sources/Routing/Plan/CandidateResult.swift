// SPDX-License-Identifier: MIT

public import ModelCatalog

/// What became of one candidate.
@frozen
public enum CandidateOutcome: UInt8, BitwiseCopyable, Sendable {
  /// First in rank.
  case chosen
  /// In the fallback chain.
  case fallback
  /// Allowed and healthy, but behind those that fill the chain.
  case outranked
  /// The key's own list leaves it out.
  case keyMayNot
  /// No configured gateway serves it.
  case notServed
  case unpriced
  /// It cannot do what the request needs.
  case incapable
  /// Its context window is smaller than the request.
  case tooSmall
  /// A forbid holds.
  case forbidden
  /// No permit holds.
  case notPermitted
  /// Allowed, but every deployment's circuit is open.
  case circuitOpen

  /// Whether policies were asked: what cannot serve the request is left out before.
  public var isOfPolicies: Bool {
    switch self {
    case .chosen, .fallback, .outranked, .forbidden, .notPermitted, .circuitOpen: true
    case .keyMayNot, .notServed, .unpriced, .incapable, .tooSmall: false
    }
  }

  /// The name in decision records.
  public var name: String {
    switch self {
    case .chosen: "chosen"
    case .fallback: "fallback"
    case .outranked: "outranked"
    case .keyMayNot: "key_may_not"
    case .notServed: "not_served"
    case .unpriced: "unpriced"
    case .incapable: "incapable"
    case .tooSmall: "context_window_too_small"
    case .forbidden: "forbidden"
    case .notPermitted: "not_permitted"
    case .circuitOpen: "circuit_open"
    }
  }
}

/// One candidate of the last decision: why it won or lost. Plain data, to be copied into records.
public struct CandidateResult: BitwiseCopyable, Sendable {
  public var model: ModelIndex
  public var outcome: CandidateOutcome
  /// Whether it came in by the deciding permit's `@fallback` group.
  public var isFallbackGroup: Bool
  /// Place in the ranking, from 0; -1 when it was not ranked.
  public var rank: Int16
  /// The deciding permit and the first forbid that holds; -1 for none.
  public var permit: Int32
  public var forbid: Int32
  /// `@priority` of the permit × 10^4.
  public var priority: Int64
  /// What the strategy ordered it by: blended price, microseconds, requests in flight, a drawn
  /// number or the place in the list.
  public var score: Int64
}
