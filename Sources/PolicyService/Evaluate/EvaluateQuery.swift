// SPDX-License-Identifier: MIT

public import CedarSyntax
public import ControlPlane

/// What `POST /evaluate` asks: Cedar's decision on any request.
public struct EvaluateQuery: Sendable, Equatable {
  public var principal: EntityUID
  public var action: EntityUID
  public var resource: EntityUID
  /// An object in Cedar's JSON form.
  public var context: JSONValue
  /// An array in Cedar's JSON entity form, beside the entities the gateway knows; nil for none.
  public var entities: JSONValue?
}

extension EvaluateQuery {
  static let entitiesMaximum = 10_000

  /// Reads the body of a request; throws everything that is wrong with it.
  public init(_ body: JSONValue) throws(FieldProblems) {
    var fields = FieldReader(body)
    let entities = ["principal", "action", "resource"].map { Self.entity(&fields, $0) }
    context = fields.object("context") ?? .object([])
    self.entities = fields.array("entities").map(JSONValue.array)
    if (self.entities?.arrayValue?.count ?? 0) > Self.entitiesMaximum {
      fields.refuse("entities", "must have at most \(Self.entitiesMaximum) elements")
    }
    fields.refuseUnknownNames()
    guard fields.problems.isEmpty, let principal = entities[0], let action = entities[1],
      let resource = entities[2]
    else { throw FieldProblems(fields.problems) }
    self.principal = principal
    self.action = action
    self.resource = resource
  }

  /// `Type::"id"`, `{"type", "id"}`, or either of them under `__entity`, as Cedar's JSON has it.
  private static func entity(_ fields: inout FieldReader, _ name: String) -> EntityUID? {
    guard let value = fields.value(name) else {
      fields.refuse(name, "is required")
      return nil
    }
    if let text = value.stringValue {
      if let entity = parseEntityUID(text).uid { return entity }
      fields.refuse(name, "expected an entity such as `User::\"alice\"`")
      return nil
    }
    guard value.objectMembers != nil else {
      fields.refuse(name, "expected an entity as a string or an object, found \(value.kindName)")
      return nil
    }
    let isWrapped = value["__entity"] != nil
    var object = FieldReader(
      value["__entity"] ?? value, path: isWrapped ? "\(name).__entity" : name)
    let type = object.requiredString("type")
    let id = object.requiredString("id")
    let name = type.flatMap { parseEntityUID("\($0)::\"\"").uid?.type }
    if let type, name == nil { object.refuse("type", "`\(type)` is not the name of a type") }
    fields.adopt(object.problems)
    guard let name, let id else { return nil }
    return EntityUID(type: name, id: id)
  }
}
