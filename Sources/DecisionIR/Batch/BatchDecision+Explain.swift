// SPDX-License-Identifier: MIT

extension BatchDecision {
  /// The full answer for one candidate: every determining policy, every error. For decision records
  /// and tools; allocates.
  ///
  /// - Parameter candidate: an index of the plan's resources.
  public func explain(
    table: ResourceTable, principal: PreparedPrincipal, context: ContextFrame, candidate: Int
  ) -> AuthorizationResponse {
    precondition(table.plan === plan && principal.plan === plan)
    let program = plan.program
    let runner = table.runner
    runner.begin(principal: principal.view, context: context)
    let resource = plan.layout.views.cells[candidate]
    let actionBits = ActionBits.bits(of: plan.action, program.sections)
    let text = FaultText(
      store: plan.store, unknownNames: [principal.name])
    var permits: [Int] = []
    var forbids: [Int] = []
    var errors: [(policy: Int, message: String)] = []
    for number in 0..<program.policyCount {
      let policy = program.sections.policies[number]
      let action = Int(policy.action)
      guard actionBits.cells[action / 64] >> UInt64(action % 64) & 1 == 1,
        PreparedPrincipal.scopeHolds(program, policy, principal.view),
        resourceScopeHolds(policy, resource)
      else { continue }
      let start = Int(policy.conjunctStart)
      var outcome = Outcome.isTrue
      for place in start..<start + Int(policy.conjunctCount) where outcome == .isTrue {
        outcome = runner.run(
          Int(program.sections.policyConjuncts[place]), resource: candidate)
      }
      switch outcome {
      case .isFalse: continue
      case .isTrue:
        if policy.effect == 1 { forbids.append(number) } else { permits.append(number) }
      case .failed: errors.append((number, text.text(runner.fault)))
      case .value: errors.append((number, FaultText.notBool))
      }
    }
    let denied = !forbids.isEmpty || permits.isEmpty
    return AuthorizationResponse(
      decision: denied ? .deny : .allow, reasons: forbids.isEmpty ? permits : forbids,
      errors: errors)
  }

  private func resourceScopeHolds(_ policy: PolicyRecord, _ view: EntityView) -> Bool {
    if policy.resourceType != ImageFormat.absent, policy.resourceType != view.type {
      return false
    }
    let scope = plan.program.sections.resourceKeys[Int(policy.resourceKey)]
    switch scope.kind {
    case 0: return true
    case 1: return view.type == scope.id
    case 2: return view.id == scope.id
    default: return view.isIn(scope.id)
    }
  }
}
