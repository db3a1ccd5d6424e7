// SPDX-License-Identifier: MIT

/// Collects families at configuration time and gives each series its place. Recording later needs
/// neither names nor lookups.
public struct MetricLayout: Sendable {
  struct Family: Sendable {
    let definition: MetricDefinition
    let dimensions: [MetricDimension]
    let grid: SeriesGrid
    /// Nil for what is recorded itself.
    var derivation: MetricDerivation?
    /// What others are derived from need not be shown itself.
    var isShown = true
  }

  private(set) var families: [Family] = []
  private(set) var slotCount = 0
  private(set) var boundaries: [Int64] = []

  /// Over all families of one registry: 16 million slots are 128 MiB per shard.
  public static let slotCountMaximum = 1 << 24

  public init() {}

  public mutating func counter(
    _ definition: MetricDefinition, _ dimensions: MetricDimension...
  ) -> CounterFamily {
    precondition(definition.kind == .counter)
    return CounterFamily(grid: place(definition, dimensions, width: 1))
  }

  public mutating func gauge(
    _ definition: MetricDefinition, _ dimensions: MetricDimension...
  ) -> GaugeFamily {
    precondition(definition.kind == .gauge)
    return GaugeFamily(grid: place(definition, dimensions, width: 1))
  }

  public mutating func histogram(
    _ definition: MetricDefinition, _ dimensions: MetricDimension...
  ) -> HistogramFamily {
    precondition(definition.kind == .histogram)
    let count = definition.boundaries.count
    let start = boundaries.count
    boundaries += definition.boundaries
    return HistogramFamily(
      grid: place(definition, dimensions, width: count + 2), boundaryStart: UInt32(start),
      boundaryCount: UInt32(count))
  }

  /// A family that is shown, but not recorded.
  ///
  /// - Parameter terms: what the series at the rows given is the sum of.
  mutating func derived(
    _ definition: MetricDefinition, _ dimensions: [MetricDimension],
    _ terms: (_ rows: [Int]) -> [MetricDerivation.Term]
  ) {
    let grid = SeriesGrid(base: 0, width: 0, counts: dimensions.map(\.rows.count))
    var all: [[MetricDerivation.Term]] = []
    for index in 0..<grid.seriesCount {
      var rows: [Int] = []
      var rest = index
      for dimension in dimensions.reversed() {
        rows.insert(rest % dimension.rows.count, at: 0)
        rest /= dimension.rows.count
      }
      all.append(terms(rows))
    }
    append(
      Family(
        definition: definition, dimensions: dimensions, grid: grid,
        derivation: MetricDerivation(terms: all)))
  }

  /// Leaves a family out of what is shown; it is recorded all the same.
  mutating func hide(_ definition: MetricDefinition) {
    guard let index = families.firstIndex(where: { $0.definition.name == definition.name }) else {
      preconditionFailure("the family has no place")
    }
    families[index].isShown = false
  }

  private mutating func place(
    _ definition: MetricDefinition, _ dimensions: [MetricDimension], width: Int
  ) -> SeriesGrid {
    let grid = SeriesGrid(
      base: UInt32(slotCount), width: UInt32(width), counts: dimensions.map(\.rows.count))
    slotCount += grid.seriesCount * width
    precondition(slotCount <= MetricLayout.slotCountMaximum)
    append(Family(definition: definition, dimensions: dimensions, grid: grid))
    return grid
  }

  private mutating func append(_ family: Family) {
    precondition(family.dimensions.flatMap(\.labels) == family.definition.labels)
    precondition(!families.contains { $0.definition.name == family.definition.name })
    families.append(family)
  }
}
