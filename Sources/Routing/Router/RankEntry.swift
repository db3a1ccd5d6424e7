// SPDX-License-Identifier: MIT

/// What a model or a deployment is ranked by. The order is total: no two entries of one list have
/// the same `identity`.
struct RankEntry: BitwiseCopyable {
  /// 0 for the candidates of the request, 1 for those of a fallback group.
  var tier: Int64 = 0
  var priority: Int64 = 0
  var score: Int64 = 0
  var price: Int64 = 0
  /// Models are numbered in order of name.
  var identity: UInt16 = 0
  /// Place in the list of candidates.
  var place: UInt16 = 0

  @inline(__always)
  static func precedes(_ left: RankEntry, _ right: RankEntry) -> Bool {
    if left.tier != right.tier { return left.tier < right.tier }
    if left.priority != right.priority { return left.priority > right.priority }
    if left.score != right.score { return left.score < right.score }
    if left.price != right.price { return left.price < right.price }
    return left.identity < right.identity
  }
}

/// The best sixteen of what is offered, in order: no plan is longer. Inserting costs one
/// comparison for what is too far behind, which most of a hundred candidates are.
struct BestEntries {
  static let capacity = RoutePlan.attemptsMaximum

  private let entries: Scratch<RankEntry>

  init() { entries = Scratch(repeating: RankEntry(), count: Self.capacity) }

  subscript(index: Int) -> RankEntry { entries[index] }

  @inline(__always)
  func offer(_ entry: RankEntry, count: inout Int) {
    var position = count
    if position == Self.capacity {
      if !RankEntry.precedes(entry, entries[position - 1]) { return }
      position -= 1
    } else {
      count += 1
    }
    while position > 0, RankEntry.precedes(entry, entries[position - 1]) {
      entries[position] = entries[position - 1]
      position -= 1
    }
    entries[position] = entry
  }

  func deallocate() { entries.deallocate() }
}
