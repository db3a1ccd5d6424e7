// SPDX-License-Identifier: MIT

/// Where things of a catalogue are counted: each that is configured in a row of its own, in their
/// order, and behind them those that lists of models have brought in, in few rows that they share.
/// So an upstream's list does not decide how many series there are, and rows stay when it changes.
struct MetricRows {
  private var rows: [UInt16] = []

  /// - Parameter shared: for each thing, the row that it shares; nil for one of its own.
  init(_ shared: [Int?]) {
    let ownCount = shared.count { $0 == nil }
    var next = 0
    for row in shared {
      rows.append(UInt16(clamping: row.map { ownCount + $0 } ?? next))
      if row == nil { next += 1 }
    }
  }

  subscript(position: Int) -> UInt16 { rows[position] }
}

extension CatalogDescription {
  /// The providers of models that lists bring in, each once: each has a row in the metrics.
  public var discoveredProviders: [String] {
    var names: [String] = []
    for discovery in discoveries where !names.contains(discovery.provider) {
      names.append(discovery.provider)
    }
    return names
  }
}
