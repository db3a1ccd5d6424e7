// SPDX-License-Identifier: MIT

import Bytes
import CedarSyntax
import ModelCatalog
import Routing
import TestSupport
import Testing

@Suite("Router: ranking and obligations")
struct RankingTests {
  @Test("priority before strategy, strategy before price, price before name")
  func order() throws {
    var world = World()
    world.policies += """
      @id("three") @priority(2.5) permit (principal, action, resource)
        when { resource.provider == "three" };
      @id("low") @priority(-1) permit (principal, action, resource);
      """
    let tester = try world.router()
    let answer = tester.route("smart")
    #expect(answer.models == ["dan", "ada", "bob"])
    #expect(tester.router.candidate(2).priority == 25_000)
    let policy = Int(answer.plan.policy)
    #expect(tester.router.snapshot.policy(policy).id.string == "three")
    // bob and dan cost the same: the name decides.
    world.policies = "permit (principal, action, resource);"
    #expect(try world.router().route("cheap").models == ["cid", "bob", "dan"])
  }

  @Test("the strategy is the permit's, else the group's, else the configured one")
  func strategies() throws {
    var world = World()
    #expect(try world.router().route("smart").plan.strategy == .order)
    #expect(try world.router().route("cheap").plan.strategy == .cost)
    world.description.defaultStrategy = .cost
    #expect(try world.router().route("smart").models == ["bob", "dan", "ada"])
    world.policies = "@strategy(\"order\") permit (principal, action, resource);"
    let cheap = try world.router().route("cheap")
    #expect(cheap.plan.strategy == .order && cheap.models == ["bob", "cid", "dan"])
  }

  @Test("latency: measured ones by their mean, unmeasured ones first")
  func latency() throws {
    var world = World()
    world.description.defaultStrategy = .latency
    let tester = try world.router()
    for _ in 0..<50 {
      tester.health("ada").measure(latencyMicroseconds: 5_000)
      tester.health("bob").measure(latencyMicroseconds: 90_000)
    }
    #expect(tester.route("smart").models == ["dan", "ada", "bob"])
  }

  @Test("least busy: fewest in flight first")
  func leastBusy() throws {
    var world = World()
    world.description.defaultStrategy = .leastBusy
    let tester = try world.router()
    let settings = tester.router.snapshot.circuitSettings
    for _ in 0..<2 { _ = tester.health("ada").begin(nowMilliseconds: 0, settings: settings) }
    _ = tester.health("bob").begin(nowMilliseconds: 0, settings: settings)
    #expect(tester.route("smart").models == ["dan", "bob", "ada"])
  }

  @Test("weighted: shares follow @weight; the same bits give the same answer")
  func weighted() throws {
    var world = World()
    world.policies = """
      @strategy("weighted") @weight(3) permit (principal, action, resource == Model::"ada");
      @strategy("weighted") @weight(1) permit (principal, action, resource == Model::"bob");
      """
    let tester = try world.router()
    var counts: [String: Int] = [:]
    var generator = SeededGenerator(seed: 5)
    for _ in 0..<8_000 {
      let random = generator.next()
      let answer = tester.route("smart") { $0.random = random }
      #expect(answer.models.count == 2)
      counts[answer.models[0], default: 0] += 1
    }
    #expect((5_800...6_200).contains(counts["ada"] ?? 0))
    let first = tester.route("smart") { $0.random = 77 }.models
    #expect(tester.route("smart") { $0.random = 77 }.models == first)
  }

  @Test("a model's deployments are drawn by weight, all of them before the next model")
  func deployments() throws {
    var world = World()
    world.description.deployments.append(
      DeploymentDescription(model: "ada", gateway: "gw", region: "b", weight: 4))
    let tester = try world.router()
    var heavy = 0
    var generator = SeededGenerator(seed: 6)
    for _ in 0..<5_000 {
      let random = generator.next()
      let answer = tester.route("smart") { $0.random = random }
      #expect(answer.models == ["ada", "ada", "bob", "dan"])
      let index = answer.plan.attempt(0).deployment
      if tester.router.snapshot.catalog.deployment(index).weight == 4 { heavy += 1 }
    }
    #expect((3_850...4_150).contains(heavy))
  }

  @Test("the deciding permit's obligations hold, and only its")
  func obligations() throws {
    var world = World()
    world.policies = """
      @id("low") @cache("off") permit (principal, action, resource);
      @id("high") @priority(5) @max_output_tokens("64") @timeout_ms("900") @tag("t") @hedge("2s")
      permit (principal, action, resource == Model::"ada");
      """
    let tester = try world.router()
    let ada = tester.route("smart").plan
    #expect(ada.obligations.maximumOutputTokens == 64)
    #expect(ada.obligations.timeoutMilliseconds == 900)
    #expect(ada.obligations.hedge.text == "2000ms" && ada.obligations.hedge.isOn)
    #expect(ada.obligations.tag.string == "t" && !ada.obligations.isCacheOff)
    let bob = tester.route("bob").plan
    #expect(!bob.obligations.hedge.isOn)
    #expect(bob.obligations.isCacheOff && bob.obligations.maximumOutputTokens == -1)
  }

  @Test("@fallback adds what its group allows behind everything else, once")
  func fallback() throws {
    var world = World()
    world.policies = """
      @id("fall") @fallback("cheap") permit (principal, action, resource);
      @id("not-dan") forbid (principal, action, resource == Model::"dan");
      """
    let tester = try world.router()
    let answer = tester.route("ada")
    #expect(answer.models == ["ada", "cid", "bob"])
    #expect(answer.outcomes["dan"] == .forbidden)
    #expect(answer.plan.strategy == .order)
    tester.open("ada", until: 5_000)
    let without = tester.route("ada")
    #expect(without.models == ["cid", "bob"] && without.plan.outcome == .routed)
    #expect(without.outcomes["ada"] == .circuitOpen)
  }

  @Test("annotations that cannot be obeyed refuse the snapshot, all at once")
  func badObligations() throws {
    var world = World()
    world.policies = """
      @id("a") @max_output_tokens("many") @strategy("best") permit (principal, action, resource);
      @id("b") @fallback("chep") @cache("maybe") permit (principal, action, resource);
      """
    let error = #expect(throws: RoutingSnapshotError.self) { try world.snapshot() }
    guard case .obligations(let problems)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(problems.map(\.policy) == ["a", "a", "b", "b"])
    #expect(problems.contains { $0.message.contains("did you mean `cheap`?") })
  }

  @Test(
    "the lint of policies refuses exactly the values that the snapshot refuses",
    arguments: [
      "weight": ["1", "10000"], "max_output_tokens": ["1", "1000000000"],
      "timeout_ms": ["1", "86400000"], "hedge": ["p95", "1ms", "60000ms", "1s", "60s"],
      "strategy": RoutingStrategy.allCases.map(\.name), "cache": ["on", "off"],
    ])
  func lintedObligations(annotation: String, accepted: [String]) throws {
    let others =
      ["", "0", "-3", "1.5", "many", "10000000000", "0ms", "60001ms", "61s", "s", "+1s", "p99"]
      + accepted.map { $0 + "1" }
    for value in accepted + others {
      var world = World()
      world.policies =
        "@id(\"a\") @\(annotation)(\"\(value)\") permit (principal, action, resource);"
      let findings = lint(parsePolicies(world.policies, dialect: true).policies)
      #expect(
        findings.isEmpty == ((try? world.snapshot()) != nil), "\(annotation) \(value)")
      #expect(!accepted.contains(value) || findings.isEmpty, "\(annotation) \(value)")
    }
  }

  @Test(
    "whatever the world, the ranking is total and does not depend on the candidates' order",
    arguments: UInt64(1)...40)
  func total(seed: UInt64) throws {
    var generator = SeededGenerator(seed: seed)
    var world = World()
    world.description.models = (0..<30).map { number in
      let price = Price(picodollarsPerToken: .random(in: 1...4, using: &generator))
      return ModelDescription(
        name: "m\(number)", provider: "p\(Int.random(in: 0..<4, using: &generator))",
        prices: ModelPrices(input: price, output: price))
    }
    let names = world.description.models.map(\.name)
    world.description.deployments = names.map { DeploymentDescription(model: $0, gateway: "gw") }
    world.description.groups = [
      GroupDescription(name: "one", models: names, strategy: .cost),
      GroupDescription(name: "two", models: names.shuffled(using: &generator), strategy: .cost),
    ]
    world.policies = """
      permit (principal, action, resource);
      @priority(1) permit (principal, action, resource) when { resource.provider == "p1" };
      @priority(1) permit (principal, action, resource) when { resource.provider == "p2" };
      """
    let tester = try world.router()
    let first = tester.route("one").models
    #expect(first.count == RoutePlan.attemptsMaximum && Set(first).count == first.count)
    #expect(tester.route("two").models == first)
    #expect(tester.route("m*") { _ in }.plan.candidateCount == 30)
    let byName = Dictionary(uniqueKeysWithValues: world.description.models.map { ($0.name, $0) })
    let expected = names.sorted { left, right in
      let (left, right) = (byName[left]!, byName[right]!)
      let ranks = [left, right].map { ["p1", "p2"].contains($0.provider) ? 0 : 1 }
      if ranks[0] != ranks[1] { return ranks[0] < ranks[1] }
      let (cheap, dear) = (left.prices!.blended, right.prices!.blended)
      return cheap != dear
        ? cheap < dear : left.name.utf8.lexicographicallyPrecedes(right.name.utf8)
    }
    #expect(first == Array(expected.prefix(RoutePlan.attemptsMaximum)))
  }
}
