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
      Policies are compared by `@id`, whatever their layout and order. With --requests \
      both sets decide the recorded requests; those with another decision are shown with the \
      policies that decided, and with --reasons those with other deciding policies or errors too. \
      Exit code 0 when nothing differs, 1 when something does, 2 when it cannot be told.
      """)

  @Argument(help: "The old policies: a file or folder.", completion: .file())
  var old: String

  @Argument(help: "The new policies: a file or folder.", completion: .file())
  var new: String

  @Option(help: "A file with one request per line; `-` for standard input.", completion: .file())
  var requests: String?

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String?

  @OptionGroup var schema: SchemaOptions

  @Flag(help: "Show requests with the same decision but other reasons or errors as well.")
  var reasons = false

  @Option(help: "text or json.")
  var format = Format.text

  func run() throws {
    let before = try PolicySources.read([old])
    let after = try PolicySources.read([new])
    let programs = (try before.compile(.annotation).program, try after.compile(.annotation).program)
    let policies = PolicyDifference(old: before.set, new: after.set)
    var decisions: [DecisionDifference] = []
    var count = 0
    if let requests { (decisions, count) = try compare(requests, programs.0, programs.1) }
    let shown = decisions.filter { reasons || $0.changesDecision }
    switch format {
    case .text: Console.out(text(policies, decisions, shown, count))
    case .json:
      Console.line(
        CedarJSON.members(
          ("policies", policies.json), ("requests", .integer(Int64(count))),
          ("changedDecisions", .integer(Int64(decisions.count { $0.changesDecision }))),
          ("decisions", .array(shown.map(\.json)))
        ).prettyText)
    }
    if requests == nil ? !policies.changes.isEmpty : !shown.isEmpty { throw ExitCodes.findings }
  }

  private func text(
    _ policies: PolicyDifference, _ decisions: [DecisionDifference],
    _ shown: [DecisionDifference], _ count: Int
  ) -> String {
    var text = policies.text
    text +=
      "\(policies.changes.count) difference\(policies.changes.count == 1 ? "" : "s") in policies\n"
    guard requests != nil else { return text }
    text += shown.map(\.text).joined()
    let changed = decisions.count { $0.changesDecision }
    return text + "\(changed) of \(count) decisions changed, "
      + "\(decisions.count - changed) more have other reasons\n"
  }

  private func compare(
    _ path: String, _ old: Program, _ new: Program
  ) throws -> ([DecisionDifference], Int) {
    let schema = try schema.load()
    let before = Evaluator(store: try EngineOptions.store(old, entities, schema))
    let after = Evaluator(store: try EngineOptions.store(new, entities, schema))
    guard let reader = LineReader(path: path) else { throw Console.fail("cannot read `\(path)`") }
    var found: [DecisionDifference] = []
    var number = 0
    var count = 0
    while let line = reader.next() {
      number += 1
      if line.allSatisfy(\.isWhitespace) { continue }
      let data: RequestData
      do {
        data = try readRequest(line, schema: schema, isValidated: false)
      } catch {
        throw Console.fail("\(path):\(number): \(error)")
      }
      count += 1
      let answers = (
        DecisionDifference.Answer(before.authorize(data.encoded(for: before.store)), old),
        DecisionDifference.Answer(after.authorize(data.encoded(for: after.store)), new)
      )
      guard answers.0 != answers.1 else { continue }
      let request = "\(data.principal) \(data.action) \(data.resource)"
      found.append(
        DecisionDifference(line: number, request: request, old: answers.0, new: answers.1))
    }
    return (found, count)
  }
}
