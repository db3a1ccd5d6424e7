// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR
import PolicyCompiler

/// One generated batch plan, checked against the plain evaluator candidate by candidate.
struct BatchCheck {
  static let liveAttributes = ["n", "dec", "t"]
  let policies: [Policy]
  let resources: [EntityName]
  private let action: EntityName
  private let principal: EntityName
  private var known: [EntityName: EntityData]
  private let plan: BatchPlan
  private let table: ResourceTable
  private let prepared: PreparedPrincipal
  private let batch: BatchDecision
  private var last: [Text: Datum]?

  /// Groups of policies that are found by an attribute of the context for the principal.
  var ledCount: Int { prepared.isLed ? plan.contextLeadGroups : 0 }

  init(_ world: inout ProgramGenerator, _ policies: [Policy]) {
    self.policies = policies
    var data = world.entities()
    known = Dictionary(uniqueKeysWithValues: data.map { ($0.name, $0) })
    // Names of three types, known or not; the action must be known to be in its group.
    resources = ["Doc", "Team", "NS::Box"].flatMap { type in
      ProgramGenerator.ids.map { EntityName(type: type, id: $0) }
    }
    // The resources of a plan stand in its store.
    for name in resources where known[name] == nil { data.append(EntityData(name)) }
    action = EntityName(type: "Action", id: world.pick(["read", "write", "odd"]))
    principal = EntityName(type: "User", id: world.pick(ProgramGenerator.ids))
    guard
      let program = try? compilePolicies(PolicySet(policies: policies)).get().program,
      let store = try? EntityStore(program: program, entities: data)
    else { fatalError("generated policies compile and generated entities have no cycle") }
    plan = BatchPlan(
      store: store, action: action, resources: resources,
      liveAttributes: Self.liveAttributes, ledMin: 2)
    table = ResourceTable(plan: plan)
    let own = known[principal]
    prepared = PreparedPrincipal(
      plan: plan, name: principal, parents: own?.parents ?? [],
      attributes: own?.attributes ?? [:])
    batch = BatchDecision(plan: plan)
    // The plan takes principal and resources as existing; so must the plain evaluator.
    known[principal] = own ?? EntityData(principal)
    for name in resources {
      known[name] = known[name] ?? EntityData(name)
      for attribute in Self.liveAttributes { known[name]?.attributes[Text(attribute)] = nil }
    }
  }

  private mutating func changeLiveAttributes(_ world: inout ProgramGenerator) {
    for (index, name) in resources.enumerated() where world.chance(50) {
      for attribute in Self.liveAttributes {
        var datum: Datum?
        switch attribute {
        case "n" where world.chance(80):
          datum = .long(Int64.random(in: -3...12, using: &world.random))
        case "dec" where world.chance(80): datum = .decimal(world.pick([0, 5000, 100_000]))
        case "t" where world.chance(80): datum = .bool(world.chance(50))
        default: break
        }
        known[name]?.attributes[Text(attribute)] = datum
        guard let column = plan.liveAttribute(attribute) else { continue }
        switch datum {
        case .long(let number): table.set(column, of: index, long: number)
        case .decimal(let scaled): table.set(column, of: index, decimalScaled: scaled)
        case .bool(let flag): table.set(column, of: index, bool: flag)
        default: table.unset(column, of: index)
        }
      }
    }
    table.refresh()
  }

  /// Decides a request for some candidates; what disagrees, or nil.
  mutating func run(_ world: inout ProgramGenerator) throws -> String? {
    changeLiveAttributes(&world)
    let context = nextContext(&world)
    let request = AuthorizationRequest(
      store: plan.store, principal: principal, action: action, resource: resources[0],
      context: context)
    let candidates = (0..<UInt16(resources.count)).filter { _ in world.chance(70) }
    var results = [CandidateVerdict](repeating: CandidateVerdict(), count: candidates.count)
    var span = results.mutableSpan
    batch.decide(
      table: table, principal: prepared, context: request.context,
      candidates: candidates.span, results: &span)
    for (place, candidate) in candidates.enumerated() {
      let reference = ReferenceEvaluator(
        entities: known, principal: principal, action: action,
        resource: resources[Int(candidate)], context: context)
      let explained = batch.explain(
        table: table, principal: prepared, context: request.context, candidate: Int(candidate))
      if let problem = compare(results[place], explained, reference) {
        let source = policies.map(\.cedarText).joined(separator: "\n")
        return "candidate \(resources[Int(candidate)]): \(problem)\n\(source)"
      }
    }
    return nil
  }

  /// Often the context of the request before, or with one attribute changed: then what was judged
  /// for that one is taken over.
  private mutating func nextContext(_ world: inout ProgramGenerator) -> [Text: Datum] {
    var context = world.attributeRecord()
    if let last, world.chance(70) {
      let changed = Text(world.pick(ProgramGenerator.attributes))
      let value = context[changed]
      context = last
      if world.chance(50) { context[changed] = value }
    }
    last = context
    return context
  }

  private func compare(
    _ verdict: CandidateVerdict, _ explained: AuthorizationResponse,
    _ reference: ReferenceEvaluator
  ) -> String? {
    let answer = reference.authorize(policies)
    guard explained.reasons == answer.reasons, explained.errors.map(\.policy) == answer.errors
    else { return "explained \(explained), not \(answer)" }
    guard verdict.isAllowed == answer.isAllowed else { return "\(verdict), not \(answer)" }
    let satisfied = policies.indices.filter { reference.satisfied(policies[$0]) == true }
    let forbid = satisfied.first { policies[$0].effect == .forbid }
    guard verdict.forbid == Int32(forbid ?? -1) else { return "\(verdict), forbid \(forbid ?? -1)" }
    guard verdict.isAllowed else { return nil }
    func priority(_ index: Int) -> Int {
      policies[index].annotation("priority").flatMap { Int($0.text) } ?? 0
    }
    let best = satisfied.map(priority).max() ?? 0
    let permit = satisfied.first { priority($0) == best }
    guard verdict.permit == Int32(permit ?? -1), verdict.priority == Int64(best) * 10_000 else {
      return "\(verdict), permit \(permit ?? -1) priority \(best)"
    }
    return nil
  }
}
