// SPDX-License-Identifier: MIT

import Glibc
import SimulatedWorld

/// Runs seeds and tells what came of them.
struct Session {
  let command: SimulateCommand
  private(set) var failedSeeds: [UInt64] = []
  private var statistics = Statistics()
  private var runCount = 0
  private let started = machineNanoseconds()
  private var reported = machineNanoseconds()
  private static let failuresMaximum = 5

  init(command: SimulateCommand) { self.command = command }

  private var elapsedSeconds: Double { Double(machineNanoseconds() - started) / 1e9 }
  private var isText: Bool { command.format == "text" }

  mutating func run() {
    for offset in 0..<command.seeds {
      if let minutes = command.minutes, elapsedSeconds > minutes * 60 { break }
      let seed = command.seed &+ UInt64(offset)
      CrashReport.seed = seed
      run(seed)
      if failedSeeds.count >= Self.failuresMaximum { break }
      reportProgress()
    }
    summarize()
  }

  private mutating func run(_ seed: UInt64) {
    var plan = PlanMaker.make(seed: seed)
    let left = command.left
    plan.faults = plan.faults.enumerated().filter { !left.contains($0.offset) }.map(\.element)
    CrashReport.arm()
    let result = Run.carryOut(plan, printsTrace: command.trace, lastEvents: command.lastEvents)
    runCount += 1
    statistics.add(result.statistics)
    var problems = result.problems
    if command.twice {
      let again = Run.carryOut(plan)
      if again.digest != result.digest {
        problems.append("two runs of the same seed differ")
      }
    }
    if problems.isEmpty { return }
    failedSeeds.append(seed)
    guard isText else { return }
    print("seed \(seed) FAILED")
    for line in plan.lines { print("  \(line)") }
    if !command.trace { for line in result.lastEvents { print("    \(line)") } }
    for problem in problems.prefix(10) { print("  problem: \(problem)") }
    if command.shrink { Shrinker(seed: seed, plan: plan, left: left).shrink() }
    print("  again: simulate --seed \(seed) --trace")
    fflush(nil)
  }

  private mutating func reportProgress() {
    guard isText, command.seeds > 1, machineNanoseconds() - reported > 10_000_000_000 else {
      return
    }
    reported = machineNanoseconds()
    print("\(runCount) seeds, \(failedSeeds.count) failed, \(Int(elapsedSeconds)) s")
    fflush(nil)
  }

  private func summarize() {
    let counts = statistics.counts.sorted { $0.key < $1.key }
    guard isText else {
      let seeds = failedSeeds.map(String.init).joined(separator: ",")
      let members = counts.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",")
      print(
        "{\"runs\":\(runCount),\"failed_seeds\":[\(seeds)],\"seconds\":\(elapsedSeconds),"
          + "\"counts\":{\(members)}}")
      return
    }
    for (name, count) in counts { print("  \(name): \(count)") }
    print("\(runCount - failedSeeds.count) passed, \(failedSeeds.count) failed")
  }
}

/// Says which seed it was when the program ends by a trap.
enum CrashReport {
  nonisolated(unsafe) static var seed: UInt64 = 0
  nonisolated(unsafe) private static var isArmed = false

  static func arm() {
    if isArmed { return }
    isArmed = true
    for number in [SIGILL, SIGTRAP, SIGSEGV, SIGABRT, SIGBUS] { signal(number, crashed) }
  }
}

private func crashed(_ number: Int32) {
  print("seed \(CrashReport.seed) FAILED: the program was ended by signal \(number)")
  for line in World.current.trace.lines(last: 60) { print("    \(line)") }
  print("  again: simulate --seed \(CrashReport.seed) --trace")
  fflush(nil)
  _exit(70)
}
