// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import DecisionIR
import PolicyCompiler

struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Evaluates an expression and prints its value.",
    discussion: "Exit code 0 with the value, 1 when there is none.")

  @OptionGroup var request: RequestOptions
  @OptionGroup var schema: SchemaOptions

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String?

  @Argument(help: "The expression, such as `1 + context.n < 10`.")
  var expression: String

  func run() throws { try ReferenceExit.run(evaluate) }

  private func evaluate() throws {
    var sources = SourceFiles()
    _ = sources.add(name: "<expression>", text: expression)
    let (parsed, findings) = parseExpression(expression, dialect: true)
    guard let parsed else { throw Console.fail(findings, sources) }
    let program: Program
    switch compileExpression(parsed) {
    case .success(let compiled): program = compiled
    case .failure(let failure): throw Console.fail(failure.diagnostics, sources)
    }
    let schema = try schema.load()
    let store = try EngineOptions.store(program, entities, schema)
    let asked = try request.read(schema, isValidated: false)
    switch Evaluator(store: store).evaluate(conjunct: 0, asked.encoded(for: store)) {
    case .success(let datum): Console.line(datum.description)
    case .failure(let error): throw Console.fail(error.message)
    }
  }
}
