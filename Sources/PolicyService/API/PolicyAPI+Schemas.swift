// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import Routing

extension PolicyAPI {
  /// The component schemas of the document, in order of use.
  static var schemas: [(name: String, schema: JSONSchema)] {
    requestSchemas + decisionSchemas + policySchemas + stateSchemas
  }

  // MARK: Requests

  private static var requestSchemas: [(name: String, schema: JSONSchema)] {
    [
      ("RouteRequest", routeRequest), ("Entity", entity),
      (
        "EvaluateRequest",
        .object(
          [
            SchemaProperty("principal", .reference("Entity")),
            SchemaProperty("action", .reference("Entity")),
            SchemaProperty("resource", .reference("Entity")),
            SchemaProperty(
              "context", .map(of: .any).orNull.described("In Cedar's JSON form."),
              isRequired: false),
            SchemaProperty(
              "entities",
              .array(of: .map(of: .any)).orNull.described("In Cedar's JSON entity form."),
              isRequired: false),
          ], allowsOthers: false)
      ),
      (
        "RollbackRequest",
        .object(
          [
            SchemaProperty(
              "version", .string.orNull.described("One of the versions kept."), isRequired: false)
          ], allowsOthers: false)
      ),
    ]
  }

  private static var routeRequest: JSONSchema {
    func optional(_ name: String, _ schema: JSONSchema, _ text: String) -> SchemaProperty {
      SchemaProperty(name, schema.orNull.described(text), isRequired: false)
    }
    let tokens = JSONSchema.integer.atLeast(0).atMost(.integer(RouteQuery.tokensMaximum))
    return .object(
      [
        SchemaProperty(
          "requested_model",
          .string.described("A model, a group or alias, a glob such as `claude-*`, or `auto`.")),
        optional("user_id", .string, "The id of the `User` that asks."),
        optional("team_id", .string, "The `Team` the user belongs to."),
        optional(
          "budget_remaining", .number, "US dollars; `context.cost_budget_remaining` to policies."),
        optional("latency_sla_ms", .integer.atLeast(0).atMost(86_400_000), "Milliseconds."),
        optional("estimated_input_tokens", tokens, "Tokens of the prompt."),
        optional("max_output_tokens", tokens, "The caller's cap on the answer."),
        optional("stream", .boolean, "Whether the answer is streamed."),
        optional("has_tools", .boolean, "Whether the model must call tools."),
        optional("has_images", .boolean, "Whether the model must see images."),
        optional("use_case", .string, "What the answer is for."),
        optional("session_id", .string, "The session that affinity keeps together."),
        optional(
          "prompt", .array(of: .string),
          "The prompt by whose beginning affinity keeps requests together: tools, system and "
            + "messages, each as it stands in a request."),
        optional("tags", .array(of: .string), "Words for policies; at most 8."),
      ], allowsOthers: false)
  }

  private static var entity: JSONSchema {
    let object = JSONSchema.object([
      SchemaProperty("type", .string), SchemaProperty("id", .string),
    ])
    return JSONSchema.oneOf([
      .string.example("User::\"alice\""), object, .object([SchemaProperty("__entity", object)]),
    ]).described("An entity, as Cedar writes it or by type and id.")
  }

  // MARK: Policies

  private static var policySchemas: [(name: String, schema: JSONSchema)] {
    [
      (
        "Diagnostic",
        .object([
          SchemaProperty("severity", .enumeration(["error", "warning", "note"])),
          SchemaProperty("code", .string), SchemaProperty("message", .string),
          SchemaProperty("file", .string),
          SchemaProperty("line", .integer.orNull.described("From 1.")),
          SchemaProperty("column", .integer.orNull.described("From 1, in Unicode scalars.")),
          SchemaProperty("help", .string.orNull.described("How to mend it.")),
          SchemaProperty("text", .string.described("With the source line and a caret.")),
        ])
      ),
      (
        "ReloadReport",
        .object([
          SchemaProperty("version", .string.described("The content hash.")),
          SchemaProperty("policies", .integer),
          SchemaProperty("tests", .integer.described("Policy tests that passed.")),
          SchemaProperty("milliseconds", .number),
          SchemaProperty("changed", .boolean.described("False when it was in force before.")),
          SchemaProperty("diagnostics", .array(of: .reference("Diagnostic"))),
        ])
      ),
      (
        "ReloadRefused",
        .object([
          SchemaProperty("error", errorDetail),
          SchemaProperty("diagnostics", .array(of: .reference("Diagnostic"))),
          SchemaProperty("running_version", .string.orNull),
        ])
      ),
      (
        "VersionList",
        .object([
          SchemaProperty("running", .string.orNull),
          SchemaProperty("versions", .array(of: .string)),
        ])
      ),
    ]
  }

  // MARK: State

  private static var stateSchemas: [(name: String, schema: JSONSchema)] {
    let circuits = [CircuitState.closed, .open, .halfOpen].map(\.name)
    let measurements = [
      SchemaProperty(
        "average_latency_ms", .number.orNull.described("To the first byte; null before any.")),
      SchemaProperty("p95_latency_ms", .number.orNull),
      SchemaProperty(
        "error_rate", .number.described("0 to 1, over the circuit breaker's window.")),
      SchemaProperty("in_flight", .integer), SchemaProperty("circuit", .enumeration(circuits)),
    ]
    let deployment = [
      SchemaProperty("gateway", .string), SchemaProperty("region", .string.orNull),
      SchemaProperty("upstream_model", .string), SchemaProperty("weight", .integer),
      SchemaProperty(
        "probe",
        .enumeration(["healthy", "unhealthy", "unknown"]).orNull.described(
          "What health probes say; null where the gateway is not probed.")),
    ]
    let limit = [
      SchemaProperty(
        "scope",
        .enumeration(["deployment", "gateway"]).described(
          "`gateway`: all deployments of the gateway share it.")),
      SchemaProperty("limit", .integer.described("Requests at a time, at the moment.")),
      SchemaProperty(
        "adaptive", .boolean.described("Whether the limit follows the provider's latency.")),
      SchemaProperty("in_flight", .integer), SchemaProperty("queued", .integer),
      SchemaProperty("queue_maximum", .integer),
      SchemaProperty("rejected", .integer.described("Refused since the start.")),
    ]
    let limits = SchemaProperty(
      "limits",
      .array(of: .reference("Limit")).described("Empty where there is no limit."))
    let model = [
      SchemaProperty("model", .string), SchemaProperty("provider", .string),
      SchemaProperty("groups", .array(of: .string)),
      SchemaProperty("origin", .enumeration(ModelStatus.origins)),
    ]
    let deployments = SchemaProperty("deployments", .array(of: .reference("Deployment")))
    return [
      ("Limit", .object(limit)),
      ("Deployment", .object(deployment + measurements + [limits])),
      ("Model", .object(model + measurements + [deployments])),
      (
        "ModelList",
        .object([
          SchemaProperty("object", .enumeration(["list"])),
          SchemaProperty("data", .array(of: .reference("Model"))),
        ])
      ),
    ]
  }

  /// The `error` member of answers that say more beside it.
  static var errorDetail: JSONSchema {
    .object([
      SchemaProperty("type", .string), SchemaProperty("code", .string),
      SchemaProperty("message", .string), SchemaProperty("param", .string.orNull),
    ])
  }
}
