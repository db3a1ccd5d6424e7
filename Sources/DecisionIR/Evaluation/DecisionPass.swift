// SPDX-License-Identifier: MIT

/// The tables and scratch of decisions as plain cells.
///
/// SAFETY: the cells belong to the program and to the evaluator that holds this; indices are those
/// of the checked image.
@safe
struct DecisionPass: BitwiseCopyable {
  let index: ScopeIndexView
  let leads: LeadIndexView
  let policies: Cells<PolicyRecord>
  let postings: Cells<UInt32>
  let policyConjuncts: Cells<UInt32>
  /// Per condition: epoch << 2 | outcome. A result of another epoch is stale.
  let memo: Cells<UInt32>
  let candidateBuckets: Cells<UInt32>
  /// The environment, in memory of its own so that running needs no access check.
  let environment: UnsafeMutablePointer<Environment>
  var epoch: UInt32 = 1

  /// Collects the buckets of all pairs of keys that exist.
  @inline(__always)
  func findBuckets(_ principalKeys: Cells<UInt32>, _ resourceKeys: Cells<UInt32>) -> Int {
    var count = 0
    var place = 0
    while place < principalKeys.count {
      let principalKey = principalKeys[unchecked: place]
      place &+= 1
      let (first, end) = index.buckets(of: principalKey)
      if first == end { continue }
      if (end &- first) &* 8 < resourceKeys.count {
        count = pick(first, end, resourceKeys, count)
        continue
      }
      if end &- first < resourceKeys.count &* 4 {
        count = merge(first, end, resourceKeys, count)
        continue
      }
      var other = 0
      while other < resourceKeys.count {
        let found = index.bucket(principalKey, resourceKeys[unchecked: other])
        if found >= 0 {
          candidateBuckets[count] = UInt32(truncatingIfNeeded: found)
          count &+= 1
        }
        other &+= 1
      }
    }
    return count
  }

  /// Looks for the keys of few buckets among many resource keys.
  private func pick(_ first: Int, _ end: Int, _ keys: Cells<UInt32>, _ start: Int) -> Int {
    var count = start
    for number in first..<end {
      let wanted = index.buckets[number].resourceKey
      var low = 0
      var high = keys.count
      while low < high {
        let middle = (low &+ high) / 2
        if keys[middle] < wanted { low = middle &+ 1 } else { high = middle }
      }
      guard low < keys.count, keys[low] == wanted else { continue }
      candidateBuckets[count] = UInt32(truncatingIfNeeded: number)
      count &+= 1
    }
    return count
  }

  /// Walks the buckets of one principal key beside the resource keys, both ascending.
  @inline(__always)
  private func merge(_ first: Int, _ end: Int, _ keys: Cells<UInt32>, _ start: Int) -> Int {
    var count = start
    var place = 0
    var number = first
    while number < end, place < keys.count {
      let key = index.buckets[unchecked: number].resourceKey
      let wanted = keys[unchecked: place]
      if key == wanted {
        candidateBuckets[count] = UInt32(truncatingIfNeeded: number)
        count &+= 1
        number &+= 1
        place &+= 1
      } else if key < wanted {
        number &+= 1
      } else {
        place &+= 1
      }
    }
    return count
  }

  /// Whether what the keys do not say about a scope holds: the action, `is` beside `in`.
  @inline(__always)
  func applies(_ policy: PolicyRecord, _ scope: DecisionScope) -> Bool {
    let action = Int(policy.action)
    if scope.actionBits[action >> 6] >> UInt64(action & 63) & 1 == 0 { return false }
    if policy.principalType != ImageFormat.absent, policy.principalType != scope.principalType {
      return false
    }
    return policy.resourceType == ImageFormat.absent || policy.resourceType == scope.resourceType
  }

  /// Whether a forbid (or a permit) in the first `buckets` candidate buckets is satisfied.
  @inline(__always)
  func anySatisfied(_ scope: DecisionScope, _ buckets: Int, forbids: Bool) -> Bool {
    var place = 0
    while place < buckets {
      let number = candidateBuckets[unchecked: place]
      let bucket = index.buckets[unchecked: Int(number)]
      place &+= 1
      let run = PostingRun(bucket.start, bucket.forbidCount, bucket.count, forbids: forbids)
      if anySatisfied(scope, run) { return true }
      if bucket.firstLead != ImageFormat.absent,
        anyLedSatisfied(scope, number, bucket.firstLead, forbids: forbids)
      {
        return true
      }
    }
    return false
  }

  /// Whether a policy of a run of postings applies and is satisfied.
  @inline(__always)
  func anySatisfied(_ scope: DecisionScope, _ run: PostingRun) -> Bool {
    var posting = run.first
    while posting < run.end {
      let policy = policies[unchecked: Int(postings[unchecked: posting])]
      posting &+= 1
      if applies(policy, scope), satisfied(policy) == .isTrue { return true }
    }
    return false
  }

  /// Calls `body` with each policy of a run of postings that applies.
  @inline(__always)
  func forEach(_ scope: DecisionScope, _ run: PostingRun, _ body: (Int) -> Void) {
    for posting in run.first..<run.end {
      let number = Int(postings[posting])
      if applies(policies[number], scope) { body(number) }
    }
  }

  /// The decision of the policies of a list.
  @inline(__always)
  func isAllowed(_ list: CandidateList, _ parts: RequestParts) -> Bool {
    if anySatisfied(list, from: 0, to: list.forbidCount) { return false }
    if list.leads.count > 0 { return isAllowedWithLeads(list, DecisionScope(parts)) }
    return anySatisfied(list, from: list.forbidCount, to: list.policies.count)
  }

  @inline(__always)
  func anySatisfied(_ list: CandidateList, from first: Int, to end: Int) -> Bool {
    var place = first
    while place < end {
      if satisfied(policies[unchecked: Int(list.policies[unchecked: place])]) == .isTrue {
        return true
      }
      place &+= 1
    }
    return false
  }

  /// Sorts policies by the number of their conditions: which of several forbids or permits is found
  /// first does not matter where only the decision is asked for.
  func sortCheapFirst(_ list: Cells<UInt32>) {
    guard list.count <= Self.sortedMax else { return }
    for place in 0..<list.count {
      let policy = list[place]
      let cost = policies[Int(policy)].conjunctCount
      var free = place
      while free > 0, policies[Int(list[free - 1])].conjunctCount > cost {
        list[free] = list[free - 1]
        free -= 1
      }
      list[free] = policy
    }
  }

  /// Longer lists stay in the order of the index.
  private static let sortedMax = 64

  /// Whether all conditions of a policy hold; conditions are run once per request.
  @inline(__always)
  func satisfied(_ policy: PolicyRecord) -> Outcome {
    var place = Int(policy.conjunctStart)
    let end = place &+ Int(policy.conjunctCount)
    while place < end {
      let number = Int(policyConjuncts[unchecked: place])
      place &+= 1
      let known = memo[unchecked: number]
      var outcome = UInt8(truncatingIfNeeded: known & 3)
      if known >> 2 != epoch {
        outcome = unsafe environment.pointee.run(number).rawValue
        memo[unchecked: number] = epoch << 2 | UInt32(outcome)
      }
      if outcome != Outcome.isTrue.rawValue {
        return outcome == Outcome.isFalse.rawValue ? .isFalse : .failed
      }
    }
    return .isTrue
  }
}

/// What a policy's scope is held against beside the keys.
struct DecisionScope: BitwiseCopyable {
  let actionBits: Cells<UInt64>
  let principalType: UInt32
  let resourceType: UInt32

  @inline(__always)
  init(_ parts: RequestParts) {
    actionBits = parts.actionBits
    principalType = parts.principal.type
    resourceType = parts.resource.type
  }
}

/// The forbids or the permits of a run of postings, or both.
struct PostingRun: BitwiseCopyable {
  let first: Int
  let end: Int

  @inline(__always)
  init(_ start: UInt32, _ forbidCount: UInt32, _ count: UInt32, forbids: Bool) {
    first = Int(start) &+ (forbids ? 0 : Int(forbidCount))
    end = Int(start) &+ Int(forbids ? forbidCount : count)
  }

  init(_ start: UInt32, _ count: UInt32) {
    first = Int(start)
    end = first &+ Int(count)
  }
}
