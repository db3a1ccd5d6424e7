// SPDX-License-Identifier: MIT

import Bytes
import ModelCatalog
import Testing

@Suite("Catalog")
struct CatalogTests {
  static let openAI = BaseURL(isTLS: true, host: "api.openai.com", port: 443, pathPrefix: "/v1")
  static let local = BaseURL(isTLS: false, host: "::1", port: 8000, pathPrefix: "/v1")

  static func description() -> CatalogDescription {
    CatalogDescription(
      models: [
        ModelDescription(
          name: "gpt-4o-mini", provider: "openai", family: "gpt-4o",
          prices: ModelPrices(
            input: Price(picodollarsPerToken: 150_000),
            output: Price(picodollarsPerToken: 600_000))),
        ModelDescription(name: "llama", provider: "vllm", isLocal: true),
        ModelDescription(name: "enigma", provider: "openai"),
      ],
      groups: [
        GroupDescription(name: "smart", models: ["llama", "gpt-4o-mini"], strategy: .cost),
        GroupDescription(name: "default", models: ["enigma"], isAlias: true),
      ],
      gateways: [
        GatewayDescription(name: "openai", baseURL: openAI),
        GatewayDescription(name: "cluster", baseURL: local, authentication: .none),
      ],
      deployments: [
        DeploymentDescription(model: "llama", gateway: "cluster", upstreamModel: "meta/llama"),
        DeploymentDescription(
          model: "gpt-4o-mini", gateway: "openai", region: "eu", apiKey: "k1", weight: 1),
        DeploymentDescription(
          model: "gpt-4o-mini", gateway: "openai", region: "us", apiKey: "k2", weight: 3),
      ],
      defaultStrategy: .latency)
  }

  func find(_ name: String, in catalog: Catalog) -> CatalogName? {
    name.withByteView { catalog.lookup($0) }
  }

  @Test("models are in order of name; every name is found")
  func lookup() throws {
    let catalog = try Catalog(Self.description())
    #expect(catalog.modelCount == 3)
    let names = (0..<3).map { catalog.model(ModelIndex(rawValue: $0)).name.string }
    #expect(names == ["enigma", "gpt-4o-mini", "llama"])
    for (position, name) in names.enumerated() {
      #expect(find(name, in: catalog) == .model(ModelIndex(rawValue: UInt16(position))))
    }
    #expect(find("smart", in: catalog) == .group(GroupIndex(rawValue: 0)))
    #expect(find("gpt-4o-min", in: catalog) == nil)
    #expect(find("", in: catalog) == nil)
    #expect(find(String(repeating: "a", count: 10_000), in: catalog) == nil)
  }

  @Test("`provider/model` is the model of that provider only")
  func qualified() throws {
    let catalog = try Catalog(Self.description())
    #expect(find("openai/gpt-4o-mini", in: catalog) == .model(ModelIndex(rawValue: 1)))
    #expect(find("vllm/gpt-4o-mini", in: catalog) == nil)
    #expect(find("openai/smart", in: catalog) == nil)
  }

  @Test("a model's deployments are one range, heaviest first")
  func deployments() throws {
    let catalog = try Catalog(Self.description())
    let model = catalog.model(ModelIndex(rawValue: 1))
    let rows = model.deployments.map { catalog.deployment(DeploymentIndex(rawValue: UInt16($0))) }
    #expect(rows.map(\.weight) == [3, 1])
    #expect(rows.map(\.region.string) == ["us", "eu"])
    #expect(rows.map(\.apiKey.string) == ["k2", "k1"])
    #expect(rows.map(\.index.rawValue) == [0, 1])
    #expect(rows.allSatisfy { $0.model == model.index })
    #expect(catalog.model(ModelIndex(rawValue: 0)).deployments.isEmpty)
    let local = catalog.deployment(DeploymentIndex(rawValue: 2))
    #expect(local.upstreamModel.string == "meta/llama")
    #expect(local.endpoint.host.string == "::1")
    #expect(local.endpoint.hostHeader.string == "[::1]:8000")
    #expect(rows[0].endpoint.hostHeader.string == "api.openai.com")
  }

  @Test("groups keep their order; aliases are no policy parents")
  func groups() throws {
    let catalog = try Catalog(Self.description())
    let smart = catalog.group(GroupIndex(rawValue: 0))
    #expect(smart.strategy == .cost)
    let members = smart.members.map { catalog.model(catalog.groupMember($0)).name.string }
    #expect(members == ["llama", "gpt-4o-mini"])
    #expect(catalog.groups(of: ModelIndex(rawValue: 2)) == [GroupIndex(rawValue: 0)])
    #expect(catalog.groups(of: ModelIndex(rawValue: 0)).isEmpty)
    #expect(catalog.defaultStrategy == .latency)
  }

  @Test("an unknown price is not a price of zero")
  func unpriced() throws {
    let catalog = try Catalog(Self.description())
    #expect(!catalog.model(ModelIndex(rawValue: 0)).isPriced)
    #expect(catalog.model(ModelIndex(rawValue: 1)).isPriced)
    #expect(catalog.model(ModelIndex(rawValue: 2)).isPriced)
  }

  @Test("the scripted gateway takes the address given at start")
  func scripted() throws {
    var description = Self.description()
    description.gateways[1].baseURL = nil
    #expect(description.needsScriptedProvider)
    #expect(throws: CatalogError.missingScriptedEndpoint) { try Catalog(description) }
    let catalog = try Catalog(description, scriptedEndpoint: Self.local)
    let row = catalog.deployment(DeploymentIndex(rawValue: 2))
    #expect(row.isScripted && row.endpoint.port == 8000)
  }

  @Test("contradictions are errors")
  func errors() {
    var description = Self.description()
    description.groups[0].members.append(.model("nope"))
    #expect(throws: CatalogError.unknownModel("nope", in: "smart")) { try Catalog(description) }
    description = Self.description()
    description.groups[1].name = "llama"
    #expect(throws: CatalogError.duplicateName("llama")) { try Catalog(description) }
    description = Self.description()
    description.deployments[0].gateway = "gone"
    #expect(throws: CatalogError.unknownGateway("gone", of: "llama")) { try Catalog(description) }
    description = Self.description()
    description.deployments[0].weight = 0
    #expect(throws: CatalogError.invalidWeight(0, of: "llama")) { try Catalog(description) }
  }

  @Test("thousands of names are all found again, and nothing else is")
  func manyNames() throws {
    let names = (0..<4_000).map { "model-\($0 &* 2_654_435_761 % 1_000_003)" }
    let distinct = Set(names)
    let catalog = try Catalog(
      CatalogDescription(models: distinct.map { ModelDescription(name: $0, provider: "p") }))
    for name in distinct {
      let found = try #require(find(name, in: catalog))
      guard case .model(let index) = found else { throw CatalogError.duplicateName(name) }
      #expect(catalog.model(index).name.string == name)
      #expect(find(name + "x", in: catalog) == nil)
    }
  }
}
