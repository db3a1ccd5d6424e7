// SPDX-License-Identifier: MIT

import EventLoop
import TestSupport
import Testing

private func noAction(_: UnsafeMutableRawPointer?) {}

@Suite struct TimerWheelTests {
  @Test func firesInOrderAndNeverEarly() {
    var wheel = TimerWheel(nowMilliseconds: 1000)
    let nodes = UnsafeMutablePointer<TimerNode>.allocate(capacity: 3)
    defer { nodes.deallocate() }
    for index in 0..<3 {
      (nodes + index).initialize(to: TimerNode(owner: nil, callback: noAction))
    }
    wheel.arm(nodes, deadlineMilliseconds: 1500)
    wheel.arm(nodes + 1, deadlineMilliseconds: 1100)
    wheel.arm(nodes + 2, deadlineMilliseconds: 60_000)
    #expect(wheel.nextExpired(at: 1099) == nil)
    #expect(wheel.nextExpired(at: 1112) == nodes + 1)
    #expect(wheel.nextExpired(at: 1499) == nil)
    #expect(wheel.nextExpired(at: 1600) == nodes)
    #expect(wheel.nextExpired(at: 59_999) == nil)
    wheel.disarm(nodes + 2)
    #expect(wheel.nextExpired(at: 70_000) == nil)
    #expect(wheel.armedCount == 0)
  }

  /// Against a plain list of deadlines: every timer fires once, within two ticks after its
  /// deadline.
  @Test(arguments: [1, 2, 3, 4, 5, 6, 7, 8])
  func agreesWithAList(seed: UInt64) {
    var random = SeededGenerator(seed: seed)
    let count = 200
    var now: UInt64 = .random(in: 0...10_000_000, using: &random)
    var wheel = TimerWheel(nowMilliseconds: now)
    let nodes = UnsafeMutablePointer<TimerNode>.allocate(capacity: count)
    defer { nodes.deallocate() }
    var deadlines = [UInt64?](repeating: nil, count: count)
    for index in 0..<count {
      (nodes + index).initialize(to: TimerNode(owner: nil, callback: noAction))
    }
    for _ in 0..<4000 {
      let index = Int.random(in: 0..<count, using: &random)
      switch Int.random(in: 0..<4, using: &random) {
      case 0, 1:
        let span: UInt64 = [100, 3000, 200_000, 30_000_000].randomElement(using: &random)!
        let deadline = now + .random(in: 0...span, using: &random)
        wheel.arm(nodes + index, deadlineMilliseconds: deadline)
        deadlines[index] = deadline
      case 2:
        wheel.disarm(nodes + index)
        deadlines[index] = nil
      default:
        let steps: [UInt64] = [1, 20, 700, 70_000]
        now += .random(in: 0...steps.randomElement(using: &random)!, using: &random)
        while let node = wheel.nextExpired(at: now) {
          let fired = node - nodes
          #expect(deadlines[fired] != nil && deadlines[fired]! <= now, "seed \(seed)")
          deadlines[fired] = nil
        }
        for case let deadline? in deadlines {
          #expect(deadline + 16 >= now, "seed \(seed): a timer is late")
        }
      }
      #expect(wheel.armedCount == deadlines.count { $0 != nil }, "seed \(seed)")
      if let wait = wheel.nextWakeupMilliseconds(nowMilliseconds: now) {
        let earliest = deadlines.compactMap { $0 }.min()!
        #expect(now + wait <= earliest + 16, "seed \(seed): the wheel would sleep too long")
      }
    }
  }
}
