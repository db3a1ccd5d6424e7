// SPDX-License-Identifier: MIT

public import CedarSchema
public import CedarSyntax
public import DecisionIR

/// A request as data.
public struct RequestData: Sendable {
  public var principal: EntityName
  public var action: EntityName
  public var resource: EntityName
  public var context: [Text: Datum]

  public init(
    principal: EntityName, action: EntityName, resource: EntityName,
    context: [Text: Datum] = [:]
  ) {
    self.principal = principal
    self.action = action
    self.resource = resource
    self.context = context
  }

  /// The request encoded for a store.
  public func encoded(for store: EntityStore) -> AuthorizationRequest {
    AuthorizationRequest(
      store: store, principal: principal, action: action, resource: resource, context: context)
  }
}

/// Reads `{"principal", "action", "resource", "context"}`; each entity is either source text
/// (`"User::\"alice\""`) or `{"type", "id"}`; a missing context is empty. Other fields are ignored.
///
/// - Parameters:
///   - schema: lets values of the context leave out their escapes.
///   - isValidated: whether the request must be one that the schema allows.
/// - Throws: `DataProblem`, the first, with the place and the reason.
public func readRequest(
  _ text: String, schema: Schema? = nil, isValidated: Bool = true
) throws(DataProblem) -> RequestData {
  try readRequest(json: try parseJSON(text), schema: schema, isValidated: isValidated)
}

/// As `readRequest(_:)`, from parsed JSON.
public func readRequest(
  json: CedarJSON, schema: Schema? = nil, isValidated: Bool = true
) throws(DataProblem) -> RequestData {
  guard json.object != nil else {
    throw DataProblem("", "expected a request object, got \(json.kindDescription)")
  }
  var request = RequestData(
    principal: try requestEntity(json, "principal"), action: try requestEntity(json, "action"),
    resource: try requestEntity(json, "resource"))
  if let context = json["context"], context != .null {
    request.context = try readContext(json: context, action: request.action, schema: schema)
  }
  if let schema, isValidated, let first = checkRequest(request, schema: schema).first {
    throw first
  }
  return request
}

private func requestEntity(_ json: CedarJSON, _ field: String) throws(DataProblem) -> EntityName {
  guard let value = json[field] else {
    throw DataProblem("", "the field `\(field)` is missing")
  }
  guard let text = value.string else { return try ValueReader.entity(value, field) }
  guard let uid = parseEntityUID(text).uid else {
    throw DataProblem(field, "`\(text)` is not an entity such as `User::\"alice\"`")
  }
  return EntityName(type: uid.type.description, id: uid.id)
}

/// Reads a context: an object of values.
///
/// - Parameters:
///   - action: whose context it is, for the schema.
///   - schema: lets values leave out their escapes.
/// - Throws: `DataProblem` with the place and the reason.
public func readContext(
  json: CedarJSON, action: EntityName? = nil, schema: Schema? = nil
) throws(DataProblem) -> [Text: Datum] {
  let uid = action.map { EntityUID(type: typeName($0.type), id: $0.id.string) }
  let type = uid.flatMap { schema?.actions[$0]?.context }
  return try ValueReader.record(json, "context") { type?[$0]?.type }
}
