// SPDX-License-Identifier: MIT

/// Splits policies by what their conditions look at, and judges what can be judged ahead.
struct BatchPlanBuilder {
  private let store: EntityStore
  private let program: Program
  private let layout: BatchLayout
  private let action: EntityView
  private let words: Int
  private let runner: BatchRunner
  private(set) var policies: [PlanPolicy] = []
  private(set) var conjuncts: [UInt32] = []
  private(set) var liveConjuncts: [UInt32] = []
  private(set) var livePlaces: [UInt32]
  private(set) var staticBits: [UInt64] = []
  private var scopeBits: [UInt64: [UInt64]] = [:]
  private var conjunctBits: [UInt32: [UInt64]] = [:]

  init(_ store: EntityStore, _ action: EntityView, _ layout: BatchLayout, _ words: Int) {
    self.store = store
    program = store.program
    self.layout = layout
    self.action = action
    self.words = words
    runner = BatchRunner(store: store, layout: layout, rows: layout.rows, action: action)
    livePlaces = [UInt32](
      repeating: ImageFormat.absent, count: program.conjuncts.cells.count)
  }

  mutating func build() {
    let sections = program.sections
    let actionBits = ActionBits.bits(of: action, sections)
    for number in order() {
      let policy = sections.policies[Int(number)]
      let scope = Int(policy.action)
      guard actionBits.cells[scope / 64] >> UInt64(scope % 64) & 1 == 1 else { continue }
      add(number, policy)
    }
  }

  /// Forbids in file order, then permits by priority, highest first, then in file order: the first
  /// satisfied one is the one that decides.
  private func order() -> [UInt32] {
    let sections = program.sections
    let all = (0..<UInt32(sections.policies.count))
    let forbids = all.filter { sections.policies[Int($0)].effect == 1 }
    let permits = all.filter { sections.policies[Int($0)].effect == 0 }.sorted {
      let first = sections.metadata[Int($0)].priority
      let second = sections.metadata[Int($1)].priority
      return first == second ? $0 < $1 : first > second
    }
    return forbids + permits
  }

  private mutating func add(_ number: UInt32, _ policy: PolicyRecord) {
    var bits = scopeBits(of: policy)
    var live: [UInt32] = []
    var principal: [UInt32] = []
    var request: [UInt32] = []
    var candidate: [UInt32] = []
    let start = Int(policy.conjunctStart)
    for place in start..<start + Int(policy.conjunctCount) {
      let conjunct = program.sections.policyConjuncts[place]
      let info = program.conjuncts.cells[Int(conjunct)]
      let readsLive = info.attributes & layout.liveMask != 0
      let onPrincipal = info.dependencies & Dependencies.principal != 0
      let onContext = info.dependencies & Dependencies.context != 0
      let onResource = info.dependencies & Dependencies.resource != 0
      if onResource, onContext || onPrincipal {
        candidate.append(conjunct)
      } else if onResource, readsLive {
        live.append(conjunct)
      } else if onContext || readsLive {
        request.append(conjunct)
      } else if onPrincipal {
        principal.append(conjunct)
      } else {
        let holds = bitsHolding(conjunct, onResource)
        for word in 0..<words { bits[word] &= holds[word] }
      }
    }
    guard bits.contains(where: { $0 != 0 }) else { return }
    let priority = program.sections.metadata[Int(number)].priority
    append(number, policy.effect == 1, priority, [live, principal, request, candidate])
    staticBits += bits
  }

  private mutating func append(
    _ number: UInt32, _ isForbid: Bool, _ priority: Int64, _ runs: [[UInt32]]
  ) {
    var starts: [UInt32] = []
    for run in runs {
      starts.append(UInt32(conjuncts.count))
      conjuncts += run
    }
    for conjunct in runs[0] where livePlaces[Int(conjunct)] == ImageFormat.absent {
      livePlaces[Int(conjunct)] = UInt32(liveConjuncts.count)
      liveConjuncts.append(conjunct)
    }
    policies.append(
      PlanPolicy(
        number: number, isForbid: isForbid, live: starts[0], principal: starts[1],
        request: starts[2], candidate: starts[3], end: UInt32(conjuncts.count),
        priority: priority))
  }

  private mutating func scopeBits(of policy: PolicyRecord) -> [UInt64] {
    let key = UInt64(policy.resourceKey) << 32 | UInt64(policy.resourceType)
    if let known = scopeBits[key] { return known }
    let scope = program.sections.resourceKeys[Int(policy.resourceKey)]
    var bits = [UInt64](repeating: 0, count: words)
    for index in 0..<layout.views.cells.count {
      let view = layout.views.cells[index]
      let holds =
        switch scope.kind {
        case 0: true
        case 1: view.type == scope.id
        case 2: view.id == scope.id
        default: view.isIn(scope.id)
        }
      let typeHolds =
        policy.resourceType == ImageFormat.absent || policy.resourceType == view.type
      if holds, typeHolds { bits[index / 64] |= 1 << UInt64(index % 64) }
    }
    scopeBits[key] = bits
    return bits
  }

  /// The resources for which a condition on static attributes alone holds.
  private mutating func bitsHolding(_ conjunct: UInt32, _ onResource: Bool) -> [UInt64] {
    if let known = conjunctBits[conjunct] { return known }
    var bits = [UInt64](repeating: 0, count: words)
    if onResource {
      for index in 0..<layout.views.cells.count where runner.holds(conjunct, resource: index) {
        bits[index / 64] |= 1 << UInt64(index % 64)
      }
    } else if runner.holds(conjunct) {
      bits = [UInt64](repeating: ~0, count: words)
    }
    conjunctBits[conjunct] = bits
    return bits
  }
}
