// SPDX-License-Identifier: MIT

import CedarSyntax

extension Typechecker {
  /// `a && b && …`: what is proven on the left holds on the right; nothing is checked behind an
  /// operand that is always false.
  mutating func conjunction(_ operands: [Expression], _ known: Capabilities) -> Outcome {
    var truth: CedarType.Truth? = .always
    var proven = Capabilities()
    for operand in operands {
      let outcome = boolean(operand, known.union(proven))
      if outcome.truth == .never { return Outcome(type: .boolean(.never)) }
      proven.formUnion(outcome.capabilities)
      switch (truth, outcome.truth) {
      case (_, nil), (nil, _): truth = nil
      case (.always, .always): truth = .always
      default: truth = .any
      }
    }
    return Outcome(type: truth.map { .boolean($0) }, capabilities: proven)
  }

  /// `a || b || …`: only what all sides prove is proven; nothing is checked behind an operand that
  /// is always true.
  mutating func disjunction(_ operands: [Expression], _ known: Capabilities) -> Outcome {
    var truth: CedarType.Truth? = .never
    var proven: Capabilities?
    for operand in operands {
      let outcome = boolean(operand, known)
      guard let found = outcome.truth else {
        truth = nil
        continue
      }
      switch found {
      case .always: return Outcome(type: truth == nil ? nil : .boolean(.always))
      case .never: break
      case .any:
        proven = proven.map { $0.intersection(outcome.capabilities) } ?? outcome.capabilities
        if truth == .never { truth = .any }
      }
    }
    return Outcome(type: truth.map { .boolean($0) }, capabilities: proven ?? Capabilities())
  }

  mutating func conditional(
    _ condition: Expression, _ then: Expression, _ otherwise: Expression,
    _ expression: Expression, _ known: Capabilities
  ) -> Outcome {
    let test = boolean(condition, known)
    switch test.truth {
    case .always:
      var outcome = check(then, known.union(test.capabilities))
      outcome.capabilities.formUnion(test.capabilities)
      return outcome
    case .never: return check(otherwise, known)
    default: break
    }
    let first = check(then, known.union(test.capabilities))
    let second = check(otherwise, known)
    guard let left = first.type, let right = second.type else { return Outcome(type: nil) }
    guard let bound = left.bound(right, strict: isStrict) else {
      incompatible(left, right, expression.span, "the branches of this `if` have different types")
      return Outcome(type: nil)
    }
    let proven = first.capabilities.union(test.capabilities).intersection(second.capabilities)
    return Outcome(type: test.type == nil ? nil : bound, capabilities: proven)
  }

  mutating func incompatible(
    _ left: CedarType, _ right: CedarType, _ span: SourceSpan, _ what: String
  ) {
    error(.incompatibleTypes, "\(what): `\(left)` and `\(right)`", span)
  }

  // MARK: relations

  mutating func relation(
    _ relation: Expression.Relation, _ left: Expression, _ right: Expression,
    _ expression: Expression, _ known: Capabilities
  ) -> Outcome {
    switch relation {
    case .equal: return Outcome(type: equality(left, right, expression, known).map { .boolean($0) })
    case .notEqual:
      let truth = equality(left, right, expression, known)
      return Outcome(type: truth.map { .boolean($0.negated) })
    case .in: return Outcome(type: membership(left, right, known).map { .boolean($0) })
    default: return ordering(relation, left, right, known)
    }
  }

  /// A literal's value, with the action of the environment for `action`.
  private func literal(_ expression: Expression) -> Expression.Kind? {
    switch expression.kind {
    case .boolean, .long, .string, .entity: expression.kind
    case .variable(.action): .entity(environment.action.uid)
    default: nil
    }
  }

  private func isSame(_ left: Expression.Kind, _ right: Expression.Kind) -> Bool {
    switch (left, right) {
    case (.boolean(let first), .boolean(let second)): first == second
    case (.long(let first), .long(let second)): first == second
    case (.string(let first), .string(let second)): CedarText.equal(first, second)
    case (.entity(let first), .entity(let second)): first == second
    default: false
    }
  }

  private mutating func equality(
    _ left: Expression, _ right: Expression, _ expression: Expression, _ known: Capabilities
  ) -> CedarType.Truth? {
    guard let first = check(left, known).type, let second = check(right, known).type else {
      _ = check(right, known)
      return nil
    }
    if let one = literal(left), let other = literal(right) {
      return isSame(one, other) ? .always : .never
    }
    if case .entity(let names) = first, case .entity(let others) = second,
      Set(names).isDisjoint(with: others)
    {
      return .never
    }
    if isStrict, first.bound(second, strict: true) == nil {
      incompatible(first, second, expression.span, "the sides can never be equal")
      return nil
    }
    return .any
  }

  private static let ordered: [CedarType] = [.long, .extension(.datetime), .extension(.duration)]

  private mutating func ordering(
    _ relation: Expression.Relation, _ left: Expression, _ right: Expression,
    _ known: Capabilities
  ) -> Outcome {
    let first = check(left, known).type
    let second = check(right, known).type
    guard let first, let second else { return Outcome(type: .boolean) }
    if Self.ordered.contains(first), first == second { return Outcome(type: .boolean) }
    let (wrong, place) = Self.ordered.contains(first) ? (second, right) : (first, left)
    var help: String?
    if first == .extension(.decimal), second == .extension(.decimal) {
      help = "compare decimals with `.\(relation.decimalMethodName)(...)`"
    } else if first == .extension(.decimal) || second == .extension(.decimal) {
      help = "write the other side as a decimal literal such as `10.0`"
    } else if wrong == .string {
      help = "strings have no order"
    }
    if Self.ordered.contains(first), Self.ordered.contains(second) {
      incompatible(first, second, right.span, "the sides have different types")
    } else {
      unexpected("`Long`, `datetime` or `duration`", wrong, place, help: help)
    }
    return Outcome(type: nil)
  }

  /// Dialect: a decimal literal on one side, a long or a decimal on the other.
  mutating func decimalComparison(
    _ left: Expression, _ right: Expression, _ known: Capabilities
  ) -> Outcome {
    for side in [left, right] {
      guard let type = check(side, known).type else { continue }
      if type != .long, type != .extension(.decimal) {
        unexpected("`Long` or `decimal`", type, side)
        return Outcome(type: nil)
      }
    }
    return Outcome(type: .boolean)
  }

  // MARK: in

  private mutating func membership(
    _ left: Expression, _ right: Expression, _ known: Capabilities
  ) -> CedarType.Truth? {
    let first = check(left, known).type
    let second = check(right, known).type
    guard let first, let second else { return nil }
    guard case .entity(let types) = first else {
      unexpected("an entity", first, left)
      return nil
    }
    var containers: [Name]
    switch second {
    case .entity(let names): containers = names
    case .set(.entity(let names)?): containers = names
    case .set(nil): containers = []
    default:
      var help: String?
      if case .set = second { help = "`in` tests the hierarchy; use `contains` for other sets" }
      unexpected("an entity or a set of entities", second, right, help: help)
      return nil
    }
    if case .entity(let uid)? = literal(left), schema.actions[uid] != nil,
      let uids = entityLiterals(right)
    {
      return uids.contains { schema.isIn(uid, $0) } ? .always : .never
    }
    let isPossible = types.contains { type in
      containers.contains { schema.canBeInIncludingActions(type, $0) }
    }
    return isPossible ? .any : .never
  }

  /// The entities of a literal or of a set of literals; nil when something else is among them.
  private func entityLiterals(_ expression: Expression) -> [EntityUID]? {
    if case .entity(let uid)? = literal(expression) { return [uid] }
    guard case .set(let members) = expression.kind else { return nil }
    let uids = members.compactMap { member -> EntityUID? in
      if case .entity(let uid)? = literal(member) { return uid }
      return nil
    }
    return uids.count == members.count ? uids : nil
  }
}

extension Expression.Relation {
  /// The method that compares decimals so.
  var decimalMethodName: String {
    switch self {
    case .less: "lessThan"
    case .lessOrEqual: "lessThanOrEqual"
    case .greater: "greaterThan"
    default: "greaterThanOrEqual"
    }
  }
}
