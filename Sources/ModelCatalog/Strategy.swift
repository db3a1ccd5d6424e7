// SPDX-License-Identifier: MIT

/// How models that are equally allowed are ordered (policy.md 4.3).
@frozen
public enum RoutingStrategy: UInt8, BitwiseCopyable, CaseIterable, Sendable {
  /// Cheapest first, by `ModelPrices.blended`.
  case cost
  /// Lowest average latency first; a model that was never measured stands first.
  case latency
  /// Fewest requests in flight first.
  case leastBusy
  /// Drawn by weight, request by request.
  case weighted
  /// As listed in the group; in order of name for globs and `auto`.
  case order

  /// The names in configuration and in `@strategy("…")`.
  public var name: String {
    switch self {
    case .cost: "cost"
    case .latency: "latency"
    case .leastBusy: "least-busy"
    case .weighted: "weighted"
    case .order: "order"
    }
  }

  public init?(name: String) {
    guard let found = Self.allCases.first(where: { $0.name == name }) else { return nil }
    self = found
  }
}
