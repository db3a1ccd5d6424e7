// SPDX-License-Identifier: MIT

/// The tables of the rules as plain cells; without rules all of them are empty.
struct RuleView: BitwiseCopyable, Sendable {
  let isPresent: Bool
  /// Whether what the rules do not allow is refused.
  let isValidated: Bool
  let nodes: Cells<TypeNode>
  let fields: Cells<FieldRow>
  let types: Cells<EntityTypeRow>
  let choices: Cells<Value>
  let actions: Cells<ActionRow>
  /// Numbers of types.
  let lists: Cells<UInt32>
  /// Number of the declared type by the store's symbol of a type; `absent` where it is not
  /// declared.
  let typeOfSymbol: Cells<UInt32>
  /// Number of the declared action by the store's number of an entity; `absent` where it is none.
  let actionOfEntity: Cells<UInt32>

  static let none = RuleView(
    isPresent: false, isValidated: false, nodes: .empty, fields: .empty, types: .empty,
    choices: .empty, actions: .empty, lists: .empty, typeOfSymbol: .empty,
    actionOfEntity: .empty)

  /// The number of a declared type that the store may not know.
  func type(named name: Value) -> UInt32 {
    for number in 0..<types.count where Value.same(types[number].name, name) {
      return UInt32(truncatingIfNeeded: number)
    }
    return ImageFormat.absent
  }

  /// Where a record has the attribute, or nil. Mostly it stands behind the one read before.
  ///
  /// - Parameter guess: where to look first.
  @inline(__always)
  func place(of key: Cells<UInt8>, in record: TypeNode, guess: Int) -> Int? {
    let start = Int(record.first)
    let count = Int(record.count)
    if guess < count, Cells.same(fields[start &+ guess].name.bytes, key) { return guess }
    var place = 0
    while place < count {
      if Cells.same(fields[start &+ place].name.bytes, key) { return place }
      place &+= 1
    }
    return nil
  }

  /// Whether the ids of an enumerated type hold one.
  func holds(_ type: EntityTypeRow, _ id: Value) -> Bool {
    for place in 0..<Int(type.choiceCount)
    where Value.same(choices[Int(type.choiceStart) &+ place], id) { return true }
    return false
  }
}
