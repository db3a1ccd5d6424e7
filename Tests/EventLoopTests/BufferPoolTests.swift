// SPDX-License-Identifier: MIT

import Testing

@testable import EventLoop

@Suite struct BufferPoolTests {
  @Test(arguments: [
    (0, 1_024), (1, 1_024), (1_024, 1_024), (1_025, 2_048), (1_500, 2_048), (4_096, 4_096),
    (4_097, 8_192), (65_536, 65_536), (65_537, 131_072), (1 << 20, 1 << 20),
    // What is larger than all classes is as large as asked for.
    (1 << 20 + 1, 1 << 20 + 1),
  ])
  func buffersAreHardlyLargerThanAskedFor(size: Int, capacity: Int) {
    var pool = BufferPool()
    let buffer = pool.take(size)
    #expect(buffer.capacity == capacity && buffer.count == 0)
    #expect(pool.lentCount == 1 && pool.lentBytes == capacity)
    pool.give(buffer)
    #expect(pool.lentCount == 0 && pool.lentBytes == 0)
  }

  @Test func whatIsGivenBackIsLentAgain() {
    var pool = BufferPool()
    let first = pool.take(3_000)
    pool.give(first)
    let other = pool.take(1_000)
    let again = pool.take(2_049)
    #expect(again.base == first.base && other.base != first.base)
    pool.give(again)
    pool.give(other)
  }

  @Test func whatIsReservedKeepsItsContent() {
    var pool = BufferPool()
    var buffer = pool.take(1_024)
    for index in 0..<1_024 { buffer.base[index] = UInt8(truncatingIfNeeded: index) }
    buffer.count = 1_024
    pool.reserve(&buffer, 0)
    #expect(buffer.capacity == 1_024)
    pool.reserve(&buffer, 5_000)
    #expect(buffer.capacity == 8_192 && buffer.count == 1_024)
    #expect((0..<1_024).allSatisfy { buffer.base[$0] == UInt8(truncatingIfNeeded: $0) })
    #expect(pool.lentCount == 1)
    pool.give(buffer)
  }
}
