// SPDX-License-Identifier: MIT

import ControlPlane
import PolicyService
import Routing
import Testing

private let shipped = #"""
  @priority(100)
  permit (principal, action == "routing:select_model", resource)
  when { context.cost_budget_remaining < 10.0 && resource.provider == "vllm" };
  @id("breaker")
  forbid (principal, action == "routing:select_model", resource)
  when { resource.current_error_rate > 0.05 };
  @id("base") @max_output_tokens("4096") @tag("house")
  permit (principal, action == "routing:select_model", resource);
  @id("no-dear")
  forbid (principal in Team::"interns", action == "routing:select_model", resource)
  when { resource.output_cost_per_mtok > 10.0 };
  """#

@Suite struct LiveStateTests {
  // MARK: Route

  @Test func theRankingIsExplained() throws {
    let host = try TestHost(shipped)
    let answer = try host.state.route(host.query("smart", budget: 100)).get()
    #expect(answer.chosen.model == "dear")
    #expect(answer.chosen.gateway == "main")
    #expect(answer.chosen.region == "eu")
    #expect(answer.policy == "base")
    #expect(answer.strategy == "order")
    #expect(answer.obligations == [.init("max_output_tokens", "4096"), .init("tag", "house")])
    #expect(answer.fallbacks.map(\.model) == ["fine", "cheap"])
    #expect(answer.candidates.map(\.outcome) == ["chosen", "fallback", "fallback"])
    #expect(answer.candidates.map(\.rank) == [1, 2, 3])
    #expect(answer.candidates[0].reason == "first in rank: strategy `order`, place 1 in the list")
    #expect(answer.policyVersion == host.snapshots.current.version)
    #expect(answer.evaluationMicroseconds > 0)
  }

  @Test func policiesChangeTheChoice() throws {
    let host = try TestHost(shipped)
    let poor = try host.state.route(host.query("smart", budget: 5)).get()
    #expect(poor.chosen.model == "cheap")
    #expect(poor.policy == "policy0")
    #expect(poor.candidates.first { $0.model == "cheap" }?.priorityTenThousandths == 1_000_000)
    var intern = host.query("smart")
    intern.teamID = "interns"
    let answer = try host.state.route(intern).get()
    #expect(answer.chosen.model == "fine")
    let dear = answer.candidates.first { $0.model == "dear" }
    #expect(dear?.outcome == "forbidden")
    #expect(dear?.reason == "forbidden by `no-dear`")
  }

  @Test func denialsNameTheForbids() async throws {
    let host = try TestHost(shipped)
    var query = host.query("dear")
    query.teamID = "interns"
    guard case .failure(.refused(let denial)) = host.state.route(query) else {
      Issue.record("expected a refusal")
      return
    }
    #expect(denial.outcome == .denied)
    #expect(denial.forbids == ["no-dear"])
    #expect(await host.state.decision(denial.decisionID) == .denied(denial))
  }

  @Test func unknownNamesGiveTheNearest() throws {
    let host = try TestHost(shipped)
    let result = host.state.route(host.query("smrt"))
    #expect(result == .failure(.unknownModel(nearest: ["smart"])))
  }

  @Test func openCircuitsAreUnavailable() throws {
    let host = try TestHost("permit (principal, action, resource);")
    host.fail("fine", times: 10)
    guard case .failure(.refused(let denial)) = host.state.route(host.query("fine")) else {
      Issue.record("expected a refusal")
      return
    }
    #expect(denial.outcome == .unavailable)
    #expect(denial.retryAfterSeconds >= 1)
    #expect(denial.candidates[0].outcome == "circuit_open")
    let status = host.state.models().first { $0.model == "fine" }
    #expect(status?.measurements.circuit == "open")
    #expect(status?.groups == ["smart"])
    let group = try host.state.route(host.query("smart")).get()
    #expect(group.fallbacks.map(\.model) == ["cheap"])
  }

  @Test func evaluationErrorsAreTold() throws {
    let host = try TestHost(
      #"""
      @id("base") permit (principal, action, resource);
      @id("broken") forbid (principal, action, resource)
      when { context.latency_sla_ms + resource.context_window * 9223372036854775807 > 0 };
      """#)
    let answer = try host.state.route(host.query("fine", latency: 100)).get()
    #expect(answer.errors.map(\.policy) == ["broken"])
    #expect(answer.errors.first?.message.contains("overflow") == true)
  }

  @Test func decisionsAreRemembered() async throws {
    let host = try TestHost(shipped)
    let answer = try host.state.route(host.query("fine")).get()
    #expect(await host.state.decision(answer.decisionID) == .allowed(answer))
    #expect(await host.state.decision("data-plane") == .denied(.example))
    #expect(await host.state.decision("other") == nil)
    let identifiers = try (0..<100).map { _ in
      try host.state.route(host.query("fine")).get().decisionID
    }
    #expect(Set(identifiers).count == 100)
  }

  @Test func weightedChoicesVary() throws {
    let host = try TestHost(
      #"@strategy("weighted") permit (principal, action, resource);"#)
    let models = try (0..<200).map { _ in
      try host.state.route(host.query("smart")).get().chosen.model
    }
    #expect(Set(models) == ["cheap", "fine", "dear"])
  }

  // MARK: Evaluate

  private func evaluate(_ host: TestHost, _ body: String) throws -> EvaluateAnswer {
    try host.state.evaluate(EvaluateQuery(body: Array(body.utf8)))
  }

  private func question(_ team: String, _ rest: String = "") -> String {
    #"""
    {"principal": "User::\"ann\"", "action": "Action::\"routing:select_model\"",
     "resource": "Model::\"dear\"", "context": {"cost_budget_remaining":
     {"__extn": {"fn": "decimal", "arg": "100.0"}}}, "entities": [{"uid": {"type": "User",
     "id": "ann"}, "attrs": {}, "parents": [{"type": "Team", "id": "\#(team)"}]}\#(rest)]}
    """#
  }

  @Test func evaluateKnowsTheCatalogueAndTheCallersEntities() throws {
    let host = try TestHost(shipped)
    let allowed = try evaluate(host, question("staff"))
    #expect(allowed.isAllowed)
    #expect(allowed.reasons == ["base"])
    let denied = try evaluate(host, question("interns"))
    #expect(!denied.isAllowed)
    #expect(denied.reasons == ["no-dear"])
    // The caller's own idea of a model replaces the catalogue's; what it lacks is an error.
    let own = #", {"uid": {"type": "Model", "id": "dear"}, "attrs": {}, "parents": []}"#
    let replaced = try evaluate(host, question("interns", own))
    #expect(replaced.isAllowed)
    #expect(replaced.errors.map(\.policy) == ["breaker", "no-dear"])
  }

  @Test func evaluateSeesTheLiveState() throws {
    let host = try TestHost(
      #"""
      permit (principal, action, resource);
      @id("open") forbid (principal, action, resource) when { resource.circuit == "open" };
      """#)
    #expect(try evaluate(host, question("staff")).isAllowed)
    host.fail("dear", times: 10)
    #expect(try evaluate(host, question("staff")).reasons == ["open"])
  }
}
