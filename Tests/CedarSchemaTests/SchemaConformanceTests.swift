// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import TestSupport
import Testing

/// Accept and reject schemas exactly as the reference does.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SchemaConformanceTests {
  @Test(arguments: ["harvest-schema", "mut-schema"])
  func verdicts(file: String) throws {
    let records = try Conformance.lines("syntax/\(file).jsonl")
    #expect(records.count > 100)
    var wrong: [String] = []
    for record in records {
      let source = record["src"]?.string ?? ""
      let accept = record["accept"]?.bool ?? false
      let (schema, diagnostics) = parseSchema(source)
      if (schema != nil) == accept { continue }
      let reason = record["error"]?.string ?? diagnostics.first { $0.severity == .error }?.message
      wrong.append("accept=\(accept) \(reason ?? "")\n\(source)")
    }
    #expect(
      wrong.isEmpty,
      "\(wrong.count) of \(records.count): \(wrong.prefix(20).joined(separator: "\n---\n"))")
  }
}
