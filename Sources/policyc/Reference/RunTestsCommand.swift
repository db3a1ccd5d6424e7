// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax
import DecisionIR
import PolicyCompiler

struct RunTestsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run-tests",
    abstract: "Runs authorization tests in the reference's JSON form.",
    discussion: """
      The tests are an array of {"name"?, "request", "entities", "decision", "reason", \
      "num_errors"}. Policies are named by `@id`. Exit code 0 when all pass, 1 when not.
      """)

  @OptionGroup var policies: PolicyOptions
  @OptionGroup var schema: SchemaOptions

  @Option(help: "The file of tests.", completion: .file())
  var tests: String

  func run() throws { try ReferenceExit.run(runTests) }

  private func runTests() throws {
    let sources = try policies.read()
    let program = try sources.compile(.annotation).program
    let schema = try schema.load()
    if let schema {
      let findings = Validator(schema: schema).validate(sources.set)
      if findings.hasErrors { throw Console.fail(findings, sources.files) }
    }
    let items = try Files.data(tests) { text in
      let json: CedarJSON
      do throws(CedarJSON.SyntaxError) {
        json = try CedarJSON(parsing: text)
      } catch {
        throw DataProblem(error)
      }
      guard let items = json.array else {
        throw DataProblem("", "expected an array of tests, got \(json.kindDescription)")
      }
      return items
    }
    var failed = 0
    for (index, item) in items.enumerated() {
      let name = item["name"]?.string ?? "test \(index + 1)"
      let problems = outcome(item, program, schema)
      Console.line("\(problems.isEmpty ? "ok  " : "FAIL") \(name)")
      for problem in problems { Console.line("     \(problem)") }
      failed += problems.isEmpty ? 0 : 1
    }
    let count = "\(items.count) test\(items.count == 1 ? "" : "s")"
    Console.line("\(count), \(items.count - failed) passed, \(failed) failed")
    if failed > 0 { throw ReferenceExit.failure }
  }

  /// What does not hold; empty when the test passes.
  private func outcome(_ test: CedarJSON, _ program: Program, _ schema: Schema?) -> [String] {
    do {
      guard let request = test["request"], let entities = test["entities"],
        let decision = test["decision"]?.string, let reasons = test["reason"]?.array,
        let errorCount = test["num_errors"]?.integer
      else {
        return ["a test has `request`, `entities`, `decision`, `reason` and `num_errors`"]
      }
      let data = try readEntities(json: entities, schema: schema)
      let store = try EntityStore(program: program, entities: data)
      let asked = try readRequest(json: request, schema: schema)
      let response = Evaluator(store: store).authorize(asked.encoded(for: store))
      var problems: [String] = []
      let found = response.decision == .allow ? "allow" : "deny"
      if found != decision.lowercased() {
        problems.append("the decision is \(found), expected \(decision)")
      }
      let names = response.reasons.map { program.id(of: $0) }.sorted()
      let wanted = reasons.compactMap(\.string).sorted()
      if names != wanted { problems.append("the reason is \(names), expected \(wanted)") }
      if response.errors.count != errorCount {
        problems.append("\(response.errors.count) errors, expected \(errorCount)")
        problems += response.errors.map { "\(program.id(of: $0.policy)): \($0.message)" }
      }
      return problems
    } catch {
      return ["\(error)"]
    }
  }
}
