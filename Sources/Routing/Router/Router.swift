// SPDX-License-Identifier: MIT

internal import Bytes
public import DecisionIR
public import ModelCatalog

/// Answers where a request goes. One per worker and snapshot; all memory is taken when it is made,
/// so that a decision allocates nothing.
///
/// The steps of policy.md 4: candidates, filters that need no policy, one batch decision, ranking,
/// deployments whose circuit lets a request through.
public final class Router {
  public let snapshot: RoutingSnapshot
  let decision: BatchDecision
  let table: ResourceTable
  let context: ContextFrame
  let live: LiveColumns
  /// Candidates of the decision at hand, and which of them the policies are asked about.
  let results: Scratch<CandidateResult>
  let asked: Scratch<UInt16>
  let askedPlaces: Scratch<UInt16>
  let verdicts: Scratch<CandidateVerdict>
  let bestModels: BestEntries
  let bestDeployments: BestEntries
  /// Live attributes are brought up to date at most this often.
  public static let refreshMilliseconds: Int64 = 250
  private let nextRefresh: Scratch<Int64>
  private let memo: RouteMemo?

  /// - Parameter remembersDecisions: whether a decision that was made before is taken from memory
  ///   while all it depends on is the same. `explain` is not to be called then: what it explains
  ///   may not be the last request.
  public init(_ snapshot: RoutingSnapshot, remembersDecisions: Bool = false) {
    self.snapshot = snapshot
    decision = BatchDecision(plan: snapshot.plan)
    table = ResourceTable(plan: snapshot.plan)
    context = ContextFrame(program: snapshot.program)
    live = LiveColumns(snapshot.plan)
    let models = snapshot.catalog.modelCount
    let none = CandidateResult(
      model: ModelIndex(rawValue: 0), outcome: .notServed, isFallbackGroup: false, rank: -1,
      permit: -1, forbid: -1, priority: 0, score: 0)
    results = Scratch(repeating: none, count: models)
    asked = Scratch(repeating: 0, count: models)
    askedPlaces = Scratch(repeating: 0, count: models)
    verdicts = Scratch(repeating: CandidateVerdict(), count: models)
    bestModels = BestEntries()
    bestDeployments = BestEntries()
    nextRefresh = Scratch(repeating: .min, count: 1)
    memo = remembersDecisions ? RouteMemo(none) : nil
    live.write(table, snapshot, nowMilliseconds: 0, includesUnused: true)
  }

  deinit {
    results.deallocate()
    asked.deallocate()
    askedPlaces.deallocate()
    verdicts.deallocate()
    bestModels.deallocate()
    bestDeployments.deallocate()
    nextRefresh.deallocate()
    memo?.deallocate()
  }

  /// Decides where a request goes.
  ///
  /// - Parameter principal: who asks, when it is not the key's principal.
  public func route(
    _ request: RouteRequest, principal: PreparedPrincipal? = nil,
    into plan: inout RoutePlan
  ) {
    refreshIfDue(nowMilliseconds: request.nowMilliseconds)
    guard let memo, principal == nil, let key = RouteKey(request, snapshot.slots) else {
      decideAnew(request, principal, into: &plan)
      return
    }
    let generation = table.generation
    if memo.recall(key, request, generation: generation, snapshot, into: &plan, results) {
      return
    }
    decideAnew(request, nil, into: &plan)
    memo.keep(key, request, generation: generation, snapshot, plan, results)
  }

  @inline(never)
  private func decideAnew(
    _ request: RouteRequest, _ principal: PreparedPrincipal?, into plan: inout RoutePlan
  ) {
    plan.clear()
    var work = Work(
      random: request.random, nowMilliseconds: request.nowMilliseconds,
      capability: request.capability)
    work.sessionHash = request.sessionHash
    work.prefixHash = request.prefixHash
    guard collect(request.requestedModel, &work) else {
      plan.outcome = .unknownModel
      return
    }
    plan.candidateCount = work.candidateCount
    filter(request, from: 0, &work)
    if work.askedCount > 0 {
      setContext(request, &work)
      decide(request, principal, &work)
      rank(&work)
      addFallbackGroup(request, principal, &work)
    }
    finish(&work, &plan)
  }

  /// A candidate of the last decision, `0..<plan.candidateCount`.
  public func candidate(_ position: Int) -> CandidateResult { results[position] }

  /// The ids of the forbids that decided against the candidates of `plan`, this router's last,
  /// each once. Allocates: for the error path and records.
  public func forbids(of plan: RoutePlan) -> [String] {
    var names: [String] = []
    for position in 0..<plan.candidateCount where results[position].forbid >= 0 {
      let name = snapshot.policy(Int(results[position].forbid)).id.string
      if !names.contains(name) { names.append(name) }
    }
    return names
  }

  /// Every determining policy and every error for one candidate of the last decision, whose
  /// request's texts must still be readable. Allocates: for records and tools.
  public func explain(
    candidate position: Int, request: RouteRequest, principal: PreparedPrincipal? = nil
  ) -> AuthorizationResponse {
    decision.explain(
      table: table, principal: principal ?? self.principal(of: request), context: context,
      candidate: Int(results[position].model.rawValue))
  }

  /// Brings the live attributes up to date, whenever it was done last.
  public func refresh(nowMilliseconds: Int64) {
    nextRefresh[0] = nowMilliseconds &+ Self.refreshMilliseconds
    live.write(table, snapshot, nowMilliseconds: nowMilliseconds, includesUnused: false)
  }

  /// Sets live attributes by hand and stops bringing them up to date: for policy tests and "what
  /// if" questions, on a router of their own. What is nil stays as it is.
  public func pin(_ model: ModelIndex, _ state: PinnedState) {
    nextRefresh[0] = .max
    live.pin(table, Int(model.rawValue), state)
  }

  /// Takes back every `pin`.
  public func unpin() {
    nextRefresh[0] = .min
    live.write(table, snapshot, nowMilliseconds: 0, includesUnused: true)
  }

  @inline(__always)
  private func refreshIfDue(nowMilliseconds: Int64) {
    if live.isRead, nowMilliseconds >= nextRefresh[0] { refresh(nowMilliseconds: nowMilliseconds) }
  }

  @inline(__always)
  func principal(of request: RouteRequest) -> PreparedPrincipal {
    request.key.map { snapshot.principal(of: $0) } ?? snapshot.anonymous
  }
}

/// The variables of one decision.
struct Work {
  let random: UInt64
  let nowMilliseconds: Int64
  /// What the request's endpoint needs.
  let capability: Capabilities
  var candidateCount = 0
  var askedCount = 0
  var rankedCount = 0
  /// Whether the name stood for several models: then what cannot serve is left out quietly.
  var isExpanded = false
  /// Whether the name is one that no model has, taken by a pattern.
  var isOpen = false
  /// The group's strategy, if it names one.
  var groupStrategy: RoutingStrategy?
  var strategy = RoutingStrategy.order
  var estimatedCost = Money.zero
  var failureCount: Int64 = 0
  /// When the first open circuit among the allowed lets a request through.
  var earliestMilliseconds = Int64.max
  var tier: Int64 = 0
  var sessionHash: UInt64 = 0
  var prefixHash: UInt64 = 0
  var affinity = WorkAffinity()
  /// The models of the request's own candidates were ordered by affinity.
  var isAffinityAmongModels = false
  var dependsOnAffinity = false

  init(random: UInt64, nowMilliseconds: Int64, capability: Capabilities) {
    self.random = random
    self.nowMilliseconds = nowMilliseconds
    self.capability = capability
  }
}

extension RoutePlan {
  @inline(__always)
  mutating func append(_ attempt: RouteAttempt) {
    attempts[attemptCount] = attempt
    attemptCount &+= 1
  }

  @inline(__always)
  mutating func clear() {
    outcome = .unknownModel
    attemptCount = 0
    strategy = .order
    policy = -1
    obligations = PolicyObligations()
    candidateCount = 0
    failureCount = 0
    retryAfterMilliseconds = 0
    estimatedCost = .zero
    affinity = .none
    isAffinityAmongModels = false
    isAffinityMoved = false
    dependsOnAffinity = false
  }
}
