// SPDX-License-Identifier: MIT

import Cedar
import Testing

struct PolicyEngineTests {
  static let policies = """
    @id("owner") permit (principal, action, resource) when { resource.owner == principal };
    @id("frozen") forbid (principal, action == Action::"edit", resource) when { resource.frozen };
    """
  static let entities = """
    [{"uid": {"type": "User", "id": "alice"}, "attrs": {}, "parents": []},
     {"uid": {"type": "Photo", "id": "sunset"}, "parents": [],
      "attrs": {"frozen": false, "owner": {"type": "User", "id": "alice"}}}]
    """
  static let schema = """
    entity User;
    entity Photo { owner: User, frozen: Bool };
    action view, edit appliesTo { principal: User, resource: Photo, context: { purpose?: String } };
    """

  private func engine(_ policies: String = Self.policies) throws -> PolicyEngine {
    try PolicyEngine(policies: policies, entities: Self.entities, schema: Self.schema)
  }

  @Test func decides() throws {
    let authorizer = Authorizer(try engine())
    let own = try authorizer.authorize(
      principal: #"User::"alice""#, action: #"Action::"edit""#, resource: #"Photo::"sunset""#,
      context: #"{"purpose": "print"}"#)
    #expect(own.isAllowed && own.reasons == ["owner"] && own.errors.isEmpty)
    let other = try authorizer.authorize(
      json: #"""
        {"principal": {"type": "User", "id": "eve"}, "action": "Action::\"view\"",
         "resource": {"type": "Photo", "id": "sunset"}, "context": {}}
        """#)
    #expect(!other.isAllowed && other.reasons.isEmpty && other.errors.isEmpty)
    let missing = try authorizer.authorize(
      principal: #"User::"alice""#, action: #"Action::"view""#, resource: #"Photo::"gone""#)
    #expect(!missing.isAllowed && missing.errors.map(\.policy) == ["owner"])
    #expect(missing.errors[0].message.contains("does not exist"))
  }

  @Test func validates() throws {
    #expect(try engine().findings().isEmpty)
    let findings = try engine("permit (principal, action, resource) when { resource.ownr == 1 };")
      .findings()
    #expect(findings.map(\.code) == ["CEDAR0405"])
    #expect(findings[0].isError && findings[0].line == 1 && findings[0].column > 40)
    #expect("\(findings[0])".contains("did you mean `owner`?"))
  }

  @Test func saysWhatIsWrong() throws {
    let broken = "permit (principal, action);\nforbid (principal, action, resource) when { 1 < };"
    let failure = try #require(throws: CedarFailure.self) { try PolicyEngine(policies: broken) }
    #expect(failure.findings.count == 2 && failure.findings.map(\.line) == [1, 2])
    for (entities, reason) in [
      ("{", "entities: "), (#"[{"uid": 1}]"#, "entities: entities[0]"),
      (#"[{"uid":{"type":"User","id":"x"},"attrs":{"a":1},"parents":[]}]"#, "no attribute `a`"),
    ] {
      let failure = try #require(throws: CedarFailure.self) {
        try PolicyEngine(policies: Self.policies, entities: entities, schema: Self.schema)
      }
      #expect(failure.description.contains(reason), "\(failure)")
    }
    #expect(throws: CedarFailure.self) {
      try PolicyEngine(policies: "", schema: "entity A in B;")
    }
    let authorizer = Authorizer(try engine())
    #expect(throws: CedarFailure.self) { try authorizer.authorize(json: "{") }
    #expect(throws: CedarFailure.self) {
      try authorizer.authorize(
        principal: #"User::"alice""#, action: #"Action::"fly""#, resource: #"Photo::"sunset""#)
    }
    #expect(throws: CedarFailure.self) {
      try authorizer.authorize(
        principal: "alice", action: #"Action::"view""#, resource: #"Photo::"sunset""#)
    }
  }
}
