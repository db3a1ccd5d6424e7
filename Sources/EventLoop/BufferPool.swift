// SPDX-License-Identifier: MIT

/// A buffer lent by a `BufferPool`: `count` bytes are filled of `capacity`.
public struct PooledBuffer {
  public let base: UnsafeMutablePointer<UInt8>
  public let capacity: Int
  public var count: Int = 0

  @inlinable @inline(__always)
  public var available: Int { capacity &- count }
}

/// Free lists of buffers in size classes of powers of two, for one loop (not thread-safe).
///
/// Connections borrow a buffer when bytes arrive and give it back when idle, so memory follows the
/// requests in flight and not the connections open.
public struct BufferPool: ~Copyable {
  /// 1 KiB to 1 MiB; larger ones go straight to the allocator.
  static let smallestSizeShift = 10
  static let classCount = 11
  /// Bytes kept in each free list; what comes back beyond that is freed.
  static let keptBytesPerClassMax = 2 << 20

  private var free: InlineArray<11, UnsafeMutableRawPointer?> = .init(repeating: nil)
  private var freeCount: InlineArray<11, Int> = .init(repeating: 0)
  /// Buffers lent and not yet returned.
  public private(set) var lentCount = 0
  /// Bytes lent and not yet returned.
  public private(set) var lentBytes = 0

  public init() {}

  /// The class whose buffers hold `size` bytes; `classCount` for what is larger than all.
  static func sizeClass(_ size: Int) -> Int {
    let bitCount = Int.bitWidth - max(size - 1, 0).leadingZeroBitCount
    return min(max(bitCount - smallestSizeShift, 0), classCount)
  }

  /// A buffer of at least `minimumCapacity` bytes.
  public mutating func take(_ minimumCapacity: Int) -> PooledBuffer {
    let index = Self.sizeClass(minimumCapacity)
    lentCount += 1
    guard index < Self.classCount else {
      lentBytes += minimumCapacity
      return PooledBuffer(base: .allocate(capacity: minimumCapacity), capacity: minimumCapacity)
    }
    let capacity = 1 << (Self.smallestSizeShift + index)
    lentBytes += capacity
    if let head = free[index] {
      // SAFETY: a free buffer's first word links to the next; it was written by `give`.
      free[index] = head.load(as: UnsafeMutableRawPointer?.self)
      freeCount[index] -= 1
      return PooledBuffer(
        base: head.bindMemory(to: UInt8.self, capacity: capacity), capacity: capacity)
    }
    return PooledBuffer(base: .allocate(capacity: capacity), capacity: capacity)
  }

  public mutating func give(_ buffer: PooledBuffer) {
    let index = Self.sizeClass(buffer.capacity)
    lentCount -= 1
    lentBytes -= buffer.capacity
    assert(lentCount >= 0, "a buffer was returned twice")
    guard index < Self.classCount,
      (freeCount[index] + 1) * buffer.capacity <= Self.keptBytesPerClassMax
    else {
      buffer.base.deallocate()
      return
    }
    let raw = UnsafeMutableRawPointer(buffer.base)
    raw.storeBytes(of: free[index], as: UnsafeMutableRawPointer?.self)
    free[index] = raw
    freeCount[index] += 1
  }

  /// Makes room for `count` more bytes, moving the content to a larger buffer when needed.
  public mutating func reserve(_ buffer: inout PooledBuffer, _ count: Int) {
    guard buffer.available < count else { return }
    var larger = take(max(buffer.capacity * 2, buffer.count + count))
    larger.base.update(from: buffer.base, count: buffer.count)
    larger.count = buffer.count
    give(buffer)
    buffer = larger
  }

  deinit {
    for index in 0..<Self.classCount {
      var next = free[index]
      while let head = next {
        next = head.load(as: UnsafeMutableRawPointer?.self)
        head.assumingMemoryBound(to: UInt8.self).deallocate()
      }
    }
  }
}
