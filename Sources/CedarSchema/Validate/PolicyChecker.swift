// SPDX-License-Identifier: MIT

import CedarSyntax

/// A kind of request: what the variables of a policy are.
struct RequestEnvironment {
  let principal: Name
  let action: Schema.Action
  let resource: Name
}

/// Types one policy in all environments its scope allows.
struct PolicyChecker {
  let schema: Schema
  let mode: ValidationMode
  let policy: Policy
  /// Most entities that may be looked up one behind the other; nil for no bound.
  let level: Int?
  private(set) var diagnostics: [Diagnostic] = []
  /// Counts only when there is no other error.
  private(set) var levelDiagnostics: [Diagnostic] = []
  /// Environments in which the policy is not known to be false.
  private(set) var satisfiableCount = 0
  private(set) var longs: Set<ObjectIdentifier> = []
  private var others: Set<ObjectIdentifier> = []

  init(schema: Schema, mode: ValidationMode, policy: Policy, level: Int? = nil) {
    self.schema = schema
    self.mode = mode
    self.policy = policy
    self.level = level
  }

  mutating func check(hasUnknownNames: Bool) {
    if !hasUnknownNames { checkApplication() }
    var environmentCount = 0
    var impossible = [Int](repeating: 0, count: policy.conditions.count)
    for action in schema.sortedActions where scopeAllows(action) {
      for principal in action.principals where scopeAllows(policy.principal, principal) {
        for resource in action.resources where scopeAllows(policy.resource, resource) {
          environmentCount += 1
          check(
            RequestEnvironment(principal: principal, action: action, resource: resource),
            &impossible)
        }
      }
    }
    longs.subtract(others)
    guard satisfiableCount == 0, diagnostics.isEmpty, !hasUnknownNames else { return }
    reportImpossible(environmentCount, impossible)
  }

  private mutating func check(_ environment: RequestEnvironment, _ impossible: inout [Int]) {
    var typer = Typechecker(schema: schema, mode: mode, environment: environment)
    if level != nil { typer.types = [:] }
    var capabilities = Capabilities()
    var isNever = false
    for (position, condition) in policy.conditions.enumerated() {
      let outcome = typer.boolean(condition.body, capabilities)
      var truth = outcome.truth
      if condition.kind == .unless {
        truth = truth?.negated
      } else {
        capabilities.formUnion(outcome.capabilities)
      }
      if truth == .never {
        impossible[position] += 1
        isNever = true
        break
      }
    }
    diagnostics += typer.diagnostics
    // Levels are counted in well-typed policies only, as the reference does.
    if let level, let types = typer.types, typer.diagnostics.isEmpty {
      var checker = LevelChecker(
        schema: schema, action: environment.action.uid, types: types, levelMax: level)
      checker.check(policy)
      levelDiagnostics += checker.diagnostics
    }
    if !isNever { satisfiableCount += 1 }
    longs.formUnion(typer.longs)
    others.formUnion(typer.others)
  }

  private mutating func reportImpossible(_ environmentCount: Int, _ impossible: [Int]) {
    let position = impossible.firstIndex { $0 > 0 && $0 == environmentCount }
    let span = position.map { policy.conditions[$0].span } ?? policy.span
    var message = "this policy can never be satisfied"
    if position != nil { message = "this condition is false for every request the schema allows" }
    if environmentCount == 0 { message = "this policy's scope fits no request the schema allows" }
    diagnostics.append(
      Diagnostic(
        .warning, .impossiblePolicy, message, labels: [.init(span)],
        help: "change the condition or remove the policy"))
  }

  // MARK: scope

  private func scopeAllows(_ action: Schema.Action) -> Bool {
    switch policy.action.kind {
    case .any: true
    case .equal(let reference): action.uid == reference.uid
    case .in(let reference): schema.isIn(action.uid, reference.uid)
    case .inSet(let references): references.contains { schema.isIn(action.uid, $0.uid) }
    }
  }

  private func scopeAllows(_ constraint: ScopeConstraint, _ type: Name) -> Bool {
    switch constraint.kind {
    case .any, .equal(.slot), .in(.slot): true
    case .equal(.entity(let uid)): uid.type == type
    case .in(.entity(let uid)): schema.canBeIn(type, uid.type)
    case .is(let wanted), .isIn(let wanted, .slot): wanted == type
    case .isIn(let wanted, .entity(let uid)):
      wanted == type && schema.canBeIn(type, uid.type)
    }
  }

  /// No action of the scope applies to a principal and a resource of the scope: an error, since
  /// the policy was certainly meant to apply to something.
  private mutating func checkApplication() {
    var principalFits = false
    var resourceFits = false
    for action in schema.sortedActions where scopeAllows(action) {
      let principal = action.principals.contains { scopeAllows(policy.principal, $0) }
      let resource = action.resources.contains { scopeAllows(policy.resource, $0) }
      if principal && resource { return }
      principalFits = principalFits || principal
      resourceFits = resourceFits || resource
    }
    var help = "no such action applies to this principal together with this resource"
    if !principalFits { help = "no such action applies to the principal of the scope" }
    if !resourceFits { help = "no such action applies to the resource of the scope" }
    if !principalFits, !resourceFits {
      help = "such actions apply neither to the principal nor to the resource of the scope"
    }
    let place = policy.action.span == .none ? policy.span : policy.action.span
    diagnostics.append(
      Diagnostic(
        .error, .appliesToNothing, "the schema lets no action apply to what this scope asks for",
        labels: [.init(place)], help: help))
  }
}
