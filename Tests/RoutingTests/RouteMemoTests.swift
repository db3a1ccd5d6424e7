// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import ModelCatalog
import Routing
import TestSupport
import Testing

/// A router that remembers gives the answers of one that does not, whatever changes between two
/// requests.
@Suite("Router: remembered decisions")
struct RouteMemoTests {
  private static let policies = """
    @id("base") permit (principal, action, resource);
    @id("batch") @priority(10) @strategy("cost") permit (principal, action, resource)
    when { context has use_case && context.use_case == "batch" };
    @id("weighted") @priority(11) @strategy("weighted") permit (principal, action, resource)
    when { context has use_case && context.use_case == "weighted" };
    @id("fallback") @priority(5) @fallback("cheap") permit (principal, action, resource)
    when { context.requested_model == "smart" };
    @id("poor") forbid (principal, action, resource)
    when { context.cost_budget_remaining < 10.0 && resource.provider == "one" };
    @id("slow") forbid (principal, action, resource)
    when { context.latency_sla_ms < 500 && resource.average_latency_ms > context.latency_sla_ms };
    @id("streams") forbid (principal, action, resource)
    when { context.stream && resource.family == "g" };
    @id("tagged") forbid (principal, action, resource)
    when { context.tags.contains("secret") && resource.provider == "two" };
    @id("team") forbid (principal in Team::"red", action, resource)
    when { resource.provider == "three" };
    """

  private func world(_ more: String = "") -> World {
    var world = World()
    world.policies = Self.policies + more
    world.description.models[4].family = "g"
    world.description.deployments += [
      DeploymentDescription(model: "eva", gateway: "gw", weight: 3)
    ]
    world.keys = ["red", "blue", "one"].enumerated().map { index, team in
      KeyDescription(
        digest: KeyDigest(1, 2, 3, UInt64(index)), name: "key-\(team)", user: "user-\(team)",
        team: team, allowedModels: team == "one" ? ["ada", "bob"] : [])
    }
    return world
  }

  private func change(_ request: inout RouteRequest, _ random: inout SeededGenerator) {
    if random.chance(20) { request.costBudgetRemaining = random.chance(50) ? 50_000 : 500_000 }
    if random.chance(20) { request.latencySLAMilliseconds = random.chance(50) ? 100 : 900 }
    if random.chance(20) { request.isStream = true }
    if random.chance(20) { request.hasImages = true }
    if random.chance(10) { request.capability = .embeddings }
    if random.chance(30) { request.estimatedInputTokens = random.chance(50) ? 999 : 1_001 }
    if random.chance(30) { request.maximumOutputTokens = random.chance(50) ? 10 : 20 }
    if random.chance(20) { request.budgetUsedRatio = 5_000 }
    if random.chance(30) { request.sessionHash = random.chance(50) ? 12_345 : 67_890 }
    request.random = random.next()
  }

  private func run(_ world: World, seed: UInt64, rounds: Int) throws {
    let snapshot = try world.snapshot()
    let remembering = Tester(router: Router(snapshot, remembersDecisions: true))
    var random = SeededGenerator(seed: seed)
    let names = ["smart", "cheap", "all", "alias", "ada", "two/bob", "cid", "auto", "?a*", "none"]
    let uses = ["", "batch", "weighted", "batch", "other"]
    for round in 0..<rounds {
      let now = Int64(round)
      if random.chance(4) {
        remembering.open(random.pick(["ada", "bob", "dan"]), now: now, until: now + 30)
      }
      if random.chance(4) {
        answered(
          remembering.health(random.pick(["ada", "cid", "eva"])), now: now,
          afterMicroseconds: random.chance(50) ? 50_000 : 700_000)
      }
      let name = random.pick(names)
      let tag = random.chance(20) ? "secret" : nil
      let key = random.chance(90) ? KeyIndex(rawValue: random.pick([0, 1, 2])) : nil
      let use = random.pick(uses)
      let state = random.state
      let answer = use.withByteView { use in
        remembering.route(name, now: now, key: key, tags: tag) {
          $0.useCase = use
          change(&$0, &random)
        }
      }
      random.state = state
      // Live attributes are brought up to date by the clock: at the same times for both.
      let fresh = Tester(router: Router(snapshot))
      fresh.router.refresh(nowMilliseconds: now - now % Router.refreshMilliseconds)
      remembering.router.refresh(nowMilliseconds: now)
      fresh.router.refresh(nowMilliseconds: now)
      let again = use.withByteView { use in
        remembering.route(name, now: now, key: key, tags: tag) {
          $0.useCase = use
          change(&$0, &random)
        }
      }
      random.state = state
      let wanted = use.withByteView { use in
        fresh.route(name, now: now, key: key, tags: tag) {
          $0.useCase = use
          change(&$0, &random)
        }
      }
      #expect(describe(again) == describe(wanted), "seed \(seed), round \(round), \(name)")
      _ = answer
    }
  }

  private func answered(_ health: HealthReference, now: Int64, afterMicroseconds: Int64) {
    let admission = health.begin(nowMilliseconds: now, settings: CircuitTests.settings)
    health.measure(latencyMicroseconds: afterMicroseconds)
    health.end(
      .success, admission: admission, nowMilliseconds: now, random: 0,
      settings: CircuitTests.settings)
  }

  private func describe(_ answer: Tester.Answer) -> String {
    let plan = answer.plan
    let outcomes = answer.outcomes.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return "\(plan.outcome) \(plan.strategy) \(plan.policy) \(plan.candidateCount) "
      + "\(plan.failureCount) \(plan.retryAfterMilliseconds) \(plan.estimatedCost) "
      + "\(plan.obligations.fallback as Any) \(answer.models) \(outcomes) "
      + "\(plan.affinity) \(plan.isAffinityAmongModels) \(plan.isAffinityMoved)"
  }

  @Test("random requests, circuits and latencies", arguments: 1...6)
  func random(seed: Int) throws {
    try run(world(), seed: UInt64(seed), rounds: 400)
  }

  @Test("sessions that are kept together, by a group and by default", arguments: 1...3)
  func affinity(seed: Int) throws {
    var world = world()
    world.description.groups[0].affinity = .session
    try run(world, seed: UInt64(seed) + 100, rounds: 300)
    world.description.affinity.keys = .session
    try run(world, seed: UInt64(seed) + 200, rounds: 300)
  }

  @Test("policies that read what changes with every request")
  func widely() throws {
    let more = """
      @id("cost") forbid (principal, action, resource)
      when { context.estimated_cost > 0.2 && context.estimated_input_tokens > 1000 };
      @id("limit") forbid (principal, action, resource)
      when { context has max_output_tokens && context.max_output_tokens > 15 };
      """
    try run(world(more), seed: 77, rounds: 400)
    let clock = """
      forbid (principal, action, resource) when { context.now < datetime("1970-01-01") };
      """
    try run(world(clock), seed: 78, rounds: 100)
  }

  @Test("a name longer than is remembered, and one that only starts like another")
  func names() throws {
    let tester = Tester(router: Router(try world().snapshot(), remembersDecisions: true))
    let key = KeyIndex(rawValue: 1)
    for _ in 0..<2 {
      #expect(tester.route("ada", key: key).models == ["ada"])
      #expect(tester.route("ade", key: key).plan.outcome == .unknownModel)
      let long = String(repeating: "a", count: 100)
      #expect(tester.route(long, key: key).plan.outcome == .unknownModel)
    }
  }
}
