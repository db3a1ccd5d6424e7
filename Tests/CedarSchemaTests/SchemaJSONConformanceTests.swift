// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import TestSupport
import Testing

/// The JSON form of a schema equals the reference's; both forms read back as the same schema.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SchemaJSONConformanceTests {
  @Test func forms() throws {
    var wrong: [String] = []
    let names = try Conformance.files("corpus/json-schemas")
    #expect(names.count > 1_500)
    for name in names {
      let expected = try Conformance.json("corpus/json-schemas/\(name)")
      let source = try Conformance.text("corpus/corpus-tests/\(name.dropLast(5)).cedarschema")
      let (document, problems) = parseSchemaDocument(source)
      #expect(!problems.hasErrors)
      if document.json != expected {
        wrong.append("\(name)\n\(source)\nEXPECTED \(expected.text)\nFOUND \(document.json.text)")
        continue
      }
      let (readBack, jsonProblems) = parseSchemaDocumentJSON(expected.text)
      if readBack.json != expected || !jsonProblems.isEmpty || readBack.resolved().schema == nil {
        wrong.append("JSON of \(name): \(jsonProblems.first?.message ?? "")")
      }
      let (printed, printProblems) = parseSchemaDocument(readBack.cedarText)
      if printed.json != expected || printProblems.hasErrors {
        wrong.append("text of \(name): \(printProblems.first?.message ?? "") \(readBack.cedarText)")
      }
    }
    #expect(
      wrong.isEmpty,
      "\(wrong.count) of \(names.count): \(wrong.prefix(4).joined(separator: "\n---\n"))")
  }
}
