// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Cedar's semantics written down plainly: a walk over the tree, one value type that owns its
/// content, no sharing and no cleverness. The compiled evaluator must agree with it.
struct ReferenceEvaluator {
  struct Failure: Error {
    let reason: String
  }

  let entities: [EntityName: EntityData]
  let principal: EntityName
  let action: EntityName
  let resource: EntityName
  let context: [Text: Datum]

  // MARK: authorization

  struct Answer: Equatable {
    var isAllowed: Bool
    var reasons: [Int]
    var errors: [Int]
  }

  /// Whether each policy is satisfied; nil when it fails.
  func satisfied(_ policy: Policy) -> Bool? {
    guard scope(policy.principal, principal), scope(policy.resource, resource),
      actionScope(policy.action)
    else { return false }
    do {
      for condition in policy.conditions {
        let holds = try bool(condition.body)
        if holds != (condition.kind == .when) { return false }
      }
      return true
    } catch {
      return nil
    }
  }

  func authorize(_ policies: [Policy]) -> Answer {
    var permits: [Int] = []
    var forbids: [Int] = []
    var errors: [Int] = []
    for (index, policy) in policies.enumerated() {
      switch satisfied(policy) {
      case nil: errors.append(index)
      case true?:
        if policy.effect == .permit { permits.append(index) } else { forbids.append(index) }
      case false?: break
      }
    }
    let isAllowed = forbids.isEmpty && !permits.isEmpty
    return Answer(
      isAllowed: isAllowed, reasons: forbids.isEmpty ? permits : forbids, errors: errors)
  }

  private func name(_ uid: EntityUID) -> EntityName {
    EntityName(type: uid.type.description, id: uid.id)
  }

  private func scope(_ constraint: ScopeConstraint, _ entity: EntityName) -> Bool {
    func target(_ reference: EntityReference) -> EntityName {
      guard case .entity(let uid) = reference else { return EntityName(type: "?", id: "?") }
      return name(uid)
    }
    switch constraint.kind {
    case .any: return true
    case .equal(let reference): return entity == target(reference)
    case .in(let reference): return isIn(entity, target(reference))
    case .is(let type): return entity.type == type.description
    case .isIn(let type, let reference):
      return entity.type == type.description && isIn(entity, target(reference))
    }
  }

  private func actionScope(_ constraint: ActionConstraint) -> Bool {
    switch constraint.kind {
    case .any: true
    case .equal(let reference): action == name(reference.uid)
    case .in(let reference): isIn(action, name(reference.uid))
    case .inSet(let references): references.contains { isIn(action, name($0.uid)) }
    }
  }

  func isIn(_ entity: EntityName, _ ancestor: EntityName) -> Bool {
    var seen: Set<EntityName> = []
    var open = [entity]
    while let next = open.popLast() {
      if next == ancestor { return true }
      if seen.insert(next).inserted { open += entities[next]?.parents ?? [] }
    }
    return false
  }

  // MARK: expressions

  func bool(_ expression: Expression) throws -> Bool {
    guard case .bool(let flag) = try value(expression) else { throw Failure(reason: "bool") }
    return flag
  }

  private func long(_ expression: Expression) throws -> Int64 {
    guard case .long(let number) = try value(expression) else { throw Failure(reason: "long") }
    return number
  }

  func value(_ expression: Expression) throws -> Datum {
    switch expression.kind {
    case .boolean(let flag): return .bool(flag)
    case .long(let number): return .long(number)
    case .string(let text): return .text(text)
    case .decimal(let literal): return .decimal(literal.scaled)
    case .entity(let uid): return .entity(name(uid))
    case .slot: throw Failure(reason: "slot")
    case .variable(.principal): return .entity(principal)
    case .variable(.action): return .entity(action)
    case .variable(.resource): return .entity(resource)
    case .variable(.context): return .record(context)
    case .not(let operand): return .bool(try !bool(operand))
    case .and(let operands):
      for operand in operands where try !bool(operand) { return .bool(false) }
      return .bool(true)
    case .or(let operands):
      for operand in operands where try bool(operand) { return .bool(true) }
      return .bool(false)
    case .ifThenElse(let condition, let then, let otherwise):
      return try value(try bool(condition) ? then : otherwise)
    case .set(let elements): return .set(Set(try elements.map { try value($0) }))
    case .record(let fields):
      var result: [Text: Datum] = [:]
      for field in fields { result[Text(field.name.text)] = try value(field.value) }
      return .record(result)
    default: return try operation(expression)
    }
  }

  private func checked(_ result: (partialValue: Int64, overflow: Bool)) throws -> Datum {
    if result.overflow { throw Failure(reason: "overflow") }
    return .long(result.partialValue)
  }

  private func operation(_ expression: Expression) throws -> Datum {
    switch expression.kind {
    case .negate(let operand):
      return try checked(Int64(0).subtractingReportingOverflow(long(operand)))
    case .sum(let first, let rest):
      var total = try value(first)
      for term in rest {
        let right = try value(term.operand)
        guard case .long(let left) = total, case .long(let other) = right else {
          throw Failure(reason: "long")
        }
        total = try checked(
          term.operator == .plus
            ? left.addingReportingOverflow(other) : left.subtractingReportingOverflow(other))
      }
      return total
    case .product(let factors):
      var total = try value(factors[0])
      for factor in factors.dropFirst() {
        let right = try value(factor)
        guard case .long(let left) = total, case .long(let other) = right else {
          throw Failure(reason: "long")
        }
        total = try checked(left.multipliedReportingOverflow(by: other))
      }
      return total
    case .relation(let relation, let left, let right):
      return .bool(try relate(relation, try value(left), try value(right)))
    case .decimalComparison(let relation, let left, let right):
      return .bool(try compareMixed(relation, try value(left), try value(right)))
    case .like(let operand, let pattern):
      guard case .string(let text) = try value(operand) else { throw Failure(reason: "string") }
      return .bool(matches(Array(text.string.unicodeScalars), pattern))
    case .isType(let operand, let type, let container):
      guard case .entity(let entity) = try value(operand) else { throw Failure(reason: "entity") }
      if entity.type != type.description { return .bool(false) }
      guard let container else { return .bool(true) }
      return .bool(try relate(.in, .entity(entity), try value(container)))
    default: return try access(expression)
    }
  }

  private func access(_ expression: Expression) throws -> Datum {
    switch expression.kind {
    case .attribute(let operand, let attribute):
      return try self.attribute(try value(operand), attribute.text)
    case .has(let operand, let names):
      var base = try value(operand)
      for (index, attribute) in names.enumerated() {
        guard try has(base, attribute.text) else { return .bool(false) }
        if index + 1 < names.count { base = try self.attribute(base, attribute.text) }
      }
      return .bool(true)
    case .method(let method, let receiver, let arguments):
      return try call(method, try value(receiver), try arguments.map { try value($0) })
    case .call(let function, let arguments):
      return try ReferenceExtensions.call(function, try arguments.map { try value($0) })
    default: throw Failure(reason: "unknown expression")
    }
  }

  private func attribute(_ base: Datum, _ name: String) throws -> Datum {
    switch base {
    case .entity(let entity):
      guard let found = entities[entity]?.attributes[Text(name)] else {
        throw Failure(reason: "attribute")
      }
      return found
    case .record(let fields):
      guard let found = fields[Text(name)] else { throw Failure(reason: "attribute") }
      return found
    default: throw Failure(reason: "record or entity")
    }
  }

  private func has(_ base: Datum, _ name: String) throws -> Bool {
    switch base {
    case .entity(let entity): entities[entity]?.attributes[Text(name)] != nil
    case .record(let fields): fields[Text(name)] != nil
    default: throw Failure(reason: "record or entity")
    }
  }

  private func call(
    _ method: CedarSyntax.Expression.Method, _ receiver: Datum, _ arguments: [Datum]
  ) throws -> Datum {
    switch method {
    case .getTag, .hasTag:
      guard case .entity(let entity) = receiver, case .string(let tag)? = arguments.first else {
        throw Failure(reason: "entity and string")
      }
      let found = entities[entity]?.tags[tag]
      if method == .hasTag { return .bool(found != nil) }
      guard let found else { throw Failure(reason: "tag") }
      return found
    default: break
    }
    guard case .set(let set) = receiver else { throw Failure(reason: "set") }
    switch method {
    case .isEmpty: return .bool(set.isEmpty)
    case .contains: return .bool(set.contains(arguments[0]))
    default:
      guard case .set(let other) = arguments[0] else { throw Failure(reason: "set") }
      return .bool(
        method == .containsAll ? other.isSubset(of: set) : !other.isDisjoint(with: set))
    }
  }

  /// Matches by trying every split at a wildcard, with a table so that it ends soon.
  private func matches(_ text: [Unicode.Scalar], _ pattern: Pattern) -> Bool {
    var reachable: Set<Int> = [0]
    for element in pattern.elements {
      switch element {
      case .wildcard:
        guard let first = reachable.min() else { return false }
        reachable = Set(first...text.count)
      case .literal(let literal):
        let scalars = Array(literal.unicodeScalars)
        reachable = Set(
          reachable.filter {
            $0 + scalars.count <= text.count
              && Array(text[$0..<$0 + scalars.count]) == scalars
          }.map { $0 + scalars.count })
      }
    }
    return reachable.contains(text.count)
  }
}
