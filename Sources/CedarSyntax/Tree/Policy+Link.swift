// SPDX-License-Identifier: MIT

extension Policy {
  /// The policy that a link makes of this template: the slots replaced, the id the link's.
  /// Nil when the link does not fill exactly the template's slots.
  public func linked(_ link: TemplateLink) -> Policy? {
    guard Set(link.values.keys) == Set(slots) else { return nil }
    var result = self
    result.id = link.id
    result.principal = principal.filled(link.values)
    result.resource = resource.filled(link.values)
    return result
  }
}

extension ScopeConstraint {
  fileprivate func filled(_ values: [Slot: EntityUID]) -> ScopeConstraint {
    let fill = { (reference: EntityReference) -> EntityReference in
      guard case .slot(let slot, _) = reference, let uid = values[slot] else { return reference }
      return .entity(uid)
    }
    switch kind {
    case .any, .is: return self
    case .equal(let reference): return ScopeConstraint(.equal(fill(reference)), span: span)
    case .in(let reference): return ScopeConstraint(.in(fill(reference)), span: span)
    case .isIn(let type, let reference):
      return ScopeConstraint(.isIn(type, fill(reference)), span: span)
    }
  }
}
