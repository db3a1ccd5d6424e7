// SPDX-License-Identifier: MIT

/// One walk over the policies that can hold for a principal.
struct BatchPass {
  let scratch: BatchScratch
  let changes: BatchChanges
  let epoch: UInt32
  /// Conditions without the resource that failed.
  var failures: UInt16 = 0

  init(scratch: BatchScratch, changes: BatchChanges, epoch: UInt32) {
    self.scratch = scratch
    self.changes = changes
    self.epoch = epoch
  }

  /// - Parameters:
  ///   - bits: per plan policy the resources for which scope and resource conditions hold.
  ///   - list: places of plan policies, in plan order.
  @inline(__always)
  mutating func judge(_ runner: BatchRunner, _ bits: Cells<UInt64>, _ list: Cells<UInt32>) {
    var place = 0
    while place < list.count {
      let number = Int(list[unchecked: place])
      place &+= 1
      if !judge(runner, bits, number) { return }
    }
  }

  /// As above for a principal's own list and for the policies that the context finds.
  @inline(never)
  mutating func judge(
    _ runner: BatchRunner, _ bits: Cells<UInt64>, _ principal: PreparedPrincipal,
    _ leads: BatchLeads, _ context: Cells<Value>
  ) {
    let runs = scratch.runs
    var count = leads.find(context, runs)
    runs[count] = PlaceRun(places: principal.policies.cells)
    count &+= 1
    while let number = nextPlace(runs, count) {
      if !judge(runner, bits, number) { return }
    }
  }

  /// Takes the least place that is left in the runs.
  @inline(__always)
  private func nextPlace(_ runs: Cells<PlaceRun>, _ count: Int) -> Int? {
    var least = UInt32.max
    var chosen = 0
    var number = 0
    while number < count {
      let run = runs[unchecked: number]
      if run.next < run.places.count {
        let place = run.places[unchecked: run.next]
        if place < least {
          least = place
          chosen = number
        }
      }
      number &+= 1
    }
    guard least != .max else { return nil }
    var run = runs[unchecked: chosen]
    run.next &+= 1
    runs[unchecked: chosen] = run
    return Int(least)
  }

  /// Judges one policy; false when nothing is left to find.
  @inline(__always)
  private mutating func judge(
    _ runner: BatchRunner, _ bits: Cells<UInt64>, _ number: Int
  ) -> Bool {
    if isPassedOver(number) { return true }
    // Once every candidate is settled nothing is left to find.
    if !start(bits, number) { return anyOpen() }
    let policy = scratch.policies[unchecked: number]
    if policy.candidate > policy.request, !requestConditionsHold(runner, policy) { return true }
    if policy.end > policy.candidate, !candidateConditionsHold(runner, policy) { return true }
    settle(policy)
    return true
  }

  /// Whether the policy's first condition without the resource is known to be false: nearly all
  /// that can be passed over are, by a look at what was found for this request or the one before.
  @inline(__always)
  private func isPassedOver(_ number: Int) -> Bool {
    let lead = scratch.leads[unchecked: number]
    guard lead != ImageFormat.absent else { return false }
    let remembered = scratch.memo[unchecked: Int(lead)]
    return remembered & 3 == 0
      && (remembered >> 2 == epoch
        || changes.isCurrent(Int(lead), evaluated: remembered >> 2))
  }

  /// Sets `alive` to the open candidates in the policy's bits; false when there are none.
  @inline(__always)
  private func start(_ bits: Cells<UInt64>, _ number: Int) -> Bool {
    let words = scratch.words
    let first = number &* words
    var any: UInt64 = 0
    var word = 0
    while word < words {
      let both = scratch.open[unchecked: word] & bits[unchecked: first &+ word]
      scratch.alive[unchecked: word] = both
      any |= both
      word &+= 1
    }
    return any != 0
  }

  @inline(__always)
  private func anyOpen() -> Bool {
    var any: UInt64 = 0
    var word = 0
    while word < scratch.words {
      any |= scratch.open[unchecked: word]
      word &+= 1
    }
    return any != 0
  }

  @inline(__always)
  private mutating func requestConditionsHold(
    _ runner: BatchRunner, _ policy: PlanPolicy
  ) -> Bool {
    var run = Int(policy.request)
    let end = Int(policy.candidate)
    while run < end {
      let conjunct = Int(scratch.conjuncts[unchecked: run])
      run &+= 1
      let remembered = scratch.memo[unchecked: conjunct]
      var outcome = UInt8(truncatingIfNeeded: remembered & 3)
      // A failure is counted once for each request, so it is not taken over from the last one.
      let isKnown =
        remembered >> 2 == epoch
        || outcome <= 1 && changes.isCurrent(conjunct, evaluated: remembered >> 2)
      if !isKnown {
        outcome = runner.run(conjunct).rawValue
        scratch.memo[unchecked: conjunct] = epoch << 2 | UInt32(outcome)
        if outcome > 1 { failures &+= 1 }
      }
      if outcome != 1 { return false }
    }
    return true
  }

  /// Takes those out of `alive` for which a condition does not hold; false when none is left.
  private func candidateConditionsHold(_ runner: BatchRunner, _ policy: PlanPolicy) -> Bool {
    let words = scratch.words
    var any: UInt64 = 0
    var run = Int(policy.candidate)
    while run < Int(policy.end) {
      let conjunct = Int(scratch.conjuncts[unchecked: run])
      run &+= 1
      let first = forget(conjunct)
      any = 0
      var word = 0
      while word < words {
        let cell = first &+ word
        let wanted = scratch.alive[unchecked: word]
        let missing = wanted & ~scratch.known[unchecked: cell]
        if missing != 0 {
          scratch.known[unchecked: cell] |= missing
          scratch.holding[unchecked: cell] |= holding(runner, conjunct, word, missing)
        }
        let left = wanted & scratch.holding[unchecked: cell]
        scratch.alive[unchecked: word] = left
        any |= left
        word &+= 1
      }
      if any == 0 { return false }
    }
    return any != 0
  }

  /// Start of a condition's sets, emptied when they are of an earlier request.
  @inline(__always)
  private func forget(_ conjunct: Int) -> Int {
    let place = Int(scratch.setPlaces[unchecked: conjunct])
    let first = place &* scratch.words
    if scratch.setEpochs[unchecked: place] != epoch {
      scratch.setEpochs[unchecked: place] = epoch
      var word = 0
      while word < scratch.words {
        scratch.known[unchecked: first &+ word] = 0
        scratch.holding[unchecked: first &+ word] = 0
        word &+= 1
      }
    }
    return first
  }

  /// The resources of a word for which a condition holds.
  @inline(__always)
  private func holding(
    _ runner: BatchRunner, _ conjunct: Int, _ word: Int, _ wanted: UInt64
  ) -> UInt64 {
    var rest = wanted
    var result: UInt64 = 0
    while rest != 0 {
      let bit = rest.trailingZeroBitCount
      rest &= rest &- 1
      let index = word &* 64 &+ bit
      let outcome = runner.run(conjunct, resource: index)
      if outcome == .isTrue {
        result |= 1 << UInt64(bit)
      } else if outcome != .isFalse {
        scratch.verdicts[index].failureCount &+= 1
      }
    }
    return result
  }

  /// Notes the policy for those still alive and closes them.
  @inline(__always)
  private func settle(_ policy: PlanPolicy) {
    var word = 0
    while word < scratch.words {
      var rest = scratch.alive[unchecked: word]
      scratch.open[unchecked: word] &= ~rest
      while rest != 0 {
        let index = word &* 64 &+ rest.trailingZeroBitCount
        rest &= rest &- 1
        var verdict = scratch.verdicts[unchecked: index]
        if policy.isForbid {
          verdict.forbid = Int32(truncatingIfNeeded: policy.number)
        } else {
          verdict.isAllowed = true
          verdict.permit = Int32(truncatingIfNeeded: policy.number)
          verdict.priority = policy.priority
        }
        scratch.verdicts[unchecked: index] = verdict
      }
      word &+= 1
    }
  }
}
