// SPDX-License-Identifier: MIT

/// Decides one request for many candidates in one call, allocating nothing. Holds scratch memory:
/// one per thread.
public final class BatchDecision {
  public let plan: BatchPlan
  private let scratch: BatchScratch
  private let owner: BatchScratch.Owner
  private let changes: BatchChanges
  private var epoch: UInt32 = 0

  public init(plan: BatchPlan) {
    self.plan = plan
    owner = BatchScratch.Owner(plan)
    scratch = BatchScratch(plan, owner)
    changes = BatchChanges(plan)
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
    epoch &+= 1
    if epoch >= 1 << 30 {
      scratch.memo.fill(0)
      scratch.setEpochs.fill(0)
      changes.reset()
      epoch = 1
    }
    let verdicts = scratch.verdicts
    var place = 0
    while place < scratch.words {
      scratch.open[unchecked: place] = 0
      place &+= 1
    }
    for place in 0..<candidates.count {
      let index = Int(candidates[place])
      guard index < verdicts.count else { continue }
      verdicts[unchecked: index] = CandidateVerdict()
      scratch.open[unchecked: index >> 6] |= 1 << UInt64(index & 63)
    }
    table.runner.begin(principal: principal.view, context: context)
    changes.note(principal, context.slots.cells, epoch: epoch)
    var pass = BatchPass(scratch: scratch, changes: changes, epoch: epoch)
    if let leads = principal.contextLeads {
      pass.judge(table.runner, table.bits.cells, principal, leads, context.slots.cells)
    } else {
      pass.judge(table.runner, table.bits.cells, principal.policies.cells)
    }
    for place in 0..<candidates.count {
      let index = Int(candidates[place])
      guard index < verdicts.count else {
        results[place] = CandidateVerdict()
        continue
      }
      var verdict = verdicts[unchecked: index]
      verdict.failureCount &+= pass.failures
      results[place] = verdict
    }
  }
}
