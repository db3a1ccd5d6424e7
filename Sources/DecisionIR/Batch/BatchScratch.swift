// SPDX-License-Identifier: MIT

/// The memory that a batch decision works in, as plain runs of cells.
///
/// Sets of resources take `words` cells each. Indices come from the plan (checked when it was made)
/// or from candidates that were checked against the number of resources.
struct BatchScratch: BitwiseCopyable {
  let words: Int
  /// Candidates about which nothing decides yet.
  let open: Cells<UInt64>
  /// Those for which the policy at hand may still hold.
  let alive: Cells<UInt64>
  /// Per resource, for the candidates of the call.
  let verdicts: Cells<CandidateVerdict>
  /// Per condition without the resource: epoch << 2 | outcome.
  let memo: Cells<UInt32>
  /// Per condition with the resource: the epoch its two sets are of, what is known, what holds.
  let setEpochs: Cells<UInt32>
  let known: Cells<UInt64>
  let holding: Cells<UInt64>
  /// Place of a condition in the three above, by condition.
  let setPlaces: Cells<UInt32>
  /// The plan's policies, the condition by which each is passed over soonest, and all conditions.
  let policies: Cells<PlanPolicy>
  let leads: Cells<UInt32>
  let conjuncts: Cells<UInt32>

  /// What is left to judge of the lists that are walked together.
  let runs: Cells<PlaceRun>

  /// What keeps the cells alive.
  final class Owner {
    let sets: Storage<UInt64>
    let verdicts: Storage<CandidateVerdict>
    let memo: Storage<UInt32>
    let setEpochs: Storage<UInt32>
    let setPlaces: Storage<UInt32>
    let runs: Storage<PlaceRun>
    let setCount: Int

    init(_ plan: BatchPlan) {
      let conjunctCount = plan.program.conjuncts.cells.count
      var places = [UInt32](repeating: 0, count: conjunctCount)
      var seen = Set<UInt32>()
      for number in 0..<plan.policies.cells.count {
        let policy = plan.policies.cells[number]
        for run in Int(policy.candidate)..<Int(policy.end) {
          let conjunct = plan.conjuncts.cells[run]
          if seen.insert(conjunct).inserted { places[Int(conjunct)] = UInt32(seen.count - 1) }
        }
      }
      setCount = seen.count
      setPlaces = Storage(places)
      setEpochs = Storage(repeating: 0, count: setCount)
      memo = Storage(repeating: 0, count: conjunctCount)
      verdicts = Storage(repeating: CandidateVerdict(), count: plan.resources.count)
      runs = Storage(
        repeating: PlaceRun(places: Cells.empty), count: BatchLeads.groupsMax + 1)
      sets = Storage(repeating: 0, count: (2 + 2 * setCount) * plan.words)
    }
  }

  init(_ plan: BatchPlan, _ owner: Owner) {
    words = plan.words
    open = owner.sets.cells.slice(0, words)
    alive = owner.sets.cells.slice(words, words)
    known = owner.sets.cells.slice(2 * words, owner.setCount * words)
    holding = owner.sets.cells.slice((2 + owner.setCount) * words, owner.setCount * words)
    verdicts = owner.verdicts.cells
    runs = owner.runs.cells
    memo = owner.memo.cells
    setEpochs = owner.setEpochs.cells
    setPlaces = owner.setPlaces.cells
    policies = plan.policies.cells
    leads = plan.leads.cells
    conjuncts = plan.conjuncts.cells
  }
}
