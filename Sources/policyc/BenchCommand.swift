// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import DecisionIR
import Foundation
import PolicyCompiler

struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measures nanoseconds per decision on given requests.",
    discussion: """
      Each request is decided in rounds; the figure of a request is its mean over the best fifth \
      of the rounds, and the report shows the median and the 99th percentile over the requests. \
      What a reload costs is measured beside it: compiling, loading the image, linking it with \
      the entities.
      """)

  @OptionGroup var engine: EngineOptions

  @Option(help: "A file with one request per line.")
  var requests: String

  @Option(help: "Rounds per request.")
  var rounds = 1000

  @Option(help: "`text` or `json`.")
  var format = Format.text

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case text
    case json
  }

  func validate() throws {
    guard (1...10_000_000).contains(rounds) else {
      throw ValidationError("--rounds must be 1 to 10000000")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    var reload: [(name: String, milliseconds: Double)] = []
    if !engine.isImage { reload = try measureReload(clock) }
    let started = clock.now
    let (store, schema) = try engine.load()
    reload.append(("policies and entities read and linked", Self.milliseconds(clock.now - started)))
    let lines = try readLines()
    let evaluator = Evaluator(store: store)
    let encoded = try lines.map { line in
      try Files.reading("\(requests):\(line.number)") { try readRequest(line.text, schema: schema) }
        .encoded(for: store)
    }
    var decided = 0
    var figures: [(name: String, sorted: [Double])] = []
    figures.append(
      ("decision only, encoded requests", measure(encoded) { decided += decide($0, evaluator) }))
    let anew = Evaluator(store: store, caching: .never)
    figures.append(
      ("the same, candidates searched anew", measure(encoded) { decided += decide($0, anew) }))
    figures.append(
      (
        "all reasons and errors",
        measure(encoded) { decided += evaluator.authorize($0).reasons.count }
      ))
    let decoder = RequestDecoder(store: store, rules: schema?.requestRules)
    let texts = lines.map { Array($0.text.utf8) }
    figures.append(
      (
        "decision only, JSON read each time",
        try measure(texts) { text in
          if let request = text.withUnsafeBytes({ decoder.decode($0) }) {
            decided += decide(request, evaluator)
          } else {
            let request = try readRequest(String(decoding: text, as: UTF8.self), schema: schema)
            decided += decide(request.encoded(for: store), evaluator)
          }
        }
      ))
    report(store.program.policyCount, lines.count, figures, reload)
  }

  private func decide(_ request: AuthorizationRequest, _ evaluator: Evaluator) -> Int {
    evaluator.isAllowed(request) ? 1 : 0
  }

  private func readLines() throws -> [(number: Int, text: String)] {
    let reader = try LineReader(path: requests)
    var lines: [(number: Int, text: String)] = []
    var number = 0
    do throws(LineProblem) {
      while let line = try reader.nextText() {
        number += 1
        if !line.allSatisfy(\.isWhitespace) { lines.append((number, line)) }
      }
    } catch {
      throw Console.fail("\(requests):\(number + 1): \(error)")
    }
    guard !lines.isEmpty else { throw Console.fail("no requests in `\(requests)`") }
    return lines
  }

  // MARK: what a reload costs

  private func measureReload(
    _ clock: ContinuousClock
  ) throws -> [(name: String, milliseconds: Double)] {
    let started = clock.now
    let compiled = try engine.policies.read().compile(engine.ids.identifiers)
    let compiling = Self.milliseconds(clock.now - started)
    let entities = try EngineOptions.entityData(engine.entities, nil)
    let loading = try median(clock) {
      _ = try compiled.image.withUnsafeBytes { try Program(copying: $0) }
    }
    let linking = try median(clock) {
      _ = Evaluator(store: try EntityStore(program: compiled.program, entities: entities))
    }
    return [
      ("policies read and compiled", compiling), ("image loaded", loading),
      ("linked with the entities", linking),
      ("image, bytes per policy", Double(compiled.image.count / compiled.program.policyCount)),
    ]
  }

  /// Milliseconds of the middle of several runs.
  private func median(_ clock: ContinuousClock, _ body: () throws -> Void) rethrows -> Double {
    var runs: [Double] = []
    for _ in 0..<9 { runs.append(Self.milliseconds(try clock.measure(body))) }
    return runs.sorted()[runs.count / 2]
  }

  private static func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1e3 + Double(duration.components.attoseconds) / 1e15
  }

  // MARK: decisions

  /// Nanoseconds per request, sorted.
  private func measure<Request>(
    _ requests: [Request], _ decide: (Request) throws -> Void
  ) rethrows -> [Double] {
    try requests.map { try measure($0, decide) }.sorted()
  }

  /// The best of a few slices of the rounds: other work only ever slows one down.
  private func measure<Request>(
    _ request: Request, _ decide: (Request) throws -> Void
  ) rethrows -> Double {
    let clock = ContinuousClock()
    let slice = (rounds + Self.slices - 1) / Self.slices
    var best = Double.infinity
    for _ in 0..<Self.slices {
      let spent = try clock.measure { for _ in 0..<slice { try decide(request) } }
      best = min(best, Self.milliseconds(spent) * 1e6 / Double(slice))
    }
    return best
  }

  private static let slices = 5
  /// Columns of the longest name of a figure.
  private static let labelWidth = "policies and entities read and linked:".count

  private func report(
    _ policyCount: Int, _ requestCount: Int, _ figures: [(name: String, sorted: [Double])],
    _ reload: [(name: String, milliseconds: Double)]
  ) {
    let rows = figures.map { figure in
      let sorted = figure.sorted
      return (
        figure.name, median: sorted[sorted.count / 2],
        high: sorted[min(sorted.count - 1, sorted.count * 99 / 100)],
        mean: sorted.reduce(0, +) / Double(sorted.count)
      )
    }
    guard format == .text else {
      var members: [CedarJSON.Member] = [.init("policies", .integer(Int64(policyCount)))]
      members += rows.map { row in
        .init(
          row.0,
          .members(
            ("median_ns", .integer(Int64(row.median))), ("p99_ns", .integer(Int64(row.high))),
            ("mean_ns", .integer(Int64(row.mean)))))
      }
      members += reload.map { .init($0.name, .number(Self.text($0.milliseconds))) }
      return Console.line(CedarJSON.object(members).text)
    }
    Console.line("policies \(policyCount), requests \(requestCount), rounds \(rounds)")
    for row in rows {
      let name = (row.0 + ":").padding(toLength: Self.labelWidth, withPad: " ", startingAt: 0)
      Console.line(
        "\(name) median \(Int(row.median)) ns, p99 \(Int(row.high)) ns, mean \(Int(row.mean)) ns")
    }
    for (name, value) in reload {
      let unit = name.hasPrefix("image, bytes") ? "" : " ms"
      let label = (name + ":").padding(toLength: Self.labelWidth, withPad: " ", startingAt: 0)
      Console.line("\(label) \(Self.text(value))\(unit)")
    }
  }

  private static func text(_ value: Double) -> String { String(format: "%.2f", value) }
}
