// SPDX-License-Identifier: MIT

/// Groups policies by their pair of scope keys, and those of one pair that begin with a comparison
/// of the same attribute by the constant.
struct BucketIndex {
  /// Policies of one bucket that must begin with the same attribute for a look-up to be made: it
  /// costs about as much as looking at so many policies.
  static let ledMin = 6

  private(set) var buckets: [BucketRecord] = []
  private(set) var leads: [LeadRecord] = []
  private(set) var cases: [LeadCaseRecord] = []
  private(set) var postings: [UInt32] = []
  private let policies: [PolicyRecord]

  /// - Parameter lead: of a policy by number.
  init(policies: [PolicyRecord], lead: (Int) -> PolicyLead?) {
    self.policies = policies
    let order = policies.indices.sorted { left, right in
      let first = policies[left]
      let second = policies[right]
      return (first.principalKey, first.resourceKey, 1 - first.effect, UInt32(left))
        < (second.principalKey, second.resourceKey, 1 - second.effect, UInt32(right))
    }
    var start = 0
    while start < order.count {
      let key = policies[order[start]]
      var end = start + 1
      while end < order.count, policies[order[end]].principalKey == key.principalKey,
        policies[order[end]].resourceKey == key.resourceKey
      {
        end += 1
      }
      addBucket(Array(order[start..<end]), lead)
      start = end
    }
  }

  /// - Parameter numbers: forbids first, each part ascending.
  private mutating func addBucket(_ numbers: [Int], _ lead: (Int) -> PolicyLead?) {
    let key = policies[numbers[0]]
    var rest = numbers
    var led: [UInt32: [UInt32: [Int]]] = [:]
    if numbers.count >= Self.ledMin { (rest, led) = Self.split(numbers, lead) }
    let (start, forbidCount) = post(rest)
    buckets.append(
      BucketRecord(
        principalKey: key.principalKey, resourceKey: key.resourceKey, start: start,
        forbidCount: forbidCount, count: UInt32(rest.count),
        firstLead: led.isEmpty ? ImageFormat.absent : UInt32(leads.count)))
    for (attribute, byConstant) in led.sorted(by: { $0.key < $1.key }) {
      leads.append(
        LeadRecord(
          bucket: UInt32(buckets.count - 1), attribute: attribute,
          caseStart: UInt32(cases.count), caseCount: UInt32(byConstant.count)))
      for (constant, members) in byConstant.sorted(by: { $0.key < $1.key }) {
        let (start, forbidCount) = post(members)
        cases.append(
          LeadCaseRecord(
            constant: constant, start: start, forbidCount: forbidCount,
            count: UInt32(members.count)))
      }
    }
  }

  private static func split(
    _ numbers: [Int], _ lead: (Int) -> PolicyLead?
  ) -> (rest: [Int], led: [UInt32: [UInt32: [Int]]]) {
    let leads = numbers.map(lead)
    var led: [UInt32: [UInt32: [Int]]] = [:]
    for (number, lead) in zip(numbers, leads) {
      if let lead { led[lead.attribute, default: [:]][lead.constant, default: []].append(number) }
    }
    led = led.filter { _, byConstant in
      byConstant.count > 1 && byConstant.values.reduce(0) { $0 + $1.count } >= ledMin
    }
    let rest = zip(numbers, leads).filter { _, lead in
      lead.map { led[$0.attribute] == nil } ?? true
    }
    return (rest.map(\.0), led)
  }

  private mutating func post(_ numbers: [Int]) -> (start: UInt32, forbidCount: UInt32) {
    let start = UInt32(postings.count)
    postings += numbers.map { UInt32($0) }
    return (start, UInt32(numbers.count { policies[$0].effect == 1 }))
  }
}
