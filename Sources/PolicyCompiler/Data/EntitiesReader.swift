// SPDX-License-Identifier: MIT

public import CedarSchema
public import CedarSyntax
public import DecisionIR

/// Reads entities in their JSON form: an array of `{"uid", "attrs", "parents"}` with optional
/// `tags`; `uid` and parents are `{"type", "id"}` or `{"__entity": …}`. Other fields are ignored.
///
/// - Parameter schema: lets values leave out their escapes where it says their type; entities must
///   conform to it; the actions that it declares are added.
/// - Throws: `DataProblem`, the first, with the place and the reason.
public func readEntities(
  _ text: String, schema: Schema? = nil
) throws(DataProblem) -> [EntityData] {
  try readEntities(json: try parseJSON(text), schema: schema)
}

/// As `readEntities(_:)`, from parsed JSON.
public func readEntities(
  json: CedarJSON, schema: Schema? = nil
) throws(DataProblem) -> [EntityData] {
  let (entities, problems) = checkEntities(json: json, schema: schema)
  if let first = problems.first { throw first }
  return entities
}

/// As `readEntities(json:schema:)`, with every problem and what could be read beside them.
public func checkEntities(
  json: CedarJSON, schema: Schema? = nil
) -> (entities: [EntityData], problems: [DataProblem]) {
  guard let items = json.array else {
    return ([], [DataProblem("", "expected an array of entities, got \(json.kindDescription)")])
  }
  var reader = EntitiesReader(schema: schema)
  for (index, item) in items.enumerated() { reader.add(item, "entities[\(index)]") }
  reader.finish()
  return (reader.entities, reader.problems)
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

private struct EntitiesReader {
  let schema: Schema?
  private(set) var entities: [EntityData] = []
  private(set) var problems: [DataProblem] = []
  private var places: [EntityName: Int] = [:]
  private var paths: [String] = []

  init(schema: Schema?) {
    self.schema = schema
  }

  mutating func add(_ item: CedarJSON, _ path: String) {
    do throws(DataProblem) {
      let entity = try read(item, path)
      guard let place = places[entity.name] else {
        places[entity.name] = entities.count
        entities.append(entity)
        paths.append(path)
        return
      }
      guard same(entities[place], entity) else {
        throw DataProblem(
          path, "entity `\(entity.name)` is given twice with different content")
      }
    } catch {
      problems.append(error)
    }
  }

  /// Checks what concerns all entities together; adds the schema's actions.
  mutating func finish() {
    let hierarchy = EntityHierarchy(entities, places)
    if let place = hierarchy.cycle() {
      problems.append(
        DataProblem(paths[place], "entity `\(entities[place].name)` is its own ancestor"))
    }
    guard let schema else { return }
    var conformance = EntityConformance(schema, actionAncestors: hierarchy.ancestors)
    for (entity, path) in zip(entities, paths) { conformance.check(entity, path) }
    problems += conformance.problems
    entities += actions(of: schema).filter { places[$0.name] == nil }
  }

  private func same(_ left: EntityData, _ right: EntityData) -> Bool {
    left.attributes == right.attributes && left.tags == right.tags
      && Set(left.parents) == Set(right.parents)
  }

  private func read(_ json: CedarJSON, _ path: String) throws(DataProblem) -> EntityData {
    guard let members = json.object else {
      throw DataProblem(path, "expected an object, got \(json.kindDescription)")
    }
    for field in ["uid", "attrs", "parents", "tags"]
    where members.count(where: { $0.key == field }) > 1 {
      throw DataProblem(path, "the field `\(field)` is given twice")
    }
    guard let uid = json["uid"] else { throw DataProblem(path, "the field `uid` is missing") }
    guard let attributes = json["attrs"] else {
      throw DataProblem(path, "the field `attrs` is missing")
    }
    guard let parents = json["parents"]?.array else {
      throw DataProblem(path, "the field `parents` is missing or not an array")
    }
    var entity = EntityData(try ValueReader.entity(uid, "\(path).uid"))
    let type = schema?.entityTypes[typeName(entity.name.type)]
    entity.attributes = try ValueReader.record(attributes, "\(path).attrs") {
      type?.shape[$0]?.type
    }
    for (index, parent) in parents.enumerated() {
      entity.parents.append(try ValueReader.entity(parent, "\(path).parents[\(index)]"))
    }
    try checkActionParents(entity, path)
    if let tags = json["tags"] {
      entity.tags = try ValueReader.record(tags, "\(path).tags") { _ in type?.tags }
    }
    return entity
  }

  /// Actions are members of actions only, with or without a schema.
  private func checkActionParents(
    _ entity: EntityData, _ path: String
  ) throws(DataProblem) {
    guard typeName(entity.name.type).basename == "Action" else { return }
    for (index, parent) in entity.parents.enumerated()
    where typeName(parent.type).basename != "Action" {
      throw DataProblem(
        "\(path).parents[\(index)]",
        "the action `\(entity.name)` can be in actions only, not in `\(parent)`")
    }
  }
}

/// A type name as the schema's tables know it.
func typeName(_ text: String) -> Name {
  let components = text.split(separator: ":").map(String.init)
  return Name(components.isEmpty ? [text] : components)
}
