// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension Emitter {
  /// Emits the test that an expression is, or tests its value for being a bool.
  mutating func branchTest(_ expression: Expression, _ ifTrue: Target?, _ ifFalse: Target?) {
    switch expression.kind {
    case .relation(let relation, let left, let right):
      let (opcode, inverted) = Self.opcode(of: relation)
      direct(opcode, left, right, inverted: inverted, ifTrue, ifFalse, at: expression)
    case .decimalComparison(let relation, let left, let right):
      direct(Self.mixedOpcode(of: relation), left, right, ifTrue, ifFalse, at: expression)
    case .has(let operand, let names):
      branchHas(operand, names, ifTrue, ifFalse, at: expression)
    case .like(let operand, let pattern):
      let value = self.operand(operand)
      let elements = pattern.elements.map { element -> String? in
        if case .literal(let text) = element { return text }
        return nil
      }
      direct(
        .like, first: value.word, second: draft.pattern(elements), ifTrue, ifFalse,
        at: expression)
    case .isType(let operand, let name, _):
      let value = self.operand(operand)
      direct(
        .isType, first: value.word, second: draft.type(name.description), ifTrue, ifFalse,
        at: expression)
    case .method(let method, let receiver, let arguments):
      branchMethod(method, receiver, arguments, ifTrue, ifFalse, at: expression)
    case .call(let function, let arguments):
      branchCall(function, arguments, ifTrue, ifFalse, at: expression)
    default: testValue(expression, ifTrue, ifFalse)
    }
  }

  private mutating func testValue(
    _ expression: Expression, _ ifTrue: Target?, _ ifFalse: Target?
  ) {
    let value = operand(expression)
    direct(.test, first: value.word, ifTrue, ifFalse, at: expression)
  }

  private mutating func direct(
    _ opcode: Opcode, _ left: Expression, _ right: Expression, inverted: Bool = false,
    _ ifTrue: Target?, _ ifFalse: Target?, at expression: Expression
  ) {
    let (first, second) = operands(left, right)
    direct(
      opcode, first: first.word, second: second.word, inverted: inverted, ifTrue, ifFalse,
      at: expression)
  }

  private mutating func branchHas(
    _ operand: Expression, _ names: [AttributeName], _ ifTrue: Target?, _ ifFalse: Target?,
    at expression: Expression
  ) {
    guard let name = names.first else { return }
    if case .variable(.context) = operand.kind {
      direct(
        .hasContext, second: draft.contextSlot(name.text), ifTrue, ifFalse, at: expression)
      return
    }
    let value = self.operand(operand)
    direct(
      .has, first: value.word, second: draft.attribute(name.text), ifTrue, ifFalse,
      at: expression)
  }

  private mutating func branchMethod(
    _ method: Expression.Method, _ receiver: Expression, _ arguments: [Expression],
    _ ifTrue: Target?, _ ifFalse: Target?, at expression: Expression
  ) {
    if method == .isEmpty {
      let value = operand(receiver)
      return direct(.isEmpty, first: value.word, ifTrue, ifFalse, at: expression)
    }
    let opcode: Opcode? =
      switch method {
      case .contains: .contains
      case .containsAll: .containsAll
      case .containsAny: .containsAny
      case .hasTag: .hasTag
      default: nil
      }
    guard let opcode, let argument = arguments.first else {
      return testValue(expression, ifTrue, ifFalse)
    }
    direct(opcode, receiver, argument, ifTrue, ifFalse, at: expression)
  }

  private mutating func branchCall(
    _ function: ExtensionFunction, _ arguments: [Expression], _ ifTrue: Target?,
    _ ifFalse: Target?, at expression: Expression
  ) {
    guard arguments.count == function.argumentCount,
      let opcode = Self.testOpcode(of: function), let first = arguments.first
    else { return testValue(expression, ifTrue, ifFalse) }
    if arguments.count == 2 {
      return direct(opcode, first, arguments[1], ifTrue, ifFalse, at: expression)
    }
    let value = operand(first)
    direct(opcode, first: value.word, ifTrue, ifFalse, at: expression)
  }

  private static func opcode(of relation: Expression.Relation) -> (Opcode, inverted: Bool) {
    switch relation {
    case .equal: (.equal, false)
    case .notEqual: (.equal, true)
    case .less: (.less, false)
    case .lessOrEqual: (.lessOrEqual, false)
    case .greater: (.greater, false)
    case .greaterOrEqual: (.greaterOrEqual, false)
    case .in: (.in, false)
    }
  }

  private static func mixedOpcode(of relation: Expression.Relation) -> Opcode {
    switch relation {
    case .less: .mixedLess
    case .lessOrEqual: .mixedLessOrEqual
    case .greater: .mixedGreater
    default: .mixedGreaterOrEqual
    }
  }

  /// The test that a function is, or nil when it makes another value than a bool.
  static func testOpcode(of function: ExtensionFunction) -> Opcode? {
    switch function {
    case .isIpv4: .isVersion4
    case .isIpv6: .isVersion6
    case .isLoopback: .isLoopback
    case .isMulticast: .isMulticast
    case .isInRange: .isInRange
    case .lessThan: .decimalLess
    case .lessThanOrEqual: .decimalLessOrEqual
    case .greaterThan: .decimalGreater
    case .greaterThanOrEqual: .decimalGreaterOrEqual
    default: nil
    }
  }
}
