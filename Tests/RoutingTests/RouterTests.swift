// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import ModelCatalog
import Routing
import Testing

@Suite("Router: candidates and outcomes")
struct RouterTests {
  @Test("an exact name, a provider's name, an alias, a group, a glob, auto")
  func names() throws {
    let tester = try World().router()
    #expect(tester.route("ada").models == ["ada"])
    #expect(tester.route("one/ada").models == ["ada"])
    #expect(tester.route("alias").models == ["eva"])
    #expect(tester.route("smart").models == ["ada", "bob", "dan"])
    #expect(tester.route("*a").models == ["ada", "eva"])
    #expect(tester.route("auto").models == ["ada", "bob", "cid", "dan", "eva"])
    #expect(tester.route("auto").outcomes["vec"] == .incapable)
  }

  @Test(
    "a name that stands for nothing has no candidates", arguments: ["", "adda", "x*", "one/bob"])
  func unknown(name: String) throws {
    let answer = try World().router().route(name)
    #expect(answer.plan.outcome == .unknownModel)
    #expect(answer.plan.candidateCount == 0 && answer.plan.attemptCount == 0)
  }

  @Test("what a group's members cannot do leaves them out; an exact name is taken at its word")
  func capabilities() throws {
    let tester = try World().router()
    let images = tester.route("smart") { $0.hasImages = true }
    #expect(images.models == ["ada"])
    #expect(images.outcomes["bob"] == .incapable)
    let large = tester.route("cheap") { $0.estimatedInputTokens = 1_001 }
    #expect(large.models == ["bob", "dan"])
    #expect(large.outcomes["cid"] == .tooSmall)
    #expect(tester.route("cid") { $0.estimatedInputTokens = 1_001 }.models == ["cid"])
    #expect(tester.route("all") { $0.capability = .embeddings }.models == ["vec"])
    #expect(tester.route("vec").plan.outcome == .incapable)
    #expect(tester.route("ada") { $0.capability = .embeddings }.plan.outcome == .incapable)
    let none = tester.route("cheap") { $0.hasImages = true }
    #expect(none.plan.outcome == .incapable)
  }

  @Test("models without a gateway or a price are named as such")
  func notServed() throws {
    var world = World()
    world.description.deployments.removeAll { $0.model == "ada" }
    world.description.models[1].prices = nil
    let tester = try world.router()
    #expect(tester.route("ada").plan.outcome == .notServed)
    #expect(tester.route("bob").plan.outcome == .unpriced)
    let group = tester.route("smart")
    #expect(group.models == ["dan"])
    #expect(group.outcomes == ["ada": .notServed, "bob": .unpriced, "dan": .chosen])
  }

  @Test("a deployment whose API has not what the endpoint needs is no candidate")
  func unspoken() throws {
    var world = World()
    world.description.gateways.append(
      GatewayDescription(
        name: "native", baseURL: world.description.gateways[0].baseURL, wireProtocol: .anthropic))
    world.description.deployments[0].gateway = "native"
    world.description.models[0].capabilities = [.chat, .embeddings]
    let tester = try world.router()
    #expect(tester.route("ada").plan.outcome == .routed)
    #expect(tester.route("ada", { $0.capability = .completion }).plan.outcome == .routed)
    #expect(tester.route("ada", { $0.capability = .embeddings }).plan.outcome == .incapable)
  }

  @Test("a key's own list comes before the policies")
  func keys() throws {
    var world = World()
    world.keys = [
      KeyDescription(digest: KeyDigest(1, 1, 1, 1), name: "a", user: "u", team: "t"),
      KeyDescription(
        digest: KeyDigest(2, 2, 2, 2), name: "b", user: "v", allowedModels: ["cheap", "e*"]),
    ]
    let tester = try world.router()
    let all = KeyIndex(rawValue: 0)
    let some = KeyIndex(rawValue: 1)
    #expect(tester.route("smart", key: all).models == ["ada", "bob", "dan"])
    #expect(tester.route("smart", key: some).models == ["bob", "dan"])
    #expect(tester.route("smart", key: some).outcomes["ada"] == .keyMayNot)
    #expect(tester.route("ada", key: some).plan.outcome == .keyMayNot)
    #expect(tester.route("eva", key: some).models == ["eva"])
  }

  @Test("principals: the key's user and team, or one made for the question")
  func principals() throws {
    var world = World()
    world.policies = """
      @id("team") permit (principal in Team::"eng", action, resource);
      @id("user") permit (principal == User::"joe", action, resource == Model::"bob");
      """
    world.keys = [
      KeyDescription(digest: KeyDigest(1, 1, 1, 1), name: "a", user: "ann", team: "eng"),
      KeyDescription(digest: KeyDigest(2, 2, 2, 2), name: "b", user: "joe", team: "ops"),
    ]
    let tester = try world.router()
    #expect(tester.route("smart", key: KeyIndex(rawValue: 0)).models == ["ada", "bob", "dan"])
    #expect(tester.route("smart", key: KeyIndex(rawValue: 1)).models == ["bob"])
    #expect(tester.route("smart").plan.outcome == .denied)
    let asked = tester.router.snapshot.principal(user: "new", team: "eng")
    #expect(tester.route("ada", principal: asked).models == ["ada"])
  }

  @Test("a denial names the forbids, each once; without one it names none")
  func denials() throws {
    var world = World()
    world.policies += """
      @id("no-one") forbid (principal, action, resource) when { resource.provider == "one" };
      @id("no-two") forbid (principal, action, resource) when { resource.provider == "two" };
      """
    let tester = try world.router()
    let answer = tester.route("all") { $0.hasImages = false }
    #expect(answer.models == ["dan", "eva"])
    #expect(answer.outcomes["ada"] == .forbidden)
    let denied = tester.route("*b")
    #expect(denied.plan.outcome == .denied)
    #expect(tester.router.forbids(of: denied.plan) == ["no-two"])
    world.policies = "permit (principal, action, resource == Model::\"ada\");"
    let silent = try world.router()
    let refused = silent.route("bob")
    #expect(refused.plan.outcome == .denied && refused.outcomes["bob"] == .notPermitted)
    #expect(silent.router.forbids(of: refused.plan).isEmpty)
  }

  @Test("open circuits are passed over; all open is a 503 with the time of the first to close")
  func circuits() throws {
    let tester = try World().router()
    tester.open("ada", until: 9_000)
    let two = tester.route("smart")
    #expect(two.models == ["bob", "dan"])
    #expect(two.outcomes["ada"] == .circuitOpen)
    tester.open("bob", until: 5_000)
    tester.open("dan", until: 7_000)
    let none = tester.route("smart", now: 1_000)
    #expect(none.plan.outcome == .unavailable)
    #expect(none.plan.retryAfterMilliseconds == 4_000)
    #expect(tester.route("smart", now: 5_000).models == ["bob"])
  }

  @Test("a reload keeps what is known of the deployments it keeps")
  func reload() throws {
    var world = World()
    try world.router().open("ada", until: 9_000)
    world.description.models.append(ModelDescription(name: "abe", provider: "x", isLocal: true))
    world.description.deployments.insert(
      DeploymentDescription(model: "abe", gateway: "gw"), at: 0)
    let tester = try world.router()
    #expect(tester.route("ada").plan.outcome == .unavailable)
    #expect(tester.route("abe").models == ["abe"])
  }
}
