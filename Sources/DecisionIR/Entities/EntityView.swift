// SPDX-License-Identifier: MIT

/// Where the evaluator finds what an entity is made of. Borrowed: good as long as its store, its
/// prepared principal or its table.
struct EntityView: BitwiseCopyable, Sendable {
  /// Its number; unknown entities get numbers from `localBase` on.
  var id: UInt32
  var type: UInt32
  /// Whether the store (or the request) knows it.
  var exists: Bool
  /// Attribute number → column + 1, 0 when the type has no such attribute.
  var layout: Cells<UInt16>
  /// The columns; `none` where this entity lacks the attribute.
  var row: Cells<Value>
  /// All ancestors, ascending.
  var ancestors: Cells<UInt32>
  /// The tags as a record; `none` when there are none.
  var tags: Value

  /// Numbers of entities that neither policies nor store know begin here.
  static let localBase: UInt32 = 0x8000_0000

  static func unknown(id: UInt32, type: UInt32) -> EntityView {
    EntityView(
      id: id, type: type, exists: false, layout: .empty, row: .empty, ancestors: .empty,
      tags: .none)
  }

  var value: Value { .entity(id, type: type) }

  /// The value of attribute `number`, or `none`.
  @inline(__always)
  func attribute(_ number: Int) -> Value {
    guard number < layout.count else { return .none }
    let column = Int(layout[number])
    return column == 0 ? .none : row[column &- 1]
  }

  /// Whether `ancestor` is the entity itself or above it.
  @inline(__always)
  func isIn(_ ancestor: UInt32) -> Bool {
    if id == ancestor { return true }
    var low = 0
    var high = ancestors.count
    while low < high {
      let middle = (low &+ high) / 2
      let found = ancestors[middle]
      if found == ancestor { return true }
      if found < ancestor { low = middle &+ 1 } else { high = middle }
    }
    return false
  }
}
