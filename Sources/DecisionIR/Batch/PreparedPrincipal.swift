// SPDX-License-Identifier: MIT

/// A principal made ready for a plan: the policies whose scope and conditions on the principal
/// alone hold for it. Immutable, shared by threads; made when keys are loaded.
public final class PreparedPrincipal: Sendable {
  public let plan: BatchPlan
  public let name: EntityName
  let view: EntityView
  /// Places of the plan's policies, in its order, but for those that `contextLeads` finds.
  let policies: Storage<UInt32>
  /// The plan's, when all of its policies are in scope for the principal.
  let contextLeads: BatchLeads?
  private let layout: Storage<UInt16>
  private let row: Storage<Value>
  private let ancestors: Storage<UInt32>
  private let arena: ValueArena

  /// - Parameters:
  ///   - parents: beside those that the store gives the principal; their ancestors are the store's.
  ///   - attributes: beside, and in place of, those that the store gives it.
  public init(
    plan: BatchPlan, name: EntityName, parents: [EntityName] = [],
    attributes: [Text: Datum] = [:]
  ) {
    self.plan = plan
    self.name = name
    arena = ValueArena()
    let store = plan.store
    let base = store.view(of: name)
    (layout, row) = Self.attributes(plan, base, attributes, arena)
    ancestors = Storage(Self.ancestors(store, base, parents))
    var view = base ?? .unknown(id: EntityView.localBase, type: store.type(name.type))
    view.exists = true
    view.layout = layout.cells
    view.row = row.cells
    view.ancestors = ancestors.cells
    self.view = view
    let leads = Self.leads(plan, view)
    contextLeads = leads
    policies = Storage(Self.policies(plan, view, leads))
  }

  /// Whether the policies that `BatchPlan.contextLeadGroups` counts are found by value for it.
  public var isLed: Bool { contextLeads != nil }

  private static func ancestors(
    _ store: EntityStore, _ base: EntityView?, _ parents: [EntityName]
  ) -> [UInt32] {
    var all = Set<UInt32>()
    func add(_ cells: Cells<UInt32>) {
      for index in 0..<cells.count { all.insert(cells[index]) }
    }
    if let base { add(base.ancestors) }
    for parent in parents {
      guard let view = store.view(of: parent) else { continue }
      all.insert(view.id)
      add(view.ancestors)
    }
    return all.sorted()
  }

  private static func attributes(
    _ plan: BatchPlan, _ base: EntityView?, _ attributes: [Text: Datum], _ arena: ValueArena
  ) -> (Storage<UInt16>, Storage<Value>) {
    let program = plan.program
    let layout = Storage<UInt16>(repeating: 0, count: program.sections.attributes.count)
    var row: [Value] = []
    var entities = StoreEntities(store: plan.store)
    for number in 0..<layout.cells.count {
      var value = base?.attribute(number) ?? .none
      if let datum = attributes[Text(program.names.attributes.cells[number].text)] {
        value = arena.value(datum, &entities)
      }
      if value.isKind(.none) { continue }
      row.append(value)
      layout.cells[number] = UInt16(truncatingIfNeeded: row.count)
    }
    return (layout, Storage(row))
  }

  /// The plan's leads, unless the principal is not of the type that one of their policies is for.
  private static func leads(_ plan: BatchPlan, _ view: EntityView) -> BatchLeads? {
    guard let leads = plan.contextLeads else { return nil }
    for place in 0..<plan.policies.cells.count where leads.isLed.cells[place] == 1 {
      let number = Int(plan.policies.cells[place].number)
      guard scopeHolds(plan.program, plan.program.sections.policies[number], view) else {
        return nil
      }
    }
    return leads
  }

  /// The policies of the plan that can still hold for the principal, without those led.
  private static func policies(
    _ plan: BatchPlan, _ view: EntityView, _ leads: BatchLeads?
  ) -> [UInt32] {
    let program = plan.program
    let runner = BatchRunner(
      store: plan.store, layout: plan.layout, rows: plan.layout.rows, action: plan.action)
    runner.begin(principal: view, context: nil)
    var memo: [UInt32: Bool] = [:]
    var result: [UInt32] = []
    for place in 0..<plan.policies.cells.count {
      if let leads, leads.isLed.cells[place] == 1 { continue }
      let planned = plan.policies.cells[place]
      let policy = program.sections.policies[Int(planned.number)]
      guard scopeHolds(program, policy, view) else { continue }
      let holds = (Int(planned.principal)..<Int(planned.request)).allSatisfy { run in
        let conjunct = plan.conjuncts.cells[run]
        if let known = memo[conjunct] { return known }
        let outcome = runner.holds(conjunct)
        memo[conjunct] = outcome
        return outcome
      }
      if holds { result.append(UInt32(place)) }
    }
    return result
  }

  static func scopeHolds(
    _ program: Program, _ policy: PolicyRecord, _ view: EntityView
  ) -> Bool {
    if policy.principalType != ImageFormat.absent, policy.principalType != view.type {
      return false
    }
    let scope = program.sections.principalKeys[Int(policy.principalKey)]
    switch scope.kind {
    case 0: return true
    case 1: return view.type == scope.id
    case 2: return view.id == scope.id
    default: return view.isIn(scope.id)
    }
  }
}

/// Numbers the entities in a principal's attributes; one the store does not know equals no other.
struct StoreEntities: EntityNumbering {
  let store: EntityStore
  /// Behind the numbers of any plan's resources.
  var nextUnknown = EntityView.localBase + 0x2_0000

  init(store: EntityStore) {
    self.store = store
  }

  mutating func entity(_ name: EntityName) -> Value {
    if let view = store.view(of: name) { return view.value }
    nextUnknown += 1
    return .entity(nextUnknown, type: store.type(name.type))
  }
}
