// SPDX-License-Identifier: MIT

/// The rules of a schema laid out for a store: types, attributes and actions by number, so that a
/// request is read against them without a look at a name that is not in its text.
final class RuleTables: Sendable {
  let view: RuleView
  private let nodes: Storage<TypeNode>
  private let fields: Storage<FieldRow>
  private let types: Storage<EntityTypeRow>
  private let choices: Storage<Value>
  private let actions: Storage<ActionRow>
  private let lists: Storage<UInt32>
  private let typeOfSymbol: Storage<UInt32>
  private let actionOfEntity: Storage<UInt32>
  private let arena: ValueArena

  /// - Parameter isValidated: whether requests must be ones that the rules allow; otherwise the
  ///   types only say how values are to be read.
  init(_ rules: RequestRules, _ store: EntityStore, isValidated: Bool) {
    var builder = RuleTablesBuilder(store)
    builder.add(rules)
    arena = builder.arena
    nodes = Storage(builder.nodes)
    fields = Storage(builder.fields)
    types = Storage(builder.types)
    choices = Storage(builder.choices)
    actions = Storage(builder.actions)
    lists = Storage(builder.lists)
    typeOfSymbol = Storage(store.typeNames.map { builder.typeNumbers[$0] ?? ImageFormat.absent })
    actionOfEntity = Storage(repeating: ImageFormat.absent, count: store.count)
    for (number, action) in rules.actions.enumerated() {
      guard let id = store.numbers[action.name] else { continue }
      actionOfEntity.cells[Int(id)] = UInt32(number)
    }
    view = RuleView(
      isPresent: true, isValidated: isValidated, nodes: nodes.cells, fields: fields.cells,
      types: types.cells, choices: choices.cells, actions: actions.cells, lists: lists.cells,
      typeOfSymbol: typeOfSymbol.cells, actionOfEntity: actionOfEntity.cells)
  }
}

/// A declared type. A kind of `none` is one that the decoder does not know.
struct TypeNode: BitwiseCopyable {
  var kind: ValueKind
  /// An entity's type, a set's type of elements, a record's first field.
  var first: UInt32 = 0
  /// A record's fields.
  var count: UInt32 = 0
  /// How many of them every value has.
  var requiredCount: UInt32 = 0

  static let unknown = TypeNode(kind: .none)
}

/// A declared attribute.
struct FieldRow: BitwiseCopyable {
  var name: Value
  var type: UInt32
  /// The program's slot for the attribute in contexts, or `absent`.
  var slot: UInt32
  var isRequired: Bool
}

struct EntityTypeRow: BitwiseCopyable {
  enum Members: UInt8 {
    case none
    case any
    case enumerated
    case actions
  }

  var name: Value
  var members: Members
  /// The run of ids that an enumerated type has.
  var choiceStart: UInt32 = 0
  var choiceCount: UInt32 = 0
}

struct ActionRow: BitwiseCopyable {
  /// Runs of type numbers.
  var principalStart: UInt32
  var principalCount: UInt32
  var resourceStart: UInt32
  var resourceCount: UInt32
  var context: TypeNode
}

/// Numbers what rules name.
private struct RuleTablesBuilder {
  private let store: EntityStore
  let arena = ValueArena()
  private(set) var nodes: [TypeNode] = []
  private(set) var fields: [FieldRow] = []
  private(set) var types: [EntityTypeRow] = []
  private(set) var choices: [Value] = []
  private(set) var actions: [ActionRow] = []
  private(set) var lists: [UInt32] = []
  private(set) var typeNumbers: [String: UInt32] = [:]

  init(_ store: EntityStore) {
    self.store = store
  }

  mutating func add(_ rules: RequestRules) {
    for (name, members) in rules.types.sorted(by: { $0.key < $1.key }) {
      var row = EntityTypeRow(name: arena.string(name), members: .any)
      switch members {
      case .any: break
      case .actions: row.members = .actions
      case .enumerated(let ids):
        row.members = .enumerated
        row.choiceStart = UInt32(choices.count)
        row.choiceCount = UInt32(ids.count)
        choices += ids.map { arena.string($0) }
      }
      typeNumbers[name] = UInt32(types.count)
      types.append(row)
    }
    for action in rules.actions {
      let principals = list(action.principals)
      let resources = list(action.resources)
      actions.append(
        ActionRow(
          principalStart: principals.start, principalCount: principals.count,
          resourceStart: resources.start, resourceCount: resources.count,
          context: record(action.context)))
    }
  }

  private mutating func list(_ names: [String]) -> (start: UInt32, count: UInt32) {
    let start = UInt32(lists.count)
    for name in names { lists.append(type(name)) }
    return (start, UInt32(names.count))
  }

  /// The number of an entity type; one that is not declared has no entities.
  private mutating func type(_ name: String) -> UInt32 {
    if let known = typeNumbers[name] { return known }
    let number = UInt32(types.count)
    typeNumbers[name] = number
    types.append(EntityTypeRow(name: arena.string(name), members: .none))
    return number
  }

  /// Recursion is bounded by the nesting of the schema's types, which its reader bounds.
  private mutating func node(_ type: DeclaredType) -> TypeNode {
    switch type {
    case .bool: return TypeNode(kind: .bool)
    case .long: return TypeNode(kind: .long)
    case .string: return TypeNode(kind: .string)
    case .decimal: return TypeNode(kind: .decimal)
    case .ip: return TypeNode(kind: .ip)
    case .datetime: return TypeNode(kind: .datetime)
    case .duration: return TypeNode(kind: .duration)
    case .entity(let name): return TypeNode(kind: .entity, first: self.type(name))
    case .set(let element): return TypeNode(kind: .set, first: number(node(element)))
    case .record(let attributes): return record(attributes)
    case .other: return .unknown
    }
  }

  private mutating func number(_ node: TypeNode) -> UInt32 {
    nodes.append(node)
    return UInt32(nodes.count - 1)
  }

  private mutating func record(_ attributes: [DeclaredAttribute]) -> TypeNode {
    guard attributes.count <= RequestReading.membersMax else { return .unknown }
    let rows = attributes.map { attribute in
      let slot = store.program.names.contextSlots[Text(attribute.name)]
      return FieldRow(
        name: arena.string(attribute.name), type: number(node(attribute.type)),
        slot: slot.map { UInt32($0) } ?? ImageFormat.absent, isRequired: attribute.isRequired)
    }
    let start = UInt32(fields.count)
    fields += rows
    return TypeNode(
      kind: .record, first: start, count: UInt32(rows.count),
      requiredCount: UInt32(rows.count(where: \.isRequired)))
  }
}
