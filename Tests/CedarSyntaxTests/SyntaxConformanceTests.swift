// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// Accept and reject exactly as the reference does.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SyntaxConformanceTests {
  @Test(arguments: ["harvest-policy", "mut-policy"], [false, true])
  func verdicts(file: String, dialect: Bool) throws {
    let records = try Conformance.lines("syntax/\(file).jsonl")
    #expect(records.count > 400)
    var wrong: [String] = []
    for record in records {
      let source = record["src"]?.string ?? ""
      let accept = record["accept"]?.bool ?? false
      let (set, diagnostics) = parsePolicies(source, dialect: dialect)
      let accepted = !diagnostics.hasErrors
      if accepted == accept { continue }
      // The dialect accepts more, and only by its own forms.
      if dialect, accepted, usesDialect(source) { continue }
      let reason = record["error"]?.string ?? diagnostics.first?.message ?? ""
      wrong.append(
        "\(record["id"]?.string ?? "") accept=\(accept) \(set.policies.count) \(reason)\n\(source)")
    }
    #expect(
      wrong.isEmpty,
      "\(wrong.count) of \(records.count): \(wrong.prefix(40).joined(separator: "\n---\n"))")
  }

  /// Whether a source is accepted only because of dialect forms: the standard parser's complaints
  /// are then about dialect forms or shorthand actions alone.
  private func usesDialect(_ source: String) -> Bool {
    let (_, diagnostics) = parsePolicies(source, dialect: false)
    return diagnostics.allSatisfy {
      $0.code == .dialectOnly || $0.code == .invalidScopeOperand
    }
  }
}
