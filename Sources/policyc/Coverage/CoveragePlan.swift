// SPDX-License-Identifier: MIT

import CedarSyntax

/// Policies taken apart so that the compiled engine itself tells what their parts come to.
///
/// Every scope and every leaf condition becomes a permit of its own, a *probe*: one decision on the
/// probes says for all of them whether they hold or fail. What short-circuits then leave
/// unevaluated follows from the shape of the conditions.
struct CoveragePlan {
  /// The permits to compile, by position.
  private(set) var probes = PolicySet()
  private(set) var policies: [PlannedPolicy] = []

  struct PlannedPolicy {
    let policy: Policy
    /// As answers name it.
    let name: String
    /// The probe of the scope.
    let scope: Int
    /// In order; all of them must hold.
    let clauses: [Clause]
    let branches: [Branch]
  }

  struct Clause {
    let kind: Condition.Kind
    let body: Node
  }

  /// A leaf condition: what is true or false without an operator between conditions.
  struct Branch {
    let expression: Expression
    let probe: Int
  }

  /// How a condition is put together from branches.
  indirect enum Node {
    case branch(Int)
    case not(Node)
    case and([Node])
    case or([Node])
    case conditional(Node, then: Node, else: Node)
  }

  init(_ set: PolicySet) {
    for policy in set.policies where !policy.isTemplate {
      add(policy, name: policy.annotation("id")?.text ?? policy.id)
    }
    for policy in set.linkedPolicies { add(policy, name: policy.id) }
  }

  private mutating func add(_ policy: Policy, name: String) {
    var scope = policy
    scope.effect = .permit
    scope.annotations = []
    scope.conditions = []
    let probe = addProbe(scope)
    var branches: [Branch] = []
    let clauses = policy.conditions.map {
      Clause(kind: $0.kind, body: node($0.body, &branches))
    }
    policies.append(
      PlannedPolicy(policy: policy, name: name, scope: probe, clauses: clauses, branches: branches))
  }

  private mutating func addProbe(_ policy: Policy) -> Int {
    var probe = policy
    probe.id = "probe\(probes.policies.count)"
    probes.policies.append(probe)
    return probes.policies.count - 1
  }

  /// Nesting is bounded by the parser, so recursion is too.
  private mutating func node(_ expression: Expression, _ branches: inout [Branch]) -> Node {
    switch expression.kind {
    case .not(let operand): return .not(node(operand, &branches))
    case .and(let operands): return .and(operands.map { node($0, &branches) })
    case .or(let operands): return .or(operands.map { node($0, &branches) })
    case .ifThenElse(let condition, let then, let otherwise):
      let test = node(condition, &branches)
      return .conditional(test, then: node(then, &branches), else: node(otherwise, &branches))
    default:
      let condition = Condition(.when, expression, span: expression.span)
      let probe = addProbe(Policy(id: "", effect: .permit, conditions: [condition]))
      branches.append(Branch(expression: expression, probe: probe))
      return .branch(branches.count - 1)
    }
  }
}

extension PolicySet {
  /// The policies that the links make of their templates.
  var linkedPolicies: [Policy] {
    var templates: [ExactString: Policy] = [:]
    for policy in policies where policy.isTemplate {
      templates[ExactString(policy.id)] = policy
      if let id = policy.annotation("id") { templates[ExactString(id.text)] = policy }
    }
    return links.compactMap { templates[ExactString($0.templateID)]?.linked($0) }
  }
}
