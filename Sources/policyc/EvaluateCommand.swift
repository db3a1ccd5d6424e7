// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import DecisionIR
import PolicyCompiler

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates an expression and prints its value.",
    discussion: "Exit code 0 with the value, 1 when the evaluation fails.")

  @Argument(help: "The expression, such as `1 + context.n < 10`.")
  var expression: String

  @Option(help: "A file with the request that the variables stand for.")
  var requestJson: String?

  @Option(help: "Entities in their JSON form.")
  var entities: String?

  @Option(name: [.customShort("s"), .long], help: "Schema; lets data leave out type escapes.")
  var schema: String?

  func run() throws {
    var sources = SourceFiles()
    _ = sources.add(name: "<expression>", text: expression)
    let (parsed, findings) = parseExpression(expression, dialect: true)
    guard let parsed else { throw Console.fail(findings, sources) }
    let program: Program
    switch compileExpression(parsed) {
    case .success(let compiled): program = compiled
    case .failure(let failure): throw Console.fail(failure.diagnostics, sources)
    }
    let schema = try Files.schema(schema)
    let data = try entities.map { path in
      try Files.data(path) { try readEntities($0, schema: schema) }
    }
    let store: EntityStore
    do {
      store = try EntityStore(program: program, entities: data ?? [])
    } catch {
      throw Console.fail("\(error)")
    }
    let request = try requestJson.map { path in
      try Files.data(path) { try readRequest($0, schema: schema) }
    }
    let nobody = EntityName(type: "Unknown", id: "")
    let asked = request ?? RequestData(principal: nobody, action: nobody, resource: nobody)
    switch Evaluator(store: store).evaluate(conjunct: 0, asked.encoded(for: store)) {
    case .success(let datum): Console.line(datum.description)
    case .failure(let error):
      Console.error("policyc: \(error.message)")
      throw ExitCodes.findings
    }
  }
}
