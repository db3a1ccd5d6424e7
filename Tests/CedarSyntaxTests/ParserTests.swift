// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

struct ParserTests {
  private func codes(_ source: String, dialect: Bool = false) -> [UInt16] {
    parsePolicies(source, dialect: dialect).diagnostics.map(\.code.number)
  }

  private func expressionText(_ source: String, dialect: Bool = false) -> String? {
    parseExpression(source, dialect: dialect).expression?.cedarText
  }

  // MARK: recovery

  @Test func allErrorsOfAFileComeAtOnce() {
    let source = """
      permit (principal, action, resource) when { principl.a };
      forbid (principal, resource, action);
      permit (principal, action, resource) when { 1 + };
      permit (principal, action, resource) when { x.contains(1, 2) } unless { };
      permit (principal, action, resource);
      """
    let (set, diagnostics) = parsePolicies(source, dialect: false)
    #expect(set.policies.map(\.id) == ["policy4"])
    #expect(diagnostics.map(\.code.number) == [58, 21, 21, 10, 58, 57, 14])
  }

  @Test func aForgottenSemicolonCostsOnePolicyOnly() {
    let source = """
      permit (principal, action, resource)
      permit (principal, action, resource);
      @id("c") permit (principal, action, resource) when { true }
      """
    let (set, diagnostics) = parsePolicies(source, dialect: false)
    #expect(set.policies.map(\.id) == ["policy1"])
    #expect(diagnostics.map(\.code.number) == [10, 11])
    #expect(diagnostics[0].fix?.replacement == ";")
  }

  // MARK: limits

  @Test func nestingIsBoundedWithAnError() {
    for (open, close) in [("(", ")"), ("[", "]"), ("{a:", "}"), ("!(", ")"), ("if ", "")] {
      let source =
        String(repeating: open, count: 100_000) + "1"
        + String(repeating: close, count: 100_000)
      let (expression, diagnostics) = parseExpression(source, dialect: false)
      #expect(expression == nil)
      #expect(diagnostics.contains { $0.code == .nestingTooDeep }, "\(open)")
    }
    let chain = "context" + String(repeating: ".a", count: 100_000)
    #expect(parseExpression(chain, dialect: false).diagnostics.map(\.code) == [.nestingTooDeep])
  }

  @Test func longChainsAreFlat() throws {
    for separator in [" && ", " || ", " + ", " * "] {
      let source = Array(repeating: "1", count: 50_000).joined(separator: separator)
      let expression = try #require(parseExpression(source, dialect: false).expression)
      #expect(expression.depth == 2)
    }
    let policy =
      "permit (principal, action, resource) when { "
      + Array(repeating: "context.a", count: 5_000).joined(separator: " && ") + " };"
    let json = parsePolicies(policy, dialect: false).policies.json.text
    let back = parsePoliciesJSON(json)
    #expect(back.diagnostics.isEmpty)
    #expect(back.policies.policies.count == 1)
  }

  @Test func anyBytesAreSurvived() {
    var state: UInt64 = 42
    let pieces = [
      "permit", "forbid", "(", ")", "{", "}", "[", "]", "when", "unless", "@id", "\"a\"", "\"", "1",
      "10.0", "::", ":", ".", ",", ";", "principal", "action", "resource", "?principal", "if",
      "then", "else", "is", "in", "has", "like", "==", "=", "<", "&&", "||", "!", "-", "+", "*",
      "/", "//x\n", "\\", "\u{0}", "é", "😀", "&", "ip", "__cedar", "User", "9223372036854775808",
    ]
    for _ in 0..<2_000 {
      var source = ""
      for _ in 0..<30 {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        source += pieces[Int(state >> 33) % pieces.count] + (state & 1 == 0 ? " " : "")
      }
      let (_, diagnostics) = parsePolicies(source, dialect: state & 2 == 0)
      for diagnostic in diagnostics { #expect(Int(diagnostic.span.end) <= source.utf8.count) }
      _ = formatPolicies(source, dialect: true)
      _ = parsePoliciesJSON(source)
    }
  }

  // MARK: literals

  @Test func integersReachBothEnds() {
    #expect(expressionText("-9223372036854775808") == "-9223372036854775808")
    #expect(expressionText("9223372036854775807") == "9223372036854775807")
    #expect(codes("permit(principal,action,resource) when {9223372036854775808 == 1};") == [5])
    #expect(codes("permit(principal,action,resource) when {-(9223372036854775808) == 1};") == [5])
    #expect(expressionText("--9223372036854775808") == "--9223372036854775808")
    #expect(expressionText("-(5)") == "-(5)")
    #expect(expressionText("007") == "7")
  }

  @Test func escapesFollowRust() throws {
    let source = #""\n\r\t\0\\\"\'\x41\u{1F600}\u{4_1}""#
    let expression = try #require(parseExpression(source, dialect: false).expression)
    guard case .string(let text) = expression.kind else {
      Issue.record("not a string")
      return
    }
    #expect(text == "\n\r\t\0\\\"'A\u{1F600}A")
    for wrong in [#""\a""#, #""\x80""#, #""\u{}""#, #""\u{1234567}""#, #""\u{D800}""#, #""\*""#] {
      #expect(
        parseExpression(wrong, dialect: false).diagnostics.map(\.code) == [.invalidEscape],
        "\(wrong)")
    }
  }

  @Test func idsAreComparedScalarByScalar() {
    let composed = EntityUID(type: Name(["A"]), id: "\u{E9}")
    let decomposed = EntityUID(type: Name(["A"]), id: "e\u{301}")
    #expect(composed != decomposed)
    #expect(Set([composed, decomposed]).count == 2)
    #expect(
      codes("permit(principal,action,resource) when {{\"\u{E9}\":1,\"e\u{301}\":2} has a};") == [])
  }

  // MARK: suggestions

  @Test(arguments: [
    ("permt (principal, action, resource);", "permit"),
    ("permit (principal, action, resource) whn { true };", "when"),
    ("permit (principal, action, resource) when { contxt.a };", "context"),
    ("permit (principal, action, resource) when { [1].containAll([1]) };", "containsAll"),
    ("permit (principal, action, resource) when { decimel(\"1.0\") == 1 };", "decimal"),
    ("permit (principal, action, resource) when { 1 = 1 };", "=="),
  ])
  func curesCanBeApplied(source: String, replacement: String) throws {
    let diagnostic = try #require(parsePolicies(source, dialect: false).diagnostics.first)
    let fix = try #require(diagnostic.fix)
    #expect(fix.replacement == replacement)
    var bytes = Array(source.utf8)
    bytes.replaceSubrange(Int(fix.span.start)..<Int(fix.span.end), with: replacement.utf8)
    let mended = String(decoding: bytes, as: UTF8.self)
    #expect(
      !parsePolicies(mended, dialect: false).diagnostics.contains { $0.code == diagnostic.code })
  }
}
