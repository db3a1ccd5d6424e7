// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR

/// Reads values in their JSON form: booleans, integers, strings, arrays as sets, objects as
/// records, `{"__entity": {"type", "id"}}` and `{"__extn": {"fn", "arg"}}`. Where a schema says
/// what type to expect, the escapes may be left out: `{"type", "id"}` for an entity, `"10.0.0.1"`
/// or `{"fn", "arg"}` for an extension value.
///
/// Nesting is bounded by the JSON reader (`CedarLimits.jsonDepthMax`), so recursion is too.
struct ValueReader {
  /// A record, as entities' attributes, tags and contexts are.
  static func record(
    _ json: CedarJSON, _ path: String, _ type: (String) -> CedarType? = { _ in nil }
  ) throws(DataProblem) -> [Text: Datum] {
    guard let members = json.object else {
      throw DataProblem(path, "expected an object, got \(json.kindDescription)")
    }
    var result: [Text: Datum] = [:]
    for member in members {
      let value = try value(member.value, "\(path).\(member.key)", type(member.key))
      guard result.updateValue(value, forKey: Text(member.key)) == nil else {
        throw DataProblem(path, "the key `\(member.key)` is given twice")
      }
    }
    return result
  }

  static func value(
    _ json: CedarJSON, _ path: String, _ type: CedarType? = nil
  ) throws(DataProblem) -> Datum {
    if let type, let typed = try typed(json, path, type) { return typed }
    switch json {
    case .null: throw DataProblem(path, "null is not a value")
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .long(number)
    case .number(let text):
      throw DataProblem(path, "`\(text)` is not a 64-bit whole number")
    case .string(let text): return .text(text)
    case .array(let elements):
      var set = Set<Datum>()
      for (index, element) in elements.enumerated() {
        set.insert(try value(element, "\(path)[\(index)]"))
      }
      return .set(set)
    case .object(let members):
      if members.count == 1, let escape = try escaped(members[0], path) { return escape }
      return .record(try record(json, path))
    }
  }

  /// The forms that only a known type allows; nil for all others.
  private static func typed(
    _ json: CedarJSON, _ path: String, _ type: CedarType
  ) throws(DataProblem) -> Datum? {
    switch (type, json) {
    case (.entity, .object(let members)) where members.count == 2:
      return .entity(try entity(json, path))
    case (.extension(let kind), .string):
      let constructor = kind == .ipaddr ? "ip" : kind.rawValue
      return try construct(constructor, json, path)
    case (.extension, .object(let members)) where members.contains { $0.key == "fn" }:
      return try call(json, path)
    case (.set(let element), .array(let items)):
      var set = Set<Datum>()
      for (index, item) in items.enumerated() {
        set.insert(try value(item, "\(path)[\(index)]", element))
      }
      return .set(set)
    case (.record(let record), .object):
      return .record(try self.record(json, path) { record[$0]?.type })
    default: return nil
    }
  }

  private static func escaped(
    _ member: CedarJSON.Member, _ path: String
  ) throws(DataProblem) -> Datum? {
    switch member.key {
    case "__entity": return .entity(try entity(member.value, path))
    case "__extn": return try call(member.value, path)
    case "__expr":
      throw DataProblem(
        path, "the form `__expr` is no longer supported; use `__entity` or `__extn`")
    default: return nil
    }
  }

  /// `{"type", "id"}`, also inside `{"__entity": …}`.
  static func entity(_ json: CedarJSON, _ path: String) throws(DataProblem) -> EntityName {
    if let inner = json["__entity"], json.object?.count == 1 { return try entity(inner, path) }
    guard let type = json["type"]?.string, let id = json["id"]?.string else {
      throw DataProblem(path, "expected an entity: an object with the strings `type` and `id`")
    }
    guard TypeNameText.isValid(type) else {
      throw DataProblem(path, "`\(type)` is not the name of an entity type")
    }
    return EntityName(type: type, id: id)
  }

  static func call(_ json: CedarJSON, _ path: String) throws(DataProblem) -> Datum {
    guard let function = json["fn"]?.string else {
      throw DataProblem(path, "expected a call: an object with `fn` and `arg` or `args`")
    }
    if function == "offset" { return try offset(json["args"], path) }
    guard let argument = json["arg"] ?? singleArgument(json) else {
      throw DataProblem(path, "expected a call: an object with `fn` and `arg` or `args`")
    }
    return try construct(function, argument, path)
  }

  private static func singleArgument(_ json: CedarJSON) -> CedarJSON? {
    guard let arguments = json["args"]?.array, arguments.count == 1 else { return nil }
    return arguments[0]
  }

  static func construct(
    _ function: String, _ argument: CedarJSON, _ path: String
  ) throws(DataProblem) -> Datum {
    guard let text = argument.string else {
      throw DataProblem(path, "the argument of `\(function)` must be a string")
    }
    switch ExtensionText.construct(function, text) {
    case .success(let datum): return datum
    case .failure(let fault):
      throw DataProblem(path, "error while evaluating `\(function)`: \(fault.message): `\(text)`")
    case nil: throw DataProblem(path, "`\(function)` is not an extension function for data")
    }
  }

  /// `offset(datetime, duration)` with both arguments in their JSON form.
  private static func offset(_ json: CedarJSON?, _ path: String) throws(DataProblem) -> Datum {
    guard let arguments = json?.array, arguments.count == 2,
      case .datetime(let start) = try value(arguments[0], path),
      case .duration(let span) = try value(arguments[1], path)
    else { throw DataProblem(path, "`offset` takes a datetime and a duration") }
    let (sum, overflow) = start.addingReportingOverflow(span)
    guard !overflow else {
      throw DataProblem(path, ExtensionFault.datetimeOverflow.message)
    }
    return .datetime(sum)
  }
}

/// Checks names of entity types: identifiers joined by `::`, none reserved.
enum TypeNameText {
  private static let reserved: Set<String> = [
    "true", "false", "if", "then", "else", "in", "is", "like", "has", "__cedar",
  ]

  static func isValid(_ text: String) -> Bool {
    var identifier = ""
    var colons = 0
    func ends() -> Bool { !identifier.isEmpty && !reserved.contains(identifier) }
    for scalar in text.unicodeScalars {
      if scalar == ":" {
        if colons == 0 {
          guard ends() else { return false }
          identifier = ""
        }
        colons += 1
        guard colons <= 2 else { return false }
        continue
      }
      guard colons == 0 || colons == 2 else { return false }
      colons = 0
      let isLetter =
        scalar == "_" || ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
      guard isLetter || (!identifier.isEmpty && ("0"..."9").contains(scalar)) else {
        return false
      }
      identifier.unicodeScalars.append(scalar)
    }
    return colons == 0 && ends()
  }
}
