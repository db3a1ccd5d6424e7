// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

/// Draws entities and requests that a schema allows, near what policies test for: their entities,
/// strings and numbers are among the values, and those one below and above. The same seed draws the
/// same.
struct RequestGenerator {
  private let schema: Schema
  private var random: SplitMix
  private var constants = Constants()
  private var ids: [Name: [String]] = [:]

  /// Entities of a type beside those that policies name.
  private static let freshIDs = ["other-1", "other-2"]
  /// Levels of records and sets that are drawn.
  private static let depthMax = 8

  init(schema: Schema, policies: [PolicySet], seed: UInt64) {
    self.schema = schema
    random = SplitMix(state: seed)
    for set in policies {
      for policy in set.policies + set.linkedPolicies { constants.collect(policy) }
    }
    for name in schema.entityTypes.keys {
      let known = constants.entities.filter { $0.type == name }.map(\.id).sorted()
      ids[name] = schema.entityTypes[name]?.enumeration ?? (known + Self.freshIDs)
    }
  }

  /// The entity types in order: dictionaries have none, and the same seed must draw the same.
  private var typeNames: [Name] {
    schema.entityTypes.keys.sorted { CedarText.less($0.description, $1.description) }
  }

  // MARK: entities

  /// One entity for each id of each type, and the actions.
  mutating func entities() -> [EntityData] {
    var result: [EntityData] = []
    for name in typeNames {
      guard let type = schema.entityTypes[name] else { continue }
      for (rank, id) in (ids[name] ?? []).enumerated() {
        var entity = EntityData(EntityName(type: name.description, id: id))
        entity.attributes = record(type.shape, 0)
        if let tags = type.tags {
          for text in constants.strings.prefix(4) where random.chance(2) {
            entity.tags[Text(text)] = value(tags, 0)
          }
        }
        entity.parents = parents(of: type, rank)
        result.append(entity)
      }
    }
    return result + actions(of: schema)
  }

  /// Some entities of the parent types. Of the own type only earlier ones, so that no cycle comes;
  /// between types a cycle can come only where the schema has one, and then none are drawn.
  private mutating func parents(of type: Schema.EntityType, _ rank: Int) -> [EntityName] {
    var result: [EntityName] = []
    let names = type.parents.sorted { CedarText.less($0.description, $1.description) }
    for parent in names {
      let all = ids[parent] ?? []
      let isOwn = parent == type.name
      if !isOwn, schema.canBeIn(parent, type.name) { continue }
      for id in isOwn ? all.prefix(rank) : all[...] where random.chance(3) {
        result.append(EntityName(type: parent.description, id: id))
      }
    }
    return result
  }

  // MARK: requests

  /// Nil when no action applies to anything.
  mutating func request() -> RequestData? {
    let usable = schema.sortedActions.filter { !$0.principals.isEmpty && !$0.resources.isEmpty }
    guard !usable.isEmpty else { return nil }
    let action = random.pick(usable)
    return RequestData(
      principal: entity(random.pick(action.principals)),
      action: EntityName(type: action.uid.type.description, id: action.uid.id),
      resource: entity(random.pick(action.resources)), context: record(action.context, 0))
  }

  private mutating func entity(_ type: Name) -> EntityName {
    EntityName(type: type.description, id: random.pick(ids[type] ?? Self.freshIDs))
  }

  // MARK: values

  private mutating func record(_ type: RecordType, _ depth: Int) -> [Text: Datum] {
    var result: [Text: Datum] = [:]
    for name in type.names {
      guard let attribute = type[name], attribute.isRequired || random.chance(2) else { continue }
      result[Text(name)] = value(attribute.type, depth + 1, named: name)
    }
    return result
  }

  /// Mostly one that the attribute is compared with; one time in four any, so that none of those
  /// is drawn too.
  private mutating func pick<Value>(_ near: [Value]?, _ all: [Value]) -> Value {
    guard let near, !near.isEmpty, !random.chance(4) else { return random.pick(all) }
    return random.pick(near)
  }

  /// - Parameter name: the attribute's, for what policies compare it with.
  private mutating func value(_ type: CedarType, _ depth: Int, named name: String = "") -> Datum {
    let near = constants.near[ExactString(name)]
    switch type {
    case .boolean: return .bool(random.chance(2))
    case .long: return .long(pick(near?.longs, constants.longs))
    case .string: return .text(pick(near?.strings, constants.strings))
    case .entity(let names): return .entity(entity(random.pick(names)))
    case .record(let record): return .record(self.record(record, depth))
    case .set(let element):
      guard let element, depth < Self.depthMax else { return .set([]) }
      let count = Int(random.next() % 4)
      return .set(Set((0..<count).map { _ in value(element, depth + 1, named: name) }))
    case .extension(.decimal): return .decimal(pick(near?.decimals, constants.decimals))
    case .extension(.datetime): return .datetime(random.pick(constants.datetimes))
    case .extension(.duration): return .duration(random.pick(constants.durations))
    case .extension(.ipaddr): return random.pick(constants.addresses)
    }
  }
}

/// The generator of Steele, Lea and Flood (SplitMix64): small, and the same everywhere.
struct SplitMix {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
    return word ^ (word >> 31)
  }

  /// True once in `times`.
  mutating func chance(_ times: UInt64) -> Bool { next() % times == 0 }

  /// - Precondition: the list is not empty.
  mutating func pick<Element>(_ list: [Element]) -> Element {
    list[Int(next() % UInt64(list.count))]
  }
}
