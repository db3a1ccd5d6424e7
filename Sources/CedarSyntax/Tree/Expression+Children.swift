// SPDX-License-Identifier: MIT

extension Expression.Kind {
  /// Calls `body` with each direct operand, in order of evaluation.
  public func forEachChild(_ body: (Expression) -> Void) {
    switch self {
    case .boolean, .long, .string, .decimal, .entity, .variable, .slot:
      break
    case .not(let operand), .negate(let operand), .has(let operand, _), .like(let operand, _),
      .attribute(let operand, _):
      body(operand)
    case .and(let operands), .or(let operands), .product(let operands), .set(let operands),
      .call(_, let operands):
      operands.forEach(body)
    case .sum(let first, let rest):
      body(first)
      for term in rest { body(term.operand) }
    case .relation(_, let left, let right), .decimalComparison(_, let left, let right):
      body(left)
      body(right)
    case .ifThenElse(let condition, let then, let otherwise):
      body(condition)
      body(then)
      body(otherwise)
    case .isType(let operand, _, let container):
      body(operand)
      if let container { body(container) }
    case .method(_, let receiver, let arguments):
      body(receiver)
      arguments.forEach(body)
    case .record(let fields):
      for field in fields { body(field.value) }
    }
  }

  /// Depth of the deepest operand; 0 for a leaf.
  var deepestChild: Int {
    var deepest = 0
    forEachChild { deepest = max(deepest, $0.depth) }
    return deepest
  }
}

extension Expression {
  /// Calls `body` with this node and every node below it, parents first.
  public func visit(_ body: (Expression) -> Void) {
    body(self)
    kind.forEachChild { $0.visit(body) }
  }
}
