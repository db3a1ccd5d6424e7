// SPDX-License-Identifier: MIT

public import ModelCatalog

/// How routing ended.
@frozen
public enum RouteOutcome: UInt8, BitwiseCopyable, Sendable {
  /// `RoutePlan.attempts` says where to go. The other cases have no attempts.
  case routed
  /// 404: no model, group or glob of that name. `Catalog.nearestNames` proposes others.
  case unknownModel
  /// 404: known, but no configured gateway serves it.
  case notServed
  /// 400: no candidate can do what the request needs.
  case incapable
  /// 403: no candidate has a price, and unpriced models are refused.
  case unpriced
  /// 403: the key's own list of models leaves none.
  case keyMayNot
  /// 403: the policies allow none. `Router.forbids` names the forbids that decided.
  case denied
  /// 503: allowed, but every deployment's circuit is open; see `retryAfterMilliseconds`.
  case unavailable

  public var name: String {
    switch self {
    case .routed: "routed"
    case .unknownModel: "unknown_model"
    case .notServed: "not_served"
    case .incapable: "incapable"
    case .unpriced: "unpriced"
    case .keyMayNot: "key_may_not"
    case .denied: "denied"
    case .unavailable: "unavailable"
    }
  }
}

/// One attempt of a plan.
@frozen
public struct RouteAttempt: BitwiseCopyable, Sendable {
  public var deployment: DeploymentIndex
  public var model: ModelIndex
  /// The permit that allows it, for `RoutingSnapshot.policy(_:)`.
  public var policy: Int32

  @inlinable public init(deployment: DeploymentIndex, model: ModelIndex, policy: Int32) {
    self.deployment = deployment
    self.model = model
    self.policy = policy
  }
}

/// Where a request goes, in order, and what was decided along the way. Plain data.
@frozen
public struct RoutePlan: BitwiseCopyable, Sendable {
  public static let attemptsMaximum = 16

  public internal(set) var outcome = RouteOutcome.unknownModel
  /// By which key what the policies leave equal was ordered; `none` where no key was.
  public internal(set) var affinity = AffinityKind.none
  /// Whether it was among models, not merely among the deployments of one.
  public internal(set) var isAffinityAmongModels = false
  /// Whether the key would rather have had another model or deployment, whose circuit is open.
  public internal(set) var isAffinityMoved = false
  /// Whether another key could have led to another plan, beside the draw among deployments.
  var dependsOnAffinity = false
  public internal(set) var attemptCount = 0
  /// The strategy by which equals were ordered.
  public internal(set) var strategy = RoutingStrategy.order
  /// The permit that decides for the first attempt; -1 when nothing was routed.
  public internal(set) var policy: Int32 = -1
  /// What that permit asks for.
  public internal(set) var obligations = PolicyObligations()
  /// How many candidates there were; see `Router.candidate(_:)`.
  public internal(set) var candidateCount = 0
  /// Policy conditions that failed to evaluate.
  public internal(set) var failureCount: Int64 = 0
  /// For `.unavailable`: when the first circuit lets a request through again.
  public internal(set) var retryAfterMilliseconds: Int64 = 0
  /// The most that a call to the dearest candidate can cost, as policies saw it.
  public internal(set) var estimatedCost = Money.zero
  @usableFromInline var attempts: InlineArray<16, RouteAttempt>

  public init() {
    let none = RouteAttempt(
      deployment: DeploymentIndex(rawValue: 0), model: ModelIndex(rawValue: 0), policy: -1)
    attempts = InlineArray(repeating: none)
  }

  /// Attempt `position`, `0..<attemptCount`.
  @inlinable @inline(__always)
  public func attempt(_ position: Int) -> RouteAttempt {
    precondition(position < attemptCount)
    return attempts[position]
  }
}
