// SPDX-License-Identifier: MIT

public import CedarSchema
import CedarSyntax
public import DecisionIR

extension Schema {
  /// What the schema says about requests, for `RequestDecoder`, which takes by it only what
  /// `readRequest` takes.
  public var requestRules: RequestRules {
    var types: [String: RequestRules.Members] = [:]
    for (name, type) in entityTypes where name.basename != "Action" {
      types[name.description] = type.enumeration.map { .enumerated($0) } ?? .any
    }
    for name in actionTypes { types[name.description] = .actions }
    var writer = RulesWriter()
    let actions = sortedActions.map { action in
      RequestRules.Action(
        EntityName(type: action.uid.type.description, id: action.uid.id),
        principals: action.principals.map(\.description),
        resources: action.resources.map(\.description),
        context: writer.attributes(of: action.context))
    }
    return RequestRules(types: types, actions: actions)
  }
}

/// Writes types as the decoder's rules have them.
private struct RulesWriter {
  /// Types that are written at most. Common types that name each other several times make more of
  /// them than anyone means; contexts beyond are left to the general reader.
  private static let typesMax = 1 << 18

  private var count = 0

  mutating func attributes(of record: RecordType) -> [DeclaredAttribute] {
    var result: [DeclaredAttribute] = []
    for name in record.names {
      guard let attribute = record[name] else { continue }
      result.append(
        DeclaredAttribute(name, type(attribute.type), isRequired: attribute.isRequired))
    }
    return result
  }

  /// Recursion is bounded by the nesting of a schema's types.
  private mutating func type(_ type: CedarType) -> DeclaredType {
    count += 1
    guard count <= Self.typesMax else { return .other }
    switch type {
    case .boolean: return .bool
    case .long: return .long
    case .string: return .string
    case .entity(let names): return names.count == 1 ? .entity(names[0].description) : .other
    case .set(let element): return element.map { .set(self.type($0)) } ?? .other
    case .record(let record): return record.isOpen ? .other : .record(attributes(of: record))
    case .extension(.ipaddr): return .ip
    case .extension(.decimal): return .decimal
    case .extension(.datetime): return .datetime
    case .extension(.duration): return .duration
    }
  }
}
