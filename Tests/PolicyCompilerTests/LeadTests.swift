// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

/// Policies that the value of an attribute finds: what is found so must not be seen in answers.
struct LeadTests {
  private static func name(_ type: String, _ id: String) -> EntityName {
    EntityName(type: type, id: id)
  }

  private static func policies(_ conditions: [String]) -> String {
    conditions.map { "permit (principal, action, resource) when { \($0) };" }
      .joined(separator: "\n")
  }

  /// The answers of an evaluator that remembers candidates and of one that does not.
  private static func answers(
    _ program: Program, _ context: [Text: Datum], entities: [EntityData] = []
  ) throws -> [AuthorizationResponse] {
    // Only what the store knows is remembered.
    let others = ["Action": "a", "Doc": "d", "User": "u"].map { name($0, $1) }
      .filter { name in !entities.contains { $0.name == name } }
    let store = try EntityStore(
      program: program, entities: entities + others.map { EntityData($0) })
    let request = AuthorizationRequest(
      store: store, principal: name("User", "u"), action: name("Action", "a"),
      resource: name("Doc", "d"), context: context)
    return [CandidateCaching.never, .always].flatMap { caching in
      let evaluator = Evaluator(store: store, caching: caching)
      return (0..<2).map { _ in
        let response = evaluator.authorize(request)
        #expect(evaluator.isAllowed(request) == (response.decision == .allow))
        return response
      }
    }
  }

  @Test func oneOfManyIsFound() throws {
    let count = 50
    let program = try CompilerTests.compile(
      Self.policies((0..<count).map { "context.team == \"t\($0)\" && context.hour < \($0)" })
    ).program
    let led = try #require(program.ledPolicies.first)
    #expect(program.ledPolicies.count == 1)
    #expect(led.attribute == "context.team" && led.policies == Array(0..<count))
    #expect(led.cases.count == count)
    for (context, reasons, errors) in [
      (["team": Datum.text("t7"), "hour": .long(6)], [7], []),
      (["team": .text("t7"), "hour": .long(7)], [], []),
      (["team": .text("t7")], [], [7]),
      (["team": .text("none"), "hour": .long(0)], [], []),
      // Equality with another type is false, never an error.
      (["team": .long(7), "hour": .long(6)], [], []),
      // Without the attribute every one of them fails.
      (["hour": .long(6)], [], Array(0..<count)),
    ] as [([Text: Datum], [Int], [Int])] {
      for answer in try Self.answers(program, context) {
        #expect(answer.reasons == reasons && answer.errors.map(\.policy) == errors)
      }
    }
  }

  @Test func aGuardedComparisonIsFalseWithoutTheAttribute() throws {
    let program = try CompilerTests.compile(
      Self.policies((0..<10).map { "principal has team && principal.team == Team::\"\($0)\"" })
    ).program
    #expect(program.ledPolicies.map(\.attribute) == ["principal.team"])
    let user = Self.name("User", "u")
    for answer in try Self.answers(
      program, [:],
      entities: [EntityData(user, attributes: ["team": .entity(Self.name("Team", "3"))])])
    {
      #expect(answer.reasons == [3] && answer.errors.isEmpty)
    }
    for answer in try Self.answers(program, [:]) {
      #expect(answer.reasons.isEmpty && answer.errors.isEmpty)
    }
  }

  @Test func actionsAndForbidsStillCount() throws {
    let program = try CompilerTests.compile(
      (0..<12).map { number in
        let effect = number % 3 == 0 ? "forbid" : "permit"
        let action = number % 2 == 0 ? "action" : "action == Action::\"b\""
        return "\(effect) (principal, \(action), resource) when { \(number / 4) == resource.n };"
      }.joined(separator: "\n")
    ).program
    #expect(program.ledPolicies.map(\.attribute) == ["resource.n"])
    let document = Self.name("Doc", "d")
    for (value, reasons) in [(0, [0]), (1, [6]), (2, [8, 10])] {
      let entities = [EntityData(document, attributes: ["n": .long(Int64(value))])]
      for answer in try Self.answers(program, [:], entities: entities) {
        #expect(answer.reasons == reasons && answer.errors.isEmpty, "\(value)")
      }
    }
    for answer in try Self.answers(program, [:]) {
      #expect(answer.errors.map(\.policy) == [0, 2, 4, 6, 8, 10])
    }
  }

  @Test(arguments: [
    "context has a && !(context has b) && context.team == \"t#\"",
    "principal is User && context.team == \"t#\"", "!(resource has n) && \"t#\" == context.team",
    "principal == User::\"u\" && context.team == \"t#\"",
  ])
  func whatCannotFailMayStandBefore(_ condition: String) throws {
    let count = 20
    let conditions = (0..<count).map {
      condition.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\($0)")
    }
    let program = try CompilerTests.compile(Self.policies(conditions)).program
    #expect(program.ledPolicies.map(\.attribute) == ["context.team"])
    for answer in try Self.answers(program, ["a": .long(1), "team": .text("t5")]) {
      #expect(answer.reasons == [5] && answer.errors.isEmpty)
    }
    for answer in try Self.answers(program, ["a": .long(1)]) {
      #expect(answer.reasons.isEmpty && answer.errors.count == count)
    }
    for answer in try Self.answers(program, ["a": .long(1), "b": .long(1)]) {
      #expect(answer.errors.count == (condition.contains("has b") ? 0 : count))
    }
  }

  @Test(arguments: [
    // Not the first condition: what stands before it may fail.
    "context.a < 1 && context.team == \"t#\"",
    // What makes the comparison true or false is not the one constant.
    "context.team != \"t#\"", "context.team == \"t#\" || context.a == #",
    "context.team == context.a", "context.team.name == \"t#\"",
    "context.a has a && context.team == \"t#\"", "context.a is Team && context.team == \"t#\"",
  ])
  func othersAreNotFoundSo(_ condition: String) throws {
    let conditions = (0..<20).map {
      condition.split(separator: "#", omittingEmptySubsequences: false).joined(separator: "\($0)")
    }
    #expect(try CompilerTests.compile(Self.policies(conditions)).program.ledPolicies.isEmpty)
  }

  @Test func aFewAreLookedAtOneByOne() throws {
    let few = (0..<3).map { "context.team == \"t\($0)\"" }
    #expect(try CompilerTests.compile(Self.policies(few)).program.ledPolicies.isEmpty)
    let same = [String](repeating: "context.team == \"t\"", count: 50)
    #expect(try CompilerTests.compile(Self.policies(same)).program.ledPolicies.isEmpty)
  }
}
