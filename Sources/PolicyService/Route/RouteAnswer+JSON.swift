// SPDX-License-Identifier: MIT

public import ControlPlane
internal import Routing

extension RouteAnswer {
  /// The body of a 200, and of `GET /decisions/{id}`.
  public var json: JSONValue {
    [
      "decision_id": .string(decisionID), "decision": "allow",
      "requested_model": .string(requestedModel), "model": .string(chosen.model),
      "provider": .string(chosen.provider), "gateway": .string(chosen.gateway),
      "region": JSONValue(chosen.region.isEmpty ? nil : chosen.region),
      "policy": JSONValue(policy), "strategy": .string(strategy),
      "affinity": affinity?.json ?? .null,
      "obligations": .object(obligations.map { .init($0.name, .string($0.value)) }),
      "fallbacks": .array(fallbacks.map(\.json)),
      "candidates": .array(candidates.map(\.json)), "errors": .array(errors.map(\.json)),
      "policy_version": .string(policyVersion),
      "evaluation_time_us": .number(evaluationMicroseconds),
    ]
  }
}

extension RouteDenial {
  /// The body of `GET /decisions/{id}`.
  public var json: JSONValue { .object([.init("decision", "deny")] + members) }

  /// What a refusal gives beside `error`.
  var members: [JSONValue.Member] {
    [
      .init("decision_id", .string(decisionID)),
      .init("requested_model", .string(requestedModel)),
      .init("outcome", .string(outcome.name)),
      .init("forbids", .array(forbids.map(JSONValue.string))),
      .init("candidates", .array(candidates.map(\.json))),
      .init("errors", .array(errors.map(\.json))),
      .init("policy_version", .string(policyVersion)),
      .init("evaluation_time_us", .number(evaluationMicroseconds)),
    ]
  }
}

extension RouteAnswer.Target {
  var json: JSONValue {
    [
      "model": .string(model), "provider": .string(provider), "gateway": .string(gateway),
      "region": JSONValue(region.isEmpty ? nil : region),
    ]
  }
}

extension RouteAnswer.Affinity {
  var json: JSONValue {
    [
      "key": .string(key), "among": .string(among), "deployment": .string(deployment),
      "moved": .boolean(isMoved), "input_usd_per_1m_tokens": .number(inputPrice),
      "cache_read_usd_per_1m_tokens": Self.number(cacheReadPrice),
      "saving_usd": Self.number(saving), "served_by": JSONValue(use?.deployment),
      "cache_read_tokens": use.map { .integer(Int64(clamping: $0.cacheReadTokens)) } ?? .null,
      "saved_usd": Self.number(use?.saved),
    ]
  }

  private static func number(_ value: Double?) -> JSONValue { value.map { .number($0) } ?? .null }
}

extension RouteAnswer.Candidate {
  var json: JSONValue {
    [
      "model": .string(model), "provider": .string(provider),
      "outcome": .string(outcome), "rank": rank.map { JSONValue($0) } ?? .null,
      "policy": JSONValue(policy),
      "priority": priorityTenThousandths.map(Self.priority) ?? .null,
      "reason": .string(reason),
    ]
  }

  /// `100`, or `100.5`: as it is written in the policy.
  private static func priority(_ tenThousandths: Int64) -> JSONValue {
    tenThousandths % 10_000 == 0
      ? .integer(tenThousandths / 10_000) : .number(Double(tenThousandths) / 10_000)
  }
}

extension PolicyError {
  var json: JSONValue { ["policy": .string(policy), "message": .string(message)] }
}
