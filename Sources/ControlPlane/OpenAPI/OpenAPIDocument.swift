// SPDX-License-Identifier: MIT

/// The OpenAPI 3.1 document of a service, made from the routes that serve it, so that the two
/// cannot differ.
public struct OpenAPIDocument: Sendable {
  public var title: String
  public var version: String
  public var description: String
  /// Component schemas by name, in their order.
  public var schemas: [(name: String, schema: JSONSchema)]
  public var routes: [APIRoute]

  public init(
    title: String, version: String, description: String = "",
    schemas: [(name: String, schema: JSONSchema)] = [], routes: [APIRoute]
  ) {
    self.title = title
    self.version = version
    self.description = description
    self.schemas = schemas
    self.routes = routes
  }

  /// The document, members in a fixed order: to be committed and compared.
  public var json: JSONValue {
    var paths: [JSONValue.Member] = []
    var seen: Set<String> = []
    for route in routes where seen.insert(route.path).inserted {
      let same = routes.filter { $0.path == route.path }
      paths.append(
        .init(
          OpenAPIDocument.template(route.path),
          .object(same.map { .init($0.method.lowercased(), OpenAPIDocument.operation($0)) })))
    }
    let components = schemas.map { JSONValue.Member($0.name, $0.schema.json) }
    return [
      "openapi": "3.1.0",
      "info": [
        "title": .string(title), "version": .string(version),
        "description": .string(description), "license": ["name": "MIT", "identifier": "MIT"],
      ],
      "paths": .object(paths),
      "components": [
        "schemas": .object(components + [.init("Error", OpenAPIDocument.error.json)])
      ],
    ]
  }

  /// `GET /openapi.json`.
  public var route: APIRoute {
    let text = json.prettyText
    return APIRoute(
      "GET", "/openapi.json",
      APIOperation(
        "getOpenAPI", "This document",
        replies: [APIReply(200, "The document.", schema: .map(of: .any))])
    ) { _ in HTTPResponse(contentType: "application/json", text: text) }
  }

  /// What is wrong with the document: identifiers that occur twice, references to no schema,
  /// described parameters that the path does not have. Empty when all is well.
  public var problems: [String] {
    var found: [String] = []
    var identifiers: Set<String> = []
    let names = Set(schemas.map(\.name) + ["Error"])
    func check(_ schema: JSONSchema?, _ place: String) {
      for name in schema?.references ?? [] where !names.contains(name) {
        found.append("\(place) refers to `\(name)`, which is no component")
      }
    }
    for (name, schema) in schemas { check(schema, name) }
    for route in routes {
      let operation = route.operation
      let place = operation.identifier
      if !identifiers.insert(place).inserted { found.append("`\(place)` occurs twice") }
      for parameter in operation.parameters {
        check(parameter.schema, place)
        if parameter.location == .path && !route.parameterNames.contains(parameter.name) {
          found.append("\(place) describes `\(parameter.name)`, which is not in its path")
        }
      }
      check(operation.body?.schema, place)
      for reply in operation.replies { check(reply.schema, place) }
    }
    return found
  }

  // MARK: Parts

  /// OpenAPI knows no `...`.
  private static func template(_ path: String) -> String {
    path.hasSuffix("...}") ? String(path.dropLast(4)) + "}" : path
  }

  private static func operation(_ route: APIRoute) -> JSONValue {
    let operation = route.operation
    var members: [JSONValue.Member] = [
      .init("operationId", .string(operation.identifier)),
      .init("summary", .string(operation.summary)),
    ]
    if !operation.description.isEmpty {
      members.append(.init("description", .string(operation.description)))
    }
    if !operation.tags.isEmpty {
      members.append(.init("tags", .array(operation.tags.map { .string($0) })))
    }
    let implied = route.parameterNames.filter { name in
      !operation.parameters.contains { $0.location == .path && $0.name == name }
    }
    let parameters =
      implied.map { APIOperation.Parameter($0, in: .path, "") } + operation.parameters
    if !parameters.isEmpty {
      members.append(.init("parameters", .array(parameters.map(parameter))))
    }
    if let body = operation.body { members.append(.init("requestBody", requestBody(body))) }
    let failure = APIReply(0, "What went wrong.", schema: .reference("Error"))
    let replies =
      operation.replies.map { JSONValue.Member(String($0.status), reply($0)) }
      + [.init("default", reply(failure))]
    members.append(.init("responses", .object(replies)))
    return .object(members)
  }

  private static func parameter(_ parameter: APIOperation.Parameter) -> JSONValue {
    var members: [JSONValue.Member] = [
      .init("name", .string(parameter.name)), .init("in", .string(parameter.location.rawValue)),
      .init("required", .boolean(parameter.isRequired)),
    ]
    if !parameter.description.isEmpty {
      members.append(.init("description", .string(parameter.description)))
    }
    members.append(.init("schema", parameter.schema.json))
    return .object(members)
  }

  private static func requestBody(_ body: APIOperation.Body) -> JSONValue {
    var content: [JSONValue.Member] = [.init("schema", body.schema.json)]
    if let example = body.example { content.append(.init("example", example)) }
    return [
      "required": .boolean(body.isRequired),
      "content": .object([.init(body.contentType, .object(content))]),
    ]
  }

  private static func reply(_ reply: APIReply) -> JSONValue {
    var members: [JSONValue.Member] = [.init("description", .string(reply.description))]
    if !reply.fields.isEmpty {
      let fields = reply.fields.map { field in
        JSONValue.Member(
          field.name, ["description": .string(field.description), "schema": ["type": "string"]])
      }
      members.append(.init("headers", .object(fields)))
    }
    if let schema = reply.schema {
      members.append(
        .init("content", .object([.init(reply.contentType, ["schema": schema.json])])))
    }
    return .object(members)
  }

  /// The body of every error: see `HTTPError.response`.
  private static var error: JSONSchema {
    let problem = JSONSchema.object([
      SchemaProperty("path", .string), SchemaProperty("message", .string),
    ])
    let detail = JSONSchema.object([
      SchemaProperty("type", .string.described("The family of the status.")),
      SchemaProperty("code", .string.described("For programs, snake case.")),
      SchemaProperty("message", .string.described("For people.")),
      SchemaProperty("param", .string.orNull.described("The field or parameter at fault.")),
      SchemaProperty(
        "problems", .array(of: problem).described("All that is wrong with the body."),
        isRequired: false),
      SchemaProperty("request_id", .string, isRequired: false),
    ])
    return .object([SchemaProperty("error", detail)])
  }
}
