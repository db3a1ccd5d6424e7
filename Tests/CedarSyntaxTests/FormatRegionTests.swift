// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

/// `// fmt: off` and `// fmt: on`.
struct FormatRegionTests {
  private let laidOut = "permit (principal, action, resource);"
  private let rough = "permit(principal,action,resource);"

  private func formatted(_ source: String) throws -> String {
    let text = try #require(formatPolicies(source, dialect: true).text)
    // Formatting what is formatted changes nothing.
    #expect(formatPolicies(text, dialect: true).text == text)
    return text
  }

  @Test func whatStandsBetweenIsKept() throws {
    let source = "\(rough)\n// fmt: off\n\n  \(rough)\n// kept\n\(rough)\n// fmt: on\n\(rough)\n"
    #expect(
      try formatted(source)
        == "\(laidOut)\n\n// fmt: off\n\n  \(rough)\n// kept\n\(rough)\n// fmt: on\n\n\(laidOut)\n")
  }

  @Test func withoutOnTheRestIsKept() throws {
    let source = "\(rough)\n// fmt: off\n\(rough)   \n// end"
    #expect(try formatted(source) == "\(laidOut)\n\n// fmt: off\n\(rough)   \n// end\n")
  }

  @Test func aHeaderKeepsItsBlankLines() throws {
    let source = "// one\n\n// two\n// fmt: off\n\(rough)\n// fmt: on\n\n\n\(rough)"
    #expect(
      try formatted(source)
        == "// one\n\n// two\n\n// fmt: off\n\(rough)\n// fmt: on\n\n\(laidOut)\n")
  }

  @Test func regionsCanFollowEachOther() throws {
    let region = "// fmt: off\n\(rough)\n// fmt: on"
    #expect(try formatted("\(region)\n\(region)\n") == "\(region)\n\n\(region)\n")
  }

  /// Inside of a policy, behind code, or spelled otherwise, the words are a comment like any other.
  @Test(arguments: [
    "permit(principal,action,resource)\n// fmt: off\nwhen{true};",
    "permit(principal,action,resource); // fmt: off\npermit(principal,action,resource);",
    "// fmt: offset\npermit(principal,action,resource);",
    "// fmt: on\npermit(principal,action,resource);",
  ])
  func elsewhereTheyAreComments(source: String) throws {
    let text = try formatted(source)
    #expect(!text.contains("(principal,action"))
  }

  @Test func errorsInsideARegionAreFound() {
    let (text, findings) = formatPolicies("// fmt: off\npermit (", dialect: true)
    #expect(text == nil)
    #expect(findings.hasErrors)
  }
}
