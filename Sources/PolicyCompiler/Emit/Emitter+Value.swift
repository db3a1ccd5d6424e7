// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension Emitter {
  /// Where the value of an expression is found once the code emitted so far has run.
  mutating func operand(_ expression: Expression) -> Operand {
    if let datum = constant(expression) {
      return Operand(.constant, Int(draft.constant(datum)))
    }
    switch expression.kind {
    case .variable(let variable): return Self.operand(of: variable)
    case .attribute(let base, let name):
      if case .variable(let variable) = base.kind {
        switch variable {
        case .context: return Operand(.context, Int(draft.contextSlot(name.text)))
        case .principal: return Operand(.principal, Int(draft.attribute(name.text)))
        case .resource: return Operand(.resource, Int(draft.attribute(name.text)))
        case .action: break
        }
      }
      return produce(.attribute, base, second: draft.attribute(name.text), at: expression)
    case .not, .and, .or, .relation, .decimalComparison, .has, .like, .isType:
      return Operand(.register, materialize(expression))
    case .negate(let value): return produce(.negate, value, at: expression)
    case .sum(let first, let rest): return sum(first, rest, at: expression)
    case .product(let factors):
      return fold(factors.map { (Opcode.multiply, $0) }, at: expression)
    case .ifThenElse(let condition, let then, let otherwise):
      return Operand(.register, choose(condition, then, otherwise, expression))
    case .method(let method, let receiver, let arguments):
      guard method == .getTag, let argument = arguments.first else {
        return Operand(.register, materialize(expression))
      }
      return produce(.tag, receiver, argument, at: expression)
    case .call(let function, let arguments): return call(function, arguments, at: expression)
    case .set(let elements):
      return gather(elements, at: expression) { _, count in (.makeSet, UInt32(count)) }
    case .record(let fields):
      return gather(fields.map(\.value), at: expression) { emitter, _ in
        (.makeRecord, emitter.draft.shape(fields.map(\.name.text)))
      }
    case .boolean, .long, .string, .decimal, .entity, .slot:
      return unfilled(expression)
    }
  }

  /// The operands of a binary operation, the left one evaluated first.
  ///
  /// The left one may be read in place only because reading it again later gives the same, and its
  /// error, were there one, would come first: both hold since the right one's code cannot change
  /// it; but an error of the right one's code must not hide the left one's, so that a left operand
  /// that can fail is moved to a register when the right one needs code.
  mutating func operands(_ left: Expression, _ right: Expression) -> (Operand, Operand) {
    var first = operand(left)
    if canFail(first), !isInPlace(right) {
      let register = newRegister(left)
      add(.move, destination: register, first: first.word, at: left)
      first = Operand(.register, register)
    }
    return (first, operand(right))
  }

  private func canFail(_ operand: Operand) -> Bool {
    switch operand.mode {
    case .context, .principal, .resource: true
    default: false
    }
  }

  private mutating func isInPlace(_ expression: Expression) -> Bool {
    if constant(expression) != nil { return true }
    switch expression.kind {
    case .variable: return true
    case .attribute(let base, _):
      if case .variable(let variable) = base.kind { return variable != .action }
      return false
    default: return false
    }
  }

  private static func operand(of variable: Expression.Variable) -> Operand {
    switch variable {
    case .principal: Operand(.variable, 0)
    case .action: Operand(.variable, 1)
    case .resource: Operand(.variable, 2)
    case .context: Operand(.variable, 3)
    }
  }

  private mutating func produce(
    _ opcode: Opcode, _ value: Expression, second: UInt32 = 0, at expression: Expression
  ) -> Operand {
    let register = newRegister(expression)
    scoped { emitter in
      let first = emitter.operand(value)
      emitter.add(
        opcode, destination: register, first: first.word, second: second, at: expression)
    }
    return Operand(.register, register)
  }

  private mutating func produce(
    _ opcode: Opcode, _ left: Expression, _ right: Expression, at expression: Expression
  ) -> Operand {
    let register = newRegister(expression)
    scoped { emitter in
      let (first, second) = emitter.operands(left, right)
      emitter.add(
        opcode, destination: register, first: first.word, second: second.word, at: expression)
    }
    return Operand(.register, register)
  }

  private mutating func sum(
    _ first: Expression, _ rest: [Expression.Term], at expression: Expression
  ) -> Operand {
    fold(
      [(.add, first)] + rest.map { ($0.operator == .plus ? .add : .subtract, $0.operand) },
      at: expression)
  }

  /// A left fold; the first opcode is not used.
  private mutating func fold(
    _ steps: [(Opcode, Expression)], at expression: Expression
  ) -> Operand {
    let register = newRegister(expression)
    guard let start = steps.first, steps.count > 1 else { return Operand(.register, register) }
    scoped { emitter in
      let (first, second) = emitter.operands(start.1, steps[1].1)
      emitter.add(
        steps[1].0, destination: register, first: first.word, second: second.word,
        at: expression)
    }
    for (opcode, value) in steps.dropFirst(2) {
      scoped { emitter in
        let second = emitter.operand(value)
        emitter.add(
          opcode, destination: register, first: Operand(.register, register).word,
          second: second.word, at: expression)
      }
    }
    return Operand(.register, register)
  }

  /// Puts values in neighbouring registers and makes one value of them.
  private mutating func gather(
    _ values: [Expression], at expression: Expression,
    _ operation: (inout Emitter, Int) -> (Opcode, UInt32)
  ) -> Operand {
    let register = newRegister(expression)
    scoped { emitter in
      let places = values.map { emitter.newRegister($0) }
      for (place, value) in zip(places, values) {
        emitter.scoped { inner in
          let found = inner.operand(value)
          inner.add(.move, destination: place, first: found.word, at: value)
        }
      }
      let (opcode, second) = operation(&emitter, values.count)
      emitter.add(
        opcode, destination: register, first: UInt32(places.first ?? 0), second: second,
        at: expression)
    }
    return Operand(.register, register)
  }

  private mutating func call(
    _ function: ExtensionFunction, _ arguments: [Expression], at expression: Expression
  ) -> Operand {
    let register = newRegister(expression)
    guard arguments.count == function.argumentCount, let first = arguments.first else {
      // The code behind is never reached, but what reads the register must find it named.
      fail(.wrongArgumentCount, expression)
      return Operand(.register, register)
    }
    if Self.testOpcode(of: function) != nil {
      return Operand(.register, materialize(expression))
    }
    let opcode = Self.producer(of: function)
    if arguments.count == 2 {
      return produce(opcode, first, arguments[1], at: expression)
    }
    return produce(opcode, first, at: expression)
  }

  private static func producer(of function: ExtensionFunction) -> Opcode {
    switch function {
    case .ip: .makeIP
    case .decimal: .makeDecimal
    case .datetime: .makeDatetime
    case .duration: .makeDuration
    case .offset: .offset
    case .durationSince: .durationSince
    case .toDate: .toDate
    case .toTime: .toTime
    case .toMilliseconds: .toMilliseconds
    case .toSeconds: .toSeconds
    case .toMinutes: .toMinutes
    case .toHours: .toHours
    default: .toDays
    }
  }
}
