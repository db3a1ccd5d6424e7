// SPDX-License-Identifier: MIT

extension Linter {
  mutating func checkConditions(_ policy: Policy) {
    var facts = Facts()
    var isImpossible = false
    for condition in policy.conditions {
      let truth = Self.truth(condition.body)
      if let truth {
        let holds = truth == (condition.kind == .when)
        reportConstant(condition, holds: holds)
        isImpossible = isImpossible || !holds
      } else if condition.kind == .when {
        facts.learn(condition.body)
      }
      condition.body.visit { checkComparison($0) }
    }
    guard !isImpossible, let clash = facts.clash else { return }
    report(
      .conditionAlwaysFalse, "this can never be true together with what stands before it",
      [.init(clash.span, "contradicts the other"), .init(clash.other, "this one")],
      help: "change one of them, or use `||` between the cases")
  }

  private mutating func reportConstant(_ condition: Condition, holds: Bool) {
    if holds {
      report(
        .conditionAlwaysTrue, "this clause always holds", [.init(condition.span)],
        help: "remove the clause")
    } else {
      report(
        .conditionAlwaysFalse, "this clause never holds, so the policy never applies",
        [.init(condition.span)], help: "change the condition or remove the policy")
    }
  }

  // MARK: decimals

  /// `<` and its kin raise an error on decimals unless a side is a decimal literal.
  private mutating func checkComparison(_ node: Expression) {
    guard case .relation(let relation, let left, let right) = node.kind,
      left.isDecimalCall || right.isDecimalCall
    else { return }
    let method: String
    switch relation {
    case .less: method = "lessThan"
    case .lessOrEqual: method = "lessThanOrEqual"
    case .greater: method = "greaterThan"
    case .greaterOrEqual: method = "greaterThanOrEqual"
    case .equal, .notEqual, .in: return
    }
    var printer = Printer()
    printer.print(left, at: .member)
    report(
      .decimalsCompared, "`\(relation.rawValue)` does not compare decimals", [.init(node.span)],
      help: "write `\(printer.text).\(method)(\(right.cedarText))`, or a decimal literal as 10.0",
      fix: .init(node.span, "\(printer.text).\(method)(\(right.cedarText))"))
  }

  // MARK: constants

  /// The value of an expression that is the same for every request, when that is plain to see.
  /// An operand that raises an error keeps a policy from holding as `false` does.
  static func truth(_ expression: Expression) -> Bool? {
    switch expression.kind {
    case .boolean(let value): return value
    case .not(let operand): return truth(operand).map { !$0 }
    case .and(let operands):
      let truths = operands.map(truth)
      if truths.contains(false) { return false }
      return truths.allSatisfy { $0 == true } ? true : nil
    case .or(let operands):
      let truths = operands.map(truth)
      if truths.first == true { return true }
      return truths.allSatisfy { $0 == false } ? false : nil
    case .relation(let relation, let left, let right): return compare(relation, left, right)
    case .ifThenElse(let condition, let then, let otherwise):
      return truth(condition).flatMap { $0 ? truth(then) : truth(otherwise) }
    default: return nil
    }
  }

  private static func compare(
    _ relation: Expression.Relation, _ left: Expression, _ right: Expression
  ) -> Bool? {
    switch (left.kind, right.kind) {
    case (.long(let first), .long(let second)):
      switch relation {
      case .equal: return first == second
      case .notEqual: return first != second
      case .less: return first < second
      case .lessOrEqual: return first <= second
      case .greater: return first > second
      case .greaterOrEqual: return first >= second
      case .in: return nil
      }
    case (.string(let first), .string(let second)):
      if relation == .equal { return CedarText.equal(first, second) }
      return relation == .notEqual ? !CedarText.equal(first, second) : nil
    default: return nil
    }
  }
}

extension Expression {
  fileprivate var isDecimalCall: Bool {
    if case .call(.decimal, _) = kind { return true }
    return false
  }
}
