// SPDX-License-Identifier: MIT

extension Expression {
  /// The expression in standard Cedar: decimal literals become `decimal("…")`, dialect comparisons
  /// become `.lessThan(…)` and its kin.
  ///
  /// The dialect widens a long on the other side, which `.lessThan` does not. Where `isLong` says
  /// that an operand is a long, the comparison becomes one of longs with the exact meaning
  /// (`x < 10.5` is `x < 11`); a validated schema can tell. Long literals need no telling.
  public func desugared(isLong: (Expression) -> Bool = { _ in false }) -> Expression {
    guard containsDialect else { return self }
    return Expression(
      kind.mapped { $0.desugared(isLong: isLong) }.standard(isLong, self), span: span)
  }

  /// Whether a dialect form is in the tree.
  public var containsDialect: Bool {
    switch kind {
    case .decimal, .decimalComparison: return true
    default:
      var found = false
      kind.forEachChild { found = found || $0.containsDialect }
      return found
    }
  }
}

extension Expression.Kind {
  /// The same node with each operand replaced.
  func mapped(_ body: (Expression) -> Expression) -> Expression.Kind {
    switch self {
    case .boolean, .long, .string, .decimal, .entity, .variable, .slot: self
    case .not(let operand): .not(body(operand))
    case .negate(let operand): .negate(body(operand))
    case .and(let operands): .and(operands.map(body))
    case .or(let operands): .or(operands.map(body))
    case .sum(let first, let rest):
      .sum(
        first: body(first),
        rest: rest.map { Expression.Term($0.operator, body($0.operand)) })
    case .product(let factors): .product(factors.map(body))
    case .relation(let relation, let left, let right): .relation(relation, body(left), body(right))
    // The literal must stay recognisable until the comparison itself is rewritten.
    case .decimalComparison(let relation, let left, let right):
      .decimalComparison(relation, left.kept(body), right.kept(body))
    case .ifThenElse(let condition, let then, let otherwise):
      .ifThenElse(body(condition), then: body(then), else: body(otherwise))
    case .has(let operand, let path): .has(body(operand), path)
    case .like(let operand, let pattern): .like(body(operand), pattern)
    case .isType(let operand, let type, let container):
      .isType(body(operand), type, in: container.map(body))
    case .attribute(let operand, let name): .attribute(body(operand), name)
    case .method(let method, let receiver, let arguments):
      .method(method, body(receiver), arguments.map(body))
    case .call(let function, let arguments): .call(function, arguments.map(body))
    case .set(let members): .set(members.map(body))
    case .record(let fields):
      .record(fields.map { Expression.RecordField($0.name, body($0.value)) })
    }
  }

  /// This node itself in standard Cedar; `original` still has the operands as written.
  fileprivate func standard(
    _ isLong: (Expression) -> Bool, _ original: Expression
  ) -> Expression.Kind {
    switch self {
    case .decimal(let literal): return literal.call
    case .decimalComparison(let relation, let left, let right):
      guard case .decimalComparison(_, let first, let second) = original.kind else { return self }
      if case .decimal(let bound) = second.kind, first.isLongLiteral || isLong(first) {
        return .relation(
          relation, left, Expression(.long(bound.bound(relation)), span: right.span))
      }
      if case .decimal(let bound) = first.kind, second.isLongLiteral || isLong(second) {
        return .relation(
          relation, Expression(.long(bound.bound(relation.mirrored)), span: left.span), right)
      }
      return .call(relation.decimalMethod, [left.standardLiteral, right.standardLiteral])
    default: return self
    }
  }
}

extension Expression {
  fileprivate func kept(_ body: (Expression) -> Expression) -> Expression {
    if case .decimal = kind { return self }
    return body(self)
  }

  fileprivate var standardLiteral: Expression {
    if case .decimal(let literal) = kind { return Expression(literal.call, span: span) }
    return self
  }

  fileprivate var isLongLiteral: Bool {
    if case .long = kind { return true }
    return false
  }
}

extension Expression.Relation {
  /// The relation with its sides exchanged: `a < b` is `b > a`.
  public var mirrored: Expression.Relation {
    switch self {
    case .less: .greater
    case .lessOrEqual: .greaterOrEqual
    case .greater: .less
    case .greaterOrEqual: .lessOrEqual
    case .equal, .notEqual, .in: self
    }
  }

  fileprivate var decimalMethod: ExtensionFunction {
    switch self {
    case .less: .lessThan
    case .lessOrEqual: .lessThanOrEqual
    case .greater: .greaterThan
    default: .greaterThanOrEqual
    }
  }
}

extension DecimalLiteral {
  fileprivate var call: Expression.Kind { .call(.decimal, [Expression(.string(text))]) }

  /// The long `n` for which `x relation n` says the same as `x relation self` for every long `x`.
  fileprivate func bound(_ relation: Expression.Relation) -> Int64 {
    let quotient = scaled / Self.scale
    let remainder = scaled % Self.scale
    let floor = remainder < 0 ? quotient - 1 : quotient
    let ceiling = remainder > 0 ? quotient + 1 : quotient
    switch relation {
    case .less, .greaterOrEqual: return ceiling
    default: return floor
    }
  }
}

extension Policy {
  /// The policy in standard Cedar; see `Expression.desugared`.
  public func desugared(isLong: (Expression) -> Bool = { _ in false }) -> Policy {
    var result = self
    result.annotations = annotations.map { annotation in
      guard case .number(let text) = annotation.value else { return annotation }
      return Annotation(
        key: annotation.key, value: .string(text), span: annotation.span,
        valueSpan: annotation.valueSpan)
    }
    let plain = { (reference: ActionReference) in ActionReference(reference.uid) }
    let actionKind: ActionConstraint.Kind =
      switch action.kind {
      case .any: .any
      case .equal(let reference): .equal(plain(reference))
      case .in(let reference): .in(plain(reference))
      case .inSet(let references): .inSet(references.map(plain))
      }
    result.action = ActionConstraint(actionKind, span: action.span)
    result.conditions = conditions.map {
      Condition($0.kind, $0.body.desugared(isLong: isLong), span: $0.span)
    }
    return result
  }
}
