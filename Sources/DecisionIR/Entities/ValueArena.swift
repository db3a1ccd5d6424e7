// SPDX-License-Identifier: MIT

/// Resolves entity names in data to numbers.
protocol EntityNumbering {
  mutating func entity(_ name: EntityName) -> Value
}

/// Lays data out as values in memory that grows by blocks and lives as long as the arena.
@safe
final class ValueArena: @unchecked Sendable {
  private var blocks: [Storage<Value>] = []
  private var texts: [Storage<UInt8>] = []

  init() {}

  /// Fresh cells.
  func cells(_ count: Int) -> Cells<Value> {
    let block = Storage<Value>(repeating: .none, count: count)
    blocks.append(block)
    return block.cells
  }

  func string(_ text: String) -> Value {
    let bytes = Storage(Array(text.utf8))
    texts.append(bytes)
    return .string(bytes.cells)
  }

  /// Many strings over one run of bytes.
  func strings(_ texts: [String]) -> [Value] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(texts.reduce(0) { $0 + $1.utf8.count })
    for text in texts { bytes += text.utf8 }
    let storage = Storage(bytes)
    self.texts.append(storage)
    var start = 0
    return texts.map { text in
      defer { start += text.utf8.count }
      return .string(storage.cells.slice(start, text.utf8.count))
    }
  }

  /// The value of a datum. Recursion is bounded by the nesting of the datum, which its reader
  /// bounds.
  func value<Numbering: EntityNumbering>(_ datum: Datum, _ entities: inout Numbering) -> Value {
    switch datum {
    case .bool(let flag): return .bool(flag)
    case .long(let number): return .long(number)
    case .decimal(let scaled): return .decimal(scaled: scaled)
    case .datetime(let milliseconds): return .datetime(milliseconds: milliseconds)
    case .duration(let milliseconds): return .duration(milliseconds: milliseconds)
    case .string(let text): return string(text.string)
    case .entity(let name): return entities.entity(name)
    case .set(let elements):
      let cells = self.cells(elements.count)
      for (index, element) in elements.enumerated() { cells[index] = value(element, &entities) }
      return .set(cells)
    case .record(let fields):
      let cells = self.cells(fields.count * 2)
      for (index, field) in fields.enumerated() {
        cells[index * 2] = string(field.key.string)
        cells[index * 2 + 1] = value(field.value, &entities)
      }
      return .record(cells)
    case .ip(let range): return .ip(range, cells(range.isVersion6 ? 1 : 0))
    }
  }
}
