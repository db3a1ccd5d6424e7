// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import TestSupport
import Testing

/// Schemas drawn from grammar/cedarschema.ebnf are accepted; both forms keep them.
struct SchemaGrammarTests {
  /// What the grammar cannot say: these findings do not count.
  private static let beyondGrammar: Set<DiagnosticCode> = [
    .duplicateAnnotation, .duplicateAttribute, .reservedSchemaName,
  ]

  @Test func drawnSchemasAreAccepted() throws {
    let grammar = try Grammar(file: "cedarschema.ebnf")
    var drawer = GrammarDrawer(grammar, dialect: false, seed: 2_026)
    var accepted = 0
    for round in 0..<400 {
      let name = round % 3 == 0 ? "namespace" : "declaration"
      let source = drawer.draw(name)
      let (document, diagnostics) = parseSchemaDocument(source)
      let problems = diagnostics.filter { !Self.beyondGrammar.contains($0.code) }
      #expect(problems.isEmpty, "round \(round): \(problems.first?.message ?? "")\n\(source)")
      _ = document.resolved()
      guard !diagnostics.hasErrors else { continue }
      accepted += 1
      let text = document.cedarText
      let (printed, printProblems) = parseSchemaDocument(text)
      #expect(!printProblems.hasErrors, "\(source)\nprinted as\n\(text)")
      #expect(printed.json == document.json, "\(source)\nprinted as\n\(text)")
    }
    #expect(accepted > 250)
  }
}
