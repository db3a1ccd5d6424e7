// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import ModelCatalog

/// Per key, the models that it may ask for, as bits.
struct ModelSets: Sendable {
  /// First word of a key's bits; -1 when the key may ask for everything.
  private let starts: FrozenTable<Int32>
  private let words: FrozenTable<UInt64>

  init(keys: KeyTable, catalog: Catalog) {
    let width = (catalog.modelCount + 63) / 64
    var starts: [Int32] = []
    var words: [UInt64] = []
    var known: [[String]: Int32] = [:]
    for position in 0..<keys.count {
      let index = KeyIndex(rawValue: UInt32(position))
      let names = keys.allowedModels(of: index)
      if names.isEmpty {
        starts.append(-1)
      } else if let start = known[names] {
        starts.append(start)
      } else {
        let start = Int32(words.count)
        known[names] = start
        starts.append(start)
        words += Self.bits(names, catalog, width)
      }
    }
    self.starts = FrozenTable(starts)
    self.words = FrozenTable(words)
  }

  private static func bits(_ names: [String], _ catalog: Catalog, _ width: Int) -> [UInt64] {
    var bits = [UInt64](repeating: 0, count: width)
    func add(_ model: ModelIndex) {
      bits[Int(model.rawValue) / 64] |= 1 << UInt64(model.rawValue % 64)
    }
    for name in names {
      name.withByteView { view in
        switch catalog.lookup(view) {
        case .model(let model): add(model)
        case .group(let group):
          for member in catalog.group(group).members { add(catalog.groupMember(member)) }
        case nil:
          // Of patterns no key has a bit: the name that is asked for counts.
          for position in 0..<catalog.namedModelCount {
            let model = ModelIndex(rawValue: UInt16(position))
            if Glob.matches(pattern: view, name: catalog.model(model).name) { add(model) }
          }
        }
      }
    }
    return bits
  }

  @inline(__always)
  func contains(_ model: ModelIndex, of key: KeyIndex) -> Bool {
    let start = starts[Int(key.rawValue)]
    if start < 0 { return true }
    return words[Int(start) + Int(model.rawValue) / 64] >> UInt64(model.rawValue % 64) & 1 == 1
  }

  func deallocate() {
    starts.deallocate()
    words.deallocate()
  }
}
