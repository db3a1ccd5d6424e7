// SPDX-License-Identifier: MIT

/// One request, encoded for a store: entities by number, scope keys looked up, context by slot.
/// Can be decided many times.
public final class AuthorizationRequest {
  /// What decisions read, apart from the context.
  var parts: RequestParts
  /// The context; may be set anew between decisions.
  public let context: ContextFrame
  /// Names of the request's entities that the store does not know, by number from
  /// `EntityView.localBase`.
  var unknownNames: [EntityName]
  private let store: EntityStore
  private let arena = ValueArena()
  private let ownKeys: [Storage<UInt32>]
  private let ownActionBits: Storage<UInt64>

  /// Encodes a request.
  ///
  /// - Parameter context: the context's attributes; nesting must be bounded by its reader.
  public init(
    store: EntityStore, principal: EntityName, action: EntityName, resource: EntityName,
    context: [Text: Datum] = [:]
  ) {
    self.store = store
    var locals = LocalEntities(store)
    let principal = locals.view(principal)
    let action = locals.view(action)
    let resource = locals.view(resource)
    let program = store.program
    ownKeys = [
      Self.keys(principal, program.index.principal), Self.keys(resource, program.index.resource),
    ]
    ownActionBits = ActionBits.bits(of: action, program.sections)
    parts = RequestParts(
      principal: principal, action: action, resource: resource,
      principalKeys: ownKeys[0].cells, resourceKeys: ownKeys[1].cells,
      actionBits: ownActionBits.cells)
    self.context = ContextFrame(program: program)
    for (name, datum) in context {
      if let slot = program.names.contextSlots[name] {
        self.context.slots.cells[slot] = arena.value(datum, &locals)
      }
    }
    if program.usesWholeContext {
      self.context.record = arena.value(.record(context), &locals)
    }
    unknownNames = locals.names
  }

  /// A request about nobody, for a decoder to fill in.
  init(store: EntityStore) {
    self.store = store
    let nobody = EntityView.unknown(id: EntityView.localBase, type: ImageFormat.absent)
    ownKeys = []
    ownActionBits = Storage([])
    parts = RequestParts(
      principal: nobody, action: nobody, resource: nobody, principalKeys: .empty,
      resourceKeys: .empty, actionBits: .empty)
    context = ContextFrame(program: store.program)
    unknownNames = []
  }

  private static func keys(_ view: EntityView, _ lookup: KeyLookup) -> Storage<UInt32> {
    let ancestors = (0..<view.ancestors.count).map { view.ancestors[$0] }
    return Storage(lookup.keys(type: view.type, id: view.id, ancestors: ancestors))
  }
}

/// A request's entities and what follows from them. Borrowed: good as long as the store and the
/// request.
struct RequestParts: BitwiseCopyable {
  var principal: EntityView
  var action: EntityView
  var resource: EntityView
  /// The scope keys that the entity answers to, ascending.
  var principalKeys: Cells<UInt32>
  var resourceKeys: Cells<UInt32>
  /// A bit per action scope of the program that the action satisfies.
  var actionBits: Cells<UInt64>
}

/// Numbers the entities of a request, those the store does not know included.
private struct LocalEntities: EntityNumbering {
  private let store: EntityStore
  private(set) var names: [EntityName] = []

  init(_ store: EntityStore) {
    self.store = store
  }

  mutating func view(_ name: EntityName) -> EntityView {
    if let view = store.view(of: name) { return view }
    let place = names.firstIndex(of: name) ?? names.count
    if place == names.count { names.append(name) }
    return .unknown(id: EntityView.localBase + UInt32(place), type: store.type(name.type))
  }

  mutating func entity(_ name: EntityName) -> Value { view(name).value }
}

/// Which action scopes an action satisfies.
enum ActionBits {
  static func bits(of action: EntityView, _ sections: Sections) -> Storage<UInt64> {
    let bits = Storage<UInt64>(repeating: 0, count: (sections.actions.count + 63) / 64)
    for number in 0..<sections.actions.count where holds(sections.actions[number], action, sections)
    {
      bits.cells[number / 64] |= 1 << UInt64(number % 64)
    }
    return bits
  }

  private static func holds(
    _ scope: ActionRecord, _ action: EntityView, _ sections: Sections
  ) -> Bool {
    if scope.kind == 0 { return true }
    return (Int(scope.start)..<Int(scope.start + scope.count)).contains { place in
      let id = sections.lists[place]
      return scope.kind == 1 ? action.id == id : action.isIn(id)
    }
  }
}
