// SPDX-License-Identifier: MIT

internal import Glibc
internal import Synchronization

/// The memory of all series: one shard per worker thread and one more that every other part of the
/// process shares through its single control loop.
///
/// SAFETY: the memory is allocated once, zeroed (which is how an `Atomic<Int64>` of 0 lies in
/// memory), and freed when the registry goes; see `MetricShard` for who may still hold it. Pages
/// that no series has touched stay unbacked, so a wide grid costs address space only.
@safe
public final class MetricRegistry: @unchecked Sendable {
  let families: [MetricLayout.Family]
  public let workerCount: Int
  private let memory: UnsafeMutableRawPointer
  private let boundaries: UnsafeMutablePointer<Int64>
  private let boundaryCount: Int
  private let slotCount: Int
  private let slotsPerShard: Int

  /// Shards start on pages of their own, so that no two threads write one cache line.
  private static let shardAlignment = 4_096

  public init(_ layout: MetricLayout, workerCount: Int) {
    precondition(workerCount >= 0)
    families = layout.families
    self.workerCount = workerCount
    slotCount = layout.slotCount
    let perPage = MetricRegistry.shardAlignment / MemoryLayout<Int64>.stride
    slotsPerShard = (slotCount + perPage - 1) / perPage * perPage
    let byteCount = slotsPerShard * (workerCount + 1) * MemoryLayout<Int64>.stride
    let mapping = unsafe mmap(
      nil, max(byteCount, MetricRegistry.shardAlignment), PROT_READ | PROT_WRITE,
      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
    guard let mapping = unsafe mapping, unsafe mapping != MAP_FAILED else {
      fatalError("no memory for \(byteCount) bytes of metrics")
    }
    unsafe memory = mapping
    boundaryCount = layout.boundaries.count
    unsafe boundaries = .allocate(capacity: max(boundaryCount, 1))
    for (index, boundary) in layout.boundaries.enumerated() {
      unsafe (boundaries + index).initialize(to: boundary)
    }
  }

  deinit {
    let byteCount = slotsPerShard * (workerCount + 1) * MemoryLayout<Int64>.stride
    unsafe munmap(memory, max(byteCount, MetricRegistry.shardAlignment))
    unsafe boundaries.deallocate()
  }

  /// The shard that worker `index` alone writes. It must not be used after the registry is gone.
  public func shard(worker index: Int) -> MetricShard {
    precondition(index >= 0 && index < workerCount)
    return shard(at: index)
  }

  /// The shard that the control loop alone writes: circuit states, reloads, the process itself.
  public var controlShard: MetricShard { shard(at: workerCount) }

  private func shard(at index: Int) -> MetricShard {
    let start = unsafe (memory + index * slotsPerShard * MemoryLayout<Int64>.stride)
    return unsafe MetricShard(
      slots: start.assumingMemoryBound(to: Atomic<Int64>.self), slotCount: UInt32(slotCount),
      boundaries: UnsafePointer(boundaries), boundaryCount: UInt32(boundaryCount))
  }

  /// The sum of one slot over all shards.
  func total(_ slot: Int) -> Int64 {
    var sum: Int64 = 0
    for index in 0...workerCount { sum &+= shard(at: index).load(slot) }
    return sum
  }
}
