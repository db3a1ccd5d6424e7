// SPDX-License-Identifier: MIT

import Accounts
import Configuration
import ModelCatalog
import Testing

@Suite("Configuration")
struct ConfigurationTests {
  static let tiny = """
    models:
      - {name: gpt-4o-mini, provider: openai, price: {input: 0.15, output: 0.6}}
      - {name: gpt-4o, provider: openai, price: {input: 2.5, output: 10}}
    groups: [{name: smart, strategy: cost, models: ["gpt-*"]}]
    aliases: {default: gpt-4o-mini, best: [gpt-4o, smart]}
    gateways:
      - {name: up, type: openai-compatible, base_url: "${UPSTREAM}", api_key: sk-upstream}
    keys: [{name: bench, key: sk-0123456789abcdef, user: alice, team: perf}]
    """

  @Test("a single small file is a whole configuration")
  func tiny() throws {
    var configuration = try #require(
      load(Self.tiny, ["UPSTREAM": "http://127.0.0.1:9100/v1"]).configuration)
    #expect(configuration.catalog.deployments.map(\.model) == ["gpt-4o-mini", "gpt-4o"])
    #expect(
      configuration.catalog.groups.map(\.models) == [
        ["gpt-4o", "gpt-4o-mini"], ["gpt-4o-mini"], ["gpt-4o", "gpt-4o-mini"],
      ])
    #expect(configuration.catalog.groups.map(\.isAlias) == [false, true, true])
    #expect(configuration.keys.map(\.digest) == [testDigest("sk-0123456789abcdef")])
    #expect(configuration.listeners == ListenerConfiguration.standard)
    configuration.serveOnly(port: 9107)
    #expect(configuration.listeners.map(\.port) == [9107])
    #expect(try Catalog(configuration.catalog).deploymentCount == 2)
  }

  @Test("the access log goes nowhere, to a stream, or to a file beside the configuration")
  func accessLog() throws {
    let forms: [(String, LoggingConfiguration.AccessLog?)] = [
      ("false", nil), ("true", .standardOutput), ("stdout", .standardOutput),
      ("stderr", .standardError), ("/var/log/access.log", .file("/var/log/access.log")),
    ]
    for (text, expected) in forms {
      let text = "logging: {access_log: \(text), access_log_format: text}\n" + Self.tiny
      let configuration = try #require(
        load(text, ["UPSTREAM": "http://127.0.0.1:9100/v1"]).configuration)
      #expect(configuration.logging.accessLog == expected)
      #expect(configuration.logging.accessLogFormat == .text)
    }
  }

  @Test("HTTP/2 is off unless a gateway asks for it, in a form that its URL can have")
  func http2() throws {
    func use(_ text: String, _ url: String) -> (HTTP2Use?, String) {
      let result = load(
        Self.tiny.replacing("api_key: sk-upstream", with: "api_key: sk-upstream\(text)"),
        ["UPSTREAM": url])
      return (
        result.configuration?.catalog.gateways.first?.baseURL?.http2,
        result.problems.map(\.message).joined()
      )
    }
    #expect(use("", "https://a/v1").0 == .off)
    #expect(use(", http2: off", "https://a/v1").0 == .off)
    #expect(use(", http2: auto", "https://a/v1").0 == .auto)
    #expect(use(", http2: prior_knowledge", "http://a/v1").0 == .priorKnowledge)
    #expect(use(", http2: prior_knowledge", "https://a/v1").1.contains("`prior_knowledge` is for"))
    #expect(use(", http2: always", "https://a/v1").0 == nil)
  }

  @Test("anchors and aliases stand for the same value")
  func aliases() throws {
    let text = Self.tiny
      .replacing("api_key: sk-upstream}", with: "api_key: &k sk-upstream-0123}")
      .replacing("key: sk-0123456789abcdef", with: "key: *k")
    let configuration = try #require(
      load(text, ["UPSTREAM": "http://127.0.0.1:9100/v1"]).configuration)
    #expect(configuration.keys.map(\.digest) == [testDigest("sk-upstream-0123")])
    #expect(configuration.catalog.deployments.first?.apiKey == "sk-upstream-0123")
  }

  @Test("an address without a path is taken to mean `/v1`; one with a path is kept")
  func versionPath() throws {
    for (url, path) in [("http://h:1", "/v1"), ("http://h:1/", "/v1"), ("http://h:1/x", "/x")] {
      let configuration = try #require(load(Self.tiny, ["UPSTREAM": url]).configuration)
      #expect(configuration.catalog.gateways.first?.baseURL?.pathPrefix == path)
    }
  }

  @Test("the first route that matches decides; else the provider; else the generic gateway")
  func routes() throws {
    let text = """
      models:
        - {name: a-1, provider: p, local: true}
        - {name: a-2, provider: vllm, local: true}
        - {name: b, provider: vllm, local: true, upstream: real/b}
        - {name: c, provider: p, local: true}
      gateways:
        - {name: one, type: vllm, base_url: "http://one", upstream_models: {b: other-b}}
        - {name: two, type: openai-compatible, base_url: "http://two", region: eu,
           api_keys: [k1, {key: k2, weight: 3, region: us}]}
      model_routing:
        a-1: [one, two]
        "a-*": two
        "*-1": [one]
      """
    let catalog = try #require(load(text).configuration).catalog
    let served = catalog.deployments.map {
      "\($0.model) \($0.gateway) \($0.apiKey) \($0.region) \($0.weight) \($0.upstreamModel)"
    }
    #expect(
      served == [
        "a-1 one   1 a-1", "a-1 two k1 eu 1 a-1", "a-1 two k2 us 3 a-1", "a-2 two k1 eu 1 a-2",
        "a-2 two k2 us 3 a-2", "b one   1 other-b", "c two k1 eu 1 c", "c two k2 us 3 c",
      ])
    #expect(catalog.gateways.map(\.authentication) == [.none, .bearer])
  }

  @Test("variables: defaults, empty ones, dollar signs")
  func variables() throws {
    let text = """
      workers: ${W:-3}
      keys:
        - {name: k, key: "$${literal}$$-0123", user: "${U:-u}", team: "t-${T}"}
      """
    var configuration = try #require(load(text, ["T": "x", "W": ""]).configuration)
    #expect(configuration.workerCount == 3)
    #expect(configuration.keys.first?.digest == testDigest("${literal}$-0123"))
    #expect(configuration.keys.first?.team == "t-x")
    configuration = try #require(load(text, ["T": "x", "W": "5", "U": "v"]).configuration)
    #expect(configuration.workerCount == 5)
    #expect(configuration.keys.first?.user == "v")
    #expect(load(text, ["T": ""]).errors.count == 1)
  }

  @Test("a variable's value is data: it cannot bring YAML with it")
  func injection() throws {
    let text = "keys: [{name: k, key: sk-0123456789, user: \"${U}\"}]"
    #expect(load(text, ["U": "a, models: [x]"]).errors.count == 1)
  }

  @Test("an optional gateway whose variable is missing is skipped; others go on")
  func optional() throws {
    let text = """
      models: [{name: m, provider: openai, local: true}]
      gateways:
        - {name: a, type: openai, api_key: "${A}", optional: true}
        - {name: b, type: openai-compatible, base_url: "${B}", optional: true}
      model_routing: {m: [a, b]}
      keys: [{name: k, key: sk-0123456789}]
      """
    let loaded = load(text, ["B": "http://b"])
    #expect(loaded.configuration?.catalog.deployments.map(\.gateway) == ["b"])
    #expect(loaded.notices.map(\.line) == [3])
    let none = load(text)
    #expect(none.configuration?.catalog.deployments.map(\.gateway) == ["scripted"])
  }

  @Test("a key may be given by its hash; its limits are read")
  func keys() throws {
    let hash = String(repeating: "0123456789abcdef", count: 4)
    let text = """
      models: [{name: m, provider: p, local: true}]
      keys:
        - {name: k, sha256: \(hash), models: ["m*", m], budget: 12.5, latency_sla_ms: 700}
      """
    let key = try #require(load(text).configuration?.keys.first)
    #expect(key.digest == KeyDigest(hexadecimal: hash))
    #expect(key.user == "k" && key.team.isEmpty)
    #expect(key.budgetCedarDecimal == 125_000)
    #expect(key.latencySLAMilliseconds == 700)
    #expect(key.allowedModels == ["m*", "m"])
  }

  @Test("a model without a price is refused unless a ceiling is given")
  func ceiling() throws {
    let models = "models: [{name: m, provider: p}]\n"
    let refused = try #require(load(models).configuration).catalog
    #expect(refused.models.first?.prices == nil)
    let text = models + "routing: {unpriced_models: {input: 100, output: 400}}"
    let charged = try #require(load(text).configuration).catalog
    #expect(charged.models.first?.prices?.output.picodollarsPerToken == 400_000_000)
  }
}
