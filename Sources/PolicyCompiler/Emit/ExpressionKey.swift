// SPDX-License-Identifier: MIT

import CedarSyntax

/// Bytes that are equal for two expressions exactly when they are the same expression, spans apart.
struct ExpressionKey {
  private(set) var bytes: [UInt8] = []
  private let slots: [Slot: EntityUID]

  init(slots: [Slot: EntityUID]) {
    self.slots = slots
  }

  private mutating func tag(_ number: UInt8) { bytes.append(number) }

  private mutating func append(count: Int) {
    var rest = UInt64(bitPattern: Int64(count))
    for _ in 0..<8 {
      bytes.append(UInt8(truncatingIfNeeded: rest))
      rest >>= 8
    }
  }

  private mutating func append(text: String) {
    append(count: text.utf8.count)
    bytes += text.utf8
  }

  private mutating func append(uid: EntityUID) {
    append(text: uid.type.description)
    append(text: uid.id)
  }

  private mutating func append(all: [Expression]) {
    append(count: all.count)
    for expression in all { append(expression) }
  }

  mutating func append(_ expression: Expression) {
    switch expression.kind {
    case .boolean(let flag): tag(flag ? 2 : 1)
    case .long(let number):
      tag(3)
      append(count: Int(number))
    case .string(let text):
      tag(4)
      append(text: text)
    case .decimal(let literal):
      tag(5)
      append(count: Int(literal.scaled))
    case .entity(let uid):
      tag(6)
      append(uid: uid)
    case .variable(let variable):
      tag(7)
      append(text: variable.rawValue)
    case .slot(let slot):
      if let uid = slots[slot] {
        tag(6)
        append(uid: uid)
      } else {
        tag(8)
      }
    default: appendOperation(expression)
    }
  }

  private mutating func appendOperation(_ expression: Expression) {
    switch expression.kind {
    case .not(let operand):
      tag(10)
      append(operand)
    case .negate(let operand):
      tag(11)
      append(operand)
    case .and(let operands):
      tag(12)
      append(all: operands)
    case .or(let operands):
      tag(13)
      append(all: operands)
    case .sum(let first, let rest):
      tag(14)
      append(first)
      append(count: rest.count)
      for term in rest {
        tag(term.operator == .plus ? 1 : 2)
        append(term.operand)
      }
    case .product(let operands):
      tag(15)
      append(all: operands)
    case .relation(let relation, let left, let right):
      tag(16)
      append(text: relation.rawValue)
      append(all: [left, right])
    case .decimalComparison(let relation, let left, let right):
      tag(17)
      append(text: relation.rawValue)
      append(all: [left, right])
    case .ifThenElse(let condition, let then, let otherwise):
      tag(18)
      append(all: [condition, then, otherwise])
    default: appendForm(expression)
    }
  }

  private mutating func appendForm(_ expression: Expression) {
    switch expression.kind {
    case .has(let operand, let names):
      tag(20)
      append(operand)
      append(count: names.count)
      for name in names { append(text: name.text) }
    case .like(let operand, let pattern):
      tag(21)
      append(operand)
      append(text: pattern.quoted)
    case .isType(let operand, let name, let container):
      tag(22)
      append(operand)
      append(text: name.description)
      append(all: container.map { [$0] } ?? [])
    case .attribute(let operand, let name):
      tag(23)
      append(operand)
      append(text: name.text)
    case .method(let method, let receiver, let arguments):
      tag(24)
      append(text: method.rawValue)
      append(all: [receiver] + arguments)
    case .call(let function, let arguments):
      tag(25)
      append(text: function.rawValue)
      append(all: arguments)
    case .set(let elements):
      tag(26)
      append(all: elements)
    case .record(let fields):
      tag(27)
      append(count: fields.count)
      for field in fields {
        append(text: field.name.text)
        append(field.value)
      }
    default: tag(255)
    }
  }
}
