// SPDX-License-Identifier: MIT

internal import Bytes

/// Names to what they stand for: a hash table with linear probing, at most half full, that never
/// changes after it is built and compares bytes without making a `String`.
struct NameTable: Sendable {
  struct Slot: BitwiseCopyable, Sendable {
    var name: ByteView
    var target: CatalogName
    var isUsed: Bool
  }

  private let slots: FrozenTable<Slot>
  private let mask: Int

  /// - Precondition: the names are distinct.
  init(_ entries: [(name: ByteView, target: CatalogName)]) {
    var capacity = 16
    while capacity < entries.count * 2 { capacity *= 2 }
    let unused = Slot(name: .empty, target: .model(ModelIndex(rawValue: 0)), isUsed: false)
    var slots = [Slot](repeating: unused, count: capacity)
    for entry in entries {
      var position = Int(truncatingIfNeeded: Self.hash(entry.name)) & (capacity - 1)
      while slots[position].isUsed { position = (position + 1) & (capacity - 1) }
      slots[position] = Slot(name: entry.name, target: entry.target, isUsed: true)
    }
    self.slots = FrozenTable(slots)
    mask = capacity - 1
  }

  func find(_ name: ByteView) -> CatalogName? {
    var position = Int(truncatingIfNeeded: Self.hash(name)) & mask
    while true {
      let slot = slots[position]
      if !slot.isUsed { return nil }
      if slot.name.equals(name) { return slot.target }
      position = (position + 1) & mask
    }
  }

  func deallocate() { slots.deallocate() }

  /// FNV-1a with a final fold. The table's keys come from the configuration, so a caller can
  /// make one look-up slow at most as long as the longest cluster there.
  private static func hash(_ name: ByteView) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for index in 0..<name.count { hash = (hash ^ UInt64(name[index])) &* 0x100_0000_01b3 }
    return hash ^ (hash >> 32)
  }
}
