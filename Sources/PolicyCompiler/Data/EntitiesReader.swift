// SPDX-License-Identifier: MIT

public import CedarSyntax
public import DecisionIR

/// Reads entities in their JSON form: an array of `{"uid", "attrs", "parents"}` with optional
/// `tags`; `uid` and parents are `{"type", "id"}` or `{"__entity": …}`.
///
/// - Throws: `DataProblem` with the place and the reason.
public func readEntities(_ text: String) throws(DataProblem) -> [EntityData] {
  try readEntities(json: try parseJSON(text))
}

/// As `readEntities(_:)`, from parsed JSON.
public func readEntities(json: CedarJSON) throws(DataProblem) -> [EntityData] {
  guard let items = json.array else {
    throw DataProblem("", "expected an array of entities, got \(json.kindDescription)")
  }
  var result: [EntityData] = []
  var places: [EntityName: Int] = [:]
  for (index, item) in items.enumerated() {
    let entity = try readEntity(item, "entities[\(index)]")
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
  return result
}

private func same(_ left: EntityData, _ right: EntityData) -> Bool {
  left.attributes == right.attributes && left.tags == right.tags
    && Set(left.parents) == Set(right.parents)
}

private func readEntity(_ json: CedarJSON, _ path: String) throws(DataProblem) -> EntityData {
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
  entity.attributes = try ValueReader.record(attributes, "\(path).attrs")
  for (index, parent) in parents.enumerated() {
    entity.parents.append(try ValueReader.entity(parent, "\(path).parents[\(index)]"))
  }
  if let tags = json["tags"] {
    entity.tags = try ValueReader.record(tags, "\(path).tags")
  }
  return entity
}
