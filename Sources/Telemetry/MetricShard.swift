// SPDX-License-Identifier: MIT

public import Synchronization

/// One thread's own copy of every series. Recording is a plain load, an addition and a plain
/// store: with a single writer no bus lock is needed, and readers on other threads see whole
/// numbers because each access is a relaxed atomic.
///
/// SAFETY: the memory belongs to the `MetricRegistry`, which outlives its shards by contract: a
/// registry is made at configuration time and kept by whoever hands out its shards. Every access
/// is checked against the slot count. Handles of another registry can reach a wrong series, never
/// foreign memory.
@safe
@frozen
public struct MetricShard: @unchecked Sendable {
  @usableFromInline let slots: UnsafeMutablePointer<Atomic<Int64>>
  @usableFromInline let slotCount: UInt32
  @usableFromInline let boundaryCount: UInt32
  @usableFromInline let boundaries: UnsafePointer<Int64>

  init(
    slots: UnsafeMutablePointer<Atomic<Int64>>, slotCount: UInt32,
    boundaries: UnsafePointer<Int64>, boundaryCount: UInt32
  ) {
    unsafe self.slots = slots
    self.slotCount = slotCount
    unsafe self.boundaries = boundaries
    self.boundaryCount = boundaryCount
  }

  /// Adds to a counter. A counter never falls, so a negative amount is a programmer error.
  @inlinable @inline(__always)
  public func add(_ series: CounterSeries, _ amount: Int64 = 1) {
    assert(amount >= 0)
    accumulate(series.slot, amount)
  }

  /// Shows a total that is counted elsewhere, such as the kernel's count of CPU time.
  func raise(_ series: CounterSeries, to total: Int64) {
    precondition(series.slot < slotCount)
    unsafe slots[Int(series.slot)].store(total, ordering: .relaxed)
  }

  /// Moves this thread's part of a gauge; what is shown is the sum over all shards.
  @inlinable @inline(__always)
  public func adjust(_ series: GaugeSeries, by amount: Int64) { accumulate(series.slot, amount) }

  /// Sets this thread's part of a gauge.
  @inlinable @inline(__always)
  public func set(_ series: GaugeSeries, to value: Int64) {
    precondition(series.slot < slotCount)
    unsafe slots[Int(series.slot)].store(value, ordering: .relaxed)
  }

  /// Counts a value (not negative) in its bucket and in the sum.
  @inlinable @inline(__always)
  public func observe(_ series: HistogramSeries, _ value: Int64) {
    precondition(series.boundaryStart &+ series.boundaryCount <= boundaryCount)
    // A binary search for the first bound that is not below the value.
    var first = series.boundaryStart
    var length = series.boundaryCount
    while length > 0 {
      let half = length >> 1
      let isBelow = unsafe boundaries[Int(first &+ half)] < value
      first = isBelow ? first &+ half &+ 1 : first
      length = isBelow ? length &- half &- 1 : half
    }
    accumulate(series.slot &+ (first &- series.boundaryStart), 1)
    accumulate(series.slot &+ series.boundaryCount &+ 1, value)
  }

  /// As `observe`, for values that are nearly always in one of the first buckets.
  @inlinable @inline(__always)
  func observeSmall(_ series: HistogramSeries, _ value: Int64) {
    precondition(series.boundaryStart &+ series.boundaryCount <= boundaryCount)
    var bucket: UInt32 = 0
    while bucket < series.boundaryCount,
      unsafe boundaries[Int(series.boundaryStart &+ bucket)] < value
    {
      bucket &+= 1
    }
    accumulate(series.slot &+ bucket, 1)
    accumulate(series.slot &+ series.boundaryCount &+ 1, value)
  }

  /// Counts so many values of zero.
  @inlinable
  func observeZeros(_ series: HistogramSeries, _ count: Int64) { accumulate(series.slot, count) }

  @inlinable @inline(__always)
  func accumulate(_ slot: UInt32, _ amount: Int64) {
    precondition(slot < slotCount)
    let sum = unsafe slots[Int(slot)].load(ordering: .relaxed) &+ amount
    unsafe slots[Int(slot)].store(sum, ordering: .relaxed)
  }

  func load(_ slot: Int) -> Int64 {
    precondition(slot >= 0 && slot < Int(slotCount))
    return unsafe slots[slot].load(ordering: .relaxed)
  }
}
