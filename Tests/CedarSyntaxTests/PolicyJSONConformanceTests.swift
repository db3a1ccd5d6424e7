// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// The JSON form of a policy equals the reference's, and reads back as the same policy. The text
/// printed from a tree reads back as the same tree.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct PolicyJSONConformanceTests {
  @Test(arguments: ["syntax/harvest-policy", "syntax/mut-policy", "est/cases"])
  func forms(file: String) throws {
    var wrong: [String] = []
    var count = 0
    for record in try Conformance.lines("\(file).jsonl") {
      guard let expected = record["est"], let source = (record["src"] ?? record["policy"])?.string
      else { continue }
      count += 1
      let (set, diagnostics) = parsePolicies(source, dialect: false)
      #expect(!diagnostics.hasErrors)
      if set.json != expected {
        wrong.append("\(source)\nEXPECTED \(expected.text)\nFOUND    \(set.json.text)")
      }
      let (readBack, jsonProblems) = parsePoliciesJSON(expected.text)
      if readBack.json != expected || !jsonProblems.isEmpty {
        wrong.append("read \(expected.text)\nFOUND \(readBack.json.text)\n\(jsonProblems)")
      }
      let (printed, printProblems) = parsePolicies(set.cedarText, dialect: false)
      // Templates come behind static policies in the JSON form, so ids may differ there.
      if printed.json != expected || !printProblems.isEmpty {
        wrong.append("printed \(set.cedarText)\nFOUND \(printed.json.text)\n\(printProblems)")
      }
    }
    #expect(count > 80)
    #expect(
      wrong.isEmpty,
      "\(wrong.count) of \(count): \(wrong.prefix(6).joined(separator: "\n---\n"))")
  }
}
