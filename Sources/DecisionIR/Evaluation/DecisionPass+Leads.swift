// SPDX-License-Identifier: MIT

/// Policies that are found by the value of the attribute they compare first: see `PolicyLead`.
extension DecisionPass {
  /// Whether a forbid (or a permit) that a bucket's leads find is satisfied.
  @inline(never)
  func anyLedSatisfied(
    _ scope: DecisionScope, _ bucket: UInt32, _ first: UInt32, forbids: Bool
  ) -> Bool {
    var isSatisfied = false
    leads.forEachLead(bucket, first) { lead in
      if !isSatisfied { isSatisfied = anySatisfied(scope, lead: lead, forbids: forbids) }
    }
    return isSatisfied
  }

  /// Whether a forbid (or a permit) that a lead finds is satisfied. Without the attribute each of
  /// them fails, or is false behind `has`.
  private func anySatisfied(_ scope: DecisionScope, lead: Int, forbids: Bool) -> Bool {
    let value = unsafe environment.pointee.fetch(leads.leads[lead].attribute)
    guard !value.isKind(.none), let found = leads.find(lead, value) else { return false }
    return anySatisfied(
      scope, PostingRun(found.start, found.forbidCount, found.count, forbids: forbids))
  }

  /// The decision of a list none of whose forbids is satisfied, but for those that leads find.
  @inline(never)
  func isAllowedWithLeads(_ list: CandidateList, _ scope: DecisionScope) -> Bool {
    for place in 0..<list.leads.count
    where anySatisfied(scope, lead: Int(list.leads[place]), forbids: true) { return false }
    if anySatisfied(list, from: list.forbidCount, to: list.policies.count) { return true }
    for place in 0..<list.leads.count
    where anySatisfied(scope, lead: Int(list.leads[place]), forbids: false) { return true }
    return false
  }

  /// Calls `body` with each policy of a lead that applies and can be satisfied or fail.
  func forEach(_ scope: DecisionScope, lead: Int, _ body: (Int) -> Void) {
    let record = leads.leads[lead]
    let value = unsafe environment.pointee.fetch(record.attribute)
    guard value.isKind(.none) else {
      guard let found = leads.find(lead, value) else { return }
      return forEach(scope, PostingRun(found.start, found.count), body)
    }
    for number in Int(record.caseStart)..<Int(record.caseStart + record.caseCount) {
      let found = leads.cases[number]
      forEach(scope, PostingRun(found.start, found.count), body)
    }
  }
}
