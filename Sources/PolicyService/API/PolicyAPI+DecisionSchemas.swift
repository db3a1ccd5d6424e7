// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import ModelCatalog

extension PolicyAPI {
  static var decisionSchemas: [(name: String, schema: JSONSchema)] {
    [
      ("Target", .object(targetProperties)), ("Candidate", candidate),
      (
        "PolicyError",
        .object([SchemaProperty("policy", .string), SchemaProperty("message", .string)])
      ),
      ("RouteDecision", .object(routeProperties)),
      (
        "RouteDenial",
        .object([SchemaProperty("decision", .enumeration(["deny"]))] + denialProperties)
      ),
      ("RouteRefused", .object([SchemaProperty("error", errorDetail)] + denialProperties)),
      (
        "UnknownModel",
        .object([
          SchemaProperty("error", errorDetail),
          SchemaProperty(
            "nearest", .array(of: .string).described("Known names, nearest first.")),
        ])
      ),
      (
        "EvaluateDecision",
        .object([
          SchemaProperty("decision", .enumeration(["allow", "deny"])),
          SchemaProperty(
            "reasons", .array(of: .string).described("Ids of the determining policies.")),
          errors, SchemaProperty("policy_version", .string),
          SchemaProperty("evaluation_time_us", .number),
        ])
      ),
    ]
  }

  private static var errors: SchemaProperty {
    SchemaProperty(
      "errors",
      .array(of: .reference("PolicyError")).described("Policies skipped, as they failed."))
  }

  private static var targetProperties: [SchemaProperty] {
    [
      SchemaProperty("model", .string), SchemaProperty("provider", .string),
      SchemaProperty("gateway", .string), SchemaProperty("region", .string.orNull),
    ]
  }

  private static var candidate: JSONSchema {
    .object([
      SchemaProperty("model", .string), SchemaProperty("provider", .string),
      SchemaProperty("outcome", .enumeration(RouteExplanation.outcomeNames)),
      SchemaProperty("rank", .integer.orNull.described("1 for the first choice.")),
      SchemaProperty("policy", .string.orNull.described("The policy that decided.")),
      SchemaProperty("priority", .number.orNull.described("The deciding permit's.")),
      SchemaProperty("reason", .string.described("Why it lost, or won.")),
    ])
  }

  private static var routeProperties: [SchemaProperty] {
    let first = [
      SchemaProperty("decision_id", .string), SchemaProperty("decision", .enumeration(["allow"])),
      SchemaProperty("requested_model", .string),
    ]
    let strategies = RoutingStrategy.allCases.map(\.name)
    return first + targetProperties + [
      SchemaProperty("policy", .string.orNull.described("The deciding permit.")),
      SchemaProperty(
        "strategy",
        .enumeration(strategies).described("What ranked candidates of equal priority.")),
      SchemaProperty(
        "obligations",
        .map(of: .string).described("What the deciding permit asks of the data plane.")),
      SchemaProperty(
        "fallbacks",
        .array(of: .reference("Target")).described("In the order in which they are tried.")),
      SchemaProperty("candidates", .array(of: .reference("Candidate"))), errors,
      SchemaProperty("policy_version", .string), SchemaProperty("evaluation_time_us", .number),
    ]
  }

  private static var denialProperties: [SchemaProperty] {
    [
      SchemaProperty("decision_id", .string), SchemaProperty("requested_model", .string),
      SchemaProperty("outcome", .enumeration(RouteExplanation.refusalNames)),
      SchemaProperty(
        "forbids", .array(of: .string).described("Ids of the forbids that decided.")),
      SchemaProperty("candidates", .array(of: .reference("Candidate"))), errors,
      SchemaProperty("policy_version", .string), SchemaProperty("evaluation_time_us", .number),
    ]
  }
}
