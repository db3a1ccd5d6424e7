// SPDX-License-Identifier: MIT

internal import Bytes
internal import DecisionIR
public import ModelCatalog
public import Routing

/// Puts a router's last decision into words. Also for the data plane's records: it keeps the plan,
/// the candidates and the snapshot, and a look-up explains them when somebody asks.
public struct RouteExplanation {
  private let snapshot: RoutingSnapshot
  private let candidates: [CandidateResult]
  private let plan: RoutePlan
  /// What a model that is a pattern is called: as the request did.
  private let requestedModel: String
  private let estimatedInputTokens: Int64
  private let cacheUse: CacheUse?

  /// What the deployment that answered had in its cache, and what that was worth.
  public struct CacheUse: Sendable {
    public var deployment: DeploymentIndex
    public var readTokens: UInt64
    public var saved: Money

    public init(deployment: DeploymentIndex, readTokens: UInt64, saved: Money) {
      self.deployment = deployment
      self.readTokens = readTokens
      self.saved = saved
    }
  }

  /// - Parameters:
  ///   - candidates: `Router.candidate(_:)` for each of `plan.candidateCount`.
  ///   - estimatedInputTokens: of the request.
  ///   - cacheUse: nil where there is no answer yet.
  public init(
    snapshot: RoutingSnapshot, plan: RoutePlan, candidates: [CandidateResult],
    requestedModel: String, estimatedInputTokens: Int64 = 0, cacheUse: CacheUse? = nil
  ) {
    self.requestedModel = requestedModel
    self.snapshot = snapshot
    self.plan = plan
    self.candidates = candidates
    self.estimatedInputTokens = estimatedInputTokens
    self.cacheUse = cacheUse
  }

  /// The names of all outcomes of a candidate.
  static let outcomeNames = (UInt8.min...UInt8.max).compactMap {
    CandidateOutcome(rawValue: $0)?.name
  }

  /// The names of the ways in which a request is refused.
  static let refusalNames = (UInt8.min...UInt8.max).compactMap { RouteOutcome(rawValue: $0) }
    .filter { $0 != .routed && $0 != .unknownModel }.map(\.name)

  /// The decision for the record.
  public func decision(
    identifier: String, errors: [PolicyError], evaluationMicroseconds: Double
  ) -> RoutingDecision {
    guard plan.outcome == .routed, plan.attemptCount > 0 else {
      return .denied(
        RouteDenial(
          decisionID: identifier, policyVersion: snapshot.version, requestedModel: requestedModel,
          outcome: plan.outcome, forbids: forbids, candidates: candidates.map(explain),
          errors: errors, evaluationMicroseconds: evaluationMicroseconds,
          retryAfterSeconds: Int((plan.retryAfterMilliseconds + 999) / 1_000)))
    }
    return .allowed(
      RouteAnswer(
        decisionID: identifier, policyVersion: snapshot.version, requestedModel: requestedModel,
        chosen: target(plan.attempt(0)), policy: policyName(plan.policy),
        strategy: plan.strategy.name, affinity: affinity, obligations: obligations,
        fallbacks: (1..<plan.attemptCount).map { target(plan.attempt($0)) },
        candidates: candidates.map(explain), errors: errors,
        evaluationMicroseconds: evaluationMicroseconds))
  }

  private var forbids: [String] {
    var names: [String] = []
    for candidate in candidates {
      if let name = policyName(candidate.forbid), !names.contains(name) { names.append(name) }
    }
    return names
  }

  private func target(_ attempt: RouteAttempt) -> RouteAnswer.Target {
    let deployment = snapshot.catalog.deployment(attempt.deployment)
    let model = snapshot.catalog.model(attempt.model)
    return RouteAnswer.Target(
      model: name(model), provider: snapshot.catalog.provider(model.provider).name.string,
      gateway: deployment.gatewayName.string, region: deployment.region.string)
  }

  private var affinity: RouteAnswer.Affinity? {
    guard plan.affinity != .none else { return nil }
    let first = plan.attempt(0)
    let prices = snapshot.catalog.model(first.model).prices
    let saving = prices.input.picodollarsPerToken - prices.cacheRead.picodollarsPerToken
    // A vendor that prices no reads of its cache charges them like the rest.
    let isPriced = saving > 0
    let saved = Price(picodollarsPerToken: max(saving, 0)).cost(tokens: estimatedInputTokens)
    return RouteAnswer.Affinity(
      key: plan.affinity.name, among: plan.isAffinityAmongModels ? "models" : "deployments",
      deployment: label(first.deployment), isMoved: plan.isAffinityMoved,
      inputPrice: Self.dollarsPerMillion(prices.input),
      cacheReadPrice: isPriced ? Self.dollarsPerMillion(prices.cacheRead) : nil,
      saving: isPriced && estimatedInputTokens > 0 ? Self.dollars(saved) : nil,
      use: cacheUse.map { use in
        RouteAnswer.Affinity.Use(
          deployment: label(use.deployment), cacheReadTokens: use.readTokens,
          saved: Self.dollars(use.saved))
      })
  }

  /// As metrics name a deployment. One that a list has brought in shares their row with others, and
  /// is told by its place among its model's.
  private func label(_ index: DeploymentIndex) -> String {
    let deployment = snapshot.catalog.deployment(index)
    let model = snapshot.catalog.model(deployment.model)
    let number =
      model.origin.isDiscovery
      ? index.rawValue - model.firstDeployment : deployment.metricRow
    return "\(deployment.gatewayName.string)/\(model.name.string)#\(number)"
  }

  private static func dollars(_ money: Money) -> Double { Double(money.picodollars) / 1e12 }

  private static func dollarsPerMillion(_ price: Price) -> Double {
    Double(price.picodollarsPerToken) / 1e6
  }

  private func name(_ model: Model) -> String {
    model.origin == .pattern ? requestedModel : model.name.string
  }

  private func policyName(_ index: Int32) -> String? {
    index < 0 ? nil : snapshot.policy(Int(index)).id.string
  }

  private var obligations: [RouteAnswer.Obligation] {
    plan.obligations.texts(in: snapshot.catalog).map { .init($0.name, $0.value) }
  }

  // MARK: Candidates

  private func explain(_ result: CandidateResult) -> RouteAnswer.Candidate {
    let model = snapshot.catalog.model(result.model)
    let isForbidden = result.outcome == .forbidden
    let policy = policyName(isForbidden ? result.forbid : result.permit)
    return RouteAnswer.Candidate(
      model: name(model), provider: snapshot.catalog.provider(model.provider).name.string,
      outcome: result.outcome.name, rank: result.rank < 0 ? nil : Int(result.rank) + 1,
      policy: policy,
      priorityTenThousandths: result.permit < 0 || isForbidden ? nil : result.priority,
      reason: reason(result, model, policy)
        + (model.origin == .pattern
          ? "; no model has this name, `\(model.name.string)` of `model_routing` takes it" : ""))
  }

  private func reason(_ result: CandidateResult, _ model: Model, _ policy: String?) -> String {
    switch result.outcome {
    case .chosen: "first in rank: \(standing(result))"
    case .fallback:
      (result.isFallbackGroup ? "in the fallback group of the deciding policy" : "ranked behind")
        + ": \(standing(result))"
    case .outranked: "behind the chain of \(RoutePlan.attemptsMaximum): \(standing(result))"
    case .keyMayNot: "the key may not ask for it"
    case .notServed: "no configured gateway serves it"
    case .unpriced: "it has no price, and unpriced models are refused"
    case .incapable: "it cannot do what the request needs"
    case .tooSmall: "its context window of \(model.contextWindowTokens) tokens is too small"
    case .forbidden: "forbidden by `\(policy ?? "")`"
    case .notPermitted: "no permit is satisfied"
    case .circuitOpen: "permitted, but the circuits of all its deployments are open"
    }
  }

  private func standing(_ result: CandidateResult) -> String {
    if plan.isAffinityAmongModels, !result.isFallbackGroup {
      return "kept together by \(plan.affinity.name), drawn by weight"
    }
    let measure =
      switch plan.strategy {
      case .cost: "blended price of \(dollars(result.score)) per million tokens"
      case .latency:
        result.score == 0
          ? "latency never measured" : "average latency of \(result.score / 1_000) ms"
      case .leastBusy: "\(result.score) requests in flight"
      case .weighted: "drawn by weight"
      case .order: "place \(result.score + 1) in the list"
      }
    return "strategy `\(plan.strategy.name)`, \(measure)"
  }

  /// A blended price is in picodollars for four tokens.
  private func dollars(_ blended: Int64) -> String { "$\(Double(blended) / 4_000_000)" }
}
