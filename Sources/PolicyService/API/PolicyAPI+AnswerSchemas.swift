// SPDX-License-Identifier: MIT

internal import ControlPlane

extension PolicyAPI {
  // MARK: Decisions

  static var decisionSchemas: [JSONValue.Member] {
    [
      .init("Target", object(targetProperties)), .init("Candidate", object(candidateProperties)),
      .init(
        "PolicyError", object([.init("policy", type("string")), .init("message", type("string"))])),
      .init("RouteDecision", object(routeProperties)),
      .init("RouteDenial", object([.init("decision", oneOf(["deny"]))] + denialProperties)),
      .init("Decision", ["oneOf": [reference("RouteDecision"), reference("RouteDenial")]]),
      .init("RouteDenied", object([.init("error", reference("ErrorDetail"))] + denialProperties)),
      .init(
        "UnknownModel",
        object([
          .init("error", reference("ErrorDetail")),
          .init("nearest", list(type("string"), "Known names, nearest first.")),
        ])),
      .init(
        "EvaluateDecision",
        object([
          .init("decision", oneOf(["allow", "deny"])),
          .init("reasons", list(type("string"), "Ids of the determining policies.")),
          .init("errors", list(reference("PolicyError"), "Policies that were skipped.")),
          .init("policy_version", type("string")), .init("evaluation_time_us", type("number")),
        ])),
    ]
  }

  private static var targetProperties: [JSONValue.Member] {
    [
      .init("model", type("string")), .init("provider", type("string")),
      .init("gateway", type("string")), .init("region", optional("string")),
    ]
  }

  private static var candidateProperties: [JSONValue.Member] {
    [
      .init("model", type("string")), .init("provider", type("string")),
      .init("outcome", oneOf(RouteAnswer.Outcome.allCases.map(\.rawValue))),
      .init("rank", optional("integer", "1 for the first choice.")),
      .init("policy", optional("string", "The policy that decided.")),
      .init("priority", optional("number", "The deciding permit's `@priority`.")),
      .init("reason", type("string", "Why it lost, or won.")),
    ]
  }

  private static var routeProperties: [JSONValue.Member] {
    [
      .init("decision_id", type("string")), .init("decision", oneOf(["allow"])),
      .init("requested_model", type("string")),
    ] + targetProperties + [
      .init("policy", optional("string", "The deciding permit.")),
      .init("strategy", type("string", "What ranked candidates of equal priority.")),
      .init(
        "obligations",
        [
          "type": "object", "additionalProperties": ["type": "string"],
          "description": "Annotations of the deciding permit that the data plane carries out.",
        ]),
      .init("fallbacks", list(reference("Target"), "In the order in which they are tried.")),
      .init("candidates", list(reference("Candidate"))),
      .init("errors", list(reference("PolicyError"), "Policies that were skipped.")),
      .init("policy_version", type("string")), .init("evaluation_time_us", type("number")),
    ]
  }

  private static var denialProperties: [JSONValue.Member] {
    [
      .init("decision_id", type("string")), .init("requested_model", type("string")),
      .init("forbids", list(type("string"), "Ids of the forbids that decided.")),
      .init("candidates", list(reference("Candidate"))),
      .init("errors", list(reference("PolicyError"), "Policies that were skipped.")),
      .init("policy_version", type("string")), .init("evaluation_time_us", type("number")),
    ]
  }

  // MARK: Policies

  static var policySchemas: [JSONValue.Member] {
    [
      .init(
        "Diagnostic",
        object([
          .init("severity", oneOf(["error", "warning", "note"])), .init("code", type("string")),
          .init("message", type("string")), .init("file", type("string")),
          .init("line", optional("integer", "From 1.")),
          .init("column", optional("integer", "From 1, in Unicode scalars.")),
          .init("help", optional("string", "How to mend it.")),
          .init("text", type("string", "With the source line and a caret.")),
        ])),
      .init(
        "ReloadReport",
        object([
          .init("version", type("string", "The content hash.")),
          .init("policies", type("integer")),
          .init("tests", type("integer", "Policy tests that passed.")),
          .init("milliseconds", type("number")),
          .init("changed", type("boolean", "False when the same version was in force.")),
          .init("diagnostics", list(reference("Diagnostic"), "Warnings.")),
        ])),
      .init(
        "ReloadRefused",
        object([
          .init("error", reference("ErrorDetail")),
          .init("diagnostics", list(reference("Diagnostic"))),
          .init("running_version", optional("string")),
        ])),
      .init(
        "VersionList",
        object([
          .init("running", optional("string")), .init("versions", list(type("string"))),
        ])),
    ]
  }

  // MARK: State and errors

  static var stateSchemas: [JSONValue.Member] {
    let measurements: [JSONValue.Member] = [
      .init("average_latency_ms", optional("number", "To the first byte; null before any.")),
      .init("p95_latency_ms", optional("number")),
      .init("error_rate", type("number", "0 to 1, over the circuit breaker's window.")),
      .init("in_flight", type("integer")),
      .init("circuit", oneOf(["closed", "open", "half-open"])),
    ]
    let deployment: [JSONValue.Member] = [
      .init("gateway", type("string")), .init("region", optional("string")),
      .init("upstream_model", type("string")), .init("weight", type("integer")),
    ]
    let model: [JSONValue.Member] = [
      .init("model", type("string")), .init("provider", type("string")),
      .init("groups", list(type("string"))),
    ]
    return [
      .init("Deployment", object(deployment + measurements)),
      .init(
        "Model",
        object(model + measurements + [.init("deployments", list(reference("Deployment")))])),
      .init(
        "ModelList",
        object([.init("object", oneOf(["list"])), .init("data", list(reference("Model")))])),
      .init(
        "Health",
        object([
          .init("status", oneOf(["ok", "no_policies"])),
          .init("policy_version", optional("string")), .init("policies", type("integer")),
          .init("models", type("integer")),
          .init("last_reload_problem", optional("string")),
        ])),
      .init("OpenAPI", type("object")), .init("Error", object([.init("error", errorDetail)])),
      .init("ErrorDetail", errorDetail),
    ]
  }

  private static var errorDetail: JSONValue {
    [
      "type": "object", "required": ["type", "code", "message", "param"],
      "properties": [
        "type": type("string"), "code": type("string"), "message": type("string"),
        "param": optional("string", "The field or parameter at fault."),
        "problems": list(
          object([.init("path", type("string")), .init("message", type("string"))]),
          "Everything that is wrong with the body."),
        "request_id": type("string"),
      ],
    ]
  }
}
