// SPDX-License-Identifier: MIT

internal import ControlPlane

extension PolicyAPI {
  /// Every operation of the API, in the order of the document.
  var operations: [Operation] {
    [
      routeOperation, evaluateOperation, reloadOperation, rollBackOperation, versionsOperation,
      modelsOperation, decisionOperation, healthOperation, documentOperation,
    ]
  }

  private static let badJSON = Operation.Reply(
    status: 400, description: "The body is not JSON.", schema: "Error")
  private static let badFields = Operation.Reply(
    status: 422, description: "Fields are missing, of the wrong type, out of range or unknown.",
    schema: "Error")

  private var routeOperation: Operation {
    Operation(
      method: "POST", path: "/route", identifier: "route",
      summary: "Choose a model for a request",
      description: "Decides as the data plane would, without calling any provider, and explains "
        + "what became of every candidate. The decision is remembered under its id.",
      body: .required(
        schema: "RouteRequest",
        example: [
          "user_id": "test-user", "team_id": "engineering", "requested_model": "smart",
          "budget_remaining": 100.0, "latency_sla_ms": 5000,
        ]),
      replies: [
        .init(status: 200, description: "The model chosen.", schema: "RouteDecision"),
        Self.badJSON,
        .init(
          status: 403, description: "No candidate is permitted; names the forbids that decided.",
          schema: "RouteDenied"),
        .init(
          status: 404, description: "The name is unknown; gives the nearest ones.",
          schema: "UnknownModel"),
        Self.badFields,
        .init(
          status: 503, description: "Candidates are permitted, and none can be used now.",
          schema: "RouteDenied",
          headers: [("retry-after", "Seconds until a circuit may close again.")]),
      ],
      respond: { [self] in try route($0) })
  }

  private var evaluateOperation: Operation {
    Operation(
      method: "POST", path: "/evaluate", identifier: "evaluate",
      summary: "Decide any request",
      description: "Cedar's decision on one principal, action, resource and context, by the "
        + "policies in force, with the determining policies and the errors.",
      body: .required(
        schema: "EvaluateRequest",
        example: [
          "principal": "User::\"alice\"", "action": "Action::\"routing:select_model\"",
          "resource": ["type": "Model", "id": "gpt-4o-mini"], "context": ["stream": true],
        ]),
      replies: [
        .init(status: 200, description: "The decision.", schema: "EvaluateDecision"),
        Self.badJSON, Self.badFields,
      ],
      respond: { [self] in try evaluate($0) })
  }

  private var reloadOperation: Operation {
    Operation(
      method: "POST", path: "/policies/reload", identifier: "reloadPolicies",
      summary: "Read the policies anew",
      description: "Reads, compiles, validates against the schema, runs the policy tests beside "
        + "them, then puts them in force at once. Anything wrong leaves the running ones.",
      body: .none,
      replies: [
        .init(status: 200, description: "The policies are in force.", schema: "ReloadReport"),
        .init(
          status: 422, description: "The policies have errors; gives every diagnostic.",
          schema: "ReloadRefused"),
      ],
      respond: { [self] in await reload($0) })
  }

  private var rollBackOperation: Operation {
    Operation(
      method: "POST", path: "/policies/rollback", identifier: "rollBackPolicies",
      summary: "Put an earlier version in force",
      description: "The version named, else the one before the present.",
      body: .optional(schema: "RollbackRequest"),
      replies: [
        .init(status: 200, description: "The version is in force.", schema: "ReloadReport"),
        Self.badJSON,
        .init(status: 404, description: "The version is not kept.", schema: "Error"),
        Self.badFields,
      ],
      respond: { [self] in try await rollBack($0) })
  }

  private var versionsOperation: Operation {
    Operation(
      method: "GET", path: "/policies/versions", identifier: "listPolicyVersions",
      summary: "List the versions kept", description: "The one in force first.", body: .none,
      replies: [.init(status: 200, description: "The versions.", schema: "VersionList")],
      respond: { [self] in versions($0) })
  }

  private var modelsOperation: Operation {
    Operation(
      method: "GET", path: "/models", identifier: "listModels",
      summary: "List the models with their live state",
      description: "Latency, error rate, circuit and requests in flight, per model and "
        + "deployment, as policies see them.", body: .none,
      replies: [.init(status: 200, description: "The models.", schema: "ModelList")],
      respond: { [self] in models($0) })
  }

  private var decisionOperation: Operation {
    Operation(
      method: "GET", path: "/decisions/{id}", identifier: "getDecision",
      summary: "Look a decision up",
      description: "A decision of this API or of the data plane, with every candidate and why it "
        + "lost, while it is remembered.", body: .none,
      replies: [
        .init(status: 200, description: "The decision.", schema: "Decision"),
        .init(status: 404, description: "It is not remembered.", schema: "Error"),
      ],
      respond: { [self] in try decision($0) })
  }

  private var healthOperation: Operation {
    Operation(
      method: "GET", path: "/health", identifier: "getHealth",
      summary: "Tell whether policies are in force", description: "", body: .none,
      replies: [
        .init(status: 200, description: "Policies are in force.", schema: "Health"),
        .init(status: 503, description: "No policies are in force.", schema: "Health"),
      ],
      respond: { [self] in health($0) })
  }

  private var documentOperation: Operation {
    Operation(
      method: "GET", path: "/openapi.json", identifier: "getOpenAPI",
      summary: "This document", description: "", body: .none,
      replies: [.init(status: 200, description: "The document.", schema: "OpenAPI")],
      respond: { _ in HTTPResponse(json: Self.document) })
  }
}
