// SPDX-License-Identifier: MIT

import ArgumentParser
import Glibc
import SimulatedWorld

/// `simulate`: seeds in, failing seeds out.
@main
struct SimulateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "simulate",
    abstract: "Runs the data plane in a simulated world, one run per seed.")

  @Option(help: "The first seed, or the one to look at.")
  var seed: UInt64 = 1

  @Option(help: "So many seeds, one after another.")
  var seeds: Int = 1

  @Option(help: "Stop after so many minutes, whatever is left of the seeds.")
  var minutes: Double?

  @Option(help: "text or json.")
  var format = "text"

  @Flag(help: "Print every event.")
  var trace = false

  @Option(help: "Leave these faults of the plan out, by number: 0,2.")
  var without: String?

  @Option(help: "Events to print of a run that fails.")
  var lastEvents = 60

  @Flag(inversion: .prefixedNo, help: "Make the plan of a failing seed smaller.")
  var shrink = true

  @Flag(help: "Run each seed twice and compare all that happened.")
  var twice = false

  func run() throws {
    hashDeterministically()
    var session = Session(command: self)
    session.run()
    if session.failedSeeds.isEmpty { return }
    throw ExitCode(1)
  }

  var left: Set<Int> { Set((without ?? "").split(separator: ",").compactMap { Int($0) }) }

  /// `Dictionary` and `Set` have their order from a seed that is read at the program's start.
  private func hashDeterministically() {
    if getenv("SWIFT_DETERMINISTIC_HASHING") != nil { return }
    setenv("SWIFT_DETERMINISTIC_HASHING", "1", 1)
    var arguments = CommandLine.arguments.map { strdup($0) } + [nil]
    execv("/proc/self/exe", &arguments)
  }
}
