// SPDX-License-Identifier: MIT

/// What a chain of `&&` says about single expressions: equal to a literal, below or above a number.
/// Finds the first test that contradicts an earlier one.
struct Facts {
  struct Clash {
    let span: SourceSpan
    let other: SourceSpan
  }

  private(set) var clash: Clash?

  /// Numbers are held ten-thousandfold; `isOpen` leaves the bound itself out.
  private struct Bound {
    let value: Int128
    let isOpen: Bool
    let span: SourceSpan
  }

  private struct Knowledge {
    var equal: (literal: Literal, span: SourceSpan)?
    var lower: Bound?
    var upper: Bound?
  }

  private enum Literal: Equatable {
    case number(Int128)
    case text(ExactString)
    case entity(EntityUID)
    case boolean(Bool)
  }

  private var known: [ExactString: Knowledge] = [:]

  /// Takes in what holds when the expression is true.
  mutating func learn(_ expression: Expression) {
    guard clash == nil else { return }
    switch expression.kind {
    case .and(let operands): for operand in operands { learn(operand) }
    case .relation(let relation, let left, let right),
      .decimalComparison(let relation, let left, let right):
      if let literal = Self.literal(right) {
        learn(left, relation, literal, expression.span)
      } else if let literal = Self.literal(left) {
        learn(right, relation.mirrored, literal, expression.span)
      }
    default: break
    }
  }

  private static func literal(_ expression: Expression) -> Literal? {
    switch expression.kind {
    case .long(let value): .number(Int128(value) * Int128(DecimalLiteral.scale))
    case .decimal(let literal): .number(Int128(literal.scaled))
    case .string(let text): .text(ExactString(text))
    case .entity(let uid): .entity(uid)
    case .boolean(let value): .boolean(value)
    default: nil
    }
  }

  private mutating func learn(
    _ subject: Expression, _ relation: Expression.Relation, _ literal: Literal,
    _ span: SourceSpan
  ) {
    guard relation != .notEqual, relation != .in, Self.literal(subject) == nil else { return }
    let key = ExactString(subject.cedarText)
    var knowledge = known[key] ?? Knowledge()
    if relation == .equal {
      if let equal = knowledge.equal, equal.literal != literal {
        clash = Clash(span: span, other: equal.span)
      }
      knowledge.equal = knowledge.equal ?? (literal, span)
    } else if case .number(let value) = literal {
      let bound = Bound(
        value: value, isOpen: relation == .less || relation == .greater, span: span)
      if relation == .less || relation == .lessOrEqual {
        knowledge.upper = Self.tighter(knowledge.upper, bound) { $0 < $1 }
      } else {
        knowledge.lower = Self.tighter(knowledge.lower, bound) { $0 > $1 }
      }
    }
    check(knowledge, span)
    known[key] = knowledge
  }

  private static func tighter(
    _ old: Bound?, _ new: Bound, _ isTighter: (Int128, Int128) -> Bool
  ) -> Bound {
    guard let old else { return new }
    if new.value == old.value { return new.isOpen ? new : old }
    return isTighter(new.value, old.value) ? new : old
  }

  private mutating func check(_ knowledge: Knowledge, _ span: SourceSpan) {
    guard clash == nil else { return }
    if let lower = knowledge.lower, let upper = knowledge.upper,
      lower.value > upper.value || (lower.value == upper.value && (lower.isOpen || upper.isOpen))
    {
      let other = lower.span == span ? upper.span : lower.span
      clash = Clash(span: span, other: other)
    }
    guard case .number(let value)? = knowledge.equal?.literal, let place = knowledge.equal?.span
    else { return }
    for (bound, isBeyond) in [
      (knowledge.lower, { (limit: Int128) in value < limit }),
      (knowledge.upper, { (limit: Int128) in value > limit }),
    ] {
      guard let bound, isBeyond(bound.value) || (bound.isOpen && bound.value == value) else {
        continue
      }
      clash = Clash(span: span, other: bound.span == span ? place : bound.span)
    }
  }
}
