// SPDX-License-Identifier: MIT

import ArgumentParser
import DecisionIR
import Foundation
import PolicyCompiler

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures nanoseconds per decision on given requests.",
    discussion: """
      Each request is decided in rounds; the figure of a request is its mean over the rounds, and \
      the report shows the median and the 99th percentile over the requests.
      """)

  @OptionGroup var engine: EngineOptions

  @Option(help: "A file with one request per line.")
  var requests: String

  @Option(help: "Rounds per request.")
  var rounds = 1000

  func validate() throws {
    guard (1...10_000_000).contains(rounds) else {
      throw ValidationError("--rounds must be 1 to 10000000")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let started = clock.now
    let (store, schema) = try engine.load()
    let loaded = clock.now - started
    guard let reader = LineReader(path: requests) else {
      throw Console.fail("cannot read `\(requests)`")
    }
    var lines: [String] = []
    while let line = reader.next() {
      if !line.isEmpty { lines.append(line) }
    }
    guard !lines.isEmpty else { throw Console.fail("no requests in `\(requests)`") }
    let evaluator = Evaluator(store: store)
    let parse = try clock.measure {
      for line in lines {
        do {
          let request = try readRequest(line, schema: schema).encoded(for: store)
          _ = evaluator.isAllowed(request)
        } catch {
          throw Console.fail("\(requests): \(error)")
        }
      }
    }
    let encoded = try lines.map { try readRequest($0, schema: schema).encoded(for: store) }
    var decided = 0
    let decisions = measure(encoded, clock) { decided += evaluator.isAllowed($0) ? 1 : 0 }
    let full = measure(encoded, clock) { decided += evaluator.authorize($0).reasons.count }
    let perLine = Double(parse.components.attoseconds) / 1e9 / Double(lines.count)
    Console.line("policies \(store.program.policyCount), requests \(lines.count), rounds \(rounds)")
    Console.line("policies and entities loaded in \(Int(milliseconds(loaded))) ms")
    Console.line("decision only, encoded requests: \(summary(decisions))")
    Console.line("all reasons and errors:          \(summary(full))")
    Console.line("with a JSON request each time:   mean \(Int(perLine)) ns")
  }

  private func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
  }

  /// Nanoseconds per request, sorted.
  private func measure(
    _ requests: [AuthorizationRequest], _ clock: ContinuousClock,
    _ decide: (AuthorizationRequest) -> Void
  ) -> [Double] {
    requests.map { request in
      let spent = clock.measure { for _ in 0..<rounds { decide(request) } }
      return milliseconds(spent) * 1e6 / Double(rounds)
    }.sorted()
  }

  private func summary(_ sorted: [Double]) -> String {
    let mean = sorted.reduce(0, +) / Double(sorted.count)
    let median = sorted[sorted.count / 2]
    let high = sorted[min(sorted.count - 1, sorted.count * 99 / 100)]
    return "median \(Int(median)) ns, p99 \(Int(high)) ns, mean \(Int(mean)) ns"
  }
}
