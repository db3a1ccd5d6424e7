// SPDX-License-Identifier: MIT

/// Where the series of one family lie in every shard: a dense grid of up to three axes.
@frozen
public struct SeriesGrid: Sendable {
  @usableFromInline let base: UInt32
  /// Slots per series.
  @usableFromInline let width: UInt32
  @usableFromInline let count0: UInt32
  @usableFromInline let count1: UInt32
  @usableFromInline let count2: UInt32

  init(base: UInt32, width: UInt32, counts: [Int]) {
    precondition(counts.count <= SeriesGrid.axisCountMaximum)
    self.base = base
    self.width = width
    count0 = UInt32(counts.count > 0 ? counts[0] : 1)
    count1 = UInt32(counts.count > 1 ? counts[1] : 1)
    count2 = UInt32(counts.count > 2 ? counts[2] : 1)
  }

  static let axisCountMaximum = 3

  var seriesCount: Int { Int(count0) * Int(count1) * Int(count2) }

  /// - Precondition: each row exists on its axis; an axis that the family lacks has row 0 only.
  @inlinable @inline(__always)
  func slot(_ row0: Int, _ row1: Int, _ row2: Int) -> UInt32 {
    precondition(
      UInt(bitPattern: row0) < UInt(count0) && UInt(bitPattern: row1) < UInt(count1)
        && UInt(bitPattern: row2) < UInt(count2))
    let series =
      (UInt32(truncatingIfNeeded: row0) &* count1 &+ UInt32(truncatingIfNeeded: row1)) &* count2
      &+ UInt32(truncatingIfNeeded: row2)
    return base &+ series &* width
  }
}

@frozen
public struct CounterFamily: Sendable {
  @usableFromInline let grid: SeriesGrid

  @inlinable @inline(__always)
  public subscript(row0: Int, row1: Int, row2: Int) -> CounterSeries {
    CounterSeries(slot: grid.slot(row0, row1, row2))
  }

  @inlinable @inline(__always)
  public subscript(row0: Int, row1: Int) -> CounterSeries { self[row0, row1, 0] }

  @inlinable @inline(__always)
  public subscript(row0: Int) -> CounterSeries { self[row0, 0, 0] }

  /// The only series of a family without labels.
  @inlinable public var only: CounterSeries { self[0, 0, 0] }
}

@frozen
public struct CounterSeries: Sendable {
  @usableFromInline let slot: UInt32

  @inlinable @inline(__always)
  init(slot: UInt32) { self.slot = slot }
}

@frozen
public struct GaugeFamily: Sendable {
  @usableFromInline let grid: SeriesGrid

  @inlinable @inline(__always)
  public subscript(row0: Int, row1: Int) -> GaugeSeries {
    GaugeSeries(slot: grid.slot(row0, row1, 0))
  }

  @inlinable @inline(__always)
  public subscript(row0: Int) -> GaugeSeries { self[row0, 0] }

  /// The only series of a family without labels.
  @inlinable public var only: GaugeSeries { self[0, 0] }
}

@frozen
public struct GaugeSeries: Sendable {
  @usableFromInline let slot: UInt32

  @inlinable @inline(__always)
  init(slot: UInt32) { self.slot = slot }
}

@frozen
public struct HistogramFamily: Sendable {
  @usableFromInline let grid: SeriesGrid
  @usableFromInline let boundaryStart: UInt32
  @usableFromInline let boundaryCount: UInt32

  @inlinable @inline(__always)
  public subscript(row0: Int, row1: Int, row2: Int) -> HistogramSeries {
    HistogramSeries(
      slot: grid.slot(row0, row1, row2), boundaryStart: boundaryStart,
      boundaryCount: boundaryCount)
  }

  @inlinable @inline(__always)
  public subscript(row0: Int, row1: Int) -> HistogramSeries { self[row0, row1, 0] }

  @inlinable @inline(__always)
  public subscript(row0: Int) -> HistogramSeries { self[row0, 0, 0] }

  /// The only series of a family without labels.
  @inlinable public var only: HistogramSeries { self[0, 0, 0] }
}

/// Slots: one per boundary, one for what is above them all, one for the sum.
@frozen
public struct HistogramSeries: Sendable {
  @usableFromInline let slot: UInt32
  @usableFromInline let boundaryStart: UInt32
  @usableFromInline let boundaryCount: UInt32

  @inlinable @inline(__always)
  init(slot: UInt32, boundaryStart: UInt32, boundaryCount: UInt32) {
    self.slot = slot
    self.boundaryStart = boundaryStart
    self.boundaryCount = boundaryCount
  }
}
