// SPDX-License-Identifier: MIT

extension Policy {
  /// The policy in the routing dialect: `decimal("10.0")` becomes `10.0`, `a.lessThan(10.0)` and
  /// its kin become `a < 10.0`, `Action::"x"` in the scope becomes `"x"`, and annotations that
  /// are numbers lose their quotes. `desugared()` gives back the same policy.
  ///
  /// One thing is more lenient then: a comparison in the dialect takes a long beside a decimal
  /// literal, where the method would raise an error.
  public func sugared() -> Policy {
    var result = self
    result.annotations = annotations.map(\.sugared)
    let kind: ActionConstraint.Kind =
      switch action.kind {
      case .any: .any
      case .equal(let reference): .equal(reference.sugared)
      case .in(let reference): .in(reference.sugared)
      case .inSet(let references): .inSet(references.map(\.sugared))
      }
    result.action = ActionConstraint(kind, span: action.span)
    result.conditions = conditions.map { Condition($0.kind, $0.body.sugared(), span: $0.span) }
    return result
  }
}

extension Annotation {
  fileprivate var sugared: Annotation {
    guard case .string(let text) = value, Self.isNumber(text) else { return self }
    return Annotation(key: key, value: .number(text), span: span, valueSpan: valueSpan)
  }

  /// Whether a bare literal means this very text.
  private static func isNumber(_ text: String) -> Bool {
    guard text.utf8.first != UInt8(ascii: "-") else { return false }
    if DecimalLiteral(text) != nil { return true }
    return !text.isEmpty && text.utf8.allSatisfy(Lexer.isDigit) && Int64(text) != nil
  }
}

extension ActionReference {
  fileprivate var sugared: ActionReference {
    ActionReference(uid, isShorthand: uid.type.components == ["Action"])
  }
}

extension Expression {
  fileprivate func sugared() -> Expression {
    switch kind {
    case .call(let function, let arguments):
      if let literal { return Expression(.decimal(literal), span: span) }
      if let relation = function.relation, arguments.count == 2,
        arguments.contains(where: { $0.literal != nil }),
        !arguments.contains(where: \.isLong)
      {
        return Expression(
          .decimalComparison(relation, arguments[0].sugared(), arguments[1].sugared()),
          span: span)
      }
      return mapped()
    case .relation(let relation, let left, let right) where relation.isOrder:
      // An order with `decimal("1.0")` raises an error and must go on doing so.
      return Expression(
        .relation(relation, left.sugaredOperand, right.sugaredOperand), span: span)
    default: return mapped()
    }
  }

  private func mapped() -> Expression {
    Expression(kind.mapped { $0.sugared() }, span: span)
  }

  private var sugaredOperand: Expression { literal == nil ? sugared() : self }

  /// The literal that stands for `decimal("…")`; nil for all else.
  private var literal: DecimalLiteral? {
    guard case .call(.decimal, let arguments) = kind, arguments.count == 1,
      case .string(let text) = arguments[0].kind, text.utf8.first != UInt8(ascii: "-"),
      let literal = DecimalLiteral(text), CedarText.equal(literal.text, text)
    else { return nil }
    return literal
  }

  private var isLong: Bool {
    if case .long = kind { return true }
    return false
  }
}

extension ExtensionFunction {
  fileprivate var relation: Expression.Relation? {
    switch self {
    case .lessThan: .less
    case .lessThanOrEqual: .lessOrEqual
    case .greaterThan: .greater
    case .greaterThanOrEqual: .greaterOrEqual
    default: nil
    }
  }
}

extension Expression.Relation {
  fileprivate var isOrder: Bool {
    switch self {
    case .less, .lessOrEqual, .greater, .greaterOrEqual: true
    case .equal, .notEqual, .in: false
    }
  }
}
