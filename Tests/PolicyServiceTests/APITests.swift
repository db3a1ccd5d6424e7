// SPDX-License-Identifier: MIT

import ControlPlane
import DecisionIR
import PolicyService
import Routing
import PolicyCompiler
import Synchronization
import Testing

private let question = #"""
  {"user_id": "test-user", "team_id": "engineering", "requested_model": "smart",
   "budget_remaining": 100.0, "latency_sla_ms": 5000}
  """#

@Suite struct APITests {
  // MARK: Route

  @Test(arguments: APIDriver.allCases)
  func routeAnswersTheDecision(driver: APIDriver) async throws {
    let state = ScriptedState()
    let reply = try await driver.send("POST", "/route", question, to: state)
    #expect(reply.status == 200)
    #expect(reply.fields["content-type"] == "application/json")
    #expect(reply.json == (try JSONValue(parsing: RouteAnswer.example.json.encodedBytes)))
    let json = reply.json
    #expect(json["decision_id"] == "d1")
    #expect(json["model"] == "gpt-4o")
    #expect(json["provider"] == "openai")
    #expect(json["gateway"] == "main")
    #expect(json["policy"] == "base")
    #expect(json["obligations"]?["cache"] == "off")
    #expect(json["fallbacks"]?[0]?["region"] == "eu")
    #expect(json["candidates"]?[0]?["priority"] == 100.5)
    #expect(json["candidates"]?[1]?["reason"] == "Forbidden by `no-slow`.")
    #expect(json["evaluation_time_us"] == 8.25)
    let query = try #require(state.script.withLock { $0.routeQueries.first })
    #expect(query.userID == "test-user")
    #expect(query.teamID == "engineering")
    #expect(query.budgetRemainingTenThousandths == 1_000_000)
    #expect(query.latencySLAMilliseconds == 5000)
  }

  @Test(arguments: APIDriver.allCases)
  func unknownModelsAreNamedWithTheNearest(driver: APIDriver) async throws {
    let state = ScriptedState()
    state.script.withLock { $0.route = .failure(.unknownModel(nearest: ["smart", "small"])) }
    let reply = try await driver.send(
      "POST", "/route", #"{"requested_model":"smrt"}"#, to: state)
    #expect(reply.status == 404)
    #expect(reply.json["error"]?["code"] == "model_not_found")
    #expect(reply.json["error"]?["param"] == "requested_model")
    #expect(reply.json["nearest"] == ["smart", "small"])
    let message = reply.json["error"]?["message"]?.stringValue ?? ""
    #expect(message.contains("`smrt`"))
    #expect(message.contains("smart or small"))
  }

  @Test(arguments: APIDriver.allCases)
  func denialsNameTheForbids(driver: APIDriver) async throws {
    let state = ScriptedState()
    state.script.withLock { $0.route = .failure(.refused(.example)) }
    let reply = try await driver.send("POST", "/route", question, to: state)
    #expect(reply.status == 403)
    #expect(reply.json["error"]?["code"] == "no_model_permitted")
    #expect(reply.json["forbids"] == ["no-slow", "breaker"])
    #expect(reply.json["candidates"]?[0]?["outcome"] == "forbidden")
    let message = reply.json["error"]?["message"]?.stringValue ?? ""
    #expect(message.contains("`no-slow` and `breaker`"))
  }

  @Test(arguments: APIDriver.allCases)
  func nothingHealthyIsA503WithRetryAfter(driver: APIDriver) async throws {
    let state = ScriptedState()
    var denial = RouteDenial.example
    denial.outcome = .unavailable
    denial.retryAfterSeconds = 17
    state.script.withLock { [denial] in $0.route = .failure(.refused(denial)) }
    let reply = try await driver.send("POST", "/route", question, to: state)
    #expect(reply.status == 503)
    #expect(reply.fields["retry-after"] == "17")
    #expect(reply.json["decision_id"] == "d2")
  }

  @Test(arguments: APIDriver.allCases)
  func everyFieldProblemIsToldWithItsPath(driver: APIDriver) async throws {
    let body = #"""
      {"user_id": 7, "budget_remaining": "much", "latency_sla_ms": 1.5, "stream": "yes",
       "tags": ["a", 1], "latency_sla": 5, "max_output_tokens": -1}
      """#
    let reply = try await driver.send("POST", "/route", body, to: ScriptedState())
    #expect(reply.status == 422)
    let problems = reply.json["error"]?["problems"]?.arrayValue ?? []
    let paths = problems.compactMap { $0["path"]?.stringValue }
    #expect(
      Set(paths) == [
        "requested_model", "user_id", "budget_remaining", "latency_sla_ms", "stream", "tags[1]",
        "latency_sla", "max_output_tokens",
      ])
    #expect(paths.count == 8)
  }

  @Test(arguments: APIDriver.allCases, ["", "{", "[1,", "\u{0}"])
  func textThatIsNoJSONIsA400(driver: APIDriver, body: String) async throws {
    for path in ["/route", "/evaluate"] {
      let reply = try await driver.send("POST", path, body, to: ScriptedState())
      #expect(reply.status == 400)
      #expect(reply.json["error"]?["code"] == "invalid_json")
    }
  }

  @Test(arguments: APIDriver.allCases, ["7", "null", "[]", "\"x\""])
  func aBodyThatIsNoObjectIsA422(driver: APIDriver, body: String) async throws {
    let reply = try await driver.send("POST", "/route", body, to: ScriptedState())
    #expect(reply.status == 422)
  }

  // MARK: Evaluate

  @Test(arguments: APIDriver.allCases)
  func evaluateTakesEveryFormOfEntity(driver: APIDriver) async throws {
    let state = ScriptedState()
    let body = #"""
      {"principal": "User::\"al\\\"ice\"", "action": {"type": "Action", "id": "routing:x"},
       "resource": {"__entity": {"type": "A::Model", "id": "m"}}, "context": {"stream": true},
       "entities": []}
      """#
    let reply = try await driver.send("POST", "/evaluate", body, to: state)
    #expect(reply.status == 200)
    #expect(reply.json["decision"] == "allow")
    #expect(reply.json["reasons"] == ["base"])
    #expect(reply.json["errors"]?[0]?["message"] == "overflow")
    let query = try #require(state.script.withLock { $0.evaluateQueries.first })
    #expect(query.request.principal == EntityName(type: "User", id: "al\"ice"))
    #expect(query.request.action == EntityName(type: "Action", id: "routing:x"))
    #expect(query.request.resource == EntityName(type: "A::Model", id: "m"))
    #expect(query.request.context == ["stream": .bool(true)])
  }

  @Test(arguments: APIDriver.allCases)
  func evaluateTellsWhatIsWrong(driver: APIDriver) async throws {
    let body = #"""
      {"principal": "alice", "action": {"type": "9x", "id": "a"}, "context": [], "entities": {},
       "resource": 5}
      """#
    let reply = try await driver.send("POST", "/evaluate", body, to: ScriptedState())
    #expect(reply.status == 422)
    let problems = reply.json["error"]?["problems"]?.arrayValue ?? []
    #expect(
      Set(problems.compactMap { $0["path"]?.stringValue }) == [
        "principal", "action.type", "context", "entities", "resource",
      ])
    let good = #""principal": "U::\"a\"", "action": "Action::\"x\"", "resource": "M::\"m\"""#
    let bad = try await driver.send(
      "POST", "/evaluate", #"{\#(good), "context": {"bad": [null]}}"#, to: ScriptedState())
    #expect(bad.status == 422)
    #expect(bad.json["error"]?["param"] == "context.bad[0]")
  }

  // MARK: Policies

  @Test(arguments: APIDriver.allCases)
  func reloadReportsOrRefuses(driver: APIDriver) async throws {
    let state = ScriptedState()
    let good = try await driver.send("POST", "/policies/reload", to: state)
    #expect(good.status == 200)
    #expect(good.json["version"] == "b")
    #expect(good.json["policies"] == 3)
    #expect(good.json["milliseconds"] == 4.5)
    let finding = PolicyFinding(
      code: "CEDAR0001", message: "unexpected token", file: "a.cedar", line: 3, column: 8)
    state.script.withLock {
      $0.reload = .refused(ReloadRefusal(findings: [finding], runningVersion: "b"))
    }
    let bad = try await driver.send("POST", "/policies/reload", to: state)
    #expect(bad.status == 422)
    #expect(bad.json["error"]?["code"] == "policies_invalid")
    #expect(bad.json["running_version"] == "b")
    #expect(bad.json["diagnostics"]?[0]?["line"] == 3)
    #expect(
      bad.json["diagnostics"]?[0]?["text"] == "a.cedar:3:8: error: unexpected token")
  }

  @Test(arguments: APIDriver.allCases)
  func rollBackTakesAVersionOrNone(driver: APIDriver) async throws {
    let state = ScriptedState()
    let path = "/policies/rollback"
    #expect(try await driver.send("POST", path, to: state).status == 200)
    #expect(try await driver.send("POST", path, #"{"version":"a"}"#, to: state).status == 200)
    #expect(try await driver.send("POST", path, #"{"version":"z"}"#, to: state).status == 404)
    #expect(try await driver.send("POST", path, #"{"version":1}"#, to: state).status == 422)
    #expect(try await driver.send("POST", path, "{", to: state).status == 400)
    let list = try await driver.send("GET", "/policies/versions", to: state)
    #expect(list.json == ["running": "b", "versions": ["b", "a"]])
  }

  // MARK: State

  @Test(arguments: APIDriver.allCases)
  func modelsShowTheirLiveState(driver: APIDriver) async throws {
    let reply = try await driver.send("GET", "/models", to: ScriptedState())
    let model = reply.json["data"]?[0]
    #expect(model?["average_latency_ms"] == 12.5)
    #expect(model?["p95_latency_ms"] == .null)
    #expect(model?["error_rate"] == 0.25)
    #expect(model?["in_flight"] == 3)
    #expect(model?["deployments"]?[0]?["circuit"] == "half-open")
    #expect(model?["deployments"]?[0]?["gateway"] == "main")
  }

  @Test(arguments: APIDriver.allCases)
  func decisionsAreLookedUp(driver: APIDriver) async throws {
    let state = ScriptedState()
    let yes = try await driver.send("GET", "/decisions/yes", to: state)
    #expect(yes.json == (try JSONValue(parsing: RouteAnswer.example.json.encodedBytes)))
    let no = try await driver.send("GET", "/decisions/no", to: state)
    #expect(no.status == 200)
    #expect(no.json["decision"] == "deny")
    let unknown = try await driver.send("GET", "/decisions/other", to: state)
    #expect(unknown.status == 404)
    #expect(unknown.json["error"]?["code"] == "decision_not_found")
  }

  @Test(arguments: APIDriver.allCases)
  func healthNeedsPolicies(driver: APIDriver) async throws {
    let state = ScriptedState()
    let good = try await driver.send("GET", "/health", to: state)
    #expect(good.status == 200)
    #expect(good.json["status"] == "healthy")
    state.script.withLock { $0.lastProblem = "unexpected token" }
    let degraded = try await driver.send("GET", "/health", to: state)
    #expect(degraded.status == 200)
    #expect(degraded.json["status"] == "degraded")
    let message = degraded.json["checks"]?["policies"]?["message"]?.stringValue
    #expect(message == "the last reload was refused: unexpected token")
    state.script.withLock { $0.version = nil }
    #expect(try await driver.send("GET", "/health", to: state).status == 503)
    #expect(try await driver.send("GET", "/health/readiness", to: state).status == 503)
    #expect(try await driver.send("GET", "/health/liveliness", to: state).status == 200)
  }

  @Test(arguments: [
    (RouteOutcome.notServed, 404, "model_not_served"), (.incapable, 400, "model_not_capable"),
    (.unpriced, 403, "model_unpriced"), (.keyMayNot, 403, "model_not_allowed"),
  ])
  func everyRefusalHasItsStatus(outcome: RouteOutcome, status: Int, code: String) async throws {
    let state = ScriptedState()
    var denial = RouteDenial.example
    denial.outcome = outcome
    state.script.withLock { [denial] in $0.route = .failure(.refused(denial)) }
    let reply = try await APIDriver.memory.send("POST", "/route", question, to: state)
    #expect(reply.status == status)
    #expect(reply.json["error"]?["code"]?.stringValue == code)
    #expect(reply.json["outcome"]?.stringValue == outcome.name)
  }

  @Test(arguments: APIDriver.allCases)
  func wrongPathsAndMethodsAreErrors(driver: APIDriver) async throws {
    let state = ScriptedState()
    #expect(try await driver.send("GET", "/nothing", to: state).status == 404)
    #expect(try await driver.send("GET", "/decisions/", to: state).status == 404)
    let wrong = try await driver.send("GET", "/route", to: state)
    #expect(wrong.status == 405)
    #expect(wrong.fields["allow"] == "POST")
  }
}
