// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import Testing

/// Level validation (RFC 76): the lowest level at which a policy is valid.
struct LevelTests {
  private static let schemaText = """
    entity Team in [Team] { name: String };
    entity Person in [Team] {
      isActive: Bool, title: String, boss: Person, home: { city: String, host: Person }
    } tags Person;
    entity Page { author: Person };
    action read appliesTo {
      principal: Person, resource: Page,
      context: { guest: Person, via: { host: Person }, isSecure: Bool }
    };
    """

  private func errors(_ policy: String, level: Int?) throws -> [Diagnostic] {
    let schema = try #require(parseSchema(Self.schemaText).schema)
    let (policies, problems) = parsePolicies(policy, dialect: false)
    #expect(!problems.hasErrors, "\(policy)")
    return Validator(schema: schema, level: level).validate(policies).filter {
      $0.severity == .error
    }
  }

  private func check(_ policy: String, needs level: Int) throws {
    #expect(try errors(policy, level: nil).isEmpty, "\(policy)")
    for bound in 0...level + 1 {
      let found = try errors(policy, level: bound)
      #expect(found.isEmpty == (bound >= level), "level \(bound): \(policy)")
      #expect(found.allSatisfy { $0.code == .levelExceeded })
    }
  }

  @Test(arguments: [
    (#"principal, action, resource"#, 0), (#"principal == Person::"a", action, resource"#, 0),
    (#"principal is Person, action, resource"#, 0),
    (#"principal, action == Action::"read", resource"#, 0),
    (#"principal in Team::"t", action, resource"#, 1),
    (#"principal is Person in Team::"t", action, resource"#, 1),
    (#"principal, action in Action::"read", resource"#, 1),
  ])
  func scopes(_ scope: String, _ level: Int) throws {
    try check("permit(\(scope));", needs: level)
  }

  @Test(arguments: [
    ("context.isSecure && context.guest is Person", 0), ("context.via has host", 0),
    ("{ a: principal }.a is Person", 0), ("principal == resource || action == action", 0),
    ("principal.isActive", 1), ("principal has boss", 1), ("context.guest.isActive", 1),
    (#"principal in Team::"t""#, 1), (#"principal in [Team::"t"]"#, 1),
    (#"principal.hasTag("x") && principal.getTag("x") is Person"#, 1),
    ("principal.home.host is Person", 1), ("{ a: principal }.a.isActive", 1),
    (#"principal.boss in Team::"t""#, 2), ("context.via.host.home.host.isActive", 2),
    (#"principal.hasTag("x") && principal.getTag("x").isActive"#, 2),
    ("principal in principal.boss.boss", 2), ("principal has boss.isActive", 2),
    (#"principal.hasTag(principal.boss.title)"#, 2),
    ("(if principal.isActive then principal.boss else resource.author.boss).isActive", 3),
    ("if principal.boss.boss.isActive then true else resource.author.isActive", 3),
    ("{ a: principal, b: resource.author.boss.boss }.a.isActive", 3),
    // What is never taken does not count.
    ("if true then principal.isActive else principal.boss.boss.isActive", 1),
    ("true || principal.isActive", 0),
  ])
  func conditions(_ condition: String, _ level: Int) throws {
    try check("permit(principal, action, resource) when { \(condition) };", needs: level)
  }

  @Test func entityLiteralsAreNeverLookedUp() throws {
    let policy = #"permit(principal, action, resource) when { Person::"a".isActive };"#
    #expect(try errors(policy, level: nil).isEmpty)
    #expect(try errors(policy, level: 9).map(\.code) == [.literalDereference])
    let own = #"permit(principal, action, resource) when { Action::"read" in action };"#
    #expect(try errors(own, level: 1).isEmpty)
  }

  @Test func otherErrorsComeAlone() throws {
    let policy = "permit(principal, action, resource) when { principal.boss.nothing };"
    #expect(try errors(policy, level: 0).map(\.code) == [.unknownAttribute])
  }
}
