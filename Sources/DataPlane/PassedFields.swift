// SPDX-License-Identifier: MIT

internal import Bytes

/// The fields of a head that pass to the other side, as they were written for it last, and which
/// head that was (by `HeadMemo.generation`).
///
/// SAFETY: `memory` belongs to the worker, which frees it at its end. A view given out is valid
/// until the next `keep`.
struct PassedFields {
  private let memory: UnsafeMutablePointer<UInt8>
  private let capacity: Int
  private var count = 0
  private var generation = UInt64.max

  init(capacity: Int) {
    self.capacity = capacity
    memory = .allocate(capacity: capacity)
  }

  /// What was written for the head of `generation`, if that was the last.
  @inline(__always)
  func fields(of generation: UInt64) -> ByteView? {
    guard generation == self.generation else { return nil }
    return ByteView(base: memory, count: count)
  }

  /// Writes to the memory from its start; `keep` has to follow.
  var writer: ByteWriter { ByteWriter(base: memory, capacity: capacity) }

  mutating func keep(_ writer: ByteWriter, of generation: UInt64) -> ByteView {
    assert(!writer.overflowed, "a head is smaller than the scratch memory")
    count = writer.count
    self.generation = generation
    return writer.written
  }

  func deallocate() { memory.deallocate() }
}
