// SPDX-License-Identifier: MIT

import Configuration
import ModelCatalog
import Testing

/// `model_routing` for names that no model has, and `discovery`.
@Suite("Models that are not configured")
struct OpenRoutesTests {
  private func read(
    _ routes: String, routing: String = "", gateway: String = "", keys: String = "",
    groups: String = ""
  ) -> (catalog: CatalogDescription?, report: String) {
    let text = """
      \(routing)
      groups: [\(groups)]
      models:
        - {name: gpt-4o, provider: openai, price: {input: 2.5, output: 10}}
      gateways:
        - {name: near, type: ollama, base_url: "http://h"}
        - {name: far, type: openai, api_keys: [k1, {key: k2, weight: 3}]\(gateway)}
      model_routing: {\(routes)}
      keys: [\(keys)]
      """
    let result = load(text, [:])
    return (result.configuration?.catalog, result.problems.map(\.message).joined())
  }

  @Test("a price of its own, none for own machines, or the ceiling")
  func prices() throws {
    let text = """
      "near/*": {gateways: near, local: true},
        "far-*": {gateways: [far], price: {input: 1, output: 2}}, "*": [near, far], gpt-4o: far
      """
    for (routing, isPriced) in [
      ("", false), ("routing: {unpriced_models: {input: 9, output: 9}}", true),
    ] {
      let catalog = try #require(read(text, routing: routing).catalog)
      let patterns = catalog.patterns
      #expect(patterns.map(\.pattern) == ["near/*", "far-*", "*"], "a model's name is no pattern")
      #expect(patterns.map { $0.model?.isLocal } == [true, false, isPriced ? false : nil])
      #expect(patterns[1].model?.prices?.output == Price(dollarsPerMillionTokens: "2"))
      #expect(catalog.models.map(\.name) == ["gpt-4o"])
      let served = catalog.deployments.filter { $0.model != "gpt-4o" }.map {
        "\($0.model) \($0.gateway) \($0.weight) \($0.droppedPrefixCount)"
      }
      let priced = ["near/* near 1 5", "far-* far 1 0", "far-* far 3 0"]
      #expect(
        served == priced + (isPriced ? ["* near 1 0", "* far 1 0", "* far 3 0"] : []))
    }
  }

  @Test("the most specific line decides for models as well, in whatever order")
  func order() throws {
    let catalog = try #require(
      read("\"*\": near, \"gpt-*\": near, \"gpt-4*\": far").catalog)
    #expect(catalog.deployments.filter { $0.model == "gpt-4o" }.map(\.gateway) == ["far", "far"])
    #expect(Glob.bySpecificity(["*", "ab*", "abc", "*abc", "**abc"]) == [2, 3, 4, 1, 0])
  }

  @Test("mistakes are told")
  func mistakes() {
    #expect(read("\"a*\": {gateway: far}").report.contains("unknown key `gateway`"))
    #expect(
      read("\"a*\": {gateways: far, local: true, price: {input: 1, output: 2}}").report
        .contains("no price"))
    #expect(read("\"a*\": far, \"a*\": near").report.contains("a*"))
    #expect(read("\"a b\": far").report.contains("matches no model"))
    #expect(read("\"a*\": {gateways: gone}").report.contains("unknown gateway `gone`"))
    let key = "{name: k, key: sk-0123456789abcdef, models: [far-1]}"
    #expect(read("\"far-*\": far", keys: key).report.contains("unknown model or group `far-1`"))
    let open = "\"far-*\": {gateways: far, price: {input: 1, output: 2}}"
    #expect(read(open, keys: key).report.isEmpty)
  }

  @Test("groups wait for what lists bring in, where a list may")
  func groups() throws {
    let discovery = ", discovery: {prefix: \"far/\", models: [\"x*\"], local: true}"
    func members(_ list: String) throws -> (GroupDescription, String) {
      let found = read(
        "\"*\": far", gateway: discovery, keys: "{name: k, key: sk-0123456789abcdef}",
        groups: "{name: g, models: [\(list)]}")
      return (try #require(found.catalog?.groups.first), found.report)
    }
    let (open, report) = try members("gpt-4o, \"far/*\", \"*\"")
    #expect(
      open.members == [.model("gpt-4o"), .discovered("far/*"), .discovered("*")], "\(report)")
    #expect(open.models == ["gpt-4o"] && report.isEmpty)
    let (exact, notice) = try members("far/x1, gpt-4o")
    #expect(exact.members == [.discovered("far/x1"), .model("gpt-4o")])
    #expect(notice.contains("no model `far/x1` is configured"))
    for (name, problem) in [("far/y", "unknown model `far/y`"), ("\"y*\"", "no model matches")] {
      let found = read(
        "\"*\": far", gateway: discovery, groups: "{name: g, models: [gpt-4o, \(name)]}")
      #expect(found.report.contains(problem) && found.catalog == nil)
    }
    let nested = read(
      "\"*\": far", gateway: discovery,
      groups: "{name: g, models: [\"far/*\"]}, {name: h, models: [gpt-4o, g]}")
    #expect(
      nested.catalog?.groups.last?.members == [.model("gpt-4o"), .discovered("far/*")])
  }

  @Test(
    "what no list can bring in is no member that one is waited for",
    arguments: [
      "later", "g", "auto", "openai/gpt-4o", "far/named",
    ])
  func reserved(_ name: String) {
    let found = read(
      "\"*\": far, far/named: far", gateway: ", discovery: {local: true}",
      groups: "{name: g, models: [gpt-4o, \(name)]}, {name: later, models: [gpt-4o]}")
    #expect(found.report.contains("unknown model `\(name)`"), "\(found.report)")
    #expect(found.catalog == nil)
  }

  @Test("discovery: what is read, and that its models need a price")
  func discovery() throws {
    let found = read(
      "\"*\": far",
      gateway: ", discovery: {interval: 5m, timeout: 3s, grace: 2h, jitter: 0.5, models: [\"x*\"], "
        + "prefix: \"far/\", price: {input: 1, output: 2}, maximum: 7}")
    let discovery = try #require(found.catalog?.discoveries.first)
    #expect(discovery.gateway == "far" && discovery.provider == "openai")
    #expect(discovery.settings.intervalMilliseconds == 300_000)
    #expect(discovery.settings.timeoutMilliseconds == 3_000)
    #expect(discovery.settings.graceMilliseconds == 7_200_000)
    #expect(discovery.settings.jitterThousandths == 500)
    #expect(discovery.settings.patterns == ["x*"] && discovery.settings.prefix == "far/")
    #expect(discovery.settings.modelsMaximum == 7)
    #expect(discovery.settings.prices?.input == Price(dollarsPerMillionTokens: "1"))
    #expect(discovery.deployments.map(\.apiKey) == ["k1", "k2"])
    #expect(discovery.deployments.map(\.weight) == [1, 3])
    #expect(read("\"*\": far", gateway: ", discovery: true").report.contains("have no price"))
    #expect(
      read(
        "\"*\": far", routing: "routing: {unpriced_models: {input: 9, output: 9}}",
        gateway: ", discovery: true"
      ).catalog?.discoveries.first?.settings.prices != nil)
    #expect(
      read("\"*\": far", gateway: ", discovery: {interval: 10ms, local: true}").report
        .contains("interval"))
    #expect(
      read("\"*\": far", gateway: ", discovery: {prefix: \"a b\", local: true}").report
        .contains("prefix"))
    #expect(read("\"*\": far", gateway: ", discovery: false").catalog?.discoveries.isEmpty == true)
  }
}
