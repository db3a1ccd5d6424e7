// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Evaluates what is known at compile time. What would fail has no constant: it stays code, so that
/// its error is raised when, and only when, it is reached.
struct ConstantFolder {
  let slots: [Slot: EntityUID]
  /// By identity. The expression is kept, so that no other can take its identity while it is known.
  private var memo: [ObjectIdentifier: (expression: Expression, datum: Datum?)] = [:]

  init(slots: [Slot: EntityUID]) {
    self.slots = slots
  }

  mutating func constant(_ expression: Expression) -> Datum? {
    let key = ObjectIdentifier(expression)
    if let known = memo[key] { return known.datum }
    let result = fold(expression)
    memo[key] = (expression, result)
    return result
  }

  private mutating func constants(_ expressions: [Expression]) -> [Datum]? {
    var result: [Datum] = []
    for expression in expressions {
      guard let datum = constant(expression) else { return nil }
      result.append(datum)
    }
    return result
  }

  private mutating func fold(_ expression: Expression) -> Datum? {
    switch expression.kind {
    case .boolean(let flag): return .bool(flag)
    case .long(let number): return .long(number)
    case .string(let text): return .text(text)
    case .decimal(let literal): return .decimal(literal.scaled)
    case .entity(let uid): return Self.datum(uid)
    case .slot(let slot): return slots[slot].map(Self.datum)
    case .variable, .like, .has: return nil
    case .not(let operand):
      guard case .bool(let flag)? = constant(operand) else { return nil }
      return .bool(!flag)
    case .negate(let operand):
      guard case .long(let number)? = constant(operand) else { return nil }
      return subtract(0, number)
    case .set(let elements): return constants(elements).map { .set(Set($0)) }
    case .record(let fields):
      guard let values = constants(fields.map(\.value)) else { return nil }
      let names = fields.map { Text($0.name.text) }
      return .record(Dictionary(zip(names, values)) { first, _ in first })
    default: return foldOperation(expression)
    }
  }

  static func datum(_ uid: EntityUID) -> Datum {
    .entity(EntityName(type: uid.type.description, id: uid.id))
  }

  private mutating func foldOperation(_ expression: Expression) -> Datum? {
    switch expression.kind {
    case .and(let operands): return chain(operands, ends: false)
    case .or(let operands): return chain(operands, ends: true)
    case .sum(let first, let rest):
      guard var total = constant(first) else { return nil }
      for term in rest {
        guard case .long(let left) = total, case .long(let right)? = constant(term.operand),
          let next = term.operator == .plus ? add(left, right) : subtract(left, right)
        else { return nil }
        total = next
      }
      return total
    case .product(let operands):
      guard let values = constants(operands) else { return nil }
      return values.dropFirst().reduce(values.first) { left, right in
        guard case .long(let first)? = left, case .long(let second) = right else { return nil }
        let (product, overflow) = first.multipliedReportingOverflow(by: second)
        return overflow ? nil : .long(product)
      }
    case .relation(let relation, let left, let right):
      guard let first = constant(left), let second = constant(right) else { return nil }
      return Self.relate(relation, first, second)
    case .ifThenElse(let condition, let then, let otherwise):
      guard case .bool(let flag)? = constant(condition) else { return nil }
      return constant(flag ? then : otherwise)
    case .attribute(let operand, let name):
      guard case .record(let fields)? = constant(operand) else { return nil }
      return fields[Text(name.text)]
    case .isType(let operand, let name, nil):
      guard case .entity(let entity)? = constant(operand) else { return nil }
      return .bool(entity.type == name.description)
    case .method(let method, let receiver, let arguments):
      guard case .set(let set)? = constant(receiver) else { return nil }
      return constants(arguments).flatMap { Self.apply(method, set, $0) }
    case .call(let function, let arguments):
      return constants(arguments).flatMap { Self.call(function, $0) }
    default: return nil
    }
  }

  /// `&&` (ends at false) or `||` (ends at true) as far as constants decide it.
  private mutating func chain(_ operands: [Expression], ends: Bool) -> Datum? {
    for operand in operands {
      guard case .bool(let flag)? = constant(operand) else { return nil }
      if flag == ends { return .bool(ends) }
    }
    return .bool(!ends)
  }

  private func add(_ left: Int64, _ right: Int64) -> Datum? {
    let (sum, overflow) = left.addingReportingOverflow(right)
    return overflow ? nil : .long(sum)
  }

  private func subtract(_ left: Int64, _ right: Int64) -> Datum? {
    let (difference, overflow) = left.subtractingReportingOverflow(right)
    return overflow ? nil : .long(difference)
  }

  private static func relate(
    _ relation: Expression.Relation, _ left: Datum, _ right: Datum
  ) -> Datum? {
    switch relation {
    case .equal: return .bool(left == right)
    case .notEqual: return .bool(left != right)
    case .in: return nil
    default: break
    }
    let numbers: (Int64, Int64)
    switch (left, right) {
    case (.long(let first), .long(let second)): numbers = (first, second)
    case (.datetime(let first), .datetime(let second)): numbers = (first, second)
    case (.duration(let first), .duration(let second)): numbers = (first, second)
    default: return nil
    }
    switch relation {
    case .less: return .bool(numbers.0 < numbers.1)
    case .lessOrEqual: return .bool(numbers.0 <= numbers.1)
    case .greater: return .bool(numbers.0 > numbers.1)
    default: return .bool(numbers.0 >= numbers.1)
    }
  }

  private static func apply(
    _ method: Expression.Method, _ set: Set<Datum>, _ arguments: [Datum]
  ) -> Datum? {
    switch (method, arguments.first) {
    case (.isEmpty, nil): return .bool(set.isEmpty)
    case (.contains, let element?): return .bool(set.contains(element))
    case (.containsAll, .set(let other)?): return .bool(set.isSuperset(of: other))
    case (.containsAny, .set(let other)?): return .bool(!set.isDisjoint(with: other))
    default: return nil
    }
  }

  private static func call(_ function: ExtensionFunction, _ arguments: [Datum]) -> Datum? {
    guard arguments.count == function.argumentCount, let first = arguments.first else {
      return nil
    }
    if function.isConstructor, case .string(let text) = first,
      case .success(let datum)? = ExtensionText.construct(function.rawValue, text.string)
    {
      return datum
    }
    return nil
  }
}
