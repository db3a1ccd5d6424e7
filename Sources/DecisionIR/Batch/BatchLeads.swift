// SPDX-License-Identifier: MIT

/// The policies of a plan that a request's context finds by one attribute's value, because they
/// begin with `context.attribute == constant` (see `PolicyLead`) and ask nothing of the principal.
///
/// They are the same for every principal, so the plan holds them once, and a prepared principal's
/// own list goes without them. A request then looks at its principal's list and at those of one
/// constant of each group, however many policies there are for other constants.
final class BatchLeads: Sendable {
  /// Most groups; policies of further attributes stay in the lists of principals.
  static let groupsMax = 8

  private let groups: [Group]
  /// By place in the plan: 1 for the policies held here.
  let isLed: Storage<UInt8>
  private let records: Storage<LeadRecord>
  private let cases: Storage<LeadCaseRecord>
  private let index: LeadIndex
  /// Places of plan policies, in plan order within each run.
  private let postings: Storage<UInt32>

  /// Policies that begin with the same attribute.
  private struct Group {
    var slot: Int
    /// Whether `context has attribute` stands before the comparison: without the attribute the
    /// policies of the group are false; otherwise they fail, and each has to be looked at.
    var isGuarded: Bool
    /// The run of all its places in `postings`.
    var start: Int
    var count: Int
  }

  /// Nil when there is nothing that is worth a look-up.
  init?(
    _ program: Program, _ policies: [PlanPolicy], _ conjuncts: [UInt32], ledMin: Int
  ) {
    let found = Self.split(program.sections, policies, conjuncts, ledMin)
    guard !found.isEmpty else { return nil }
    var groups: [Group] = []
    var records: [LeadRecord] = []
    var cases: [LeadCaseRecord] = []
    var postings: [UInt32] = []
    let isLed = Storage<UInt8>(repeating: 0, count: policies.count)
    for (key, byConstant) in found {
      let all = byConstant.values.flatMap { $0 }.sorted()
      for place in all { isLed.cells[Int(place)] = 1 }
      groups.append(
        Group(
          slot: Operand(word: key.attribute).index, isGuarded: key.isGuarded,
          start: postings.count, count: all.count))
      postings += all
      records.append(
        LeadRecord(
          bucket: 0, attribute: key.attribute, caseStart: UInt32(cases.count),
          caseCount: UInt32(byConstant.count)))
      for (constant, places) in byConstant.sorted(by: { $0.key < $1.key }) {
        cases.append(
          LeadCaseRecord(
            constant: constant, start: UInt32(postings.count), forbidCount: 0,
            count: UInt32(places.count)))
        postings += places
      }
    }
    self.groups = groups
    self.isLed = isLed
    self.records = Storage(records)
    self.cases = Storage(cases)
    self.postings = Storage(postings)
    // An image may hold equal constants twice; one that does is judged policy by policy.
    guard
      let index = try? LeadIndex(
        leads: self.records.cells, cases: self.cases.cells,
        constants: program.names.constants.cells)
    else { return nil }
    self.index = index
  }

  var groupCount: Int { groups.count }

  private struct Key: Hashable {
    var attribute: UInt32
    var isGuarded: Bool
  }

  private static func split(
    _ sections: Sections, _ policies: [PlanPolicy], _ conjuncts: [UInt32], _ ledMin: Int
  ) -> [(key: Key, byConstant: [UInt32: [UInt32]])] {
    var led: [Key: [UInt32: [UInt32]]] = [:]
    for (place, policy) in policies.enumerated() {
      guard asksNothingOfPrincipal(policy, sections) else { continue }
      let run = conjuncts[Int(policy.request)..<Int(policy.candidate)]
      guard let (key, constant) = lead(run, sections) else { continue }
      led[key, default: [:]][constant, default: []].append(UInt32(place))
    }
    func size(_ byConstant: [UInt32: [UInt32]]) -> Int {
      byConstant.values.reduce(0) { $0 + $1.count }
    }
    return led.filter { $0.value.count > 1 && size($0.value) >= ledMin }
      .sorted { (size($0.value), $1.key.attribute) > (size($1.value), $0.key.attribute) }
      .prefix(groupsMax).map { (key: $0.key, byConstant: $0.value) }
  }

  private static func asksNothingOfPrincipal(
    _ policy: PlanPolicy, _ sections: Sections
  ) -> Bool {
    let record = sections.policies[Int(policy.number)]
    return policy.request == policy.principal
      && sections.principalKeys[Int(record.principalKey)].kind <= 1
  }

  /// The comparison that a policy's conditions without the resource begin with.
  private static func lead(
    _ run: ArraySlice<UInt32>, _ sections: Sections
  ) -> (key: Key, constant: UInt32)? {
    func instruction(_ place: Int) -> Instruction? {
      guard place < run.endIndex else { return nil }
      let code = sections.conjuncts[Int(run[place])]
      guard code.count == 1, Int(code.start) < sections.code.count else { return nil }
      return sections.code[Int(code.start)]
    }
    guard let lead = PolicyLead({ instruction(run.startIndex + Int($0)) }),
      Operand(word: lead.attribute).mode == .context
    else { return nil }
    let slot = UInt32(Operand(word: lead.attribute).index)
    var isGuarded = false
    for place in run.indices {
      guard let before = instruction(place), PolicyLead(comparison: before) == nil else { break }
      if before.opcode == Opcode.hasContext.rawValue, before.second == slot,
        before.disposition == Disposition.end
      {
        isGuarded = true
      }
    }
    return (Key(attribute: lead.attribute, isGuarded: isGuarded), lead.constant)
  }

  /// The runs of places to look at for a context, beside the principal's own list.
  ///
  /// - Parameter runs: at least `groupsMax` cells, of which the first are set.
  /// - Returns: how many are set.
  func find(_ context: Cells<Value>, _ runs: Cells<PlaceRun>) -> Int {
    var count = 0
    for number in groups.indices {
      let group = groups[number]
      let value = context[group.slot]
      var places = postings.cells.slice(group.start, group.count)
      if value.isKind(.none) {
        if group.isGuarded { continue }
      } else {
        guard let found = index.view.find(number, value) else { continue }
        places = postings.cells.slice(Int(found.start), Int(found.count))
      }
      runs[count] = PlaceRun(places: places)
      count &+= 1
    }
    return count
  }
}

/// Places of plan policies in plan order, the next of which is still to be judged.
struct PlaceRun: BitwiseCopyable {
  var places: Cells<UInt32>
  var next = 0
}
