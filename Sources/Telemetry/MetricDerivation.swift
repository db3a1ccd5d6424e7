// SPDX-License-Identifier: MIT

/// Families that are worked out when they are shown, from what others have recorded: the request
/// path pays for one record where the conventions know several names for it.
struct MetricDerivation: Sendable {
  /// What of a recorded series goes in.
  enum Part: Sendable {
    /// A counter's or gauge's value.
    case value
    /// A histogram's sum of values.
    case sum
    /// Its number of values.
    case count
    /// All its buckets and its sum.
    case histogram
  }

  struct Term: Sendable {
    /// The first slot of the series.
    let slot: UInt32
    let part: Part
    /// Buckets of the series; 0 for what is no histogram.
    let boundaryCount: UInt32
    var isSubtracted = false
  }

  /// What each series is the sum of, in the order of the family's grid.
  let terms: [[Term]]
}

extension CounterSeries {
  var term: MetricDerivation.Term { .init(slot: slot, part: .value, boundaryCount: 0) }
}

extension HistogramSeries {
  var term: MetricDerivation.Term {
    .init(slot: slot, part: .histogram, boundaryCount: boundaryCount)
  }

  var sumTerm: MetricDerivation.Term {
    .init(slot: slot, part: .sum, boundaryCount: boundaryCount)
  }

  var countTerm: MetricDerivation.Term {
    .init(slot: slot, part: .count, boundaryCount: boundaryCount)
  }
}

/// What one series shows, summed over all shards.
enum MetricValue: Equatable {
  case number(Int64)
  /// Counts by bucket, the one without a bound last, and the sum of all values.
  case histogram(counts: [Int64], sum: Int64)

  /// Whether nothing was ever recorded in it.
  var isZero: Bool {
    switch self {
    case .number(let value): value == 0
    case .histogram(let counts, _): counts.allSatisfy { $0 == 0 }
    }
  }
}

extension MetricRegistry {
  /// What the series at `index` of a family shows.
  func value(_ index: Int, of family: MetricLayout.Family) -> MetricValue {
    let width = Int(family.grid.width)
    guard let derivation = family.derivation else {
      let slot = Int(family.grid.base) + index * width
      guard family.definition.kind == .histogram else { return .number(total(slot)) }
      return .histogram(
        counts: (0..<width - 1).map { total(slot + $0) }, sum: total(slot + width - 1))
    }
    guard family.definition.kind == .histogram else {
      return .number(derivation.terms[index].reduce(0) { $0 &+ number($1) })
    }
    var counts = [Int64](repeating: 0, count: family.definition.boundaries.count + 1)
    var sum: Int64 = 0
    for term in derivation.terms[index] {
      for bucket in counts.indices { counts[bucket] &+= total(Int(term.slot) + bucket) }
      sum &+= total(Int(term.slot) + counts.count)
    }
    return .histogram(counts: counts, sum: sum)
  }

  private func number(_ term: MetricDerivation.Term) -> Int64 {
    let slot = Int(term.slot)
    let buckets = Int(term.boundaryCount) + 1
    let value: Int64 =
      switch term.part {
      case .value: total(slot)
      case .sum: total(slot + buckets)
      case .count, .histogram: (0..<buckets).reduce(0) { $0 &+ total(slot + $1) }
      }
    return term.isSubtracted ? 0 &- value : value
  }
}

extension MetricLayout.Family {
  /// The labels of a series with their values; those without a value are left out.
  func labels(of series: Int) -> [(name: String, value: String)] {
    var pairs: [(name: String, value: String)] = []
    var divisor = grid.seriesCount
    var rest = series
    for dimension in dimensions {
      divisor /= dimension.rows.count
      let row = dimension.rows[rest / divisor]
      rest %= divisor
      for (label, value) in zip(dimension.labels, row) where !value.isEmpty {
        pairs.append((label, value))
      }
    }
    return pairs
  }
}
