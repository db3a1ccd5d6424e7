// SPDX-License-Identifier: MIT

import Accounts
import Bytes
import Configuration
import Foundation
import ModelCatalog
import Routing
import Testing

@Suite("Shipped configuration")
struct ShippedConfigurationTests {
  static let groups = [
    "fast", "smart", "powerful", "reasoning", "coding", "cost-effective", "bedrock", "vertex",
    "azure", "local",
  ]
  static let providers = [
    "openai", "anthropic", "google", "xai", "deepseek", "cohere", "bedrock", "vertex",
    "azure", "ollama", "vllm",
  ]

  @Test("without any key in the environment the scripted provider serves every model")
  func scripted() throws {
    let loaded = loadShipped([:])
    #expect(loaded.errors.isEmpty, "\(loaded.errors.map(\.description))")
    let configuration = try #require(loaded.configuration)
    #expect(configuration.catalog.gateways.map(\.name) == ["scripted"])
    #expect(configuration.catalog.deployments.count == configuration.catalog.models.count)
    #expect(configuration.catalog.needsScriptedProvider)
    #expect(loaded.notices.contains { $0.message.contains("scripted provider answers") })
    #expect(loaded.notices.contains { $0.message.contains("`OPENAI_API_KEY` is not set") })
    #expect(loaded.notices.contains { $0.message.contains("development key `development`") })
    let ports = configuration.listeners.map { "\($0.role.rawValue) \($0.host) \($0.port)" }
    #expect(ports == ["llm 127.0.0.1 9000", "llm 127.0.0.1 4000", "policy 127.0.0.1 8084"])
    #expect(configuration.keys.map(\.isLoopbackOnly) == [true])
    #expect(configuration.keys.map(\.digest) == [testDigest("sk-litellm-master-key-dev")])
    #expect(configuration.files.count == 3)
  }

  @Test("GATEWAY_HOST opens the LLM API and leaves the policy router, which has no keys, alone")
  func hosts() throws {
    func places(_ environment: [String: String]) throws -> [String] {
      let configuration = try #require(loadShipped(environment).configuration)
      return configuration.listeners.map { "\($0.role.rawValue) \($0.host)" }
    }
    #expect(
      try places(["GATEWAY_HOST": "0.0.0.0"])
        == ["llm 0.0.0.0", "llm 0.0.0.0", "policy 127.0.0.1"])
    #expect(
      try places(["GATEWAY_POLICY_HOST": "10.0.0.1"])
        == ["llm 127.0.0.1", "llm 127.0.0.1", "policy 10.0.0.1"])
  }

  @Test("what the file says is what the code defaults to")
  func defaults() throws {
    let configuration = try #require(loadShipped([:]).configuration)
    #expect(configuration.limits == Limits())
    #expect(configuration.timeouts == Timeouts())
    #expect(configuration.retries == RetrySettings())
    #expect(configuration.circuit == CircuitSettings())
    #expect(configuration.logging == LoggingConfiguration())
    #expect(configuration.workerCount == 0)
  }

  @Test("every promised provider and group is there, with a hundred models and more")
  func promises() throws {
    let catalog = try #require(loadShipped([:]).configuration).catalog
    #expect(catalog.models.count >= 100)
    #expect(Set(catalog.models.map(\.provider)) == Set(Self.providers))
    #expect(catalog.groups.map(\.name) == Self.groups)
    for group in catalog.groups { #expect(group.models.count >= 4, "\(group.name)") }
    let names = Set(catalog.models.map(\.name))
    #expect(names.isSuperset(of: ["gpt-4o-mini", "claude-sonnet-5-5", "gemini-2.5-pro"]))
  }

  @Test("every model has a price above zero, or runs on own machines and has none")
  func prices() throws {
    let catalog = try #require(loadShipped([:]).configuration).catalog
    let media: [Capabilities] = [
      .imageGeneration, .transcription, .speech, .moderation, .rerank,
    ]
    for model in catalog.models {
      #expect(model.contextWindowTokens >= 1_024, "\(model.name)")
      #expect(!model.family.isEmpty, "\(model.name)")
      let isEmbedding = model.capabilities.contains(.embeddings)
      let isChat = model.capabilities.contains(.chat)
      let isMedia = media.contains { model.capabilities.contains($0) }
      #expect(isEmbedding || isMedia || isChat, "\(model.name)")
      #expect(isChat == (model.maximumOutputTokens > 0), "\(model.name)")
      if model.isLocal {
        #expect(model.prices == nil, "\(model.name)")
        continue
      }
      let prices = try #require(model.prices, "\(model.name)")
      // Moderations are free.
      let isPriced =
        prices.input > .zero || BillingUnit.allCases.contains { model.unitPrices[$0] > 0 }
      #expect(isPriced || model.capabilities.contains(.moderation), "\(model.name)")
      let hasOutput = !isEmbedding && !model.capabilities.contains(.rerank)
      #expect(!hasOutput || prices.output >= prices.input, "\(model.name)")
      #expect(prices.cacheRead <= prices.input, "\(model.name)")
      if prices.longContextThresholdTokens > 0 {
        #expect(prices.longContextInput >= prices.input, "\(model.name)")
        #expect(prices.longContextThresholdTokens <= model.contextWindowTokens, "\(model.name)")
      }
    }
  }

  @Test("every price in the file names its source and date")
  func priceSources() throws {
    let text = try String(
      contentsOf: repositoryRoot.appending(path: "config/models.yaml"), encoding: .utf8)
    let prices = text.split(separator: "\n").filter { $0.contains("price: {") }
    #expect(prices.count >= 100)
    let form =
      #/price: \{source: \w+, date: 20\d\d-\d\d-\d\d, (input|minute|million_characters|search): /#
    for price in prices { #expect(price.contains(form), "\(price)") }
  }

  @Test("with OPENAI_API_KEY the real thing serves OpenAI's models and nothing else is served")
  func openAI() throws {
    let loaded = loadShipped(["OPENAI_API_KEY": "sk-real"])
    let configuration = try #require(loaded.configuration)
    #expect(configuration.catalog.gateways.map(\.name) == ["openai"])
    #expect(!configuration.catalog.needsScriptedProvider)
    let catalog = try Catalog(configuration.catalog)
    for position in 0..<catalog.modelCount {
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      let isOpenAI = catalog.provider(model.provider).name.string == "openai"
      #expect(model.deployments.count == (isOpenAI ? 1 : 0), "\(model.name.string)")
    }
    let index = try #require("gpt-4o-mini".withByteView { catalog.model(named: $0) })
    let deployment = catalog.deployment(
      DeploymentIndex(rawValue: catalog.model(index).firstDeployment))
    #expect(deployment.endpoint.host.string == "api.openai.com")
    #expect(deployment.endpoint.pathPrefix.string == "/v1")
    #expect(deployment.apiKey.string == "sk-real")
    #expect(deployment.authentication == .bearer)
  }

  @Test("every provider at once, each under its own names")
  func everyProvider() throws {
    let loaded = loadShipped([
      "OPENAI_API_KEY": "k", "OPENAI_BASE_URL": "http://localhost:1234", "ANTHROPIC_API_KEY": "k",
      "GEMINI_API_KEY": "k", "XAI_API_KEY": "k", "DEEPSEEK_API_KEY": "k", "COHERE_API_KEY": "k",
      "AWS_BEARER_TOKEN_BEDROCK": "k", "VERTEX_PROJECT": "p", "VERTEX_ACCESS_TOKEN": "k",
      "AZURE_OPENAI_ENDPOINT": "https://r.openai.azure.com/", "AZURE_OPENAI_API_KEY": "k",
      "OLLAMA_BASE_URL": "http://localhost:11434", "VLLM_BASE_URL": "http://localhost:8000",
    ])
    #expect(loaded.errors.isEmpty, "\(loaded.errors.map(\.description))")
    let catalog = try Catalog(try #require(loaded.configuration).catalog)
    func deployment(_ name: String) throws -> Deployment {
      let index = try #require(name.withByteView { catalog.model(named: $0) })
      #expect(catalog.model(index).deploymentCount == 1, "\(name)")
      return catalog.deployment(
        DeploymentIndex(rawValue: catalog.model(index).firstDeployment))
    }
    let azure = try deployment("azure/gpt-4o")
    #expect(azure.authentication == .apiKey)
    #expect(azure.endpoint.pathPrefix.string == "/openai/v1")
    #expect(azure.upstreamModel.string == "gpt-4o")
    let vertex = try deployment("vertex/gemini-2.5-pro")
    #expect(vertex.endpoint.pathPrefix.string == "/v1/projects/p/locations/global")
    #expect(vertex.upstreamModel.string == "gemini-2.5-pro")
    #expect(vertex.wireProtocol == .vertex)
    let claude = try deployment("claude-sonnet-4-5")
    #expect(claude.authentication == .xAPIKey)
    #expect(claude.wireProtocol == .anthropic)
    #expect(claude.endpoint.pathPrefix.string == "/v1")
    let gemini = try deployment("gemini-2.5-pro")
    #expect(gemini.authentication == .googleAPIKey)
    #expect(gemini.endpoint.pathPrefix.string == "/v1beta")
    let ranking = try deployment("rerank-v3.5")
    #expect(ranking.endpoint.host.string == "api.cohere.com")
    #expect(ranking.endpoint.pathPrefix.string == "/v2" && ranking.wireProtocol.isOpenAI)
    #expect(
      catalog.unitPrices(ranking.model).cost(of: 1_000, .search)
        == Money(picodollars: 2_000_000_000_000))
    #expect(try deployment("bedrock/nova-pro").region.string == "us-east-1")
    #expect(try deployment("vllm/qwen3-32b").authentication == .none)
    #expect(try deployment("vllm/qwen3-32b").endpoint.pathPrefix.string == "/v1")
    #expect(try deployment("gpt-4o").endpoint.port == 1234)
    for position in 0..<catalog.modelCount {
      let model = catalog.model(ModelIndex(rawValue: UInt16(position)))
      #expect(model.deploymentCount == 1, "\(model.name.string)")
      // Models that no path of the gateway can ask for have no place in the file.
      let index = DeploymentIndex(rawValue: model.firstDeployment)
      let spoken = catalog.deployment(index).wireProtocol.spoken
      #expect(!model.capabilities.isDisjoint(with: spoken), "\(model.name.string)")
    }
  }

  @Test(".env.example names every variable that the files read, and no other")
  func environmentExample() throws {
    var read: Set<String> = []
    for name in ["gateway.yaml", "gateways.yaml", "models.yaml"] {
      let text = try String(
        contentsOf: repositoryRoot.appending(path: "config/\(name)"), encoding: .utf8)
      for line in text.split(separator: "\n")
      where !line.drop(while: { $0 == " " }).hasPrefix("#") {
        for match in line.matches(of: #/\$\{([A-Z_]+)/#) { read.insert(String(match.1)) }
      }
    }
    let example = try String(
      contentsOf: repositoryRoot.appending(path: "config/.env.example"), encoding: .utf8)
    let named = example.split(separator: "\n").filter { !$0.hasPrefix("#") }
      .compactMap { $0.split(separator: "=").first.map(String.init) }
    #expect(Set(named) == read)
  }
}
