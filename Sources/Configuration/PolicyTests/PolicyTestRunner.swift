// SPDX-License-Identifier: MIT

internal import Bytes
public import DecisionIR
internal import ModelCatalog
public import Routing

/// Runs policy tests on a router of its own.
public struct PolicyTestRunner {
  private let router: Router

  public init(_ snapshot: RoutingSnapshot) { router = Router(snapshot) }

  /// What of the expectation does not hold, in words; empty when the test passes.
  ///
  /// - Parameter explain: gets every determining policy and every error for each candidate that the
  ///   policies were asked about; for coverage.
  public func run(
    _ test: PolicyTestCase, explain: ((AuthorizationResponse) -> Void)? = nil
  ) -> [String] {
    router.unpin()
    var failures: [String] = []
    for (name, state) in test.models {
      guard let model = name.withByteView({ router.snapshot.catalog.model(named: $0) }) else {
        failures.append("`models` names `\(name)`, which the catalogue does not have")
        continue
      }
      router.pin(model, state)
    }
    var plan = RoutePlan()
    let principal = router.snapshot.principal(user: test.user, team: test.team)
    test.requestedModel.withByteView { name in
      test.context.useCase.withByteView { useCase in
        Self.withTags(test.context.tags[...]) { tags in
          var request = RouteRequest(requestedModel: name, nowMilliseconds: 0)
          Self.fill(&request, test)
          request.useCase = useCase
          for tag in tags { request.add(tag: tag) }
          router.route(request, principal: principal, into: &plan)
          guard let explain else { return }
          for place in 0..<plan.candidateCount where router.candidate(place).outcome.isOfPolicies {
            explain(router.explain(candidate: place, request: request, principal: principal))
          }
        }
      }
    }
    return failures + compare(test.expectation, plan)
  }

  private static func fill(_ request: inout RouteRequest, _ test: PolicyTestCase) {
    let context = test.context
    request.capability = test.capability
    request.costBudgetRemaining = context.costBudgetRemaining
    request.budgetUsedRatio = context.budgetUsedRatio
    request.latencySLAMilliseconds = context.latencySLAMilliseconds
    request.estimatedInputTokens = context.estimatedInputTokens
    request.maximumOutputTokens = context.maximumOutputTokens
    request.isStream = context.isStream
    request.hasTools = context.hasTools
    request.hasImages = context.hasImages
    request.wallMilliseconds = context.nowMilliseconds
    request.sourceAddress = context.sourceAddress
  }

  /// Holds the UTF-8 of every tag while `body` runs.
  private static func withTags(
    _ tags: ArraySlice<String>, _ views: [ByteView] = [], _ body: ([ByteView]) -> Void
  ) {
    guard let first = tags.first, views.count < RouteRequest.tagsMaximum else {
      body(views)
      return
    }
    first.withByteView { withTags(tags.dropFirst(), views + [$0], body) }
  }

  private func compare(_ expectation: PolicyTestCase.Expectation, _ plan: RoutePlan) -> [String] {
    var failures: [String] = []
    func check<Value: Equatable>(_ what: String, _ wanted: Value?, _ found: Value?) {
      guard let wanted, wanted != found else { return }
      let text = found.map { "\($0)" } ?? "nothing"
      failures.append("`\(what)` is \(text), expected \(wanted)")
    }
    let isAllowed = plan.outcome == .routed
    if let wanted = expectation.isAllowed, wanted != isAllowed {
      failures.append(
        "the decision is \(isAllowed ? "allow" : "deny") (\(plan.outcome.name)), expected "
          + (wanted ? "allow" : "deny"))
    }
    let ranked = rankedModels(plan)
    check("model", expectation.model, ranked.first)
    check("models", expectation.models, ranked)
    check("policies", expectation.policies, decidingPolicies(plan))
    for name in expectation.excludes where ranked.contains(name) {
      failures.append("`\(name)` is among the models, expected it excluded")
    }
    let obligations = plan.obligations
    // Those that are absent are below zero.
    func number(_ value: some BinaryInteger) -> Int64? { value < 0 ? nil : Int64(value) }
    check(
      "max_output_tokens", expectation.maximumOutputTokens, number(obligations.maximumOutputTokens))
    check("timeout_ms", expectation.timeoutMilliseconds, number(obligations.timeoutMilliseconds))
    check(
      "keep_alive_ms", expectation.keepAliveMilliseconds, number(obligations.keepAliveMilliseconds))
    check("hedge", expectation.hedge, obligations.hedge.isOn ? obligations.hedge.text : "off")
    check("cache off", expectation.isCacheOff, obligations.isCacheOff)
    check("tag", expectation.tag, obligations.tag.string)
    return failures
  }

  private func rankedModels(_ plan: RoutePlan) -> [String] {
    (0..<plan.candidateCount).map { router.candidate($0) }.filter { $0.rank >= 0 }
      .sorted { $0.rank < $1.rank }
      .map { router.snapshot.catalog.model($0.model).name.string }
  }

  private func decidingPolicies(_ plan: RoutePlan) -> [String] {
    if plan.policy >= 0 { return [router.snapshot.policy(Int(plan.policy)).id.string] }
    return router.forbids(of: plan)
  }
}
