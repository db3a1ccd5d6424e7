// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

/// Which of OpenAI's APIs an account has, and where they are.
@Suite("Gateways with OpenAI's APIs")
struct OpenAIAPIsTests {
  private func read(_ gateway: String) -> (catalog: CatalogDescription?, report: String) {
    let text = """
      models:
        - {name: gpt-4o, provider: openai, price: {input: 2.5, output: 10}}
        - {name: gpt-5-pro, provider: openai, price: {input: 2.5, output: 10}}
      gateways: [{name: up, api_key: k, \(gateway)}]
      model_routing: {"*": [up]}
      keys: [{name: bench, key: sk-0123456789abcdef, user: alice, team: perf}]
      """
    let result = load(text, [:])
    return (result.configuration?.catalog, result.problems.map(\.message).joined())
  }

  @Test("OpenAI and Azure have the Responses API unless said otherwise")
  func responses() throws {
    #expect(read("type: openai").catalog?.gateways.first?.hasResponses == true)
    #expect(
      read("type: openai, responses_api: false").catalog?.gateways.first?.hasResponses == false)
    let vllm = "type: vllm, base_url: \"http://h\""
    #expect(read(vllm).catalog?.gateways.first?.hasResponses == false)
    #expect(read(vllm + ", responses_api: true").catalog?.gateways.first?.hasResponses == true)
  }

  @Test("models may be there by the Responses API alone")
  func responsesOnly() throws {
    let catalog = try Catalog(
      #require(read("type: openai, responses_only: [\"*-pro\"]").catalog))
    let protocols = (0..<catalog.deploymentCount).map {
      catalog.deployment(DeploymentIndex(rawValue: UInt16($0))).wireProtocol
    }
    #expect(protocols == [.openAI, .openAIResponses])
    #expect(
      read("type: openai, responses_api: false, responses_only: [x]").report
        .contains("contradicts"))
  }

  @Test("a version leads to Azure's deployments", arguments: ["", "/", "/openai"])
  func version(_ path: String) throws {
    let base = "type: azure, base_url: \"https://r.openai.azure.com\(path)\""
    let gateway = try #require(
      read(base + ", api_version: 2024-10-21").catalog?.gateways.first)
    #expect(gateway.apiVersion == "2024-10-21" && gateway.baseURL?.pathPrefix == "")
    #expect(!gateway.hasResponses)
    #expect(read(base + ", api_version: latest").report.contains("no version"))
  }

  @Test("versions where there are none")
  func misplacedVersion() {
    #expect(read("type: openai, api_version: 2024-10-21").report.contains("type `azure`"))
    let v1 = "type: azure, base_url: \"https://r.openai.azure.com/openai/v1\""
    #expect(read(v1 + ", api_version: 2024-10-21").report.contains("has no versions"))
  }
}
