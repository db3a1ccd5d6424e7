// SPDX-License-Identifier: MIT

import CedarSyntax
import TestSupport
import Testing

/// Standard Cedar written in the dialect, and back.
struct SugarTests {
  private func sugared(_ condition: String) throws -> String {
    let source = "permit (principal, action, resource) when { \(condition) };"
    let (set, problems) = parsePolicies(source, dialect: false)
    #expect(problems.isEmpty)
    let policy = try #require(set.policies.first)
    let text = policy.sugared().cedarText
    let (back, findings) = parsePolicies(text, dialect: true)
    #expect(findings.isEmpty)
    // Reading the dialect and taking it away again gives the same policy.
    let plain = PolicySet(policies: back.policies.map { $0.desugared() })
    #expect(plain.json == set.json, "\(condition)")
    let body = try #require(back.policies.first?.conditions.first?.body)
    return body.cedarText
  }

  @Test(arguments: [
    ("context.a.lessThan(decimal(\"10.0\"))", "context.a < 10.0"),
    ("context.a.lessThanOrEqual(decimal(\"10.00\"))", "context.a <= 10.00"),
    ("decimal(\"1.5\").greaterThan(context.a)", "1.5 > context.a"),
    ("context.a.greaterThanOrEqual(decimal(\"0.0001\"))", "context.a >= 0.0001"),
    ("context.a == decimal(\"1.0\")", "context.a == 1.0"),
    ("[decimal(\"1.0\")].contains(context.a)", "[1.0].contains(context.a)"),
    ("!context.a.lessThan(decimal(\"1.0\"))", "!(context.a < 1.0)"),
  ])
  func decimalsBecomeLiterals(standard: String, dialect: String) throws {
    #expect(try sugared(standard) == dialect)
  }

  /// What the dialect would read otherwise stays as it is.
  @Test(arguments: [
    "context.a < decimal(\"1.0\")", "context.a.lessThan(context.b)",
    "context.a.lessThan(decimal(\"-1.0\"))", "decimal(\"1.00000\") == context.a",
    "decimal(context.a) == context.b", "(1).lessThan(decimal(\"1.0\"))",
    "context.a == decimal(\"9999999999999999.0\")",
  ])
  func whatCannotBeSaidStays(condition: String) throws {
    let text = try sugared(condition)
    #expect(text.contains("decimal(") || text.contains("lessThan"))
  }

  @Test func headsLoseTheirQuotes() throws {
    let source = """
      @id("7") @priority("100") @weight("0.5") @a("-1") @b("1e3") @c @d("")
      permit (principal, action in [Action::"a", Acme::Action::"b"], resource);
      """
    let policy = try #require(parsePolicies(source, dialect: false).policies.policies.first)
    let text = policy.sugared().cedarText
    for part in ["@id(7)", "@priority(100)", "@weight(0.5)", "@a(\"-1\")", "@b(\"1e3\")"] {
      #expect(text.contains(part), "\(part)")
    }
    #expect(text.contains("action in [\"a\", Acme::Action::\"b\"]"))
    let back = try #require(parsePolicies(text, dialect: true).policies.policies.first)
    #expect(PolicySet(policies: [back.desugared()]).json == PolicySet(policies: [policy]).json)
  }
}

/// Every policy that the reference's data has text for survives both ways.
@Suite(.enabled(if: Conformance.isPresent, Comment(rawValue: Conformance.absent)))
struct SugarConformanceTests {
  @Test(arguments: ["syntax/harvest-policy", "syntax/mut-policy", "est/cases"])
  func bothWays(file: String) throws {
    var wrong: [String] = []
    var count = 0
    for record in try Conformance.lines("\(file).jsonl") where record["est"] != nil {
      guard let source = (record["src"] ?? record["policy"])?.string else { continue }
      count += 1
      let set = parsePolicies(source, dialect: false).policies
      let text = PolicySet(policies: set.policies.map { $0.sugared() }).cedarText
      let (back, findings) = parsePolicies(text, dialect: true)
      let plain = PolicySet(policies: back.policies.map { $0.desugared() })
      if plain.json != set.json || findings.hasErrors { wrong.append("\(source)\n\(text)") }
    }
    #expect(count > 80)
    #expect(wrong.isEmpty, "\(wrong.prefix(5).joined(separator: "\n---\n"))")
  }
}
