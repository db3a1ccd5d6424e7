// SPDX-License-Identifier: MIT

public import ControlPlane

extension PolicyAPI {
  /// Every route of the API, in the order of the document; the document's own route is the last.
  public var routes: [APIRoute] { ownRoutes + [document.route] }

  /// The OpenAPI 3.1 document, made from the routes. It is committed as
  /// `docs/reference/openapi-policy.json`, and a test compares the two.
  public var document: OpenAPIDocument {
    OpenAPIDocument(
      title: "Policy service", version: "1",
      description: "Routing decisions by policy, explained; policies reloaded without a stop.",
      schemas: Self.schemas, routes: ownRoutes)
  }

  private var ownRoutes: [APIRoute] {
    [routeRoute, evaluateRoute, reloadRoute, rollBackRoute, versionsRoute, modelsRoute]
      + [decisionRoute] + healthRoutes
  }

  private static let badJSON = APIReply(
    400, "The body is not JSON.", schema: .reference("Error"))
  private static let badFields = APIReply(
    422, "Fields are missing, of the wrong type, out of range or unknown.",
    schema: .reference("Error"))

  // MARK: Decisions

  private var routeRoute: APIRoute {
    APIRoute(
      "POST", "/route",
      APIOperation(
        "route", "Choose a model for a request",
        description: "Decides as the data plane would, without calling any provider, and explains "
          + "what became of every candidate. The decision is remembered under its id.",
        tags: ["decisions"],
        body: .init(
          .reference("RouteRequest"),
          example: [
            "user_id": "test-user", "team_id": "engineering", "requested_model": "smart",
            "budget_remaining": 100.0, "latency_sla_ms": 5000,
          ]),
        replies: [
          APIReply(200, "The model chosen.", schema: .reference("RouteDecision")),
          APIReply(
            400, "The body is not JSON, or no candidate can do what the request needs.",
            schema: .oneOf([.reference("Error"), .reference("RouteRefused")])),
          APIReply(
            403, "No candidate is permitted; names the forbids that decided.",
            schema: .reference("RouteRefused")),
          APIReply(
            404, "The name is unknown (gives the nearest ones), or nothing serves it.",
            schema: .oneOf([.reference("UnknownModel"), .reference("RouteRefused")])),
          Self.badFields,
          APIReply(
            503, "Candidates are permitted, and none can be used now.",
            schema: .reference("RouteRefused"),
            fields: [("retry-after", "Seconds until a circuit may close again.")]),
        ])
    ) { [self] in try route($0) }
  }

  private var evaluateRoute: APIRoute {
    APIRoute(
      "POST", "/evaluate",
      APIOperation(
        "evaluate", "Decide any request",
        description: "Cedar's decision on one principal, action, resource and context, by the "
          + "policies in force, with the determining policies and the errors. The gateway's "
          + "models, groups and providers are known; entities of the same name replace them.",
        tags: ["decisions"],
        body: .init(
          .reference("EvaluateRequest"),
          example: [
            "principal": "User::\"alice\"", "action": "Action::\"routing:select_model\"",
            "resource": ["type": "Model", "id": "gpt-4o-mini"], "context": ["stream": true],
          ]),
        replies: [
          APIReply(200, "The decision.", schema: .reference("EvaluateDecision")),
          Self.badJSON, Self.badFields,
        ])
    ) { [self] in try evaluate($0) }
  }

  private var decisionRoute: APIRoute {
    APIRoute(
      "GET", "/decisions/{id}",
      APIOperation(
        "getDecision", "Look a decision up",
        description: "A decision of this API or of the data plane, with every candidate and why "
          + "it lost, while it is remembered.",
        tags: ["decisions"],
        parameters: [.init("id", in: .path, "As `x-gateway-decision-id` gives it.")],
        replies: [
          APIReply(
            200, "The decision.",
            schema: .oneOf([.reference("RouteDecision"), .reference("RouteDenial")])),
          APIReply(404, "It is not remembered.", schema: .reference("Error")),
        ])
    ) { [self] in try await decision($0) }
  }

  // MARK: Policies

  private var reloadRoute: APIRoute {
    APIRoute(
      "POST", "/policies/reload",
      APIOperation(
        "reloadPolicies", "Read the policies anew",
        description: "Reads, compiles, validates against the schema, runs the policy tests beside "
          + "them, then puts them in force at once. Anything wrong leaves the running ones.",
        tags: ["policies"],
        replies: [
          APIReply(200, "The policies are in force.", schema: .reference("ReloadReport")),
          APIReply(
            422, "The policies have errors; gives every diagnostic.",
            schema: .reference("ReloadRefused")),
        ])
    ) { [self] in await reload($0) }
  }

  private var rollBackRoute: APIRoute {
    APIRoute(
      "POST", "/policies/rollback",
      APIOperation(
        "rollBackPolicies", "Put an earlier version in force",
        description: "The version named, else the one before the present.", tags: ["policies"],
        body: .init(.reference("RollbackRequest"), isRequired: false),
        replies: [
          APIReply(200, "The version is in force.", schema: .reference("ReloadReport")),
          Self.badJSON,
          APIReply(404, "The version is not kept.", schema: .reference("Error")),
          Self.badFields,
        ])
    ) { [self] in try await rollBack($0) }
  }

  private var versionsRoute: APIRoute {
    APIRoute(
      "GET", "/policies/versions",
      APIOperation(
        "listPolicyVersions", "List the versions kept", description: "The one in force first.",
        tags: ["policies"],
        replies: [APIReply(200, "The versions.", schema: .reference("VersionList"))])
    ) { [self] in versions($0) }
  }

  // MARK: State

  private var modelsRoute: APIRoute {
    APIRoute(
      "GET", "/models",
      APIOperation(
        "listModels", "List the models with their live state",
        description: "Latency, error rate, circuit and requests in flight, per model and "
          + "deployment, as policies see them.", tags: ["state"],
        replies: [APIReply(200, "The models.", schema: .reference("ModelList"))])
    ) { [self] in models($0) }
  }

  private var healthRoutes: [APIRoute] {
    let state = state
    let policies = HealthCheck("policies") {
      let status = state.status()
      guard status.policyVersion != nil else {
        return .failing(status.lastReloadProblem ?? "no policies are in force")
      }
      return status.lastReloadProblem.map { .degraded("the last reload was refused: \($0)") }
        ?? .healthy
    }
    let models = HealthCheck("models") {
      state.status().modelCount > 0 ? .healthy : .failing("the catalogue has no model")
    }
    return HealthRoutes(
      service: "policy", version: "1", checks: [policies, models], isDraining: isDraining
    ).routes
  }
}
