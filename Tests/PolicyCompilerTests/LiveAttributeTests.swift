// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler
import Testing

/// A live attribute that one resource's policy reads from another.
struct LiveAttributeTests {
  @Test func aChangeIsSeenFromOtherResources() throws {
    let program = try CompilerTests.compile(
      """
      permit (principal, action, resource) when { resource.fallback has n };
      permit (principal, action, resource) when { resource.fallback.n > 5 };
      """
    ).program
    let action = EntityName(type: "Action", id: "use")
    let models = ["a", "b"].map { EntityName(type: "Model", id: $0) }
    let store = try EntityStore(
      program: program,
      entities: [
        EntityData(models[0], attributes: ["fallback": .entity(models[1])]),
        EntityData(models[1]), EntityData(action),
      ])
    let plan = BatchPlan(store: store, action: action, resources: models, liveAttributes: ["n"])
    let table = ResourceTable(plan: plan)
    let principal = PreparedPrincipal(
      plan: plan, name: EntityName(type: "User", id: "u"), parents: [], attributes: [:])
    let batch = BatchDecision(plan: plan)
    let context = ContextFrame(program: program)
    let live = try #require(plan.liveAttribute("n"))

    func permit() -> Int32 {
      let candidates: [UInt16] = [0]
      var results = [CandidateVerdict()]
      var span = results.mutableSpan
      batch.decide(
        table: table, principal: principal, context: context, candidates: candidates.span,
        results: &span)
      return results[0].permit
    }
    #expect(permit() == -1)
    table.set(live, of: 1, long: 3)
    table.refresh()
    #expect(permit() == 0)
    table.unset(live, of: 1)
    table.refresh()
    #expect(permit() == -1)
  }
}
