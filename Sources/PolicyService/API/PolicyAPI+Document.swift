// SPDX-License-Identifier: MIT

public import ControlPlane

extension PolicyAPI {
  /// The OpenAPI 3.1 document of this API, generated from the table of operations. It is committed
  /// as `docs/reference/openapi-policy.json`, and a test compares the two.
  public static let document: JSONValue = PolicyAPI(NoState()).makeDocument()

  private func makeDocument() -> JSONValue {
    var paths: [JSONValue.Member] = []
    for operation in operations {
      let entry = JSONValue.Member(operation.method.lowercased(), Self.object(operation))
      if let index = paths.firstIndex(where: { $0.name == operation.path }),
        case .object(let entries) = paths[index].value
      {
        paths[index].value = .object(entries + [entry])
      } else {
        paths.append(.init(operation.path, .object([entry])))
      }
    }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": "Policy service", "version": "1",
        "description": "Routing decisions by policy, explained; policies reloaded without a stop.",
        "license": ["name": "MIT", "identifier": "MIT"],
      ],
      "servers": [["url": "http://localhost:8084"]],
      "paths": .object(paths),
      "components": ["schemas": .object(Self.schemas)],
    ]
  }

  private static func object(_ operation: Operation) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("operationId", .string(operation.identifier)),
      .init("summary", .string(operation.summary)),
    ]
    if !operation.description.isEmpty {
      members.append(.init("description", .string(operation.description)))
    }
    let parameters = operation.path.split(separator: "/").filter { $0.hasPrefix("{") }
    if !parameters.isEmpty {
      let list = parameters.map { name -> JSONValue in
        [
          "name": .string(String(name.dropFirst().dropLast())), "in": "path", "required": true,
          "schema": ["type": "string"],
        ]
      }
      members.append(.init("parameters", .array(list)))
    }
    switch operation.body {
    case .none: break
    case .optional(let schema):
      let content: JSONValue = ["application/json": ["schema": reference(schema)]]
      members.append(.init("requestBody", ["required": false, "content": content]))
    case .required(let schema, let example):
      let content: JSONValue = [
        "application/json": ["schema": reference(schema), "example": example]
      ]
      members.append(.init("requestBody", ["required": true, "content": content]))
    }
    let replies = operation.replies.map { JSONValue.Member(String($0.status), object($0)) }
    members.append(.init("responses", .object(replies)))
    return .object(members)
  }

  private static func object(_ reply: Operation.Reply) -> JSONValue {
    var members: [JSONValue.Member] = [.init("description", .string(reply.description))]
    if !reply.headers.isEmpty {
      let headers = reply.headers.map { name, description in
        JSONValue.Member(
          name, ["description": .string(description), "schema": ["type": "integer"]])
      }
      members.append(.init("headers", .object(headers)))
    }
    let content: JSONValue = ["application/json": ["schema": reference(reply.schema)]]
    members.append(.init("content", content))
    return .object(members)
  }

  static func reference(_ schema: String) -> JSONValue {
    ["$ref": .string("#/components/schemas/\(schema)")]
  }
}

/// The document needs the table of operations and no state: nothing of this is ever asked.
private struct NoState: PolicyServiceState {
  func route(_ query: RouteQuery) -> Result<RouteAnswer, RouteRefusal> {
    .failure(.unknownModel(nearest: []))
  }
  func evaluate(_ query: EvaluateQuery) throws(FieldProblems) -> EvaluateAnswer {
    throw FieldProblems([])
  }
  func reload() async -> ReloadOutcome {
    .refused(ReloadRefusal(findings: [], runningVersion: nil))
  }
  func rollBack(to version: String?) async -> ReloadReport? { nil }
  func versions() -> [String] { [] }
  func models() -> [ModelStatus] { [] }
  func decision(_ identifier: String) -> RoutingDecision? { nil }
  func status() -> PolicyServiceStatus {
    PolicyServiceStatus(policyVersion: nil, policyCount: 0, modelCount: 0)
  }
}
