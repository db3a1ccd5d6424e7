// SPDX-License-Identifier: MIT

public import Bytes

/// Every accepted key, immutable; a change of keys makes a new table.
public final class KeyTable: Sendable {
  /// A slot holds a key's index plus one; 0 is empty.
  private let slots: FrozenTable<UInt32>
  private let mask: Int
  @usableFromInline let records: FrozenTable<KeyRecord>
  private let arena: TextArena
  private let allowed: [[String]]

  public static let keysMaximum = 1_000_000

  /// - Throws: `KeyTableError` when two keys have the same digest or name, or there are too many.
  public init(_ descriptions: [KeyDescription]) throws(KeyTableError) {
    guard descriptions.count <= Self.keysMaximum else { throw .tooManyKeys }
    let arena = TextArena()
    var rows: [KeyRecord] = []
    var names: Set<String> = []
    var digests: Set<KeyDigest> = []
    for key in descriptions {
      guard names.insert(key.name).inserted else { throw .duplicateName(key.name) }
      guard digests.insert(key.digest).inserted else { throw .duplicateKey(key.name) }
      rows.append(
        KeyRecord(
          index: KeyIndex(rawValue: UInt32(rows.count)), digest: key.digest,
          name: arena.intern(key.name), user: arena.intern(key.user),
          team: arena.intern(key.team), isLoopbackOnly: key.isLoopbackOnly,
          budgetCedarDecimal: key.budgetCedarDecimal,
          latencySLAMilliseconds: key.latencySLAMilliseconds,
          hasAllowedModels: !key.allowedModels.isEmpty))
    }
    var capacity = 16
    while capacity < rows.count * 2 { capacity *= 2 }
    var slots = [UInt32](repeating: 0, count: capacity)
    for row in rows {
      var position = row.digest.bucketSeed & (capacity - 1)
      while slots[position] != 0 { position = (position + 1) & (capacity - 1) }
      slots[position] = row.index.rawValue + 1
    }
    self.slots = FrozenTable(slots)
    mask = capacity - 1
    records = FrozenTable(rows)
    self.arena = arena
    allowed = descriptions.map(\.allowedModels)
  }

  deinit {
    slots.deallocate()
    records.deallocate()
  }

  public var count: Int { records.count }

  @inlinable public func record(_ index: KeyIndex) -> KeyRecord { records[Int(index.rawValue)] }

  /// The key whose digest this is. Each candidate is compared in constant time; how many
  /// candidates there are depends on the digest alone, which a caller cannot steer towards a
  /// stored one without inverting SHA-256. Allocates nothing.
  public func lookup(_ digest: KeyDigest) -> KeyIndex? {
    var position = digest.bucketSeed & mask
    while true {
      let slot = slots[position]
      if slot == 0 { return nil }
      if records[Int(slot) - 1].digest == digest { return KeyIndex(rawValue: slot - 1) }
      position = (position + 1) & mask
    }
  }

  /// The names, groups and globs that the key may ask for; empty means every model.
  public func allowedModels(of index: KeyIndex) -> [String] { allowed[Int(index.rawValue)] }
}

/// Why descriptions are not a key table.
public enum KeyTableError: Error, Hashable, Sendable {
  case duplicateName(String)
  case duplicateKey(String)
  case tooManyKeys
}
