// SPDX-License-Identifier: MIT

/// Checks that every policy stands exactly once in the index, where requests that it can match look
/// for it: an index that hides a policy would change decisions. Keys, policies and conditions were
/// checked before.
struct IndexCheck {
  private let sections: Sections
  private let seen: Storage<Bool>

  init(sections: Sections) {
    self.sections = sections
    seen = Storage(repeating: false, count: sections.policies.count)
  }

  func run() throws(ImageError) {
    try require(sections.postings.count == sections.policies.count)
    var posting = 0
    var lead = 0
    var nextCase = 0
    var previous: (UInt32, UInt32)?
    for number in 0..<sections.buckets.count {
      let bucket = sections.buckets[number]
      let key = (bucket.principalKey, bucket.resourceKey)
      if let previous { try require(previous < key) }
      previous = key
      try check(
        Postings(start: bucket.start, forbidCount: bucket.forbidCount, count: bucket.count),
        key, lead: nil, &posting)
      guard bucket.firstLead != ImageFormat.absent else {
        try require(bucket.count > 0)
        continue
      }
      try require(Int(bucket.firstLead) == lead)
      let first = lead
      while lead < sections.leads.count, Int(sections.leads[lead].bucket) == number {
        try check(lead: lead, key, &nextCase, &posting)
        lead += 1
      }
      try require(lead > first)
    }
    // No policy stands twice and none is left over, so none is missing.
    try require(
      posting == sections.policies.count && lead == sections.leads.count
        && nextCase == sections.cases.count)
  }

  private func require(_ holds: Bool) throws(ImageError) {
    if !holds { throw .damaged("index") }
  }

  private func check(
    lead number: Int, _ key: (UInt32, UInt32), _ nextCase: inout Int, _ posting: inout Int
  ) throws(ImageError) {
    let lead = sections.leads[number]
    let operand = Operand(word: lead.attribute)
    let limit =
      operand.mode == .context ? sections.contextSlots.count : sections.attributes.count
    try require(PolicyLead.isAttribute(operand) && operand.index < limit)
    try require(
      Int(lead.caseStart) == nextCase && lead.caseCount > 0
        && Int(lead.caseStart) + Int(lead.caseCount) <= sections.cases.count)
    for _ in 0..<lead.caseCount {
      let found = sections.cases[nextCase]
      nextCase += 1
      try require(Int(found.constant) < sections.constants.count && found.count > 0)
      try check(
        Postings(start: found.start, forbidCount: found.forbidCount, count: found.count), key,
        lead: (lead.attribute, found.constant), &posting)
    }
  }

  private struct Postings {
    var start: UInt32
    var forbidCount: UInt32
    var count: UInt32
  }

  /// Checks a run of postings: the policies have the keys and the lead, forbids stand first, each
  /// part ascends.
  private func check(
    _ run: Postings, _ key: (UInt32, UInt32), lead: (attribute: UInt32, constant: UInt32)?,
    _ posting: inout Int
  ) throws(ImageError) {
    try require(
      Int(run.start) == posting && run.forbidCount <= run.count
        && posting + Int(run.count) <= sections.postings.count)
    var last: UInt32?
    for place in 0..<Int(run.count) {
      let number = sections.postings[posting]
      posting += 1
      try require(Int(number) < sections.policies.count && !seen.cells[Int(number)])
      seen.cells[Int(number)] = true
      let policy = sections.policies[Int(number)]
      if place == Int(run.forbidCount) { last = nil }
      let ascending = last.map { $0 < number } ?? true
      try require(
        ascending && policy.principalKey == key.0 && policy.resourceKey == key.1
          && (policy.effect == 1) == (place < Int(run.forbidCount)))
      last = number
      guard let lead else { continue }
      let found = PolicyLead(policy, sections)
      try require(found?.attribute == lead.attribute && found?.constant == lead.constant)
    }
  }
}
