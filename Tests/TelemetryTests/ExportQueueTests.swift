// SPDX-License-Identifier: MIT

import Clocks
import Telemetry
import Testing

/// The queue on a clock that the test moves.
@Suite struct ExportQueueTests {
  static func limits() -> ExportLimits {
    var limits = ExportLimits()
    limits.batchCountMaximum = 3
    limits.batchInterval = .milliseconds(100)
    limits.queueCountMaximum = 5
    limits.backoff = .milliseconds(10)
    limits.backoffMaximum = .milliseconds(40)
    limits.attemptCountMaximum = 3
    return limits
  }

  static func at(_ milliseconds: Int64) -> Instant {
    Instant(nanoseconds: milliseconds * 1_000_000)
  }

  static func sent(_ action: ExportQueue<Int>.Action) -> [Int]? {
    if case .send(let batch) = action { return batch }
    return nil
  }

  static func wait(_ action: ExportQueue<Int>.Action) -> Instant? {
    if case .wait(let until) = action { return until }
    return nil
  }

  @Test func aBatchGoesWhenItIsFullOrOld() {
    var queue = ExportQueue<Int>(Self.limits())
    #expect(Self.sent(queue.next(at: Self.at(0))) == nil)
    queue.add(1, at: Self.at(10))
    #expect(Self.wait(queue.next(at: Self.at(11))) == Self.at(110))
    #expect(Self.sent(queue.next(at: Self.at(110))) == [1])
    queue.ended(.accepted(rejectedCount: 0), at: Self.at(111), random: 0)
    for item in 2...5 { queue.add(item, at: Self.at(120)) }
    #expect(Self.sent(queue.next(at: Self.at(120))) == [2, 3, 4])
    #expect(Self.sent(queue.next(at: Self.at(500))) == nil)
    #expect(queue.isSending)
    queue.ended(.accepted(rejectedCount: 1), at: Self.at(130), random: 0)
    #expect(queue.sentCount == 3 && queue.droppedCount(.rejected) == 1)
    #expect(Self.wait(queue.next(at: Self.at(131))) == Self.at(220))
    #expect(queue.pendingCount == 1)
  }

  @Test func aFullQueueDropsWhatComes() {
    var queue = ExportQueue<Int>(Self.limits())
    for item in 1...9 { queue.add(item, at: Self.at(0)) }
    #expect(queue.droppedCount(.queueFull) == 4 && queue.pendingCount == 5)
    #expect(Self.sent(queue.next(at: Self.at(0))) == [1, 2, 3])
    // What is on its way does not count against the queue.
    for item in 10...14 { queue.add(item, at: Self.at(1)) }
    #expect(queue.droppedCount(.queueFull) == 6)
  }

  @Test func pausesGrowAndEnd() {
    var queue = ExportQueue<Int>(Self.limits())
    queue.add(1, at: Self.at(0))
    #expect(Self.sent(queue.next(at: Self.at(100))) == [1])
    queue.ended(.retryable(after: nil), at: Self.at(100), random: 0)
    // Half of 10 ms at least.
    #expect(Self.wait(queue.next(at: Self.at(100))) == Self.at(105))
    #expect(Self.sent(queue.next(at: Self.at(105))) == [1])
    queue.ended(.retryable(after: nil), at: Self.at(105), random: UInt64.max)
    let until = Self.wait(queue.next(at: Self.at(105)))
    #expect(until! >= Self.at(115) && until! < Self.at(125))
    #expect(Self.sent(queue.next(at: until!)) == [1])
    queue.ended(.retryable(after: nil), at: Self.at(130), random: 0)
    #expect(queue.droppedCount(.failed) == 1 && queue.pendingCount == 0)
    if case .rest = queue.next(at: Self.at(131)) {} else { Issue.record("nothing is left") }
  }

  @Test func theReceiversWordHoldsUpToALimit() {
    var queue = ExportQueue<Int>(Self.limits())
    queue.add(1, at: Self.at(0))
    _ = queue.next(at: Self.at(100))
    queue.ended(.retryable(after: .milliseconds(20)), at: Self.at(100), random: 5)
    #expect(Self.wait(queue.next(at: Self.at(100))) == Self.at(120))
    _ = queue.next(at: Self.at(120))
    queue.ended(.retryable(after: .seconds(3_600)), at: Self.at(120), random: 5)
    #expect(Self.wait(queue.next(at: Self.at(120))) == Self.at(160))
  }

  @Test func refusedIsNotTriedAgain() {
    var queue = ExportQueue<Int>(Self.limits())
    queue.add(1, at: Self.at(0))
    queue.add(2, at: Self.at(0))
    _ = queue.next(at: Self.at(100))
    queue.ended(.refused, at: Self.at(100), random: 0)
    #expect(queue.droppedCount(.rejected) == 2 && queue.sentCount == 0)
  }

  @Test func theEndWaitsForNothing() {
    var queue = ExportQueue<Int>(Self.limits())
    queue.add(1, at: Self.at(0))
    _ = queue.next(at: Self.at(100))
    queue.ended(.retryable(after: .milliseconds(40)), at: Self.at(100), random: 0)
    queue.add(2, at: Self.at(101))
    queue.flush()
    #expect(Self.sent(queue.next(at: Self.at(102))) == [1])
    queue.ended(.accepted(rejectedCount: 0), at: Self.at(103), random: 0)
    #expect(Self.sent(queue.next(at: Self.at(103))) == [2])
    queue.add(3, at: Self.at(104))
    queue.abandon()
    #expect(queue.droppedCount(.shutdown) == 2 && queue.pendingCount == 0 && !queue.isSending)
  }

  /// Whatever happens in whatever order, no item is counted twice or forgotten.
  @Test(arguments: 1...20)
  func nothingIsLostUncounted(seed: UInt64) {
    var random = RandomSource(seed: seed)
    var queue = ExportQueue<Int>(Self.limits())
    var now = Instant(nanoseconds: 0)
    var added = 0
    for _ in 0..<2_000 {
      now = now + .milliseconds(Int64(random.next(below: 20)))
      switch random.next(below: 4) {
      case 0, 1:
        queue.add(added, at: now)
        added += 1
      case 2:
        if case .send(let batch) = queue.next(at: now) { #expect((1...3).contains(batch.count)) }
      default:
        guard queue.isSending else { continue }
        let result: ExportResult =
          switch random.next(below: 4) {
          case 0: .accepted(rejectedCount: Int(random.next(below: 5)))
          case 1: .refused
          default: .retryable(after: random.next(below: 2) == 0 ? nil : .milliseconds(5))
          }
        queue.ended(result, at: now, random: random.next())
      }
      let dropped = ExportDropReason.allCases.reduce(0) { $0 + queue.droppedCount($1) }
      #expect(queue.sentCount + dropped + queue.pendingCount == added)
    }
  }
}
