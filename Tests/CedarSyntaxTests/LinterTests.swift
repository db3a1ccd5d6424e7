// SPDX-License-Identifier: MIT

import CedarSyntax
import Testing

struct LinterTests {
  private func findings(_ source: String) -> [Diagnostic] {
    let (set, problems) = parsePolicies(source, dialect: true)
    #expect(problems.isEmpty)
    return lint(set)
  }

  private func codes(_ source: String) -> [UInt16] { findings(source).map(\.code.number) }

  private func clause(_ condition: String) -> [UInt16] {
    codes("@id(\"a\") permit (principal, action, resource) when { \(condition) };")
  }

  @Test func idsAreAskedForAndUnique() {
    #expect(codes("permit (principal, action, resource);") == [600])
    #expect(findings("permit (principal, action, resource);")[0].severity == .note)
    let twice = "@id(\"a\") permit (principal, action, resource);"
    #expect(codes(twice + twice) == [601])
  }

  @Test func annotationsAreKnownAndWellFormed() {
    let policy = "permit (principal, action, resource);"
    #expect(
      findings("@id(\"a\") @max_output_token(\"1\") \(policy)")[0].help
        == "did you mean `@max_output_tokens`?")
    for value in ["\"0\"", "\"-1\"", "\"many\"", "\"1.5\"", "1.5"] {
      #expect(codes("@id(\"a\") @max_output_tokens(\(value)) \(policy)") == [603], "\(value)")
    }
    #expect(codes("@id(\"a\") @max_output_tokens(4096) @priority(0.5) \(policy)") == [])
    #expect(codes("@id(\"a\") @strategy(\"cheapest\") \(policy)") == [603])
    #expect(codes("@id(\"a\") @priority(\"high\") \(policy)") == [603])
    #expect(codes("@id(\"a\") @cache(\"off\") forbid (principal, action, resource);") == [607])
  }

  @Test func constantClausesAreFound() {
    #expect(clause("false") == [604])
    #expect(clause("true") == [605])
    #expect(clause("1 > 2 && context.a") == [604])
    #expect(clause("!(true)") == [604])
    #expect(clause("context.a || true") == [])
    #expect(codes("@id(\"a\") permit (principal, action, resource) unless { true };") == [604])
  }

  @Test func contradictionsAreFound() {
    #expect(clause("context.a == 1 && context.a == 2") == [604])
    #expect(clause("context.a == \"x\" && context.b == \"y\" && context.a == \"z\"") == [604])
    #expect(clause("context.a < 5 && context.a > 10") == [604])
    #expect(clause("context.a < 5 && 5 <= context.a") == [604])
    #expect(clause("context.a < 0.5 && context.a >= 1") == [604])
    #expect(clause("context.a == 3 && context.a > 3") == [604])
    #expect(clause("context.a <= 5 && context.a >= 5") == [])
    #expect(clause("context.a == 1 || context.a == 2") == [])
    #expect(
      codes(
        "@id(\"a\") permit (principal, action, resource) when { context.a == 1 } "
          + "when { context.a == 2 };") == [604])
  }

  @Test func decimalsNeedMethods() {
    let found = findings(
      "@id(\"a\") permit (principal, action, resource) when { context.a < decimal(\"1.0\") };")
    #expect(found.map(\.code.number) == [606])
    #expect(found[0].fix?.replacement == "context.a.lessThan(decimal(\"1.0\"))")
    #expect(clause("context.a < 1.0") == [])
  }

  @Test func overruledPermitsAreFound() {
    let wall = "@id(\"w\") forbid (principal, action, resource in Group::\"x\");"
    #expect(
      codes(wall + "@id(\"a\") permit (principal, action, resource in Group::\"x\");") == [608])
    #expect(
      codes(wall + "@id(\"a\") permit (principal, action, resource == Group::\"x\");") == [608])
    #expect(codes(wall + "@id(\"a\") permit (principal, action, resource);") == [])
  }

  @Test func filesAreJoinedAndNamed() {
    let first = parsePolicies("@id(\"x\") permit (principal, action, resource);", dialect: true)
    let second = parsePolicies("forbid (principal, action, resource);", dialect: true, file: 1)
    let sets = [first.policies, second.policies]
    #expect(
      PolicySet(joining: sets, identifiedBy: .position).policies.map(\.id) == [
        "policy0", "policy1",
      ])
    #expect(
      PolicySet(joining: sets, identifiedBy: .annotation).policies.map(\.id) == ["x", "policy1"])
  }

  @Test func anOverruledPermitIsShownByItsScope() throws {
    let wall = "@id(\"f\") forbid (principal, action, resource);"
    let source = wall + "@id(\"a\") permit (principal, action, resource in Group::\"x\");"
    let finding = try #require(findings(source).first)
    let file = SourceFile(name: "x.cedar", text: source)
    #expect(
      finding.labels.map { file.text(of: $0.span) }
        == ["principal, action, resource in Group::\"x\"", "principal, action, resource"])
  }

  /// Policies without text behind them name their file at least.
  @Test func policiesFromJSONAreFoundAtTheirPlace() throws {
    let json = """
      {"effect": "permit", "principal": {"op": "All"}, "action": {"op": "All"},
       "resource": {"op": "All"}, "annotations": {"id": "a", "cahce": "off"},
       "conditions": [{"kind": "when", "body": {"Value": false}}]}
      """
    let (set, problems) = parsePoliciesJSON(json)
    #expect(problems.isEmpty)
    let place = SourceSpan(start: 0, end: 0, file: 7)
    let placed = PolicySet(policies: set.policies.map { $0.placed(at: place) })
    #expect(placed.json == set.json)
    let findings = lint(placed)
    #expect(findings.map(\.code.number).sorted() == [602, 604])
    #expect(findings.allSatisfy { $0.labels.allSatisfy { $0.span == place } })
  }
}
