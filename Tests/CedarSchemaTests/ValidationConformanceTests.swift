// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import TestSupport
import Testing

/// The verdict on policies against a schema equals the reference's, per policy.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct ValidationConformanceTests {
  /// With the dialect on and off: it changes no verdict.
  @Test(
    arguments: ["corpus", "validator"],
    [(ValidationMode.strict, true), (.strict, false), (.permissive, true)])
  func verdicts(section: String, options: (mode: ValidationMode, dialect: Bool)) throws {
    let mode = options.mode
    var wrong: [String] = []
    var count = 0
    for (base, verdictPath) in try cases(section) {
      let verdict = try Conformance.json(verdictPath)["policyValidation"]
      guard let perPolicy = verdict?["perPolicy"]?.object else { continue }
      let source = try Conformance.text("\(base).cedar")
      let schemaSource = try Conformance.text("\(base).cedarschema")
      let (schema, schemaProblems) = parseSchema(schemaSource)
      guard let schema else {
        wrong.append("\(base): schema refused: \(schemaProblems.first?.message ?? "")")
        continue
      }
      let policies = parsePolicies(source, dialect: options.dialect).policies
      let validator = Validator(schema: schema, mode: mode)
      for policy in policies.policies {
        guard let member = perPolicy.first(where: { $0.key == policy.id }),
          let expected = member.value[mode == .strict ? "strict" : "permissive"]?.bool
        else { continue }
        count += 1
        let errors = validator.validate(policy).diagnostics.filter { $0.severity == .error }
        if errors.isEmpty != expected {
          wrong.append(
            "\(base) \(policy.id) expected \(expected), found \(errors.map(\.message))\n"
              + "reference: \(member.value.text.prefix(600))\n\(source.prefix(1500))")
        }
      }
    }
    #expect(count >= 110)
    #expect(
      wrong.isEmpty, "\(wrong.count) of \(count): \(wrong.prefix(8).joined(separator: "\n---\n"))")
  }

  /// Paths without extension, with the verdict's path.
  private func cases(_ section: String) throws -> [(String, String)] {
    if section == "corpus" {
      return try Conformance.files("corpus/validation").map { name in
        ("corpus/corpus-tests/\(name.dropLast(5))", "corpus/validation/\(name)")
      }
    }
    return try Conformance.files("validator/testdata").filter { $0.hasSuffix(".validation.json") }
      .map { name in
        let base = name.dropLast(".validation.json".count)
        return ("validator/testdata/\(base)", "validator/testdata/\(name)")
      }
  }
}
