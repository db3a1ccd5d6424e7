// SPDX-License-Identifier: MIT

import Clocks
import DataPlane
import EventLoop
import Glibc
import SimulatedWorld

/// One run of a plan: the world, the gateway and everybody else.
///
/// SAFETY: `@unchecked Sendable` because all happens on the worker's thread, while the thread that
/// made the run waits for it.
final class Run: @unchecked Sendable {
  let plan: Plan
  let world: World
  private(set) var ledger: Ledger!
  private(set) var gateway: SimulatedGateway!
  private(set) var servers: [SimulatedServer] = []
  private(set) var clients: [SimulatedClient] = []
  private(set) var problems: [String] = []
  private(set) var isTerminated = false
  private(set) var terminatedAt: UInt64 = 0
  private var unfinishedClients = 0
  private var resolveCount = 0
  private(set) var hasDrained = false
  private(set) lazy var afterlife = Afterlife(run: self)
  private var breakers: BreakerWatch!
  private(set) var gates: GateWatch!
  private let ended: UnsafeMutablePointer<sem_t>

  struct Result {
    let problems: [String]
    let digest: UInt64
    let eventCount: Int
    let lastEvents: [String]
    let statistics: Statistics
  }

  private init(_ plan: Plan, printsTrace: Bool) {
    self.plan = plan
    world = World(
      seed: plan.seed, machine: plan.machine, trace: Trace(isPrinted: printsTrace))
    ended = .allocate(capacity: 1)
    sem_init(ended, 0, 0)
  }

  /// Never gives the memory of a run back that died: its thread sleeps in it.
  static func carryOut(_ plan: Plan, printsTrace: Bool = false, lastEvents: Int = 60) -> Result {
    let run = Run(plan, printsTrace: printsTrace)
    World.current = run.world
    run.prepare()
    run.world.begin()
    while sem_wait(run.ended) != 0 {}
    if run.hasDrained {
      run.gateway.plane.join()
      run.world.playOut()
      Judge(run: run).judgeEnd()
    }
    Judge(run: run).judgeRequests()
    return Result(
      problems: run.problems, digest: run.world.trace.digest,
      eventCount: run.world.trace.eventCount, lastEvents: run.world.trace.lines(last: lastEvents),
      statistics: Statistics(run))
  }

  private func prepare() {
    ledger = Ledger(run: self, plan: plan)
    servers = SimulatedGateway.wires.enumerated().map {
      SimulatedServer(number: $0, wire: $1, run: self)
    }
    clients = plan.clients.map { SimulatedClient(plan: $0, run: self) }
    unfinishedClients = clients.count
    world.onConnect = { [unowned self] address, _ in servers[Int(address & 0xff)].connect() }
    world.onResolve = { [unowned self] in resolve($0) }
    world.onEndRead = { [unowned self] in clientGone($0) }
    world.onDead = { [unowned self] reason in
      fail(reason)
      sem_post(ended)
    }
    do {
      gateway = try SimulatedGateway(plan.settings, plan.limits)
    } catch {
      preconditionFailure("the gateway cannot be assembled: \(error)")
    }
    breakers = BreakerWatch(run: self)
    gates = GateWatch(run: self)
    world.onTurn = { [unowned self] in
      breakers.look()
      gates.look()
    }
    for client in clients { client.start() }
    scheduleFaults()
  }

  private func scheduleFaults() {
    for fault in plan.faults {
      switch fault {
      case .pause(let at, let milliseconds):
        world.after(.milliseconds(Int64(at))) { [unowned self] in
          world.pauseGateway(.milliseconds(Int64(milliseconds)))
        }
      case .wallStep(let at, let seconds):
        world.after(.milliseconds(Int64(at))) { [unowned self] in
          world.wallOffset += Int64(seconds) * 1_000_000_000
        }
      case .terminate(let at):
        world.after(.milliseconds(Int64(at))) { [unowned self] in terminate() }
      default: break
      }
    }
  }

  private func resolve(_ host: String) -> ResolveOutcome {
    resolveCount += 1
    var outcome = ResolveOutcome(addresses: [], delay: .milliseconds(2))
    if host.hasPrefix("s"), let number = UInt32(host.dropFirst().prefix { $0 != "." }) {
      outcome.addresses = [0x0a00_0000 | number]
    }
    for case .resolve(resolveCount, let delay, let fails) in plan.faults {
      outcome.delay = .milliseconds(Int64(delay))
      if fails { outcome.addresses = [] }
    }
    return outcome
  }

  private func clientGone(_ link: Link) {
    for record in ledger.records
    where record.clientLink === link && record.goneAt == nil {
      record.goneAt = world.now
      afterlife.watch(record)
    }
  }

  // MARK: The end

  func clientFinished() {
    unfinishedClients -= 1
    if unfinishedClients == 0 {
      world.after(.milliseconds(Int64(world.draw(below: 3_000)))) { [self] in terminate() }
    }
  }

  private func terminate() {
    guard !isTerminated else { return }
    isTerminated = true
    terminatedAt = world.now
    world.note("sigterm", 0, 0)
    gateway.plane.drain { [self] in
      world.note("drained", 0, 0)
      hasDrained = true
      sem_post(ended)
    }
  }

  func fail(_ problem: String) {
    problems.append(problem)
    world.note("problem", 0, 0, problem)
  }
}
