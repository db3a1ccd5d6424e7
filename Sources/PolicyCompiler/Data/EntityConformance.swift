// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR

/// Checks entities against a schema: declared types, exact attributes, allowed parents, tags of
/// the declared type, enumerated ids, actions equal to the schema's.
struct EntityConformance {
  let schema: Schema
  /// All ancestors of an action by what the data says.
  let actionAncestors: (EntityName) -> Set<EntityName>
  private var checker: DatumChecker

  init(_ schema: Schema, actionAncestors: @escaping (EntityName) -> Set<EntityName>) {
    self.schema = schema
    self.actionAncestors = actionAncestors
    checker = DatumChecker(schema)
  }

  var problems: [DataProblem] { checker.problems }

  mutating func check(_ entity: EntityData, _ path: String) {
    let type = typeName(entity.name.type)
    if type.basename == "Action" { return checkAction(entity, type, path) }
    guard let declared = schema.entityTypes[type] else {
      let known = schema.entityTypes.keys.map(\.description).sorted()
      let help = Suggestion.help(entity.name.type, known).map { "; \($0)" } ?? ""
      checker.report(
        "\(path).uid", "the schema has no entity type `\(entity.name.type)`\(help)")
      return
    }
    checker.checkPossible(entity.name, "\(path).uid")
    checker.check(entity.attributes, declared.shape, "\(path).attrs", "`\(entity.name)`")
    checkTags(entity, declared, path)
    for (index, parent) in entity.parents.enumerated() {
      let place = "\(path).parents[\(index)]"
      guard declared.ancestors.contains(typeName(parent.type)) else {
        checker.report(
          place, "`\(entity.name)` cannot be in an entity of type `\(parent.type)`")
        continue
      }
      checker.checkPossible(parent, place)
    }
  }

  private mutating func checkTags(
    _ entity: EntityData, _ declared: Schema.EntityType, _ path: String
  ) {
    guard let type = declared.tags else {
      if !entity.tags.isEmpty {
        checker.report("\(path).tags", "entities of type `\(declared.name)` have no tags")
      }
      return
    }
    for name in entity.tags.keys.sorted(by: { CedarText.less($0.string, $1.string) }) {
      guard let value = entity.tags[name] else { continue }
      checker.check(value, type, "\(path).tags.\(name.string)")
    }
  }

  private mutating func checkAction(_ entity: EntityData, _ type: Name, _ path: String) {
    let uid = EntityUID(type: type, id: entity.name.id.string)
    guard let action = schema.actions[uid] else {
      checker.report("\(path).uid", "the schema has no action `\(entity.name)`")
      return
    }
    let declared = Set(
      action.ancestors.map { EntityName(type: $0.type.description, id: $0.id) })
    guard entity.attributes.isEmpty, entity.tags.isEmpty,
      actionAncestors(entity.name) == declared
    else {
      checker.report(path, "the action `\(entity.name)` differs from the schema's declaration")
      return
    }
  }
}
