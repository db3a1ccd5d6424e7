// SPDX-License-Identifier: MIT

/// What is going to happen in a world, by time and, at one instant, in the order it was noted.
struct Agenda {
  private struct Entry {
    let nanoseconds: UInt64
    let sequence: UInt64
    let action: () -> Void

    func isBefore(_ other: Entry) -> Bool {
      nanoseconds == other.nanoseconds
        ? sequence < other.sequence : nanoseconds < other.nanoseconds
    }
  }

  /// A binary heap.
  private var entries: [Entry] = []
  private var sequence: UInt64 = 0

  var nextNanoseconds: UInt64? { entries.first?.nanoseconds }

  mutating func add(at nanoseconds: UInt64, _ action: @escaping () -> Void) {
    entries.append(Entry(nanoseconds: nanoseconds, sequence: sequence, action: action))
    sequence += 1
    var child = entries.count - 1
    while child > 0 {
      let parent = (child - 1) / 2
      if entries[parent].isBefore(entries[child]) { break }
      entries.swapAt(parent, child)
      child = parent
    }
  }

  /// Takes the first entry out if it is due at `nanoseconds`.
  mutating func takeDue(at nanoseconds: UInt64) -> (() -> Void)? {
    guard let first = entries.first, first.nanoseconds <= nanoseconds else { return nil }
    let last = entries.removeLast()
    if entries.isEmpty { return first.action }
    entries[0] = last
    sink()
    return first.action
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var least = parent
      for child in [2 * parent + 1, 2 * parent + 2]
      where child < entries.count && entries[child].isBefore(entries[least]) {
        least = child
      }
      if least == parent { return }
      entries.swapAt(parent, least)
      parent = least
    }
  }
}
