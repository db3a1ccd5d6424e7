// SPDX-License-Identifier: MIT

extension PolicyJSONReader {
  mutating func scope(_ json: CedarJSON?, _ slot: Slot, at path: JSONPath) -> ScopeConstraint {
    guard problems.object(json, "a constraint", at: path) != nil,
      let json, let operation = problems.string(json["op"], "an operator", at: path["op"])
    else { return .any }
    switch operation {
    case "All", "all": return .any
    case "==":
      guard let reference = reference(json, slot, at: path) else { return .any }
      return ScopeConstraint(.equal(reference))
    case "in":
      guard let reference = reference(json, slot, at: path) else { return .any }
      return ScopeConstraint(.in(reference))
    case "is":
      _ = problems.object(json, "a constraint", at: path, allowed: ["op", "entity_type", "in"])
      guard let type = problems.name(json["entity_type"], at: path["entity_type"]) else {
        return .any
      }
      guard let container = json["in"], !container.isNull else {
        return ScopeConstraint(.is(type))
      }
      guard let reference = reference(container, slot, at: path["in"]) else { return .any }
      return ScopeConstraint(.isIn(type, reference))
    default:
      unknownOperator(operation, ["All", "==", "in", "is"], at: path)
      return .any
    }
  }

  private mutating func unknownOperator(
    _ operation: String, _ known: [String], at path: JSONPath
  ) {
    problems.error(
      .invalidScopeOperator, "`\(operation)` cannot stand in this scope", at: path["op"],
      help: "the operators are \(known.map { "`\($0)`" }.joined(separator: ", "))")
  }

  private mutating func reference(
    _ json: CedarJSON, _ slot: Slot, at path: JSONPath
  ) -> EntityReference? {
    if let name = json["slot"] {
      guard name.string == slot.text else {
        problems.error(
          .misplacedSlot, "`\(name.string ?? "")` cannot stand for the \(slot.rawValue)",
          at: path["slot"], help: "write `\(slot.text)`")
        return nil
      }
      return .slot(slot, .none)
    }
    return entity(json["entity"], at: path["entity"]).map { .entity($0) }
  }

  mutating func action(_ json: CedarJSON?, at path: JSONPath) -> ActionConstraint {
    guard problems.object(json, "a constraint", at: path) != nil,
      let json, let operation = problems.string(json["op"], "an operator", at: path["op"])
    else { return .any }
    switch operation {
    case "All", "all": return .any
    case "==":
      guard let action = actionEntity(json["entity"], at: path["entity"]) else { return .any }
      return ActionConstraint(.equal(action))
    case "in":
      guard let list = json["entities"] else {
        guard let action = actionEntity(json["entity"], at: path["entity"]) else { return .any }
        return ActionConstraint(.in(action))
      }
      let members = problems.array(list, "an array of entities", at: path["entities"]) ?? []
      return ActionConstraint(
        .inSet(
          members.enumerated().compactMap {
            actionEntity($0.element, at: path["entities"][$0.offset])
          }))
    default:
      unknownOperator(operation, ["All", "==", "in"], at: path)
      return .any
    }
  }

  private mutating func actionEntity(_ json: CedarJSON?, at path: JSONPath) -> ActionReference? {
    guard let uid = entity(json, at: path) else { return nil }
    guard uid.type.basename == "Action" else {
      problems.error(
        .invalidActionType, "an action has the type `Action`, not `\(uid.type)`", at: path)
      return nil
    }
    return ActionReference(uid)
  }

  /// `{"type": …, "id": …}`, also wrapped in `__entity`. As in the reference, other keys of an
  /// entity or a constraint are passed over.
  mutating func entity(_ json: CedarJSON?, at path: JSONPath) -> EntityUID? {
    if let inner = json?["__entity"] { return entity(inner, at: path["__entity"]) }
    guard problems.object(json, "an entity", at: path) != nil,
      let type = problems.name(json?["type"], at: path["type"]),
      let id = problems.string(json?["id"], "a string", at: path["id"])
    else { return nil }
    return EntityUID(type: type, id: id)
  }
}
