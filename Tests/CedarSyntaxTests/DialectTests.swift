// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

struct DialectTests {
  private func desugared(_ source: String) -> String? {
    parseExpression(source, dialect: true).expression?.desugared().cedarText
  }

  @Test func formsAreErrorsInStandardCedar() {
    for source in [
      "permit (principal, action, resource) when { context.a < 10.0 };",
      "@priority(100) permit (principal, action, resource);",
      "permit (principal, action == \"routing:select_model\", resource);",
      "permit (principal, action in [\"a\", Action::\"b\"], resource);",
    ] {
      #expect(parsePolicies(source, dialect: false).diagnostics.hasErrors, "\(source)")
      let (set, diagnostics) = parsePolicies(source, dialect: true)
      #expect(diagnostics.isEmpty, "\(source)")
      // What desugaring prints is standard Cedar with the same meaning.
      let plain = set.policies[0].desugared().cedarText
      let (again, problems) = parsePolicies(plain, dialect: false)
      #expect(problems.isEmpty, "\(plain)")
      #expect(again.json == set.json)
    }
  }

  @Test func comparisonsDesugarToMethods() {
    #expect(desugared("context.a < 10.0") == #"context.a.lessThan(decimal("10.0"))"#)
    #expect(desugared("0.05 >= context.a") == #"decimal("0.05").greaterThanOrEqual(context.a)"#)
    #expect(desugared("context.a == -1.5") == #"context.a == decimal("-1.5")"#)
    #expect(desugared("1.0 <= 2.0") == #"decimal("1.0").lessThanOrEqual(decimal("2.0"))"#)
    #expect(desugared("context.a < context.b") == "context.a < context.b")
    #expect(desugared("[10.0] == [1.5]") == #"[decimal("10.0")] == [decimal("1.5")]"#)
    // A long literal is compared as a long: 1 < 1.5 is 1 < 2.
    #expect(desugared("1 < 1.5") == "1 < 2")
    #expect(desugared("1.5 > 1") == "2 > 1")
  }

  @Test func longsAreComparedExactly() throws {
    let cases: [(String, String)] = [
      ("context.n < 10.5", "context.n < 11"), ("context.n <= 10.5", "context.n <= 10"),
      ("context.n > 10.5", "context.n > 10"), ("context.n >= 10.5", "context.n >= 11"),
      ("context.n < 10.0", "context.n < 10"), ("context.n > 10.0", "context.n > 10"),
      ("context.n < -10.5", "context.n < -10"), ("context.n <= -10.5", "context.n <= -11"),
      ("10.5 < context.n", "10 < context.n"), ("10.5 <= context.n", "11 <= context.n"),
    ]
    for (source, expected) in cases {
      let expression = try #require(parseExpression(source, dialect: true).expression)
      #expect(expression.desugared(isLong: { $0.cedarText == "context.n" }).cedarText == expected)
    }
  }

  @Test func literalsKeepTheirBounds() {
    #expect(DecimalLiteral("922337203685477.5807")?.scaled == Int64.max)
    #expect(DecimalLiteral("-922337203685477.5808")?.scaled == Int64.min)
    for wrong in ["922337203685477.5808", "1.00000", "1.", ".1", "1", "-", "1.2.3", "+1.0", ""] {
      #expect(DecimalLiteral(wrong) == nil, "\(wrong)")
    }
    #expect(
      parseExpression("1.00001", dialect: true).diagnostics.map(\.code) == [.invalidDecimalLiteral])
    #expect(parseExpression("-922337203685477.5808", dialect: true).diagnostics.isEmpty)
  }

  @Test func annotationNumbersAreTheirText() {
    let (set, _) = parsePolicies(
      "@priority(100) @weight(-0.5) @id permit (principal, action, resource);", dialect: true)
    #expect(set.policies.first?.annotations.map(\.text) == ["100", "-0.5", ""])
  }
}
