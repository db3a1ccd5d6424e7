// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

/// Policies that a batch finds by a context attribute's value answer as when each is looked at.
struct ContextLeadTests {
  /// 40 teams (required attribute), 40 projects (behind `has`), and policies that begin otherwise,
  /// with priorities and forbids between them.
  static let source: String = {
    var lines = [
      "@priority(5) permit (principal, action, resource) when { resource.n == 1 };",
      "permit (principal == User::\"u\", action, resource) when { context.team == \"t3\" };",
    ]
    for number in 0..<40 {
      lines += [
        """
        @priority(\(number % 7))
        permit (principal, action, resource == Model::"m\(number % 3)")
        when { context.team == "t\(number % 20)" };
        """,
        """
        forbid (principal, action, resource)
        when { context has project && context.project == \(number) && resource.n > 1 };
        """,
        """
        permit (principal is User, action, resource)
        when { "t\(number)" == context.team && context.size > 3 };
        """,
      ]
    }
    return lines.joined(separator: "\n")
  }()

  private struct Side {
    let table: ResourceTable
    let principals: [PreparedPrincipal]
    let batch: BatchDecision

    init(_ store: EntityStore, _ models: [EntityName], ledMin: Int) {
      let plan = BatchPlan(
        store: store, action: EntityName(type: "Action", id: "use"), resources: models,
        liveAttributes: [], ledMin: ledMin)
      table = ResourceTable(plan: plan)
      principals = [("User", "u"), ("User", "v"), ("Robot", "r")].map {
        PreparedPrincipal(plan: plan, name: EntityName(type: $0.0, id: $0.1))
      }
      batch = BatchDecision(plan: plan)
    }

    func verdicts(_ principal: Int, _ context: ContextFrame) -> [CandidateVerdict] {
      let candidates = (0..<UInt16(4)).map { $0 }
      var results = [CandidateVerdict](repeating: CandidateVerdict(), count: 4)
      var span = results.mutableSpan
      batch.decide(
        table: table, principal: principals[principal], context: context,
        candidates: candidates.span, results: &span)
      return results
    }
  }

  @Test func verdictsAreThoseOfTheWholeWalk() throws {
    let program = try CompilerTests.compile(Self.source).program
    let models = (0..<4).map { EntityName(type: "Model", id: "m\($0)") }
    let entities =
      models.enumerated().map { EntityData($1, attributes: ["n": .long(Int64($0))]) }
      + [EntityData(EntityName(type: "Action", id: "use"))]
    let store = try EntityStore(program: program, entities: entities)
    let found = Side(store, models, ledMin: BatchPlan.ledMin)
    let walked = Side(store, models, ledMin: .max)
    #expect(found.batch.plan.contextLeadGroups == 2)
    #expect(walked.batch.plan.contextLeadGroups == 0)
    // A robot is not of the type that some of the policies are for.
    #expect(found.principals.map(\.isLed) == [true, true, false])
    var permits: Set<Int32> = []
    var forbids: Set<Int32> = []
    for team in [nil, "t0", "t3", "t19", "t39", "x"] as [String?] {
      for project in [nil, 0, 17, 99] as [Int64?] {
        for size in [nil, 1, 9] as [Int64?] {
          for principal in found.principals.indices {
            var context: [Text: Datum] = [:]
            context["team"] = team.map { .string(Text($0)) }
            context["project"] = project.map { .long($0) }
            context["size"] = size.map { .long($0) }
            let request = AuthorizationRequest(
              store: store, principal: found.principals[principal].name,
              action: EntityName(type: "Action", id: "use"), resource: models[0],
              context: context)
            let first = found.verdicts(principal, request.context)
            let second = walked.verdicts(principal, request.context)
            for (one, other) in zip(first, second) {
              #expect(one.isAllowed == other.isAllowed && one.forbid == other.forbid)
              #expect(one.permit == other.permit && one.priority == other.priority)
              #expect(one.failureCount == other.failureCount)
              permits.insert(one.permit)
              forbids.insert(one.forbid)
            }
          }
        }
      }
    }
    #expect(permits.count > 5 && forbids.count > 2)
  }
}
