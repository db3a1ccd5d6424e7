// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

struct FormatterTests {
  /// Formatting twice is formatting once; meaning and comments stay.
  @Test(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
  func isIdempotentAndKeepsEverything() throws {
    var wrong: [String] = []
    for record in try Conformance.lines("formatter/cases.jsonl") {
      let input = record["input"]?.string ?? ""
      let options = FormatOptions(lineWidth: Int(record["width"]?.integer ?? 80))
      let (once, _) = formatPolicies(input, dialect: false, options: options)
      let (twice, _) = formatPolicies(once ?? "", dialect: false, options: options)
      if once != twice { wrong.append("not idempotent: \(record["name"]?.string ?? "")\n\(input)") }
      let before = parsePolicies(input, dialect: false).policies.json
      let after = parsePolicies(once ?? "", dialect: false).policies.json
      if before != after { wrong.append("meaning changed: \(input)") }
    }
    #expect(wrong.isEmpty, "\(wrong.count): \(wrong.prefix(5).joined(separator: "\n---\n"))")
  }

  @Test func commentsOfDroppedCommasAreKept() {
    let source = """
      permit (principal, action in [Action::"a", // one
      Action::"b", // two
      // three
      ], resource // four
      , // five
      ) when { [1, /* no */ 2] == [1] };
      """.replacing("/* no */ ", with: "")
    let (text, diagnostics) = formatPolicies(source, dialect: false)
    #expect(diagnostics.isEmpty)
    for comment in ["// one", "// two", "// three", "// four", "// five"] {
      #expect(text?.contains(comment) == true, "\(comment) is lost in\n\(text ?? "")")
    }
  }

  @Test func dialectFormsAreKept() {
    let source = """
      // Prefer self-hosted
      @priority(100) permit(principal,action=="routing:select_model",resource)
      when{context.cost_budget_remaining<10.0&&resource.provider=="vllm"};
      """
    let expected = """
      // Prefer self-hosted
      @priority(100)
      permit (
        principal,
        action == "routing:select_model",
        resource
      )
      when { context.cost_budget_remaining < 10.0 && resource.provider == "vllm" };

      """
    #expect(formatPolicies(source, dialect: true).text == expected)
    #expect(formatPolicies(source, dialect: false).text == nil)
  }

  @Test func everyWidthTerminatesAndParses() throws {
    let source = """
      permit (principal, action, resource) when { if context.a.b.c has d then -(1 + 2 * 3) == 4
      else [{"x y": ip("1.1.1.1").isInRange(ip("::1"))}, {}].contains(!(true || false)) };
      """
    let expected = parsePolicies(source, dialect: false).policies.json
    for width in [0, 1, 10, 30, 200] {
      let options = FormatOptions(lineWidth: width, indentWidth: width % 5)
      let text = try #require(formatPolicies(source, dialect: false, options: options).text)
      #expect(parsePolicies(text, dialect: false).policies.json == expected)
    }
  }
}
