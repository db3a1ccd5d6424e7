// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import ModelCatalog

extension PolicyAPI {
  static var decisionSchemas: [(name: String, schema: JSONSchema)] {
    [
      ("Affinity", affinity), ("Target", .object(targetProperties)), ("Candidate", candidate),
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

  private static var affinity: JSONSchema {
    .object([
      SchemaProperty("key", .enumeration(["session", "prefix"])),
      SchemaProperty("among", .enumeration(["models", "deployments"])),
      SchemaProperty("deployment", .string.described("The chosen one, as metrics name it.")),
      SchemaProperty(
        "moved",
        .boolean.described("The key would rather have another one, whose circuit is open.")),
      SchemaProperty("input_usd_per_1m_tokens", .number),
      SchemaProperty(
        "cache_read_usd_per_1m_tokens",
        .number.orNull.described("Of what is in the provider's cache; null without a price.")),
      SchemaProperty(
        "saving_usd",
        .number.orNull.described("What the request costs less if all of its prompt is there.")),
      SchemaProperty(
        "served_by", .string.orNull.described("The deployment that answered; null before.")),
      SchemaProperty(
        "cache_read_tokens", .integer.orNull.described("What was in its cache, as it says.")),
      SchemaProperty(
        "saved_usd",
        .number.orNull.described(
          "What the request would have cost more without any cache; negative where one was "
            + "written.")),
    ])
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
        "affinity",
        .reference("Affinity").orNull.described("What kept the request with others like it.")),
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
