// SPDX-License-Identifier: MIT

/// Decides one request for many candidates in one call, allocating nothing. Holds scratch memory:
/// one per thread.
public final class BatchDecision {
  public let plan: BatchPlan
  private let words: Int
  /// Sets of resources, `words` each: candidates not yet forbidden (forbids) or settled (permits);
  /// those for which the policy at hand may still hold.
  private let open: Storage<UInt64>
  private let alive: Storage<UInt64>
  /// Per resource, for the candidates of the call.
  private let verdicts: Storage<CandidateVerdict>
  /// Per condition without the resource: epoch << 2 | outcome.
  private let memo: Storage<UInt32>
  /// Per condition with the resource: the epoch its sets are of, then what is known and what holds.
  private let setEpochs: Storage<UInt32>
  private let known: Storage<UInt64>
  private let holding: Storage<UInt64>
  /// Place of a condition in the three above, by condition.
  private let setPlaces: Storage<UInt32>
  private var epoch: UInt32 = 0
  private var requestFailures: UInt16 = 0

  public init(plan: BatchPlan) {
    self.plan = plan
    words = plan.words
    open = Storage(repeating: 0, count: plan.words)
    alive = Storage(repeating: 0, count: plan.words)
    verdicts = Storage(repeating: CandidateVerdict(), count: plan.resources.count)
    let conjunctCount = plan.program.conjuncts.cells.count
    memo = Storage(repeating: 0, count: conjunctCount)
    setPlaces = Storage(repeating: 0, count: conjunctCount)
    var sets = 0
    var seen = Set<UInt32>()
    for number in 0..<plan.policies.cells.count {
      let policy = plan.policies.cells[number]
      for run in Int(policy.candidate)..<Int(policy.end) {
        let conjunct = plan.conjuncts.cells[run]
        guard seen.insert(conjunct).inserted else { continue }
        setPlaces.cells[Int(conjunct)] = UInt32(sets)
        sets += 1
      }
    }
    setEpochs = Storage(repeating: 0, count: sets)
    known = Storage(repeating: 0, count: sets * plan.words)
    holding = Storage(repeating: 0, count: sets * plan.words)
  }

  /// Decides for each candidate.
  ///
  /// - Parameters:
  ///   - table: of the same plan, refreshed.
  ///   - principal: of the same plan.
  ///   - candidates: indices of resources; one out of range is denied.
  ///   - results: receives the verdict of each candidate in order; at least as long.
  public func decide(
    table: ResourceTable, principal: PreparedPrincipal, context: ContextFrame,
    candidates: Span<UInt16>, results: inout MutableSpan<CandidateVerdict>
  ) {
    precondition(table.plan === plan && principal.plan === plan)
    precondition(results.count >= candidates.count)
    begin(candidates)
    table.runner.begin(principal: principal.view, context: context)
    judge(table, principal)
    for place in 0..<candidates.count {
      let index = Int(candidates[place])
      guard index < verdicts.cells.count else {
        results[place] = CandidateVerdict()
        continue
      }
      var verdict = verdicts.cells[index]
      verdict.failureCount &+= requestFailures
      results[place] = verdict
    }
  }

  private func begin(_ candidates: Span<UInt16>) {
    epoch &+= 1
    if epoch >= 1 << 30 {
      memo.cells.fill(0)
      setEpochs.cells.fill(0)
      epoch = 1
    }
    requestFailures = 0
    open.cells.fill(0)
    for place in 0..<candidates.count {
      let index = Int(candidates[place])
      guard index < verdicts.cells.count else { continue }
      verdicts.cells[index] = CandidateVerdict()
      open.cells[index >> 6] |= 1 << UInt64(index & 63)
    }
  }

  private func judge(_ table: ResourceTable, _ principal: PreparedPrincipal) {
    let list = principal.policies.cells
    let policies = plan.policies.cells
    var place = 0
    while place < list.count {
      let number = Int(list[place])
      place &+= 1
      let policy = policies[number]
      if !start(table.bits.cells, number) {
        // Once every candidate is settled nothing is left to find.
        if !anyOpen() { return }
        continue
      }
      if !requestConditionsHold(table.runner, policy) { continue }
      if policy.end > policy.candidate, !candidateConditionsHold(table.runner, policy) { continue }
      settle(policy)
    }
  }

  /// Sets `alive` to the open candidates in the policy's bits; false when there are none.
  @inline(__always)
  private func start(_ bits: Cells<UInt64>, _ number: Int) -> Bool {
    var any: UInt64 = 0
    var word = 0
    while word < words {
      let both = open.cells[word] & bits[number &* words &+ word]
      alive.cells[word] = both
      any |= both
      word &+= 1
    }
    return any != 0
  }

  @inline(__always)
  private func anyOpen() -> Bool {
    var any: UInt64 = 0
    var word = 0
    while word < words {
      any |= open.cells[word]
      word &+= 1
    }
    return any != 0
  }

  @inline(__always)
  private func requestConditionsHold(_ runner: BatchRunner, _ policy: PlanPolicy) -> Bool {
    var run = Int(policy.request)
    let end = Int(policy.candidate)
    while run < end {
      let conjunct = Int(plan.conjuncts.cells[run])
      run &+= 1
      let remembered = memo.cells[conjunct]
      var outcome = UInt8(truncatingIfNeeded: remembered & 3)
      if remembered >> 2 != epoch {
        outcome = runner.run(conjunct).rawValue
        memo.cells[conjunct] = epoch << 2 | UInt32(outcome)
        if outcome > 1 { requestFailures &+= 1 }
      }
      if outcome != 1 { return false }
    }
    return true
  }

  /// Takes those out of `alive` for which a condition does not hold; false when none is left.
  private func candidateConditionsHold(_ runner: BatchRunner, _ policy: PlanPolicy) -> Bool {
    var any: UInt64 = 0
    for run in Int(policy.candidate)..<Int(policy.end) {
      let conjunct = Int(plan.conjuncts.cells[run])
      let place = Int(setPlaces.cells[conjunct])
      if setEpochs.cells[place] != epoch {
        setEpochs.cells[place] = epoch
        for word in 0..<words {
          known.cells[place &* words &+ word] = 0
          holding.cells[place &* words &+ word] = 0
        }
      }
      any = 0
      for word in 0..<words {
        let cell = place &* words &+ word
        var rest = alive.cells[word] & ~known.cells[cell]
        known.cells[cell] |= rest
        while rest != 0 {
          let bit = rest.trailingZeroBitCount
          rest &= rest &- 1
          let index = word &* 64 &+ bit
          let outcome = runner.run(conjunct, resource: index)
          if outcome == .isTrue {
            holding.cells[cell] |= 1 << UInt64(bit)
          } else if outcome != .isFalse {
            verdicts.cells[index].failureCount &+= 1
          }
        }
        alive.cells[word] &= holding.cells[cell]
        any |= alive.cells[word]
      }
      if any == 0 { return false }
    }
    return any != 0
  }

  /// Notes the policy for those still alive and closes them.
  private func settle(_ policy: PlanPolicy) {
    for word in 0..<words {
      var rest = alive.cells[word]
      open.cells[word] &= ~rest
      while rest != 0 {
        let index = word &* 64 &+ rest.trailingZeroBitCount
        rest &= rest &- 1
        var verdict = verdicts.cells[index]
        if policy.isForbid {
          verdict.forbid = Int32(truncatingIfNeeded: policy.number)
        } else {
          verdict.isAllowed = true
          verdict.permit = Int32(truncatingIfNeeded: policy.number)
          verdict.priority = policy.priority
        }
        verdicts.cells[index] = verdict
      }
    }
  }
}
