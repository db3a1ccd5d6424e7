// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR

/// Checks values against the types that a schema gives them: the types fit exactly, and entities
/// named inside are possible ones.
struct DatumChecker {
  let schema: Schema
  private(set) var problems: [DataProblem] = []

  init(_ schema: Schema) {
    self.schema = schema
  }

  mutating func report(_ path: String, _ message: String) {
    problems.append(DataProblem(path, message))
  }

  /// The attributes of an entity, of a record or of a context.
  mutating func check(
    _ fields: [Text: Datum], _ type: RecordType, _ path: String, _ what: String
  ) {
    for name in fields.keys.sorted(by: { CedarText.less($0.string, $1.string) }) {
      guard let value = fields[name] else { continue }
      guard let attribute = type[name.string] else {
        if type.isOpen { continue }
        let help = Suggestion.help(name.string, type.names).map { "; \($0)" } ?? ""
        report(
          "\(path).\(name.string)",
          "the schema gives \(what) no attribute `\(name.string)`\(help)")
        continue
      }
      check(value, attribute.type, "\(path).\(name.string)")
    }
    for name in type.names where type[name]?.isRequired == true && fields[Text(name)] == nil {
      report(path, "\(what) lacks the attribute `\(name)`, which the schema requires")
    }
  }

  mutating func check(_ value: Datum, _ type: CedarType, _ path: String) {
    switch (type, value) {
    case (.boolean, .bool), (.long, .long), (.string, .string): return
    case (.extension(let kind), _) where kind == value.extensionKind: return
    case (.entity(let names), .entity(let entity)):
      guard names.contains(typeName(entity.type)) else { return mismatch(value, type, path) }
      checkPossible(entity, path)
    case (.set(let element), .set(let elements)):
      guard let element else { return }
      for item in elements.sorted(by: { $0.description < $1.description }) {
        check(item, element, path)
      }
    case (.record(let record), .record(let fields)): check(fields, record, path, "this record")
    default: mismatch(value, type, path)
    }
  }

  private mutating func mismatch(_ value: Datum, _ type: CedarType, _ path: String) {
    report(path, "expected a value of type `\(type)`, got `\(value)`")
  }

  /// Whether an entity of the name can exist: its type is declared, its id is one of the
  /// enumeration, an action is declared.
  mutating func checkPossible(_ entity: EntityName, _ path: String) {
    let type = typeName(entity.type)
    if schema.actionTypes.contains(type) || type.basename == "Action" {
      let uid = EntityUID(type: type, id: entity.id.string)
      if schema.actions[uid] == nil {
        report(path, "the schema has no action `\(entity)`")
      }
      return
    }
    guard let declared = schema.entityTypes[type] else {
      report(path, "the schema has no entity type `\(entity.type)`")
      return
    }
    guard let choices = declared.enumeration,
      !choices.contains(where: { CedarText.equal($0, entity.id.string) })
    else { return }
    report(
      path,
      "`\(entity)` is not one of the entities of `\(entity.type)`: "
        + choices.map(CedarText.quoted).joined(separator: ", "))
  }
}

extension Datum {
  /// The extension type of an extension value.
  fileprivate var extensionKind: CedarType.ExtensionKind? {
    switch self {
    case .ip: .ipaddr
    case .decimal: .decimal
    case .datetime: .datetime
    case .duration: .duration
    default: nil
    }
  }
}
