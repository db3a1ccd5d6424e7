// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import PolicyCompiler

struct CheckParseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check-parse",
    abstract: "Parses policies, an expression, a schema or entities.",
    discussion: "Exit code 0 when everything given parses, 1 when not.")

  @OptionGroup var policies: PolicyOptions

  @Option(help: "An expression.")
  var expression: String?

  @OptionGroup var schema: SchemaOptions

  @Option(help: "Entities in their JSON form.", completion: .file())
  var entities: String?

  @Option(
    name: [.customShort("f"), .long], help: "human, plain or json; CEDAR_ERROR_FORMAT unless given."
  )
  var errorFormat: ErrorFormat?

  func run() throws {
    try ReferenceExit.run {
      let onlyOthers = expression != nil || schema.schema != nil || entities != nil
      if !policies.policies.isEmpty || !onlyOthers {
        let sources = try policies.read()
        try check(sources.diagnostics, sources.files)
      }
      if let expression {
        var sources = SourceFiles()
        _ = sources.add(name: "<expression>", text: expression)
        try check(parseExpression(expression, dialect: true).diagnostics, sources)
      }
      let schema = try schema.load()
      if let entities { _ = try Files.data(entities) { try readEntities($0, schema: schema) } }
    }
  }

  private func check(_ findings: [Diagnostic], _ sources: SourceFiles) throws {
    (errorFormat ?? .ambient).show(findings, sources)
    if findings.hasErrors { throw ReferenceExit.failure }
  }
}
