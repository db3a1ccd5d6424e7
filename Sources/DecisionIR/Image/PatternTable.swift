// SPDX-License-Identifier: MIT

/// The `like` patterns of a program, with the failure tables that make matching linear.
///
/// Matching goes over UTF-8 bytes: a literal cannot match inside a scalar, since UTF-8 is
/// self-synchronizing.
struct PatternTable: BitwiseCopyable, Sendable {
  private let runs: Cells<RunRecord>
  /// Literals at the place of their list word; `none` is a wildcard.
  private let elements: Cells<Value>
  /// Start of the failure table of the literal at the same place.
  private let failureStarts: Cells<UInt32>
  private let failures: Cells<UInt32>

  /// What keeps a table's memory alive.
  struct Owner: Sendable {
    let elements: Storage<Value>
    let failureStarts: Storage<UInt32>
    let failures: Storage<UInt32>
  }

  init(_ sections: Sections, _ owner: Owner) {
    runs = sections.patterns
    elements = owner.elements.cells
    failureStarts = owner.failureStarts.cells
    failures = owner.failures.cells
  }

  /// Builds the tables of all patterns.
  static func build(_ sections: Sections, _ strings: Storage<Value>) -> Owner {
    let runs = sections.patterns
    let elements = Storage<Value>(repeating: .none, count: sections.lists.count)
    let failureStarts = Storage<UInt32>(repeating: 0, count: sections.lists.count)
    var table: [UInt32] = []
    for number in 0..<runs.count {
      for place in Int(runs[number].start)..<Int(runs[number].start + runs[number].count) {
        let word = sections.lists[place]
        guard word != ImageFormat.absent else { continue }
        elements.cells[place] = strings.cells[Int(word)]
        failureStarts.cells[place] = UInt32(table.count)
        table += failureTable(strings.cells[Int(word)].bytes)
      }
    }
    return Owner(elements: elements, failureStarts: failureStarts, failures: Storage(table))
  }

  /// For each prefix the length of its longest proper border (Knuth, Morris, Pratt).
  private static func failureTable(_ literal: Cells<UInt8>) -> [UInt32] {
    var table = [UInt32](repeating: 0, count: literal.count)
    var border = 0
    var index = 1
    while index < literal.count {
      while border > 0, literal[index] != literal[border] { border = Int(table[border - 1]) }
      if literal[index] == literal[border] { border += 1 }
      table[index] = UInt32(border)
      index += 1
    }
    return table
  }

  /// Whether the whole of `subject` matches pattern `number`, in time linear in both.
  func matches(_ subject: Cells<UInt8>, _ number: Int) -> Bool {
    let first = Int(runs[number].start)
    let last = first + Int(runs[number].count)
    guard last > first else { return subject.count == 0 }
    var place = first
    var start = 0
    var end = subject.count
    if elements[place].isKind(.string) {
      let head = elements[place].bytes
      if last == first + 1 { return head.count == end && equal(subject, 0, head) }
      guard head.count <= end, equal(subject, 0, head) else { return false }
      start = head.count
      place += 1
    }
    var stop = last
    if elements[last - 1].isKind(.string) {
      let tail = elements[last - 1].bytes
      guard tail.count <= end - start, equal(subject, end - tail.count, tail) else { return false }
      end -= tail.count
      stop -= 1
    }
    while place < stop {
      if elements[place].isKind(.string) {
        guard let found = search(subject, start, end, place) else { return false }
        start = found
      }
      place += 1
    }
    return true
  }

  private func equal(_ subject: Cells<UInt8>, _ offset: Int, _ literal: Cells<UInt8>) -> Bool {
    var index = 0
    while index < literal.count {
      if subject[offset &+ index] != literal[index] { return false }
      index &+= 1
    }
    return true
  }

  /// The end of the first occurrence of the literal at `place` in `subject[start..<end]`.
  private func search(_ subject: Cells<UInt8>, _ start: Int, _ end: Int, _ place: Int) -> Int? {
    let literal = elements[place].bytes
    guard literal.count > 0 else { return start }
    let table = failures.slice(Int(failureStarts[place]), literal.count)
    var matched = 0
    var index = start
    while index < end {
      // `matched` is less than the literal's count here, and the table stays below it.
      let byte = subject[unchecked: index]
      while matched > 0, literal[unchecked: matched] != byte {
        matched = Int(table[unchecked: matched &- 1])
      }
      if literal[unchecked: matched] == byte { matched &+= 1 }
      index &+= 1
      if matched == literal.count { return index }
    }
    return nil
  }
}
