// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// The dialect is a strict superset of Cedar: with it on, all of the conformance data keeps its
/// meaning. The validation and request suites run with the dialect on, too.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SupersetTests {
  /// What the reference accepts has the same JSON form; what it refuses stays refused: none of
  /// the mistakes in the data happens to be one of the dialect's forms.
  @Test(arguments: ["harvest-policy", "mut-policy"])
  func syntax(_ file: String) throws {
    for record in try Conformance.lines("syntax/\(file).jsonl") {
      let source = try #require(record["src"]?.string)
      let (policies, diagnostics) = parsePolicies(source, dialect: true)
      #expect(diagnostics.hasErrors != record["accept"]?.bool, "\(source)")
      if !diagnostics.hasErrors, let expected = record["est"] {
        #expect(policies.json == expected, "\(source)")
      }
    }
  }

  @Test func jsonForms() throws {
    for record in try Conformance.lines("est/cases.jsonl") {
      let source = try #require((record["src"] ?? record["policy"])?.string)
      let (policies, diagnostics) = parsePolicies(source, dialect: true)
      #expect(!diagnostics.hasErrors)
      #expect(policies.json == record["est"], "\(source)")
    }
  }

  @Test func layouts() throws {
    for record in try Conformance.lines("formatter/cases.jsonl") {
      let input = record["input"]?.string ?? ""
      let options = FormatOptions(
        lineWidth: Int(record["width"]?.integer ?? 80),
        indentWidth: Int(record["indent"]?.integer ?? 2))
      let text = formatPolicies(input, dialect: true, options: options).text
      #expect(text == record["expected"]?.string, "\(record["name"]?.string ?? "")")
    }
  }
}
