// SPDX-License-Identifier: MIT

/// The entities of a snapshot, laid out for one program: dense numbers (those that policies name
/// come first), one row of attribute values per entity, all ancestors, the scope keys it answers
/// to. Immutable, shared by threads.
public final class EntityStore: Sendable {
  /// The program the store is laid out for.
  public let program: Program
  let views: Storage<EntityView>
  let names: [EntityName]
  let numbers: [EntityName: UInt32]
  let typeNumbers: [Text: UInt32]
  let typeNames: [String]
  let directory: EntityDirectory
  let principalKeys: KeyLists
  let resourceKeys: KeyLists
  private let arena: ValueArena
  private let layouts: Storage<UInt16>
  private let rows: Storage<Value>
  private let ancestors: Storage<UInt32>

  /// Lays entities out for a program.
  ///
  /// - Throws: `EntityError` for a cycle among parents or two entities of one name that differ.
  public init(program: Program, entities: [EntityData] = []) throws(EntityError) {
    self.program = program
    var builder = EntityStoreBuilder(program)
    try builder.add(entities)
    let closure = try builder.closure()
    ancestors = Storage(closure.flatMap { $0 })
    arena = ValueArena()
    (layouts, rows) = builder.layOut(arena)
    names = builder.names
    numbers = builder.numbers
    typeNumbers = builder.typeNumbers
    typeNames = builder.typeNames
    directory = EntityDirectory(
      names: names, symbols: builder.types, typeNames: builder.typeNames)
    views = builder.views(layouts, rows, ancestors, closure, arena)
    let cells = views.cells
    principalKeys = KeyLists(program.index.principal, cells, closure)
    resourceKeys = KeyLists(program.index.resource, cells, closure)
  }

  /// The number of entities, those that policies name included.
  public var count: Int { names.count }

  func view(of name: EntityName) -> EntityView? {
    numbers[name].map { views.cells[Int($0)] }
  }

  /// The type symbol of a type name; a symbol that nothing has for an unknown one.
  func type(_ name: String) -> UInt32 {
    typeNumbers[Text(name)] ?? ImageFormat.absent
  }
}

/// The scope keys of each entity, ascending.
struct KeyLists: Sendable {
  private let starts: Storage<UInt32>
  private let keys: Storage<UInt32>

  init(_ lookup: KeyLookup, _ views: Cells<EntityView>, _ closure: [[UInt32]]) {
    var starts: [UInt32] = [0]
    var keys: [UInt32] = []
    for index in 0..<views.count {
      let view = views[index]
      keys += lookup.keys(
        type: view.type, id: view.id, ancestors: index < closure.count ? closure[index] : [])
      starts.append(UInt32(keys.count))
    }
    self.starts = Storage(starts)
    self.keys = Storage(keys)
  }

  /// The keys of entity `id`.
  func keys(of id: UInt32) -> Cells<UInt32> {
    let start = Int(starts.cells[Int(id)])
    return keys.cells.slice(start, Int(starts.cells[Int(id) + 1]) - start)
  }
}
