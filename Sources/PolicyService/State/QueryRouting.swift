// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import DecisionIR
internal import ModelCatalog
internal import Routing

/// One `POST /route`: the query as the data plane's request, decided by a router.
struct QueryRouting {
  enum Outcome {
    case unknownModel
    case decided(RouteExplanation, errors: [PolicyError], microseconds: Double)
  }

  private let query: RouteQuery
  private let router: Router
  private let random: UInt64
  private let host: PolicyHost

  init(_ query: RouteQuery, _ router: Router, random: UInt64, host: PolicyHost) {
    self.query = query
    self.router = router
    self.random = random
    self.host = host
  }

  func run() -> Outcome {
    let principal = router.snapshot.principal(
      user: query.userID ?? "", team: query.teamID ?? "")
    // All texts in one array, so that their views are good until the decision is explained.
    let texts = [query.requestedModel, query.useCase ?? "", query.sessionID ?? ""] + query.tags
    let bytes = texts.flatMap { Array($0.utf8) }
    return bytes.withUnsafeBufferPointer { buffer in
      var views: [ByteView] = []
      var start = 0
      for text in texts {
        let count = text.utf8.count
        let view = buffer.baseAddress.map { ByteView(base: $0 + start, count: count) }
        views.append(view ?? .empty)
        start += count
      }
      return run(views, principal)
    }
  }

  private func run(_ views: [ByteView], _ principal: PreparedPrincipal) -> Outcome {
    let request = request(views)
    var plan = RoutePlan()
    let before = host.monotonicClock.now()
    router.route(request, principal: principal, into: &plan)
    let microseconds = Double((host.monotonicClock.now() - before).nanoseconds) / 1_000
    if plan.outcome == .unknownModel { return .unknownModel }
    let candidates = (0..<plan.candidateCount).map(router.candidate)
    let errors = plan.failureCount > 0 ? errors(plan, request, principal) : []
    let explanation = RouteExplanation(
      snapshot: router.snapshot, plan: plan, candidates: candidates,
      requestedModel: query.requestedModel, estimatedInputTokens: request.estimatedInputTokens)
    return .decided(explanation, errors: errors, microseconds: microseconds)
  }

  private func request(_ views: [ByteView]) -> RouteRequest {
    let now = host.monotonicClock.now().nanoseconds / 1_000_000
    var request = RouteRequest(requestedModel: views[0], nowMilliseconds: now)
    request.wallMilliseconds = host.wallClock.now().millisecondsSinceEpoch
    request.useCase = views[1]
    if !views[2].isEmpty { request.sessionHash = AffinityHash.of(views[2]) }
    request.prefixHash = prefixHash()
    for tag in views.dropFirst(3) { request.add(tag: tag) }
    request.estimatedInputTokens = query.estimatedInputTokens ?? 0
    request.maximumOutputTokens = query.maximumOutputTokens ?? -1
    request.isStream = query.isStream
    request.hasTools = query.hasTools
    request.hasImages = query.hasImages
    request.costBudgetRemaining = query.budgetRemainingTenThousandths
    request.latencySLAMilliseconds = query.latencySLAMilliseconds
    request.random = random
    return request
  }

  private func prefixHash() -> UInt64 {
    var hash = PrefixHash(byteCount: router.snapshot.affinity.prefixBytes)
    for part in query.prompt { part.withByteView { hash.add($0) } }
    return hash.value
  }

  /// The policies that failed for any candidate, each with its first message.
  private func errors(
    _ plan: RoutePlan, _ request: RouteRequest, _ principal: PreparedPrincipal
  ) -> [PolicyError] {
    var messages: [Int: String] = [:]
    for position in 0..<plan.candidateCount where router.candidate(position).outcome.isOfPolicies {
      let response = router.explain(
        candidate: position, request: request, principal: principal)
      for error in response.errors where messages[error.policy] == nil {
        messages[error.policy] = error.message
      }
    }
    return messages.sorted { $0.key < $1.key }.map { index, message in
      PolicyError(policy: router.snapshot.policy(index).id.string, message: message)
    }
  }
}
