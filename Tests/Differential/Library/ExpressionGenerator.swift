// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Draws expressions that mostly have the wanted type and sometimes do not.
struct ExpressionGenerator {
  typealias Kind = CedarSyntax.Expression.Kind
  var world: ProgramGenerator

  private func make(_ kind: Kind) -> CedarSyntax.Expression { CedarSyntax.Expression(kind) }

  private mutating func number(_ range: ClosedRange<Int>) -> Int {
    Int.random(in: range, using: &world.random)
  }

  /// Anything at all.
  mutating func any(depth: Int) -> CedarSyntax.Expression {
    switch number(0...9) {
    case 0, 1: bool(depth: depth)
    case 2, 3: long(depth: depth)
    case 4: string(depth: depth)
    case 5: entity(depth: depth)
    case 6: set(depth: depth)
    case 7: record(depth: depth)
    default: extensionValue(depth: depth)
    }
  }

  /// An attribute of a variable or of some other entity or record.
  private mutating func attribute(_ name: String, depth: Int) -> CedarSyntax.Expression {
    let base: CedarSyntax.Expression
    switch number(0...9) {
    case 0...3: base = make(.variable(.context))
    case 4, 5: base = make(.variable(.principal))
    case 6, 7: base = make(.variable(.resource))
    case 8: base = depth > 0 ? entity(depth: depth - 1) : make(.variable(.action))
    default: base = depth > 0 ? record(depth: depth - 1) : make(.variable(.context))
    }
    return make(.attribute(base, AttributeName(name)))
  }

  mutating func bool(depth: Int) -> CedarSyntax.Expression {
    if world.strays() { return any(depth: max(0, depth - 1)) }
    if depth == 0 {
      return number(0...3) == 0
        ? make(.boolean(world.chance(50))) : attribute("t", depth: 0)
    }
    let next = depth - 1
    switch number(0...15) {
    case 0, 1: return make(.and((0..<number(2...3)).map { _ in bool(depth: next) }))
    case 2, 3: return make(.or((0..<number(2...3)).map { _ in bool(depth: next) }))
    case 4: return make(.not(bool(depth: next)))
    case 5:
      return make(
        .ifThenElse(bool(depth: next), then: bool(depth: next), else: bool(depth: next)))
    case 6: return make(.relation(equality(), any(depth: next), any(depth: next)))
    case 7: return make(.relation(equality(), long(depth: next), long(depth: next)))
    case 8: return make(.relation(order(), long(depth: next), long(depth: next)))
    case 9: return make(.relation(order(), extensionValue(depth: next), timed(depth: next)))
    case 10: return make(.relation(.in, entity(depth: next), entityOrSet(depth: next)))
    case 11: return has(depth: next)
    case 12: return make(.like(string(depth: next), pattern()))
    case 13: return isType(depth: next)
    case 14: return setTest(depth: next)
    default: return extensionTest(depth: next)
    }
  }

  private mutating func equality() -> CedarSyntax.Expression.Relation {
    world.pick([.equal, .notEqual])
  }

  private mutating func order() -> CedarSyntax.Expression.Relation {
    world.pick([.less, .lessOrEqual, .greater, .greaterOrEqual])
  }

  private mutating func has(depth: Int) -> CedarSyntax.Expression {
    let base =
      switch number(0...4) {
      case 0, 1: make(.variable(.context))
      case 2: record(depth: depth)
      default: entity(depth: depth)
      }
    let names =
      world.chance(30)
      ? ["rec", world.pick(["n", "rec", "none"])] : [world.pick(ProgramGenerator.attributes)]
    return make(.has(base, names.map { AttributeName($0) }))
  }

  private mutating func isType(depth: Int) -> CedarSyntax.Expression {
    let type = ProgramGenerator.name(world.pick(ProgramGenerator.types))
    let container = world.chance(40) ? entityOrSet(depth: depth) : nil
    return make(.isType(entity(depth: depth), type, in: container))
  }

  private mutating func pattern() -> Pattern {
    let elements: [Pattern.Element] = (0..<number(0...4)).map { _ in
      world.chance(50) ? .wildcard : .literal(world.pick(["a", "b", "é", "*", "ab", "l"]))
    }
    return Pattern(elements)
  }

  private mutating func setTest(depth: Int) -> CedarSyntax.Expression {
    switch number(0...4) {
    case 0: return make(.method(.isEmpty, set(depth: depth), []))
    case 1: return make(.method(.contains, set(depth: depth), [any(depth: depth)]))
    case 2: return make(.method(.containsAll, set(depth: depth), [set(depth: depth)]))
    case 3: return make(.method(.containsAny, set(depth: depth), [set(depth: depth)]))
    default: return make(.method(.hasTag, entity(depth: depth), [tagName(depth: depth)]))
    }
  }

  private mutating func tagName(depth: Int) -> CedarSyntax.Expression {
    world.chance(70) ? make(.string(world.pick(ProgramGenerator.tags))) : string(depth: depth)
  }

  mutating func long(depth: Int) -> CedarSyntax.Expression {
    if world.strays() { return any(depth: max(0, depth - 1)) }
    if depth == 0 || world.chance(30) {
      return world.chance(50)
        ? make(.long(Int64(number(-2...12))))
        : attribute(world.pick(["n", "n", "big"]), depth: depth)
    }
    let next = depth - 1
    switch number(0...5) {
    case 0, 1:
      let terms = (0..<number(1...3)).map { _ in
        CedarSyntax.Expression.Term(world.pick([.plus, .minus]), long(depth: next))
      }
      return make(.sum(first: long(depth: next), rest: terms))
    case 2: return make(.product((0..<number(2...3)).map { _ in long(depth: next) }))
    case 3: return make(.negate(long(depth: next)))
    case 4:
      return make(
        .ifThenElse(bool(depth: next), then: long(depth: next), else: long(depth: next)))
    default:
      return make(
        .call(
          world.pick([.toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays]),
          [timed(depth: next)]))
    }
  }

  mutating func string(depth: Int) -> CedarSyntax.Expression {
    if world.strays() { return any(depth: max(0, depth - 1)) }
    if world.chance(20) {
      return make(.method(.getTag, entity(depth: max(0, depth - 1)), [tagName(depth: 0)]))
    }
    return world.chance(50)
      ? make(.string(world.pick(["", "a", "abc", "a*b", "héllo", "10.0"])))
      : attribute("s", depth: depth)
  }

  mutating func entity(depth: Int) -> CedarSyntax.Expression {
    if world.strays() { return any(depth: max(0, depth - 1)) }
    switch number(0...6) {
    case 0, 1: return make(.variable(.principal))
    case 2, 3: return make(.variable(.resource))
    case 4: return make(.entity(world.uid()))
    case 5: return make(.variable(.action))
    default: return attribute("ent", depth: depth)
    }
  }

  private mutating func entityOrSet(depth: Int) -> CedarSyntax.Expression {
    switch number(0...3) {
    case 0, 1: entity(depth: depth)
    case 2: make(.set((0..<number(0...3)).map { _ in entity(depth: max(0, depth - 1)) }))
    default: attribute("ents", depth: depth)
    }
  }

  mutating func set(depth: Int) -> CedarSyntax.Expression {
    if world.strays() { return any(depth: max(0, depth - 1)) }
    if depth == 0 || world.chance(40) {
      return attribute(world.pick(["set", "mix", "ents"]), depth: depth)
    }
    let next = depth - 1
    return make(
      .set(
        (0..<number(0...4)).map { _ in world.chance(70) ? long(depth: next) : any(depth: next) }))
  }

  mutating func record(depth: Int) -> CedarSyntax.Expression {
    if depth == 0 || world.chance(50) {
      return world.chance(60) ? attribute("rec", depth: 0) : make(.variable(.context))
    }
    let names = ["n", "s", "rec", "zeta"].filter { _ in world.chance(60) }
    return make(
      .record(
        names.map { name in
          CedarSyntax.Expression.RecordField(AttributeName(name), any(depth: depth - 1))
        }))
  }
}
