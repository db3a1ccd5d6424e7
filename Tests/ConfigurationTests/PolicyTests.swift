// SPDX-License-Identifier: MIT

import Accounts
import CedarSyntax
import Configuration
import DecisionIR
import Foundation
import ModelCatalog
import PolicyCompiler
import Routing
import Testing

@Suite("Shipped policies")
struct PolicyTests {
  static func text(_ path: String) throws -> String {
    try String(contentsOf: repositoryRoot.appending(path: path), encoding: .utf8)
  }

  static func snapshot() throws -> RoutingSnapshot {
    let configuration = try #require(loadShipped([:]).configuration)
    let (set, diagnostics) = parsePolicies(
      try text("policies/routing-rules.cedar"), dialect: true)
    #expect(diagnostics.isEmpty, "\(diagnostics)")
    let endpoint = BaseURL(isTLS: false, host: "127.0.0.1", port: 1, pathPrefix: "/v1")
    return try RoutingSnapshot(
      catalog: Catalog(configuration.catalog, scriptedEndpoint: endpoint),
      keys: KeyTable(configuration.keys), program: compilePolicies(set).get().program,
      registry: HealthRegistry())
  }

  @Test("every test beside them passes")
  func tests() throws {
    let path = "policies/routing-rules.test.yaml"
    let (tests, problems) = PolicyTestFile.parse(try Self.text(path), path: path)
    #expect(problems.isEmpty, "\(problems.map(\.description))")
    #expect(tests.count >= 30)
    let runner = PolicyTestRunner(try Self.snapshot())
    for test in tests {
      let failures = runner.run(test)
      #expect(failures.isEmpty, "\(test.file):\(test.line): \(test.name): \(failures)")
    }
  }

  @Test("they pass whatever provider keys the environment has")
  func testsDoNotDependOnKeys() throws {
    let path = "policies/routing-rules.test.yaml"
    let (tests, _) = PolicyTestFile.parse(try Self.text(path), path: path)
    for environment in [[:], ["OPENAI_API_KEY": "sk-0123456789"]] {
      let configuration = try #require(loadShipped(environment).configuration)
      let catalog = try PolicyTestRunner.catalog(of: configuration)
      #expect(catalog.deploymentCount >= catalog.modelCount)
      let (set, _) = parsePolicies(try Self.text("policies/routing-rules.cedar"), dialect: true)
      let runner = try PolicyTestRunner(compilePolicies(set).get().program, catalog: catalog)
      for test in tests { #expect(runner.run(test).isEmpty, "\(environment): \(test.name)") }
    }
    // With one key and no stand-in, other models are not served: what the catalogue is for.
    let configuration = try #require(
      loadShipped(["OPENAI_API_KEY": "sk-0123456789"]).configuration)
    #expect(configuration.catalog.deployments.count < configuration.catalog.models.count)
  }

  @Test("the three policies of the users stand in it to the letter")
  func verbatim() throws {
    let text = try Self.text("policies/routing-rules.cedar")
    // Joined so that no line here is longer than its own.
    let lines = [
      #"// Prefer self-hosted when budget is low"#,
      #"@priority(100)"#,
      #"permit (principal, action == "routing:select_model", resource)"#,
      #"when { context.cost_budget_remaining < 10.0 && resource.provider == "vllm" };"#,
      #"// Forbid slow models for tight latency SLAs"#,
      #"@priority(85)"#,
      #"forbid (principal, action == "routing:select_model", resource)"#,
      "when { context.latency_sla_ms < 500 "
        + "&& resource.average_latency_ms > context.latency_sla_ms };",
      #"// Circuit breaker for high error rates"#,
      #"forbid (principal, action == "routing:select_model", resource)"#,
      #"when { resource.current_error_rate > 0.05 };"#,
    ]
    #expect(text.contains(lines.joined(separator: "\n")))
  }

  @Test("a test that does not hold says what it found")
  func failing() throws {
    let text = """
      tests:
        - name: wrong
          request: {requested_model: gpt-4o-mini}
          expect: {decision: deny, model: gpt-4o, policies: [x], excludes: [gpt-4o-mini]}
      """
    let (tests, problems) = PolicyTestFile.parse(text, path: "t.yaml")
    #expect(problems.isEmpty)
    let failures = PolicyTestRunner(try Self.snapshot()).run(try #require(tests.first))
    #expect(
      failures == [
        "the decision is allow (routed), expected deny",
        "`model` is gpt-4o-mini, expected gpt-4o", "`policies` is [\"base\"], expected [\"x\"]",
        "`gpt-4o-mini` is among the models, expected it excluded",
      ])
  }

  @Test("obligations can be expected, and one that is absent is nothing")
  func obligations() throws {
    let policies = """
      @id("kept") @keep_alive_ms("5000") @timeout_ms("9000")
      permit (principal, action, resource) when { context.stream };
      @id("base") @priority(-1) permit (principal, action, resource);
      """
    let (set, diagnostics) = parsePolicies(policies, dialect: true)
    #expect(diagnostics.isEmpty)
    let configuration = try #require(loadShipped([:]).configuration)
    let runner = try PolicyTestRunner(
      compilePolicies(set).get().program, catalog: PolicyTestRunner.catalog(of: configuration))
    func failures(_ isStream: Bool, _ expectation: String) throws -> [String] {
      let text = """
        tests:
          - name: one
            request: {requested_model: gpt-4o, context: {stream: \(isStream)}}
            expect: {\(expectation)}
        """
      let (tests, problems) = PolicyTestFile.parse(text, path: "t.yaml")
      #expect(problems.isEmpty)
      return runner.run(try #require(tests.first))
    }
    #expect(try failures(true, "keep_alive_ms: 5000, timeout_ms: 9000").isEmpty)
    #expect(
      try failures(true, "keep_alive_ms: 0") == ["`keep_alive_ms` is 5000, expected 0"])
    #expect(
      try failures(false, "keep_alive_ms: 0, timeout_ms: 1") == [
        "`timeout_ms` is nothing, expected 1", "`keep_alive_ms` is nothing, expected 0",
      ])
  }

  @Test("mistakes in a test file are reported with their place")
  func mistakes() {
    let text = "tests:\n  - {name: a, request: {requested_modl: x}, expect: {decision: maybe}}"
    let (_, problems) = PolicyTestFile.parse(text, path: "t.yaml")
    #expect(problems.map(\.line) == [2, 2, 2])
    #expect(problems.contains { $0.help.contains("`requested_model`") })
  }
}
