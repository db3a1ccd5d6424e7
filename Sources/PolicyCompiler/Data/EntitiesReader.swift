// SPDX-License-Identifier: MIT

public import CedarSchema
public import CedarSyntax
public import DecisionIR

/// Reads entities in their JSON form: an array of `{"uid", "attrs", "parents"}` with optional
/// `tags`; `uid` and parents are `{"type", "id"}` or `{"__entity": …}`.
///
/// - Parameter schema: lets values leave out their escapes where it says their type, and adds the
///   actions that it declares.
/// - Throws: `DataProblem` with the place and the reason.
public func readEntities(
  _ text: String, schema: Schema? = nil
) throws(DataProblem) -> [EntityData] {
  try readEntities(json: try parseJSON(text), schema: schema)
}

/// As `readEntities(_:)`, from parsed JSON.
public func readEntities(
  json: CedarJSON, schema: Schema? = nil
) throws(DataProblem) -> [EntityData] {
  guard let items = json.array else {
    throw DataProblem("", "expected an array of entities, got \(json.kindDescription)")
  }
  var result: [EntityData] = []
  var places: [EntityName: Int] = [:]
  for (index, item) in items.enumerated() {
    let entity = try readEntity(item, "entities[\(index)]", schema)
    if let place = places[entity.name] {
      guard same(result[place], entity) else {
        throw DataProblem(
          "entities[\(index)]", "entity `\(entity.name)` is given twice with different content")
      }
      continue
    }
    places[entity.name] = result.count
    result.append(entity)
  }
  if let schema { result += actions(of: schema).filter { places[$0.name] == nil } }
  return result
}

/// The action entities that a schema declares.
public func actions(of schema: Schema) -> [EntityData] {
  func name(_ uid: EntityUID) -> EntityName {
    EntityName(type: uid.type.description, id: uid.id)
  }
  return schema.sortedActions.map { action in
    EntityData(name(action.uid), parents: action.parents.map(name))
  }
}

private func same(_ left: EntityData, _ right: EntityData) -> Bool {
  left.attributes == right.attributes && left.tags == right.tags
    && Set(left.parents) == Set(right.parents)
}

private func readEntity(
  _ json: CedarJSON, _ path: String, _ schema: Schema?
) throws(DataProblem) -> EntityData {
  guard let members = json.object else {
    throw DataProblem(path, "expected an object, got \(json.kindDescription)")
  }
  for member in members where !["uid", "attrs", "parents", "tags"].contains(member.key) {
    throw DataProblem(path, "unknown field `\(member.key)`")
  }
  guard let uid = json["uid"] else { throw DataProblem(path, "the field `uid` is missing") }
  let name = try ValueReader.entity(uid, "\(path).uid")
  guard let attributes = json["attrs"] else {
    throw DataProblem(path, "the field `attrs` is missing")
  }
  guard let parents = json["parents"]?.array else {
    throw DataProblem(path, "the field `parents` is missing or not an array")
  }
  var entity = EntityData(name)
  let type = schema?.entityTypes[typeName(name.type)]
  entity.attributes = try ValueReader.record(attributes, "\(path).attrs") {
    type?.shape[$0]?.type
  }
  for (index, parent) in parents.enumerated() {
    entity.parents.append(try ValueReader.entity(parent, "\(path).parents[\(index)]"))
  }
  if let tags = json["tags"] {
    entity.tags = try ValueReader.record(tags, "\(path).tags") { _ in type?.tags }
  }
  return entity
}

/// A type name as the schema's tables know it.
func typeName(_ text: String) -> Name {
  let components = text.split(separator: ":").map(String.init)
  return Name(components.isEmpty ? [text] : components)
}
