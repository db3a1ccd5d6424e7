// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

struct DiagnosticRendererTests {
  private static let source = """
    @id("a")
    permit (principal, action, resource)
    when { dcimal("1.0") < context.limit };

    forbit (principal, action, resource);
    """

  private func rendered() -> (DiagnosticRenderer, [Diagnostic]) {
    var files = SourceFiles()
    let file = files.add(name: "policies/a b.cedar", text: Self.source) ?? 0
    let (_, diagnostics) = parsePolicies(Self.source, dialect: true, file: file)
    return (DiagnosticRenderer(sources: files), diagnostics)
  }

  @Test func textShowsLineCaretAndCure() {
    let (renderer, diagnostics) = rendered()
    let expected = """
      error[CEDAR0053]: there is no function `dcimal`
       --> policies/a b.cedar:3:8
        |
      3 | when { dcimal("1.0") < context.limit };
        |        ^^^^^^
        = help: did you mean `decimal`?

      error[CEDAR0012]: `forbit` is not an effect
       --> policies/a b.cedar:5:1
        |
      5 | forbit (principal, action, resource);
        | ^^^^^^ expected `permit` or `forbid`
        = help: did you mean `forbid`?

      """
    #expect(renderer.text(diagnostics) == expected)
    #expect(renderer.text(diagnostics, color: true).contains("\u{1B}[1;31m^^^^^^"))
    #expect(DiagnosticRenderer.summary(diagnostics) == "2 errors")
  }

  @Test func jsonHoldsPlacesAndFixes() throws {
    let (renderer, diagnostics) = rendered()
    let findings = try #require(try CedarJSON(parsing: renderer.json(diagnostics)).array)
    #expect(findings.count == 2)
    let label = try #require(findings[1]["labels"]?.array?.first)
    #expect(label["line"]?.integer == 5)
    #expect(label["length"]?.integer == 6)
    #expect(findings[1]["fix"]?["replacement"]?.string == "forbid")
  }

  @Test func sarifHasTheRequiredMembers() throws {
    let (renderer, diagnostics) = rendered()
    let log = try CedarJSON(
      parsing: renderer.sarif(diagnostics, tool: "policyc", version: "1.0.0"))
    #expect(log["version"]?.string == "2.1.0")
    let run = try #require(log["runs"]?.array?.first)
    #expect(run["tool"]?["driver"]?["name"]?.string == "policyc")
    #expect(run["tool"]?["driver"]?["rules"]?.array?.count == 2)
    let result = try #require(run["results"]?.array?.first)
    #expect(result["ruleId"]?.string == "CEDAR0053")
    #expect(result["ruleIndex"]?.integer == 1)
    #expect(result["level"]?.string == "error")
    let physical = result["locations"]?.array?.first?["physicalLocation"]
    #expect(physical?["artifactLocation"]?["uri"]?.string == "policies/a%20b.cedar")
    #expect(physical?["region"]?["startLine"]?.integer == 3)
    #expect(physical?["region"]?["endColumn"]?.integer == 14)
  }

  @Test func githubEscapesItsText() {
    let (renderer, diagnostics) = rendered()
    let first = renderer.github(diagnostics).split(separator: "\n")[0]
    #expect(
      first == "::error file=policies/a b.cedar,line=3,col=8,endLine=3,endColumn=14,"
        + "title=CEDAR0053::there is no function `dcimal`%0Ahelp: did you mean `decimal`?")
  }

  @Test func columnsCountScalarsAndTabsKeepTheirPlace() {
    let text = "\t\"é\" = 1"
    var files = SourceFiles()
    _ = files.add(name: "x", text: text)
    let (_, diagnostics) = parseExpression(text, dialect: false)
    let rendered = DiagnosticRenderer(sources: files).text(diagnostics)
    #expect(rendered.contains("x:1:6"))
    #expect(rendered.contains("| \t    ^"))
  }
}
