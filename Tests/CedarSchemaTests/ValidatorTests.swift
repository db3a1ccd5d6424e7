// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import Foundation
import Testing

struct ValidatorTests {
  private static let schemaText = """
    entity Team;
    entity User in [Team] { name: String, age?: Long, spend: decimal, home: { zip?: String } }
      tags String;
    entity Color enum ["red", "blue"];
    entity Model { provider: String, cost: decimal, latency: Long, tags: Set<String> };
    action read, write in [all] appliesTo {
      principal: User, resource: Model, context: { at: datetime, from?: ipaddr, limit: Long }
    };
    action all;
    """

  private func findings(_ condition: String) throws -> [Diagnostic] {
    try policyFindings("permit (principal, action, resource) when { \(condition) };")
  }

  private func policyFindings(_ source: String) throws -> [Diagnostic] {
    let schema = try #require(parseSchema(Self.schemaText).schema)
    let (set, problems) = parsePolicies(source, dialect: true)
    #expect(problems.isEmpty)
    return Validator(schema: schema).validate(set)
  }

  private func codes(_ condition: String) throws -> [UInt16] {
    try findings(condition).map(\.code.number)
  }

  @Test func attributesAreKnownAndTested() throws {
    let unknown = try findings("resource.provder == \"x\"")
    #expect(unknown.map(\.message) == ["`Model` has no attribute `provder`"])
    #expect(unknown[0].help == "did you mean `provider`?")
    #expect(unknown[0].span == SourceSpan(start: 53, end: 60))
    let unsafe = try findings("principal.age > 3")
    #expect(unsafe.map(\.code) == [.unsafeOptionalAttribute])
    #expect(unsafe[0].help == "test it first: `principal has age && ...`")
    #expect(try codes("principal has age && principal.age > 3") == [])
    #expect(try codes("!(principal has age) || principal.age > 3") == [406])
    #expect(try codes("principal has home.zip && principal.home.zip == \"1\"") == [])
    let branches = "if principal has age then principal.age == 1 else principal.age == 2"
    #expect(try codes(branches) == [406])
    #expect(
      try policyFindings(
        "permit (principal, action, resource) "
          + "when { principal has age } when { principal.age > 3 };") == [])
  }

  @Test func typesAgree() throws {
    #expect(try codes("resource.provider == 3") == [404])
    #expect(try codes("resource.provider + 1 == 2") == [403])
    #expect(try codes("resource.provider") == [403])
    #expect(try codes("resource.provider.contains(\"x\")") == [403])
    #expect(try codes("resource.tags.contains(1)") == [404])
    #expect(try codes("context.limit like \"1*\"") == [403])
    #expect(try codes("principal in resource.provider") == [403])
    #expect(try codes("[1, \"a\"].contains(1)") == [404])
    #expect(try codes("[].contains(1)") == [409])
    #expect(try codes("ip(resource.provider).isIpv4()") == [410])
    #expect(try codes("ip(\"1.2.3\").isIpv4()") == [411])
    #expect(try codes("context.at < datetime(\"2026-01-31\")") == [])
    #expect(try codes("principal.hasTag(\"a\") && principal.getTag(\"a\") == \"b\"") == [])
    #expect(try codes("principal.getTag(\"a\") == \"b\"") == [407])
    #expect(try codes("resource.getTag(\"a\") == \"b\"") == [408])
    #expect(try codes("context.from.isInRange(ip(\"::1\"))") == [406])
  }

  @Test func dialectComparisonsTakeLongsAndDecimals() throws {
    #expect(try codes("resource.cost < 10.0 && context.limit >= 0.5 && 1.5 < resource.cost") == [])
    #expect(try codes("resource.provider < 10.0") == [403])
    let decimals = try findings("resource.cost < principal.spend")
    #expect(decimals.map(\.code) == [.unexpectedType])
    #expect(decimals[0].help == "compare decimals with `.lessThan(...)`")
  }

  @Test func namesAreKnown() throws {
    let type = try policyFindings("permit (principal is Usr, action, resource);")
    #expect(type.map(\.help) == ["did you mean `User`?"])
    let action = try policyFindings("permit (principal, action == \"raed\", resource);")
    #expect(action.map(\.help) == ["did you mean `Action::\"read\"`?"])
    #expect(try codes("principal == Color::\"green\"").first == 412)
    #expect(
      try policyFindings("permit (principal is Model, action == \"read\", resource);").map(\.code)
        == [.appliesToNothing])
    #expect(try policyFindings("permit (principal, action in [\"all\"], resource);") == [])
  }

  @Test func impossiblePoliciesAreWarnings() throws {
    let found = try findings("principal is Team && true")
    #expect(found.map(\.code) == [.impossiblePolicy])
    #expect(found[0].severity == .warning)
    #expect(try codes("principal is User") == [])
    #expect(try codes("resource has nothing") == [413])
  }

  @Test func longsAreToldForTranslation() throws {
    let schema = try #require(parseSchema(Self.schemaText).schema)
    let (set, _) = parsePolicies(
      "permit (principal, action, resource) when { context.limit < 10.5 && resource.cost < 10.5 };",
      dialect: true)
    let result = Validator(schema: schema).validate(set.policies[0])
    let plain = set.policies[0].desugared { result.longs.contains(ObjectIdentifier($0)) }
    #expect(
      plain.conditions[0].body.cedarText
        == "context.limit < 11 && resource.cost.lessThan(decimal(\"10.5\"))")
  }

  @Test func schemaErrorsComeAtOnce() {
    let source = """
      entity User in Grup { name: Strng };
      entity Group;
      entity Group;
      type A = B;
      type B = A;
      action read appliesTo { principal: [User] };
      action wirte in [raed];
      """
    let (_, problems) = parseSchemaDocument(source)
    #expect(problems.map(\.code) == [.incompleteAppliesTo])
    let resolved = parseSchemaDocument(source).document.resolved()
    #expect(
      Set(resolved.diagnostics.map(\.code))
        == [
          .duplicateDeclaration, .unknownSchemaEntityType, .unknownType, .commonTypeCycle,
          .unknownSchemaAction,
        ])
    #expect(resolved.diagnostics.contains { $0.help == "did you mean `Group`?" })
    #expect(resolved.diagnostics.contains { $0.help == "did you mean `String`?" })
    #expect(resolved.diagnostics.contains { $0.help == "did you mean `read`?" })
  }

  @Test func shippedPoliciesAreClean() throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().appending(path: "policies")
    let schemaText = try String(
      contentsOf: root.appending(path: "gateway.cedarschema"), encoding: .utf8)
    let source = try String(
      contentsOf: root.appending(path: "routing-rules.cedar"), encoding: .utf8)
    let (schema, problems) = parseSchema(schemaText)
    #expect(problems.isEmpty)
    let (set, diagnostics) = parsePolicies(source, dialect: true)
    #expect(diagnostics.isEmpty)
    #expect(Validator(schema: try #require(schema)).validate(set) == [])
    #expect(lint(set).filter { $0.severity != .note } == [])
    #expect(formatPolicies(source, dialect: true).text != nil)
  }
}
