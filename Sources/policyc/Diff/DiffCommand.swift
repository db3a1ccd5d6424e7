// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

struct DiffCommand: ParsableCommand {
  enum Format: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
  }

  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Shows what changed between two policy sets, and for which requests.",
    discussion: """
      Policies are compared by `@id`, whatever their layout and order. With --requests both sets \
      decide the recorded requests, with --generate as many that are drawn from the schema, near \
      the values that the policies test for. Those with another decision are shown with the \
      policies that decided, and with --reasons those with other deciding policies or errors too. \
      Exit code 0 when nothing differs, 1 when something does, 2 when it cannot be told; with \
      requests, recorded or drawn, only decisions count, with --reasons reasons and errors too.
      """)

  @Argument(help: "The old policies: a file or folder.", completion: .file())
  var old: String

  @Argument(help: "The new policies: a file or folder.", completion: .file())
  var new: String

  @Option(help: "A file with one request per line; `-` for standard input.", completion: .file())
  var requests: String?

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String?

  @Option(help: "How many requests to draw; needs --schema.")
  var generate: Int?

  @Option(help: "Draws other requests.")
  var seed: UInt64 = 1

  @OptionGroup var schema: SchemaOptions

  @Flag(help: "Show requests with the same decision but other reasons or errors as well.")
  var reasons = false

  @Option(help: "Most requests to show.")
  var limit = 20

  @Option(help: "text or json.")
  var format = Format.text

  /// Drawn requests of one set of entities; then others are drawn.
  private static let requestsPerWorld = 50

  func validate() throws {
    if let generate {
      guard requests == nil, entities == nil, schema.schema != nil else {
        throw ValidationError("--generate needs --schema, and neither --requests nor --entities")
      }
      guard (1...10_000_000).contains(generate) else {
        throw ValidationError("--generate must be 1 to 10000000")
      }
    }
    guard
      requests != nil || generate != nil || (entities == nil && schema.schema == nil && !reasons)
    else {
      throw ValidationError(
        "--entities, --schema and --reasons say something about requests: give --requests or "
          + "--generate")
    }
    guard limit >= 0 else { throw ValidationError("--limit must not be negative") }
  }

  func run() throws {
    let before = try PolicySources.read([old])
    let after = try PolicySources.read([new])
    let programs = (try before.compile(.annotation).program, try after.compile(.annotation).program)
    let policies = PolicyDifference(old: before.set, new: after.set)
    var tally = Tally(reasons: reasons, limit: limit)
    if let requests {
      try compare(requests, programs.0, programs.1, &tally)
    } else if let generate, let schema = try schema.load() {
      let sets = [before.set, after.set]
      var generator = RequestGenerator(schema: schema, policies: sets, seed: seed)
      try compare(generate, &generator, programs.0, programs.1, &tally)
    }
    switch format {
    case .text: Console.out(text(policies, tally))
    case .json:
      Console.line(
        CedarJSON.members(
          ("policies", policies.json), ("requests", .integer(Int64(tally.count))),
          ("changedDecisions", .integer(Int64(tally.changedCount))),
          ("otherReasons", .integer(Int64(tally.otherCount))),
          ("decisions", .array(tally.shown.map(\.json)))
        ).prettyText)
    }
    let asks = requests != nil || generate != nil
    let differs = tally.changedCount > 0 || (reasons && tally.otherCount > 0)
    if asks ? differs : !policies.changes.isEmpty { throw ExitCodes.findings }
  }

  private func text(_ policies: PolicyDifference, _ tally: Tally) -> String {
    var text = policies.text
    text +=
      "\(policies.changes.count) difference\(policies.changes.count == 1 ? "" : "s") in policies\n"
    guard requests != nil || generate != nil else { return text }
    text += tally.shown.map(\.text).joined()
    return text + "\(tally.changedCount) of \(tally.count) decisions changed, "
      + "\(tally.otherCount) more have other reasons\n"
  }

  /// What was found so far; only as many differences are kept as are shown.
  private struct Tally {
    let reasons: Bool
    let limit: Int
    var count = 0
    var changedCount = 0
    var otherCount = 0
    var shown: [DecisionDifference] = []

    mutating func add(_ difference: DecisionDifference) {
      if difference.changesDecision { changedCount += 1 } else { otherCount += 1 }
      guard difference.changesDecision || reasons, shown.count < limit else { return }
      shown.append(difference)
    }
  }

  private func compare(
    _ data: RequestData, _ number: Int, _ before: Evaluator, _ after: Evaluator,
    _ tally: inout Tally
  ) {
    tally.count += 1
    let old = DecisionDifference.Answer(
      before.authorize(data.encoded(for: before.store)), before.store.program)
    let new = DecisionDifference.Answer(
      after.authorize(data.encoded(for: after.store)), after.store.program)
    guard old != new else { return }
    var request = "\(data.principal) \(data.action) \(data.resource)"
    if generate != nil { request += " \(Datum.record(data.context))" }
    tally.add(DecisionDifference(line: number, request: request, old: old, new: new))
  }

  private func compare(
    _ path: String, _ old: Program, _ new: Program, _ tally: inout Tally
  ) throws {
    let schema = try schema.load()
    let before = Evaluator(store: try EngineOptions.store(old, entities, schema))
    let after = Evaluator(store: try EngineOptions.store(new, entities, schema))
    let reader = try LineReader(path: path)
    var number = 0
    while true {
      number += 1
      let data: RequestData
      do {
        guard let line = try reader.nextText() else { break }
        if line.allSatisfy(\.isWhitespace) { continue }
        data = try readRequest(line, schema: schema, isValidated: false)
      } catch {
        throw Console.fail("\(path):\(number): \(error)")
      }
      compare(data, number, before, after, &tally)
    }
  }

  private func compare(
    _ wanted: Int, _ generator: inout RequestGenerator, _ old: Program, _ new: Program,
    _ tally: inout Tally
  ) throws {
    while tally.count < wanted {
      let world = generator.entities()
      do {
        let before = Evaluator(store: try EntityStore(program: old, entities: world))
        let after = Evaluator(store: try EntityStore(program: new, entities: world))
        for _ in 0..<min(Self.requestsPerWorld, wanted - tally.count) {
          guard let data = generator.request() else {
            throw Console.fail("the schema lets no action apply to anything")
          }
          compare(data, tally.count + 1, before, after, &tally)
        }
      } catch let error as EntityError {
        throw Console.fail("\(error)")
      }
    }
  }
}
