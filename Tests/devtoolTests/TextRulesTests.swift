// SPDX-License-Identifier: MIT

import Testing

@testable import devtool

@Suite struct TextRulesTests {
  static let header = "// SPDX-License-Identifier: MIT\n"

  static func rules(_ text: String, path: String = "Sources/A/B.swift") -> [String] {
    TextRules.check(SourceFile(path: path, text: text)).map { "\($0.line) \($0.rule)" }
  }

  @Test func aCleanFileHasNoFindings() {
    #expect(TextRulesTests.rules(TextRulesTests.header + "\nlet a = 1\n") == [])
  }

  @Test func theLicenceLineIsNeeded() {
    #expect(TextRulesTests.rules("let a = 1\n") == ["1 licence"])
    #expect(TextRulesTests.rules("a: 1\n", path: "config/a.yaml") == ["1 licence"])
    #expect(TextRulesTests.rules("all:\n", path: "Makefile") == ["1 licence"])
    #expect(TextRulesTests.rules("# A\n", path: "docs/a.md") == [])
    #expect(
      TextRulesTests.rules("#!/bin/sh\n# SPDX-License-Identifier: MIT\n", path: "a.sh") == [])
  }

  @Test func lengthsAreLimited() {
    let long = String(repeating: "a", count: 101)
    #expect(TextRulesTests.rules(TextRulesTests.header + long + "\n") == ["2 line-length"])
    // 100 columns of two bytes each are within the limit.
    let wide = String(repeating: "é", count: 100)
    #expect(TextRulesTests.rules(TextRulesTests.header + wide + "\n") == [])
    let many = TextRulesTests.header + String(repeating: "a\n", count: 500)
    #expect(TextRulesTests.rules(many) == ["0 file-length"])
    #expect(TextRulesTests.rules(many, path: "Tests/Fixtures/B.swift") == [])
  }

  @Test func blanksAtTheEndAreFound() {
    let text = TextRulesTests.header + "a \nb\t\nc\r\n\td\ne"
    #expect(
      TextRulesTests.rules(text) == [
        "2 whitespace", "3 whitespace", "3 whitespace", "4 whitespace", "5 whitespace",
        "6 whitespace",
      ])
  }

  @Test(arguments: [
    ("// TO" + "DO: later", true), ("// for " + "now it works", true), ("// X" + "XX", true),
    ("let for" + "nowhere = 1", false), ("TO" + "DOS", false), ("// place" + "holder", true),
    ("HTTP/1.1 501 Not Implemented", false), ("mixX" + "XXy", false),
  ])
  func leftoversAreFound(line: String, isBanned: Bool) {
    let found = TextRulesTests.rules(TextRulesTests.header + line + "\n")
    #expect(found == (isBanned ? ["2 leftover"] : []))
  }

  @Test(arguments: [
    ("cd /wo" + "rk/main", true), ("\"/ro" + "ot/x\"", true), ("docs/wo" + "rk/x", false),
    ("$HOME/op" + "t/x", false), ("(/op" + "t/swift/usr)", true), ("../op" + "t/x", false),
  ])
  func machinePathsAreFound(line: String, isBanned: Bool) {
    let found = TextRulesTests.rules(TextRulesTests.header + line + "\n")
    #expect(found == (isBanned ? ["2 machine-path"] : []))
  }

  @Test func artefactsAreFound() {
    let paths = [
      "a/b.o", "Package.resolved", ".build/x", "a/__pycache__/b.pyc", "Sources/A.swift",
      "Tests/Fixtures/image.cedarc", "Makefile",
    ]
    #expect(
      ArtefactRule.check(paths).map(\.path) == [
        "a/b.o", "Package.resolved", ".build/x", "a/__pycache__/b.pyc",
      ])
  }

  @Test func findingsPrintForEditorsAndPrograms() throws {
    let finding = Finding(path: "a.swift", line: 3, rule: "r", message: "m")
    #expect(finding.text == "a.swift:3: r: m")
    let json = try Finding.json([finding])
    #expect(json.contains("\"line\" : 3"))
    #expect(json.contains("\"path\" : \"a.swift\""))
  }
}
