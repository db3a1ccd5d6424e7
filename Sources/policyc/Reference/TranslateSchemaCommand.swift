// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSchema
import CedarSyntax

struct TranslateSchemaCommand: ParsableCommand {
  enum Direction: String, CaseIterable, ExpressibleByArgument {
    case jsonToCedar = "json-to-cedar"
    case cedarToJSON = "cedar-to-json"
    case cedarToResolvedJSON = "cedar-to-json-with-resolved-types"
  }

  static let configuration = CommandConfiguration(
    commandName: "translate-schema",
    abstract: "Translates a schema between Cedar schema syntax and JSON.")

  @Option(help: "json-to-cedar, cedar-to-json or cedar-to-json-with-resolved-types.")
  var direction: Direction

  @Option(
    name: .shortAndLong, help: "The schema file; standard input unless given.",
    completion: .file())
  var schema: String?

  func run() throws {
    try ReferenceExit.run {
      let path = schema ?? "-"
      let text = try Files.text(path)
      var sources = SourceFiles()
      _ = sources.add(name: Files.name(path), text: text)
      let source = SchemaSource(
        text, path: path, file: 0, format: direction == .jsonToCedar ? .json : .cedar)
      if source.diagnostics.hasErrors { throw Console.fail(source.diagnostics, sources) }
      switch direction {
      case .jsonToCedar: Console.out(source.document.cedarText)
      case .cedarToJSON: Console.line(source.document.json.prettyText)
      case .cedarToResolvedJSON:
        let (resolved, findings) = source.document.qualified()
        guard let resolved else { throw Console.fail(findings, sources) }
        Console.line(resolved.json.prettyText)
      }
    }
  }
}
