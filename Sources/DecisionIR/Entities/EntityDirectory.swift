// SPDX-License-Identifier: MIT

/// Finds types and entities by the bytes of their names, without making strings: what turns the
/// text of a request into numbers.
final class EntityDirectory: Sendable {
  let view: EntityDirectoryView
  private let types: Storage<Value>
  private let ids: Storage<Value>
  private let entityTypes: Storage<UInt32>
  private let slots: Storage<UInt32>
  private let arena = ValueArena()

  /// - Parameters:
  ///   - names: by entity number.
  ///   - symbols: the type symbol of each entity.
  init(names: [EntityName], symbols: [UInt32], typeNames: [String]) {
    types = Storage(arena.strings(typeNames))
    ids = Storage(arena.strings(names.map(\.id.string)))
    entityTypes = Storage(symbols)
    var size = 4
    while size < names.count * 2 { size *= 2 }
    slots = Storage(repeating: 0, count: size)
    view = EntityDirectoryView(
      types: types.cells, ids: ids.cells, entityTypes: entityTypes.cells, slots: slots.cells,
      mask: size - 1)
    for index in names.indices {
      var slot = view.slot(symbols[index], ids.cells[index])
      while slots.cells[slot] != 0 { slot = (slot + 1) & view.mask }
      slots.cells[slot] = UInt32(index + 1)
    }
  }
}

/// The tables of a directory as plain cells.
struct EntityDirectoryView: BitwiseCopyable, Sendable {
  /// Type names as strings, by type symbol.
  let types: Cells<Value>
  /// Ids as strings, by entity number.
  let ids: Cells<Value>
  let entityTypes: Cells<UInt32>
  /// Open addressing: entity number + 1, or 0 when free.
  let slots: Cells<UInt32>
  let mask: Int

  func slot(_ type: UInt32, _ id: Value) -> Int {
    Int(Hash.mix(id.header ^ UInt64(type) &* Hash.multiplier)) & mask
  }

  /// The symbol of a type, or nil. Programs and stores have few types.
  func type(_ name: Value) -> UInt32? {
    var index = 0
    while index < types.count {
      if Value.same(types[index], name) { return UInt32(truncatingIfNeeded: index) }
      index &+= 1
    }
    return nil
  }

  /// The number of an entity, or nil.
  func entity(type: UInt32, id: Value) -> UInt32? {
    var slot = self.slot(type, id)
    while true {
      let found = slots[slot]
      if found == 0 { return nil }
      let number = Int(found) &- 1
      if entityTypes[number] == type, Value.same(ids[number], id) {
        return UInt32(truncatingIfNeeded: number)
      }
      slot = (slot &+ 1) & mask
    }
  }
}
