// SPDX-License-Identifier: MIT

import CedarSyntax

/// How often a policy and the branches of its conditions were taken.
struct PolicyCoverage {
  struct Branch {
    let expression: Expression
    var isTrueCount = 0
    var isFalseCount = 0
    var errorCount = 0

    /// How many of its two sides were taken.
    var takenSides: Int { (isTrueCount > 0 ? 1 : 0) + (isFalseCount > 0 ? 1 : 0) }
    var reachedCount: Int { isTrueCount + isFalseCount + errorCount }
  }

  let policy: Policy
  /// As answers name it.
  let name: String
  /// Decisions that its scope fits, that it holds in, and that it fails in.
  private(set) var matchedCount = 0
  private(set) var satisfiedCount = 0
  private(set) var errorCount = 0
  private(set) var branches: [Branch]
  private let scope: Int
  private let clauses: [CoveragePlan.Clause]
  private let probes: [Int]

  init(_ planned: CoveragePlan.PlannedPolicy) {
    policy = planned.policy
    name = planned.name
    scope = planned.scope
    clauses = planned.clauses
    probes = planned.branches.map(\.probe)
    branches = planned.branches.map { Branch(expression: $0.expression) }
  }

  /// Counts one decision, from the probes that hold in it and those that fail.
  mutating func count(holding: Set<Int>, failing: Set<Int>) {
    guard holding.contains(scope) else { return }
    matchedCount += 1
    for clause in clauses {
      guard let truth = run(clause.body, holding, failing) else {
        errorCount += 1
        return
      }
      if truth != (clause.kind == .when) { return }
    }
    satisfiedCount += 1
  }

  /// What a condition comes to; nil when it fails. Counts the branches that are reached.
  private mutating func run(
    _ node: CoveragePlan.Node, _ holding: Set<Int>, _ failing: Set<Int>
  ) -> Bool? {
    switch node {
    case .branch(let number):
      if failing.contains(probes[number]) {
        branches[number].errorCount += 1
        return nil
      }
      let holds = holding.contains(probes[number])
      if holds {
        branches[number].isTrueCount += 1
      } else {
        branches[number].isFalseCount += 1
      }
      return holds
    case .not(let operand): return run(operand, holding, failing).map { !$0 }
    case .and(let operands):
      for operand in operands {
        guard let truth = run(operand, holding, failing) else { return nil }
        if !truth { return false }
      }
      return true
    case .or(let operands):
      for operand in operands {
        guard let truth = run(operand, holding, failing) else { return nil }
        if truth { return true }
      }
      return false
    case .conditional(let condition, let then, let otherwise):
      return run(condition, holding, failing).flatMap {
        run($0 ? then : otherwise, holding, failing)
      }
    }
  }
}
