// SPDX-License-Identifier: MIT

import ModelCatalog
import Synchronization
import TestSupport
import Testing

@testable import Routing

/// Requests of one worker in front of one gate, as the data plane's workers do it: what is handed
/// on comes by a mailbox.
private final class LineWorker {
  let lines: WaitLines
  let index: Int
  let gate: GateReference
  private var memory: [UnsafeMutablePointer<WaitingRequest>] = []
  private(set) var waiting: [UnsafeMutablePointer<WaitingRequest>] = []
  /// Places held.
  var held = 0
  var resumed: [UnsafeMutablePointer<WaitingRequest>] = []

  init(_ index: Int, _ gate: GateReference) {
    self.index = index
    self.gate = gate
    lines = WaitLines(worker: index)
  }

  deinit { for request in memory { request.deallocate() } }

  /// Takes a place or waits for one.
  func ask(at nanoseconds: UInt64) -> PlaceAnswer {
    if gate.take() {
      held += 1
      return .taken
    }
    let request = UnsafeMutablePointer<WaitingRequest>.allocate(capacity: 1)
    request.initialize(to: WaitingRequest(owner: request))
    memory.append(request)
    let answer = lines.join(request, gate, nanoseconds: nanoseconds)
    switch answer {
    case .taken: held += 1
    case .waiting: waiting.append(request)
    case .full: break
    }
    return answer
  }

  func leave(_ position: Int) { lines.leave(waiting.remove(at: position), gate) }

  func give(_ pass: (Int) -> Void) {
    held -= 1
    lines.give(gate, pass: pass)
  }

  func handle(_ pass: (Int) -> Void) {
    while let step = lines.next() {
      switch step {
      case .pass(let worker, _): pass(worker)
      case .resume(let request):
        #expect(waiting.first == request, "first come, first served")
        waiting.removeFirst()
        held += 1
        resumed.append(request)
      }
    }
  }
}

@Suite("Waiting for a place")
struct WaitLinesTests {
  private func gate(
    _ registry: HealthRegistry, _ maximum: Int64, queue: Int64
  ) throws -> GateReference {
    try #require(
      registry.gate(for: "g", ConcurrencyLimit(maximum: maximum, queueMaximum: queue)))
  }

  @Test("the one who waits longest gets it, on whichever worker")
  func longestWaiting() throws {
    let registry = HealthRegistry(workerCount: 3)
    let gate = try gate(registry, 1, queue: 3)
    let workers = (0..<3).map { LineWorker($0, gate) }
    #expect(workers[0].ask(at: 1) == .taken)
    #expect(workers[2].ask(at: 2) == .waiting)
    #expect(workers[0].ask(at: 3) == .waiting)
    #expect(workers[1].ask(at: 4) == .waiting)
    #expect(workers[1].ask(at: 5) == .full)
    var order: [Int] = []
    var owner = 0
    for _ in 0..<3 {
      var target = owner
      workers[owner].give { target = $0 }
      if target != owner { workers[target].lines.accept(gate) }
      workers[target].handle { _ in Issue.record("passed on once more") }
      order.append(target)
      owner = target
      #expect(workers[owner].held == 1)
    }
    #expect(order == [2, 0, 1])
    workers[owner].give { _ in }
    #expect(gate.read().inFlight == 0 && gate.read().waiting == 0)
  }

  @Test("one who leaves while the place is on its way is passed over")
  func leaving() throws {
    let registry = HealthRegistry(workerCount: 2)
    let gate = try gate(registry, 1, queue: 8)
    let workers = (0..<2).map { LineWorker($0, gate) }
    #expect(workers[0].ask(at: 1) == .taken)
    #expect(workers[1].ask(at: 2) == .waiting)
    #expect(workers[0].ask(at: 3) == .waiting)
    workers[0].give { #expect($0 == 1) }
    workers[1].leave(0)
    workers[1].lines.accept(gate)
    var target: Int?
    workers[1].handle { target = $0 }
    #expect(target == 0)
    workers[0].lines.accept(gate)
    workers[0].handle { _ in }
    #expect(workers[0].held == 1 && gate.read().waiting == 0)
  }

  @Test("a larger limit wakes as many as now have room")
  func growing() throws {
    let registry = HealthRegistry()
    let gate = try gate(registry, 1, queue: 8)
    let worker = LineWorker(0, gate)
    for step in 0..<5 { _ = worker.ask(at: UInt64(step)) }
    #expect(registry.gate(for: "g", ConcurrencyLimit(maximum: 3, queueMaximum: 8)) != nil)
    worker.lines.serveAll(gate) { _ in }
    worker.handle { _ in }
    #expect(worker.held == 3 && gate.read().waiting == 2)
    #expect(worker.ask(at: 9) == .waiting, "behind those who wait")
  }

  @Test(
    "random steps on several workers under changing limits: never over them, nobody forgotten",
    arguments: 1...60)
  func interleaved(seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let count = Int.random(in: 1...4, using: &random)
    var limit = Int64.random(in: 1...5, using: &random)
    let registry = HealthRegistry(workerCount: count)
    let gate = try gate(registry, limit, queue: 6)
    let workers = (0..<count).map { LineWorker($0, gate) }
    // What is on its way to each worker.
    var mail = [Int](repeating: 0, count: count)
    // Under a limit that has become smaller there are no more than before.
    var (held, inFlight) = (0, Int64(0))
    func check() {
      held = workers.reduce(0) { $0 + $1.held }
      #expect(held <= gate.read().inFlight)
      #expect(gate.read().inFlight <= max(limit, inFlight))
      inFlight = gate.read().inFlight
      #expect(gate.read().waiting == workers.reduce(0) { $0 + Int64($1.waiting.count) })
      #expect(gate.read().waiting <= 6)
    }
    for step in 0..<600 {
      let worker = workers[Int.random(in: 0..<count, using: &random)]
      switch Int64.random(in: 0...12, using: &random) {
      case 0...4: _ = worker.ask(at: UInt64(step))
      case 5...7 where worker.held > 0: worker.give { mail[$0] += 1 }
      case 8...9 where !worker.waiting.isEmpty:
        worker.leave(Int.random(in: 0..<worker.waiting.count, using: &random))
      case 10:
        limit = Int64.random(in: 1...5, using: &random)
        _ = try self.gate(registry, limit, queue: 6)
        worker.lines.serveAll(gate) { mail[$0] += 1 }
      default:
        if mail[worker.index] > 0 {
          mail[worker.index] -= 1
          worker.lines.accept(gate)
        }
        worker.handle { mail[$0] += 1 }
      }
      check()
    }
    // Everyone ends: all who wait are served.
    for _ in 0..<200 {
      for worker in workers {
        if worker.held > 0 { worker.give { mail[$0] += 1 } }
        while mail[worker.index] > 0 {
          mail[worker.index] -= 1
          worker.lines.accept(gate)
        }
        worker.handle { mail[$0] += 1 }
      }
    }
    check()
    #expect(gate.read().waiting == 0 && gate.read().inFlight == 0, "seed \(seed)")
  }

  @Test("threads: never over the limit, and everyone is served", .timeLimit(.minutes(1)))
  func threads() async throws {
    let count = 4
    let rounds = 4_000
    let registry = HealthRegistry(workerCount: count)
    let gate = try gate(registry, 3, queue: 100_000)
    let hall = MailHall(count)
    await withTaskGroup(of: Int.self) { group in
      for index in 0..<count {
        group.addTask { await hall.work(index, gate, rounds: rounds, workerCount: count) }
      }
      var total = 0
      for await served in group { total += served }
      #expect(total == count * rounds)
    }
    #expect(hall.worst.withLock { $0 } <= 3)
    #expect(gate.read().inFlight == 0 && gate.read().waiting == 0)
  }
}

/// Threads in the place of workers, with mailboxes in the place of loops.
private final class MailHall: Sendable {
  private let mail: Mutex<[Int]>
  private let now = Atomic<UInt64>(0)
  private let inFlight = Atomic<Int>(0)
  private let finished = Atomic<Int>(0)
  let worst = Mutex(0)

  init(_ count: Int) { mail = Mutex([Int](repeating: 0, count: count)) }

  private func enter() {
    let count = inFlight.wrappingAdd(1, ordering: .sequentiallyConsistent).newValue
    worst.withLock { $0 = max($0, count) }
  }

  private func leave() { inFlight.wrappingSubtract(1, ordering: .sequentiallyConsistent) }

  private func pass(_ worker: Int) { mail.withLock { $0[worker] += 1 } }

  /// Asks `rounds` times; how many of these got their place, now or later.
  func work(
    _ index: Int, _ gate: GateReference, rounds: Int, workerCount: Int
  ) async -> Int {
    let worker = LineWorker(index, gate)
    var random = SeededGenerator(seed: UInt64(index))
    var asked = 0
    var served = 0
    var hasFinished = false
    while true {
      let arrived = mail.withLock { mail in
        defer { mail[index] = 0 }
        return mail[index]
      }
      for _ in 0..<arrived { worker.lines.accept(gate) }
      worker.handle(pass)
      for _ in worker.resumed { enter() }
      served += worker.resumed.count
      worker.resumed = []
      if asked < rounds, random.chance(60) {
        asked += 1
        let time = now.wrappingAdd(1, ordering: .relaxed).newValue
        if worker.ask(at: time) == .taken {
          served += 1
          enter()
        }
      }
      if worker.held > 0, random.chance(50) {
        leave()
        worker.give(pass)
      }
      if !hasFinished, asked == rounds, worker.held == 0, worker.waiting.isEmpty {
        hasFinished = true
        finished.wrappingAdd(1, ordering: .sequentiallyConsistent)
      }
      if finished.load(ordering: .sequentiallyConsistent) == workerCount,
        mail.withLock({ $0[index] }) == 0, !worker.lines.hasArrivals
      {
        return served
      }
      // There may be fewer threads than workers.
      await Task.yield()
    }
  }
}
