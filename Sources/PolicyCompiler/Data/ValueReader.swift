// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR

/// Reads values in their JSON form: booleans, integers, strings, arrays as sets, objects as
/// records, `{"__entity": {"type", "id"}}` and `{"__extn": {"fn", "arg"}}`. Where a schema says
/// what type to expect, the escapes may be left out: `{"type", "id"}` for an entity, `"10.0.0.1"`
/// or `{"fn", "arg"}` for an extension value. Members beside an escape are ignored, as the
/// reference does; an escape of a wrong shape is a record where nothing says what to expect.
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
    switch (type, json) {
    case (.entity, _): return .entity(try entity(json, path))
    case (.extension(let kind), _): return try extensionValue(json, path, kind)
    case (.set(let element), .array(let items)): return try set(items, path, element)
    case (.record(let record), .object):
      return .record(try self.record(json, path) { record[$0]?.type })
    default: return try plain(json, path)
    }
  }

  /// A value by its own form alone.
  private static func plain(_ json: CedarJSON, _ path: String) throws(DataProblem) -> Datum {
    switch json {
    case .null: throw DataProblem(path, "null is not a value")
    case .bool(let flag): return .bool(flag)
    case .integer(let number): return .long(number)
    case .number(let text):
      throw DataProblem(path, "`\(text)` is not a 64-bit whole number")
    case .string(let text): return .text(text)
    case .array(let elements): return try set(elements, path, nil)
    case .object:
      if let inner = json["__entity"], inner["type"]?.string != nil, inner["id"]?.string != nil {
        return .entity(try entity(inner, path))
      }
      if let inner = json["__extn"], CallReader.isCall(inner) {
        return try CallReader.call(inner, path)
      }
      if json["__expr"]?.string != nil { throw obsolete(path) }
      return .record(try record(json, path))
    }
  }

  private static func set(
    _ items: [CedarJSON], _ path: String, _ element: CedarType?
  ) throws(DataProblem) -> Datum {
    var set = Set<Datum>()
    for (index, item) in items.enumerated() {
      set.insert(try value(item, "\(path)[\(index)]", element))
    }
    return .set(set)
  }

  static func obsolete(_ path: String) -> DataProblem {
    DataProblem(path, "the form `__expr` is no longer supported; use `__entity` or `__extn`")
  }

  /// A value where an extension type is expected: both escapes, the call alone, or only its
  /// argument.
  private static func extensionValue(
    _ json: CedarJSON, _ path: String, _ kind: CedarType.ExtensionKind
  ) throws(DataProblem) -> Datum {
    if json["__expr"]?.string != nil { throw obsolete(path) }
    if let inner = json["__extn"], CallReader.isCall(inner) {
      return try CallReader.call(inner, path)
    }
    if CallReader.isCall(json) { return try CallReader.call(json, path) }
    let constructor = kind == .ipaddr ? "ip" : kind.rawValue
    return try CallReader.construct(constructor, json, path)
  }

  /// `{"type", "id"}`, also inside `{"__entity": …}`.
  static func entity(_ json: CedarJSON, _ path: String) throws(DataProblem) -> EntityName {
    if let inner = json["__entity"], inner["type"]?.string != nil, inner["id"]?.string != nil {
      return try entity(inner, path)
    }
    guard let type = json["type"]?.string, let id = json["id"]?.string else {
      throw DataProblem(path, "expected an entity: an object with the strings `type` and `id`")
    }
    guard TypeNameText.isValid(type) else {
      throw DataProblem(path, "`\(type)` is not the name of an entity type")
    }
    return EntityName(type: type, id: id)
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
