// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Testing
import UpstreamService

@Suite("Models that lists bring in")
struct DiscoveredModelsTests {
  private static func settings(
    grace: Int64 = 1_000, _ change: (inout DiscoverySettings) -> Void = { _ in }
  ) -> DiscoverySettings {
    var settings = DiscoverySettings()
    settings.graceMilliseconds = grace
    settings.isLocal = true
    change(&settings)
    return settings
  }

  private func take(
    _ models: inout DiscoveredModels, _ names: [String], _ now: Int64
  ) -> DiscoveredModels.Changes {
    models.take(names.map { ListedModel($0) }, nowMilliseconds: now)
  }

  @Test("added, vanished, returned, removed when the grace is over")
  func life() {
    var models = DiscoveredModels(Self.settings())
    var changes = take(&models, ["b", "a"], 0)
    #expect(changes.added == ["a", "b"])
    #expect(take(&models, ["a", "b"], 10).isEmpty)
    changes = take(&models, ["a"], 20)
    #expect(changes.vanished == ["b"] && models.entries.count == 2)
    #expect(models.nextExpiryMilliseconds == 1_020)
    changes = take(&models, ["a", "b"], 30)
    #expect(changes.returned == ["b"] && models.nextExpiryMilliseconds == nil)
    _ = take(&models, [], 100)
    #expect(models.expire(nowMilliseconds: 1_099).isEmpty)
    #expect(models.expire(nowMilliseconds: 1_100).removed == ["a", "b"])
    #expect(models.entries.isEmpty && models.nextExpiryMilliseconds == nil)
  }

  @Test("without a grace what is not listed is gone at once")
  func noGrace() {
    var models = DiscoveredModels(Self.settings(grace: 0))
    _ = take(&models, ["a", "b"], 0)
    let changes = take(&models, ["b"], 1)
    #expect(changes.vanished == ["a"] && changes.removed == ["a"])
    #expect(Array(models.entries.keys) == ["b"])
  }

  @Test("patterns, prefix, limit, bad names, and what is configured")
  func choice() {
    var models = DiscoveredModels(
      Self.settings {
        $0.patterns = ["x*", "y"]
        $0.prefix = "far/"
        $0.modelsMaximum = 3
      }, taken: ["far/xc"])
    let changes = take(
      &models, ["x1", "z", "y", "x 2", "x3:latest", "x3", "xc", "x5", "x6"], 0)
    #expect(changes.added == ["far/x1", "far/x3", "far/y"])
    #expect(models.entries["far/x3"]?.listed.name == "x3:latest")
    #expect(models.ignoredCount == 3, "one has a space, two are too many")
  }

  @Test("what is placed there already is not brought in again, by either of its names")
  func placed() {
    var models = DiscoveredModels(
      Self.settings(), placed: ["llama3:latest", "qwen", "phi:mini"])
    let changes = take(&models, ["llama3:latest", "qwen:latest", "phi:mini", "phi"], 0)
    #expect(changes.added == ["phi"])
  }

  @Test("no list gives a new meaning to what requests can ask for already")
  func taken() throws {
    var description = CatalogDescription(
      models: [ModelDescription(name: "gpt", provider: "openai", isLocal: true)],
      groups: [GroupDescription(name: "smart", models: ["gpt"])],
      gateways: [
        GatewayDescription(
          name: "gw", baseURL: BaseURL(isTLS: false, host: "h", port: 1, pathPrefix: ""))
      ])
    let pattern = ModelDescription(name: "", provider: "gw", isLocal: true)
    description.patterns = ["lone", "far-*"].map { PatternDescription($0, model: pattern) }
    description.discoveries = [
      DiscoveryDescription(
        gateway: "gw", provider: "gw", settings: Self.settings(),
        deployments: [DeploymentDescription(model: "", gateway: "gw")])
    ]
    var models = DiscoveredModels(Self.settings(), taken: description.takenNames)
    let changes = take(
      &models, ["auto", "gpt", "openai/gpt", "smart", "lone", "far-1", "other/gpt"], 0)
    #expect(changes.added == ["far-1", "other/gpt"])
    #expect(try Catalog(description.adding([models])).namedModelCount == 3)
  }

  @Test("as many are brought in as there is room for beside models and patterns")
  func room() throws {
    var description = CatalogDescription(
      gateways: [
        GatewayDescription(
          name: "gw", baseURL: BaseURL(isTLS: false, host: "h", port: 1, pathPrefix: ""))
      ])
    let pattern = ModelDescription(name: "", provider: "gw", isLocal: true)
    let patternCount = CatalogLimits.modelsMaximum - 10
    description.patterns = (0..<patternCount).map { PatternDescription("p\($0)*", model: pattern) }
    description.discoveries = [
      DiscoveryDescription(
        gateway: "gw", provider: "gw", settings: Self.settings(),
        deployments: [DeploymentDescription(model: "", gateway: "gw")])
    ]
    var models = DiscoveredModels(Self.settings(), taken: description.takenNames)
    #expect(take(&models, (0..<20).map { "m\($0)" }, 0).added.count == 20)
    #expect(try Catalog(description.adding([models])).namedModelCount == 10)
  }

  @Test("ever new names do not go on for ever")
  func bounded() {
    var models = DiscoveredModels(Self.settings(grace: 0) { $0.modelsMaximum = 1_000 })
    var added = 0
    for round in 0..<6 {
      let names = (0..<1_000).map { "m\(round)-\($0)" }
      added += take(&models, names, Int64(round)).added.count
    }
    #expect(added == DiscoveredModels.namesMaximum)
    #expect(take(&models, ["m0-1"], 99).added == ["m0-1"], "those known come back")
  }

  @Test("what a list says of a model is taken over when it changes")
  func altered() {
    var models = DiscoveredModels(Self.settings())
    _ = take(&models, ["a"], 0)
    let changes = models.take([ListedModel("a", contextTokens: 9)], nowMilliseconds: 1)
    #expect(changes.altered == ["a"])
  }

  @Test("models that are found join the groups that wait for them, each once and in its place")
  func groups() {
    let group = GroupDescription(
      name: "g",
      members: [.discovered("b"), .model("own"), .discovered("a*"), .discovered("*")])
    func grown(_ names: [String], countMaximum: Int = 100) -> [String] {
      group.adding(names, countMaximum: countMaximum).models
    }
    #expect(grown([]) == ["own"])
    #expect(grown(["a1", "a2", "b", "c", "own"]) == ["b", "own", "a1", "a2", "c"])
    #expect(grown(["a1", "a2", "b", "c"], countMaximum: 2) == ["b", "own", "a1"])
  }

  @Test("a name that several list is served where it costs the same, by the first known price")
  func prices() throws {
    let cheap = ModelPrices(
      input: Price(picodollarsPerToken: 1), output: Price(picodollarsPerToken: 2))
    let dear = ModelPrices(
      input: Price(picodollarsPerToken: 3), output: Price(picodollarsPerToken: 4))
    /// The gateways that serve a model which all list, and what it costs.
    func served(_ terms: [(prices: ModelPrices?, isLocal: Bool)]) throws -> String {
      var description = CatalogDescription()
      var found: [DiscoveredModels] = []
      for (index, own) in terms.enumerated() {
        description.gateways.append(
          GatewayDescription(
            name: "g\(index)", baseURL: BaseURL(isTLS: false, host: "h", port: 1, pathPrefix: "")))
        var settings = Self.settings()
        (settings.prices, settings.isLocal) = own
        description.discoveries.append(
          DiscoveryDescription(
            gateway: "g\(index)", provider: "g\(index)", settings: settings,
            deployments: [DeploymentDescription(model: "", gateway: "g\(index)")]))
        var models = DiscoveredModels(settings)
        _ = take(&models, ["m"], 0)
        found.append(models)
      }
      let grown = description.adding(found)
      let model = try #require(grown.models.first)
      #expect(grown.models.count == 1 && model.provider == grown.deployments.first?.gateway)
      let price = model.prices?.input.picodollarsPerToken.description ?? "none"
      let names = grown.deployments.map(\.gateway).joined(separator: " ")
      return "\(names): \(price)\(model.isLocal ? " local" : "")"
    }
    #expect(try served([(nil, true), (cheap, false), (nil, true)]) == "g0 g2: none local")
    #expect(try served([(cheap, false), (nil, true), (dear, false), (cheap, false)]) == "g0 g3: 1")
    #expect(try served([(nil, false), (dear, false), (cheap, false)]) == "g1: 3")
    #expect(try served([(nil, false), (nil, false)]) == "g0 g1: none")
  }

  @Test("a catalogue with what two gateways list")
  func catalogue() throws {
    func discovery(_ name: String, keys: Int) -> DiscoveryDescription {
      DiscoveryDescription(
        gateway: name, provider: name, settings: Self.settings(),
        deployments: (0..<keys).map {
          DeploymentDescription(model: "", gateway: name, apiKey: "k\($0)")
        })
    }
    var description = CatalogDescription(
      models: [ModelDescription(name: "own", provider: "p", isLocal: true)],
      gateways: ["one", "two"].map {
        GatewayDescription(
          name: $0, baseURL: BaseURL(isTLS: false, host: "h", port: 1, pathPrefix: ""))
      }, deployments: [DeploymentDescription(model: "own", gateway: "one")])
    description.discoveries = [discovery("one", keys: 2), discovery("two", keys: 1)]
    description.groups = [
      GroupDescription(name: "some", members: [.discovered("n*"), .model("own")])
    ]
    var one = DiscoveredModels(Self.settings())
    let lists = [ListedModel("m", contextTokens: 5, capabilities: [.embeddings]), ListedModel("n")]
    for (now, count) in [(0, 2), (1, 1)] as [(Int64, Int)] {
      _ = one.take(Array(lists.prefix(count)), nowMilliseconds: now)
    }
    var two = DiscoveredModels(Self.settings())
    _ = take(&two, ["n:latest"], 0)
    let catalog = try Catalog(description.adding([one, two]))
    let names = (0..<catalog.modelCount).map { position in
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      let upstreams = model.deployments.map {
        let row = catalog.deployment(DeploymentIndex(rawValue: UInt16($0)))
        return "\(row.gatewayName.string):\(row.upstreamModel.string)"
      }
      return "\(model.name.string) \(model.origin.name) \(upstreams.joined(separator: " "))"
    }
    #expect(
      names == [
        "m discovered one:m one:m", "n discovered one:n one:n two:n:latest",
        "own configured one:own",
      ])
    let some = catalog.group(GroupIndex(rawValue: 0)).members.map { position in
      catalog.model(catalog.groupMember(position)).name.string
    }
    #expect(some == ["n", "own"])
    #expect(catalog.model(ModelIndex(rawValue: 0)).capabilities == .embeddings)
    #expect(catalog.model(ModelIndex(rawValue: 0)).contextWindowTokens == 5)
    #expect(catalog.model(ModelIndex(rawValue: 1)).capabilities == [.chat, .tools])
  }
}
