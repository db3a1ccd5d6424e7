// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import ModelCatalog
import Routing
import Testing

/// Names that no model has, taken by patterns of `model_routing`.
@Suite("Routing of unknown names")
struct PatternRoutingTests {
  private func world(isPriced: Bool = true) -> World {
    var world = World()
    for (pattern, gateway) in [("*", "gw"), ("open/*", "gw"), ("open/a*", "gw"), ("lone-*", "")] {
      let model = ModelDescription(
        name: pattern, provider: "far", capabilities: Capabilities(Capabilities.named.map(\.value)),
        prices: ModelPrices(
          input: Price(picodollarsPerToken: 900), output: Price(picodollarsPerToken: 900)))
      let isServed = isPriced && !gateway.isEmpty
      world.description.patterns.append(
        PatternDescription(pattern, model: isServed ? model : nil))
      if isServed {
        world.description.deployments.append(
          DeploymentDescription(model: pattern, gateway: gateway))
      }
    }
    return world
  }

  @Test("the most specific pattern takes a name that no model has")
  func specificity() throws {
    let tester = try world().router()
    for (name, pattern) in [
      ("ada", "ada"), ("bob", "bob"), ("one/ada", "ada"), ("open/abc", "open/a*"),
      ("open/b", "open/*"), ("other", "*"), ("one/other", "*"), ("x:7b@q+r_s.1", "*"),
    ] {
      let answer = tester.route(name)
      #expect(answer.plan.outcome == .routed, "\(name)")
      #expect(answer.models == [pattern], "\(name)")
    }
    #expect(tester.route("lone-1").plan.outcome == .unknownModel, "nothing serves its pattern")
  }

  @Test(
    "what leads out of a path, or is no name, is not sent anywhere",
    arguments: [
      "", "/", "a/", "/a", "a//b", "a/../b", "..", "../x", "a/.b", "a b", "a?b", "a#b", "a%2fb",
      "a\"b", "a\\b", "a\nb", "é", String(repeating: "a", count: 257),
    ])
  func refused(_ name: String) throws {
    #expect(try world().router().route(name).plan.outcome == .unknownModel)
  }

  @Test("without a price a name stays unknown")
  func unpriced() throws {
    let tester = try world(isPriced: false).router()
    #expect(tester.route("open/abc").plan.outcome == .unknownModel)
    #expect(tester.route("ada").plan.outcome == .routed)
  }

  @Test("patterns are in no group, no glob and not in auto")
  func listed() throws {
    let tester = try world().router()
    for name in ["auto", "*", "op*", "all"] {
      #expect(!tester.route(name).outcomes.keys.contains { $0.contains("*") }, "\(name)")
    }
    #expect(tester.router.snapshot.catalog.namedModelCount == 6)
    let near = "open/".withByteView { tester.router.snapshot.catalog.nearestNames(to: $0) }
    #expect(!near.contains { $0.contains("*") })
  }

  @Test("a key's own list is about the name, not about the pattern")
  func keys() throws {
    var world = world()
    func key(_ number: UInt64, _ models: [String]) -> KeyDescription {
      KeyDescription(
        digest: KeyDigest(number, 0, 0, 0), name: "k\(number)", user: "u",
        allowedModels: models)
    }
    world.keys = [
      key(1, []), key(2, ["open/abc"]), key(3, ["open/a*", "ada"]), key(4, ["ada", "*"]),
      key(5, ["ada"]), key(6, ["smart"]),
    ]
    let tester = try world.router()
    let keys = tester.router.snapshot.keys
    var allowed: [String: [String]] = [:]
    for position in 0..<keys.count {
      let index = KeyIndex(rawValue: UInt32(position))
      let name = keys.record(index).name.string
      for wanted in ["open/abc", "open/abd", "other"] {
        // Twice: a decision that is remembered is the same.
        for _ in 0..<2 {
          let outcome = tester.route(wanted, key: index).plan.outcome
          #expect(outcome == .routed || outcome == .keyMayNot)
          if outcome == .routed, allowed[name]?.last != wanted {
            allowed[name, default: []].append(wanted)
          }
        }
      }
    }
    let all = ["open/abc", "open/abd", "other"]
    #expect(
      allowed == ["k1": all, "k2": ["open/abc"], "k3": ["open/abc", "open/abd"], "k4": all])
  }

  @Test("policies see the pattern as the model, and the name in the context")
  func policies() throws {
    var world = world()
    world.policies = """
      @id("base") permit (principal, action, resource);
      @id("no-abc") forbid (principal, action, resource == Model::"open/a*")
        when { context.requested_model == "open/abc" };
      """
    let tester = try world.router()
    #expect(tester.route("open/abc").plan.outcome == .denied)
    #expect(tester.route("open/abd").plan.outcome == .routed)
  }

  @Test("rows of the metrics stay when a list brings models in between")
  func metricRows() throws {
    var world = world()
    world.description.discoveries = [
      DiscoveryDescription(
        gateway: "gw", provider: "found", settings: DiscoverySettings(), deployments: [])
    ]
    func rows(_ description: CatalogDescription) throws -> [String: [Int]] {
      let catalog = try Catalog(description)
      var rows: [String: [Int]] = [:]
      for position in 0..<catalog.modelCount {
        let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
        rows[model.name.string] =
          [Int(model.metricRow)]
          + model.deployments.map {
            Int(catalog.deployment(DeploymentIndex(rawValue: UInt16($0))).metricRow)
          }
      }
      return rows
    }
    let before = try rows(world.description)
    for name in ["aaa", "bzz", "zzz"] {
      var model = ModelDescription(name: name, provider: "found", isLocal: true)
      model.origin = .discovered
      world.description.models.append(model)
      world.description.deployments.append(DeploymentDescription(model: name, gateway: "gw"))
    }
    var after = try rows(world.description)
    for name in ["aaa", "bzz", "zzz"] {
      #expect(
        after.removeValue(forKey: name) == [9, 9], "one row of a provider, one of a gateway")
    }
    #expect(after == before)
    #expect(Set(before.values.map { $0[0] }) == Set(0..<9))
  }
}
