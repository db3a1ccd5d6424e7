// SPDX-License-Identifier: MIT

extension Policy {
  /// The policy with every span set to one place. For policies that no text stands behind (JSON),
  /// so that findings about them at least name their file.
  public func placed(at place: SourceSpan) -> Policy {
    var result = self
    result.span = place
    result.annotations = annotations.map {
      Annotation(key: $0.key, value: $0.value, span: place, valueSpan: place)
    }
    result.principal = ScopeConstraint(principal.kind, span: place)
    result.action = ActionConstraint(action.kind, span: place)
    result.resource = ScopeConstraint(resource.kind, span: place)
    result.conditions = conditions.map {
      Condition($0.kind, $0.body.placed(at: place), span: place)
    }
    return result
  }
}

extension Expression {
  /// The same tree with every node at one place.
  fileprivate func placed(at place: SourceSpan) -> Expression {
    Expression(kind.mapped { $0.placed(at: place) }, span: place)
  }
}
