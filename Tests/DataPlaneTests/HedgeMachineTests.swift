// SPDX-License-Identifier: MIT

import TestSupport
import Testing

@testable import DataPlane

@Suite("Hedge machine")
struct HedgeMachineTests {
  /// The machine after these events.
  private func machine(_ events: HedgeEvent...) -> HedgeMachine {
    var machine = HedgeMachine()
    for event in events { _ = machine.take(event) }
    return machine
  }

  private static let two: [HedgeEvent] = [.began, .delayElapsed, .secondStarted]

  /// Two attempts, then `event`.
  private func both(_ event: HedgeEvent) -> (HedgeMachine, HedgeAction) {
    var machine = HedgeMachine()
    for event in Self.two { _ = machine.take(event) }
    let action = machine.take(event)
    return (machine, action)
  }

  @Test("an answer before the delay: no second attempt")
  func early() {
    var machine = machine(.began)
    #expect(machine.take(.delivered(.first)) == .none)
    #expect(machine.state == .over && machine.result == .notNeeded)
    #expect(machine.take(.delayElapsed) == .none)
  }

  @Test("each attempt that is alone has its delay, until there was a second one")
  func delays() {
    var machine = HedgeMachine()
    #expect(machine.take(.began) == .armDelay)
    #expect(machine.take(.failed(.first)) == .settleFailure)
    #expect(machine.take(.began) == .armDelay)
    #expect(machine.take(.delayElapsed) == .startSecond && machine.state == .starting)
    #expect(machine.take(.secondStarted) == .none && machine.state == .both)
    #expect(machine.take(.failed(.first)) == .goOn(.second))
    #expect(machine.take(.failed(.second)) == .settleFailure)
    #expect(machine.take(.began) == .none)
    #expect(machine.take(.delayElapsed) == .none)
  }

  @Test("no second attempt can be sent: the first goes on alone")
  func withheld() {
    var machine = machine(.began, .delayElapsed)
    #expect(machine.take(.secondWithheld) == .none)
    #expect(machine.state == .alone && machine.result == .withheld)
    #expect(machine.take(.failed(.first)) == .settleFailure)
    #expect(machine.take(.began) == .none)
    #expect(machine.take(.delivered(.first)) == .none)
    #expect(machine.state == .over && machine.result == .withheld)
  }

  @Test("who delivers first wins, and the other is cancelled", arguments: HedgeLane.allCases)
  func delivery(winner: HedgeLane) {
    var (machine, action) = both(.delivered(winner))
    #expect(action == .cancel(winner.other))
    #expect(machine.state == .over && machine.remaining == winner)
    #expect(machine.result == (winner == .second ? .won : .lost))
    // The same answer again, at its first byte to the client; then it breaks.
    #expect(machine.take(.delivered(winner)) == .none)
    #expect(machine.take(.failed(winner)) == .settleFailure)
    #expect(machine.result == (winner == .second ? .won : .lost))
  }

  @Test("one fails while the other waits: the other goes on", arguments: HedgeLane.allCases)
  func failure(loser: HedgeLane) {
    var (machine, action) = both(.failed(loser))
    #expect(action == .goOn(loser.other))
    #expect(machine.state == .alone && machine.remaining == loser.other)
    #expect(machine.take(.delivered(loser.other)) == .none)
    #expect(machine.result == (loser == .second ? .failed : .won))
  }

  @Test("both fail: the later failure is settled as without hedging", arguments: HedgeLane.allCases)
  func failures(first: HedgeLane) {
    var (machine, _) = both(.failed(first))
    #expect(machine.take(.failed(first.other)) == .settleFailure)
    #expect(machine.result == .failed && machine.state == .alone)
    #expect(machine.take(.delivered(.first)) == .none)
    #expect(machine.result == .failed)
  }

  @Test("given up with two attempts, with one, with none")
  func ended() {
    #expect(both(.ended).0.result == .abandoned)
    var (machine, _) = both(.failed(.first))
    #expect(machine.take(.ended) == .none && machine.result == .abandoned)
    (machine, _) = both(.failed(.second))
    #expect(machine.take(.ended) == .none && machine.result == .failed)
    machine = self.machine(.began)
    #expect(machine.take(.ended) == .none && machine.result == .notNeeded)
    #expect(machine.state == .over)
  }

  // MARK: Whatever happens

  /// What the request path does with the machine's actions: attempts with admissions, of which one
  /// may be committed.
  private struct World {
    var machine = HedgeMachine()
    var running: Set<HedgeLane> = []
    var begunCount = 0
    var endedCount = 0
    var commitCount = 0
    var isDelayRunning = false
    var isOver = false
    /// The answer whose delivery was told.
    var winner: HedgeLane?
    var retriesLeft = 2

    mutating func begin(_ lane: HedgeLane) {
      #expect(!running.contains(lane))
      running.insert(lane)
      begunCount += 1
      if lane == .first || machine.state != .both {
        isDelayRunning = machine.take(.began) == .armDelay
      }
    }

    mutating func end(_ lane: HedgeLane) {
      #expect(running.remove(lane) != nil, "ended twice")
      endedCount += 1
    }

    mutating func elapse(isAllowed: Bool) {
      isDelayRunning = false
      guard machine.take(.delayElapsed) == .startSecond else { return }
      #expect(machine.take(isAllowed ? .secondStarted : .secondWithheld) == .none)
      if isAllowed {
        running.insert(.second)
        begunCount += 1
      }
    }

    mutating func deliver(_ lane: HedgeLane) {
      isDelayRunning = false
      if case .cancel(let other) = machine.take(.delivered(lane)) {
        #expect(other != lane)
        end(other)
      }
      #expect(running == [lane], "one attempt is left")
      winner = lane
    }

    mutating func commit(_ lane: HedgeLane) {
      deliver(lane)
      commitCount += 1
      end(lane)
      isOver = true
    }

    mutating func fail(_ lane: HedgeLane) {
      isDelayRunning = false
      end(lane)
      switch machine.take(.failed(lane)) {
      case .goOn(let other): #expect(running == [other])
      case .settleFailure:
        #expect(running.isEmpty)
        winner = nil
        guard retriesLeft > 0 else {
          isOver = true
          return
        }
        retriesLeft -= 1
        begin(lane)
      default: Issue.record("a failure must be settled")
      }
    }

    mutating func giveUp() {
      _ = machine.take(.ended)
      for lane in running { end(lane) }
      isOver = true
    }
  }

  @Test(
    "one winner at most, and each attempt ends once, whatever comes in which order",
    arguments: UInt64(1)...500)
  func whatever(seed: UInt64) {
    var generator = SeededGenerator(seed: seed)
    var world = World()
    world.begin(.first)
    for _ in 0..<40 where !world.isOver {
      let lanes = world.winner.map { [$0] } ?? world.running.sorted { $0.rawValue < $1.rawValue }
      let lane = generator.pick(lanes)
      switch Int.random(in: 0..<12, using: &generator) {
      case 0...3 where world.isDelayRunning: world.elapse(isAllowed: generator.chance(80))
      case 4...6: world.fail(lane)
      case 7, 8: world.deliver(lane)
      case 9, 10: world.commit(lane)
      case 11: world.giveUp()
      default: continue
      }
      #expect(world.running.count <= 2)
    }
    if !world.isOver { world.giveUp() }
    #expect(world.commitCount <= 1)
    #expect(world.running.isEmpty && world.begunCount == world.endedCount)
    #expect((1...4).contains(world.begunCount))
    #expect(world.machine.take(.began) != .startSecond)
  }
}
