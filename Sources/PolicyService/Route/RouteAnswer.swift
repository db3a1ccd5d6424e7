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

  /// What kept the request together with others like it.
  public struct Affinity: Sendable, Equatable {
    /// `session` or `prefix`.
    public var key: String
    /// `models`, or `deployments` where it chose among those of one model.
    public var among: String
    /// The chosen one, as metrics name those of the configuration.
    public var deployment: String
    /// Whether the key would rather have another one, whose circuit is open.
    public var isMoved: Bool
    /// US dollars for a million prompt tokens that the provider reads anew, or has in its cache;
    /// the latter is nil where the model's price list has none.
    public var inputPrice: Double
    public var cacheReadPrice: Double?
    /// US dollars that the request costs less when all of its prompt is in the cache; nil where the
    /// price list does not say.
    public var saving: Double?
    /// What came of it; nil while there is no answer.
    public var use: Use?

    public init(
      key: String, among: String, deployment: String, isMoved: Bool, inputPrice: Double,
      cacheReadPrice: Double?, saving: Double?, use: Use?
    ) {
      self.key = key
      self.among = among
      self.deployment = deployment
      self.isMoved = isMoved
      self.inputPrice = inputPrice
      self.cacheReadPrice = cacheReadPrice
      self.saving = saving
      self.use = use
    }

    /// What the deployment that answered had in its cache.
    public struct Use: Sendable, Equatable {
      public var deployment: String
      public var cacheReadTokens: UInt64
      /// US dollars that the request would have cost more without any cache; negative where one was
      /// written for later.
      public var saved: Double

      public init(deployment: String, cacheReadTokens: UInt64, saved: Double) {
        self.deployment = deployment
        self.cacheReadTokens = cacheReadTokens
        self.saved = saved
      }
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
  /// Nil where no key decided.
  public var affinity: Affinity?
  public var obligations: [Obligation]
  /// In the order in which they would be tried.
  public var fallbacks: [Target]
  public var candidates: [Candidate]
  /// Policies that were skipped because their evaluation failed.
  public var errors: [PolicyError]
  public var evaluationMicroseconds: Double

  public init(
    decisionID: String, policyVersion: String, requestedModel: String, chosen: Target,
    policy: String?, strategy: String, affinity: Affinity? = nil,
    obligations: [Obligation] = [], fallbacks: [Target] = [],
    candidates: [Candidate], errors: [PolicyError] = [], evaluationMicroseconds: Double
  ) {
    self.decisionID = decisionID
    self.policyVersion = policyVersion
    self.requestedModel = requestedModel
    self.chosen = chosen
    self.policy = policy
    self.strategy = strategy
    self.affinity = affinity
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
