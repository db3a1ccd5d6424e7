// SPDX-License-Identifier: MIT

public import Routing

/// How a request would be, or was, routed, with the whole ranking explained.
public struct RouteAnswer: Sendable, Equatable {
  /// One way to reach a model.
  public struct Target: Sendable, Equatable {
    public var model: String
    public var provider: String
    public var gateway: String
    /// Empty when the gateway has none.
    public var region: String

    public init(model: String, provider: String, gateway: String, region: String) {
      self.model = model
      self.provider = provider
      self.gateway = gateway
      self.region = region
    }
  }

  public struct Candidate: Sendable, Equatable {
    public var model: String
    public var provider: String
    /// `Routing.CandidateOutcome.name`: `chosen`, `fallback`, `forbidden` …
    public var outcome: String
    /// 1 for the first choice; nil when out of the ranking.
    public var rank: Int?
    /// The policy that decided: the permit of highest priority, or the first forbid.
    public var policy: String?
    /// Ten-thousandths, as `@priority` is written with up to four fraction digits.
    public var priorityTenThousandths: Int64?
    /// Why it lost, or won, in one sentence.
    public var reason: String

    public init(
      model: String, provider: String, outcome: String, rank: Int? = nil, policy: String? = nil,
      priorityTenThousandths: Int64? = nil, reason: String
    ) {
      self.model = model
      self.provider = provider
      self.outcome = outcome
      self.rank = rank
      self.policy = policy
      self.priorityTenThousandths = priorityTenThousandths
      self.reason = reason
    }
  }

  public struct Obligation: Sendable, Equatable {
    /// The annotation's key: `max_output_tokens`, `cache`, `tag` …
    public var name: String
    public var value: String

    public init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  public var decisionID: String
  /// The content hash of the policies that decided.
  public var policyVersion: String
  public var requestedModel: String
  public var chosen: Target
  /// The deciding permit, its strategy and what it obliges to.
  public var policy: String?
  public var strategy: String
  public var obligations: [Obligation]
  /// In the order in which they would be tried.
  public var fallbacks: [Target]
  public var candidates: [Candidate]
  /// Policies that were skipped because their evaluation failed.
  public var errors: [PolicyError]
  public var evaluationMicroseconds: Double

  public init(
    decisionID: String, policyVersion: String, requestedModel: String, chosen: Target,
    policy: String?, strategy: String, obligations: [Obligation] = [], fallbacks: [Target] = [],
    candidates: [Candidate], errors: [PolicyError] = [], evaluationMicroseconds: Double
  ) {
    self.decisionID = decisionID
    self.policyVersion = policyVersion
    self.requestedModel = requestedModel
    self.chosen = chosen
    self.policy = policy
    self.strategy = strategy
    self.obligations = obligations
    self.fallbacks = fallbacks
    self.candidates = candidates
    self.errors = errors
    self.evaluationMicroseconds = evaluationMicroseconds
  }
}

/// A policy whose evaluation failed, and how.
public struct PolicyError: Sendable, Equatable {
  public var policy: String
  public var message: String

  public init(policy: String, message: String) {
    self.policy = policy
    self.message = message
  }
}

/// Why no model serves a request.
public enum RouteRefusal: Error, Sendable, Equatable {
  /// The name stands for nothing; the nearest names known.
  case unknownModel(nearest: [String])
  case refused(RouteDenial)
}

/// A decision without a choice.
public struct RouteDenial: Sendable, Equatable {
  public var decisionID: String
  public var policyVersion: String
  public var requestedModel: String
  /// `Routing.RouteOutcome`: `denied`, `unavailable`, `key_may_not` …
  public var outcome: RouteOutcome
  /// The ids of the forbids that decided.
  public var forbids: [String]
  public var candidates: [RouteAnswer.Candidate]
  public var errors: [PolicyError]
  public var evaluationMicroseconds: Double
  /// With `.unavailable`: when to ask again.
  public var retryAfterSeconds: Int

  public init(
    decisionID: String, policyVersion: String, requestedModel: String, outcome: RouteOutcome,
    forbids: [String], candidates: [RouteAnswer.Candidate], errors: [PolicyError] = [],
    evaluationMicroseconds: Double, retryAfterSeconds: Int = 0
  ) {
    self.decisionID = decisionID
    self.policyVersion = policyVersion
    self.requestedModel = requestedModel
    self.outcome = outcome
    self.forbids = forbids
    self.candidates = candidates
    self.errors = errors
    self.evaluationMicroseconds = evaluationMicroseconds
    self.retryAfterSeconds = retryAfterSeconds
  }
}
