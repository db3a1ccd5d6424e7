// SPDX-License-Identifier: MIT

/// The tables and scratch of decisions as plain cells.
///
/// SAFETY: the cells belong to the program and to the evaluator that holds this; indices are those
/// of the checked image.
@safe
struct DecisionPass: BitwiseCopyable {
  let index: ScopeIndexView
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
  func applies(
    _ policy: PolicyRecord, _ actionBits: Cells<UInt64>, _ principalType: UInt32,
    _ resourceType: UInt32
  ) -> Bool {
    let action = Int(policy.action)
    if actionBits[action >> 6] >> UInt64(action & 63) & 1 == 0 { return false }
    if policy.principalType != ImageFormat.absent, policy.principalType != principalType {
      return false
    }
    return policy.resourceType == ImageFormat.absent || policy.resourceType == resourceType
  }

  /// Whether a forbid (or a permit) in the first `buckets` candidate buckets is satisfied.
  @inline(__always)
  func anySatisfied(
    _ actionBits: Cells<UInt64>, _ principalType: UInt32, _ resourceType: UInt32,
    _ buckets: Int, forbids: Bool
  ) -> Bool {
    var place = 0
    while place < buckets {
      let bucket = index.buckets[unchecked: Int(candidateBuckets[unchecked: place])]
      place &+= 1
      var posting = Int(bucket.start) &+ (forbids ? 0 : Int(bucket.forbidCount))
      let end = Int(bucket.start) &+ Int(forbids ? bucket.forbidCount : bucket.count)
      while posting < end {
        let policy = policies[unchecked: Int(postings[unchecked: posting])]
        posting &+= 1
        if applies(policy, actionBits, principalType, resourceType), satisfied(policy) == .isTrue {
          return true
        }
      }
    }
    return false
  }

  /// Calls `body` with each policy of the first `buckets` candidate buckets that applies.
  @inline(__always)
  func forEachCandidate(
    _ parts: RequestParts, _ buckets: Int, forbids: Bool, _ body: (Int) -> Void
  ) {
    for place in 0..<buckets {
      let bucket = index.buckets[Int(candidateBuckets[place])]
      let first = Int(bucket.start) &+ (forbids ? 0 : Int(bucket.forbidCount))
      let end = Int(bucket.start) &+ Int(forbids ? bucket.forbidCount : bucket.count)
      for posting in first..<end {
        let number = Int(postings[posting])
        if applies(policies[number], parts.actionBits, parts.principal.type, parts.resource.type) {
          body(number)
        }
      }
    }
  }

  /// The decision of the policies of a list.
  @inline(__always)
  func isAllowed(_ list: CandidateList) -> Bool {
    var place = 0
    while place < list.forbidCount {
      if satisfied(policies[unchecked: Int(list.policies[unchecked: place])]) == .isTrue {
        return false
      }
      place &+= 1
    }
    while place < list.policies.count {
      if satisfied(policies[unchecked: Int(list.policies[unchecked: place])]) == .isTrue {
        return true
      }
      place &+= 1
    }
    return false
  }

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
