// SPDX-License-Identifier: MIT

import ControlPlane
import Testing

@Suite struct RouteTableTests {
  private static func route(_ method: String, _ path: String) -> APIRoute {
    APIRoute(method, path, APIOperation("\(method) \(path)", "", replies: [])) { request in
      let parameters = request.parameters.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value)" }.joined(separator: ",")
      return HTTPResponse(contentType: "text/plain", text: "\(method) \(path) \(parameters)")
    }
  }

  private static let table = RouteTable([
    route("GET", "/models"), route("POST", "/models"), route("GET", "/models/{id}"),
    route("GET", "/models/special"), route("GET", "/models/{id}/prices"),
    route("GET", "/files/{path...}"), route("GET", "/"),
  ])

  private func ask(_ method: String, _ target: String) async -> (status: Int, text: String) {
    let response = await Self.table.answer(HTTPRequest(method: method, target: target))
    guard case .bytes(let bytes) = response.body else { return (response.status, "") }
    return (response.status, String(decoding: bytes, as: UTF8.self))
  }

  @Test func findsTheMostLiteralRoute() async {
    #expect(await ask("GET", "/models?x=1").text == "GET /models ")
    #expect(await ask("POST", "/models").text == "POST /models ")
    #expect(await ask("GET", "/models/special").text == "GET /models/special ")
    #expect(await ask("GET", "/models/a%2Fb%20c").text == "GET /models/{id} id=a/b c")
    // The literal branch leads nowhere here: the search goes back to the parameter.
    #expect(await ask("GET", "/models/special/prices").text == "GET /models/{id}/prices id=special")
    #expect(await ask("GET", "/files/a/b%21").text == "GET /files/{path...} path=a/b!")
    #expect(await ask("GET", "/").text == "GET / ")
    #expect(await ask("HEAD", "/models").text == "GET /models ")
  }

  @Test func refusesTheRest() async {
    for target in ["/nothing", "/models/", "/models/x/y", "/models/%zz", "/models/%ff", "*", ""] {
      #expect(await ask("GET", target).status == 404, "\(target)")
    }
    let deep = String(repeating: "/a", count: 100)
    #expect(await ask("GET", deep).status == 404)
    let response = await Self.table.answer(HTTPRequest(method: "DELETE", target: "/models"))
    #expect(response.status == 405)
    #expect(response.fields["allow"] == "GET, POST, HEAD")
  }

  @Test func givesEveryResponseAnIdentifier() async {
    let own = HTTPRequest(method: "GET", target: "/models", fields: ["X-Request-ID": "abc-1.2_3"])
    #expect(await Self.table.answer(own).fields["x-request-id"] == "abc-1.2_3")
    var fresh: Set<String> = []
    for bad in ["", "a b", "a\"b", String(repeating: "x", count: 129)] {
      let request = HTTPRequest(method: "GET", target: "/models", fields: ["x-request-id": bad])
      let given = await Self.table.answer(request).fields["x-request-id"] ?? ""
      #expect(given.hasPrefix("req_") && given.utf8.count == 36)
      fresh.insert(given)
    }
    #expect(fresh.count == 4)
  }

  @Test func errorsHaveOneShape() async throws {
    struct Secret: Error {}
    let table = RouteTable(
      [
        APIRoute("GET", "/told", APIOperation("told", "", replies: [])) { _ in
          throw HTTPError.invalidBody([
            FieldProblem(path: "a.b", message: "is required"),
            FieldProblem(path: "c", message: "expected a string, found null"),
          ])
        },
        APIRoute("GET", "/hidden", APIOperation("hidden", "", replies: [])) { _ in throw Secret() },
        APIRoute("POST", "/json", APIOperation("json", "", replies: [])) { request in
          HTTPResponse(json: try request.jsonBody())
        },
      ],
      admit: { request, _ in
        if request.fields["authorization"] == nil {
          throw HTTPError(status: 401, code: "missing_key", message: "Send a key.")
        }
      })
    func answer(
      _ method: String, _ target: String, _ body: String = "", key: String? = "k"
    ) async throws -> (Int, JSONValue) {
      var request = HTTPRequest(method: method, target: target, body: Array(body.utf8))
      request.fields["authorization"] = key
      let response = await table.answer(request)
      guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
      return (response.status, try JSONValue(parsing: bytes))
    }
    let told = try await answer("GET", "/told")
    #expect(told.0 == 422)
    #expect(told.1["error"]?["type"]?.stringValue == "invalid_request_error")
    #expect(told.1["error"]?["param"]?.stringValue == "a.b")
    #expect(told.1["error"]?["problems"]?.arrayValue?.count == 2)
    #expect(told.1["error"]?["request_id"]?.stringValue?.hasPrefix("req_") == true)
    let hidden = try await answer("GET", "/hidden")
    #expect(hidden.0 == 500 && !hidden.1.text.contains("Secret"))
    #expect(try await answer("GET", "/told", key: nil).0 == 401)
    #expect(try await answer("POST", "/json", "{\"a\":").0 == 400)
    #expect(try await answer("POST", "/json", "{\"a\":1}").1["a"]?.integerValue == 1)
  }

  @Test func healthSaysWhatIsWrong() async throws {
    func report(
      _ checks: [HealthCheck], draining: Bool = false
    ) async throws -> (Int, JSONValue) {
      let health = HealthRoutes(
        service: "policy", version: "1", checks: checks, isDraining: { draining })
      let response = await RouteTable(health.routes).answer(
        HTTPRequest(method: "GET", target: "/health"))
      guard case .bytes(let bytes) = response.body else { return (response.status, .null) }
      return (response.status, try JSONValue(parsing: bytes))
    }
    let good = HealthCheck("policies") { .healthy }
    let slow = HealthCheck("upstreams") { .degraded("2 of 3 open") }
    let bad = HealthCheck("database") { .failing("no connection") }
    #expect(try await report([good]).1["status"] == "healthy")
    let degraded = try await report([good, slow])
    #expect(degraded.0 == 200 && degraded.1["status"] == "degraded")
    let failing = try await report([good, bad, slow])
    #expect(failing.0 == 503 && failing.1["status"] == "failing")
    #expect(failing.1["checks"]?["database"]?["message"] == "no connection")
    #expect(try await report([good], draining: true).0 == 503)
  }
}
