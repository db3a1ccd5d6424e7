// SPDX-License-Identifier: MIT

internal import ControlPlane

extension PolicyAPI {
  /// The component schemas of the document (JSON Schema 2020-12), in order of use.
  static var schemas: [JSONValue.Member] {
    requestSchemas + decisionSchemas + policySchemas + stateSchemas
  }

  // MARK: Building blocks

  static func type(_ name: String, _ description: String? = nil) -> JSONValue {
    var members: [JSONValue.Member] = [.init("type", .string(name))]
    if let description { members.append(.init("description", .string(description))) }
    return .object(members)
  }

  static func optional(_ name: String, _ description: String? = nil) -> JSONValue {
    var members: [JSONValue.Member] = [.init("type", [.string(name), "null"])]
    if let description { members.append(.init("description", .string(description))) }
    return .object(members)
  }

  static func list(_ items: JSONValue, _ description: String? = nil) -> JSONValue {
    var members: [JSONValue.Member] = [.init("type", "array"), .init("items", items)]
    if let description { members.append(.init("description", .string(description))) }
    return .object(members)
  }

  static func oneOf(_ values: [String]) -> JSONValue {
    ["type": "string", "enum": .array(values.map(JSONValue.string))]
  }

  /// An object of which every property is always there.
  static func object(_ properties: [JSONValue.Member]) -> JSONValue {
    [
      "type": "object", "required": .array(properties.map { .string($0.name) }),
      "properties": .object(properties),
    ]
  }

  /// An object of a request: the named properties are required, others are refused.
  static func request(_ required: [String], _ properties: [JSONValue.Member]) -> JSONValue {
    [
      "type": "object", "required": .array(required.map(JSONValue.string)),
      "properties": .object(properties), "additionalProperties": false,
    ]
  }

  static func integer(_ range: ClosedRange<Int64>, _ description: String) -> JSONValue {
    [
      "type": ["integer", "null"], "minimum": .integer(range.lowerBound),
      "maximum": .integer(range.upperBound), "description": .string(description),
    ]
  }

  // MARK: Requests

  private static var requestSchemas: [JSONValue.Member] {
    let tokens = 0...RouteQuery.tokensMaximum
    return [
      .init(
        "RouteRequest",
        request(
          ["requested_model"],
          [
            .init("user_id", optional("string", "The user entity's id.")),
            .init("team_id", optional("string", "The team the user belongs to.")),
            .init(
              "requested_model",
              type("string", "A model, a group or alias, a glob such as `claude-*`, or `auto`.")),
            .init(
              "budget_remaining",
              optional("number", "US dollars; `context.cost_budget_remaining` to policies.")),
            .init("latency_sla_ms", integer(0...86_400_000, "Milliseconds.")),
            .init("estimated_input_tokens", integer(tokens, "Tokens of the prompt.")),
            .init("max_output_tokens", integer(tokens, "The cap on the answer.")),
            .init("stream", optional("boolean")), .init("has_tools", optional("boolean")),
            .init("has_images", optional("boolean")),
            .init("use_case", optional("string", "What the answer is for.")),
            .init("tags", list(type("string"), "Free words for policies.")),
          ])),
      .init("Entity", entity),
      .init(
        "EvaluateRequest",
        request(
          ["principal", "action", "resource"],
          [
            .init("principal", reference("Entity")), .init("action", reference("Entity")),
            .init("resource", reference("Entity")),
            .init("context", optional("object", "In Cedar's JSON form.")),
            .init(
              "entities",
              list(type("object"), "In Cedar's JSON entity form, beside those known.")),
          ])),
      .init(
        "RollbackRequest",
        request([], [.init("version", optional("string", "One of the versions kept."))])),
    ]
  }

  private static var entity: JSONValue {
    [
      "description": "An entity, as Cedar writes it or by type and id.",
      "oneOf": [
        ["type": "string", "examples": ["User::\"alice\""]],
        [
          "type": "object", "required": ["type", "id"],
          "properties": ["type": type("string"), "id": type("string")],
        ],
        [
          "type": "object", "required": ["__entity"],
          "properties": [
            "__entity": [
              "type": "object", "required": ["type", "id"],
              "properties": ["type": type("string"), "id": type("string")],
            ]
          ],
        ],
      ],
    ]
  }
}
