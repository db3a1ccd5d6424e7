// SPDX-License-Identifier: MIT

/// Collects families at configuration time and gives each series its place. Recording later needs
/// neither names nor lookups.
public struct MetricLayout: Sendable {
  struct Family: Sendable {
    let definition: MetricDefinition
    let dimensions: [MetricDimension]
    let grid: SeriesGrid
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

  private mutating func place(
    _ definition: MetricDefinition, _ dimensions: [MetricDimension], width: Int
  ) -> SeriesGrid {
    precondition(dimensions.flatMap(\.labels) == definition.labels)
    precondition(!families.contains { $0.definition.name == definition.name })
    let grid = SeriesGrid(
      base: UInt32(slotCount), width: UInt32(width), counts: dimensions.map(\.rows.count))
    slotCount += grid.seriesCount * width
    precondition(slotCount <= MetricLayout.slotCountMaximum)
    families.append(Family(definition: definition, dimensions: dimensions, grid: grid))
    return grid
  }
}
