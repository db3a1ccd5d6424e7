// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// Programs drawn from grammar/cedar.ebnf are accepted, and printing and formatting keep them.
struct GrammarTests {
  /// What the grammar cannot say: these findings do not count.
  private static let beyondGrammar: Set<DiagnosticCode> = [
    .duplicateAnnotation, .duplicateRecordKey,
  ]

  @Test(arguments: [false, true])
  func drawnPoliciesAreAccepted(dialect: Bool) throws {
    let grammar = try Grammar(file: "cedar.ebnf")
    var drawer = GrammarDrawer(grammar, dialect: dialect, seed: 2_026)
    var accepted = 0
    for round in 0..<400 {
      let source = drawer.draw("policy")
      let (set, diagnostics) = parsePolicies(source, dialect: dialect)
      let problems = diagnostics.filter { !Self.beyondGrammar.contains($0.code) }
      #expect(problems.isEmpty, "round \(round): \(problems.first?.message ?? "")\n\(source)")
      guard diagnostics.isEmpty else { continue }
      accepted += 1
      try expectKept(set, source, dialect)
    }
    #expect(accepted > 250)
  }

  /// Printed and formatted text reads back as the same policies.
  private func expectKept(_ set: PolicySet, _ source: String, _ dialect: Bool) throws {
    let json = set.json
    let printed = set.cedarText
    let again = parsePolicies(printed, dialect: dialect)
    #expect(again.diagnostics.isEmpty, "\(source)\nprinted as\n\(printed)")
    #expect(again.policies.json == json, "\(source)\nprinted as\n\(printed)")
    #expect(again.policies.cedarText == printed)

    let formatted = try #require(formatPolicies(source, dialect: dialect).text)
    #expect(
      parsePolicies(formatted, dialect: dialect).policies.json == json,
      "\(source)\nformatted as\n\(formatted)")
    let twice = formatPolicies(formatted, dialect: dialect).text ?? ""
    #expect(twice == formatted, "\(source)\nformatted as\n\(formatted)\nthen\n\(twice)")

    let fromJSON = parsePolicies(json: json)
    #expect(fromJSON.diagnostics.isEmpty)
    #expect(fromJSON.policies.json == json)
    // Desugared text is standard Cedar.
    let plain = PolicySet(policies: set.policies.map { $0.desugared() }).cedarText
    #expect(parsePolicies(plain, dialect: false).policies.json == json, "\(plain)")
  }

  @Test func dialectOnlyAddsWhatStandardCedarRefuses() throws {
    let grammar = try Grammar(file: "cedar.ebnf")
    var drawer = GrammarDrawer(grammar, dialect: false, seed: 7)
    for _ in 0..<500 {
      let source = drawer.draw("policy")
      let standard = parsePolicies(source, dialect: false)
      let dialect = parsePolicies(source, dialect: true)
      #expect(standard.diagnostics.map(\.code) == dialect.diagnostics.map(\.code))
      #expect(standard.policies.json == dialect.policies.json)
    }
  }
}
