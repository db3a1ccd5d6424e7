// SPDX-License-Identifier: MIT

import CedarSyntax

/// Policies of few scopes, most of which begin by comparing one of a few attributes with a
/// constant: the index finds them by the attribute's value.
extension ProgramGenerator {
  private typealias Kind = CedarSyntax.Expression.Kind

  mutating func ledPolicies(_ count: Int) -> [Policy] {
    let scopes = (0..<pick([1, 1, 2])).map { _ in (principal: openScope(), resource: openScope()) }
    let variables: [CedarSyntax.Expression.Variable] = [.context, .context, .principal, .resource]
    let names = ["n", "n", "s", "t", "dec", "ip", "ent", "set", "du", "none"]
    let attributes = (0..<pick([1, 1, 2])).map { _ in (pick(variables), pick(names)) }
    return (0..<count).map { index in
      var policy = self.policy(index: index)
      let scope = pick(scopes)
      policy.principal = scope.principal
      policy.resource = scope.resource
      if chance(40) { policy.conditions = [] }
      if chance(90) {
        let (variable, name) = pick(attributes)
        // Behind another condition it must not lead: that one may fail.
        policy.conditions.insert(lead(variable, name), at: chance(80) ? 0 : policy.conditions.count)
      }
      return policy
    }
  }

  /// Mostly one that all match, so that requests meet the policies.
  private mutating func openScope() -> ScopeConstraint { chance(80) ? .any : scope() }

  private mutating func lead(
    _ variable: CedarSyntax.Expression.Variable, _ name: String
  ) -> Condition {
    let base = make(.variable(variable))
    let attribute = make(.attribute(base, AttributeName(name)))
    let constant = constant(chance(95) ? name : pick(Self.attributes))
    let sides = chance(70) ? (attribute, constant) : (constant, attribute)
    let equal = make(.relation(.equal, sides.0, sides.1))
    switch Int.random(in: 0...9, using: &random) {
    case 0: return Condition(.unless, make(.relation(.notEqual, sides.0, sides.1)))
    case 1: return Condition(.unless, equal)
    case 2: return Condition(.when, make(.relation(.notEqual, sides.0, sides.1)))
    case 3, 4: return Condition(.when, make(.and([before(base, name), equal])))
    case 5: return Condition(.when, make(.and([equal, make(.boolean(chance(70)))])))
    default: return Condition(.when, equal)
    }
  }

  /// What may stand before a leading comparison, and what may not.
  private mutating func before(
    _ base: CedarSyntax.Expression, _ name: String
  ) -> CedarSyntax.Expression {
    switch Int.random(in: 0...9, using: &random) {
    case 0: return make(.not(make(.has(base, [AttributeName(pick(Self.attributes))]))))
    case 1:
      let entity = make(.variable(pick([.principal, .resource])))
      return make(.isType(entity, Self.name(pick(Self.types)), in: nil))
    case 2:
      return make(.relation(.equal, make(.variable(.principal)), make(.entity(uid()))))
    case 3:
      let other = make(.attribute(base, AttributeName(pick(Self.attributes))))
      return make(.has(other, [AttributeName(name)]))
    default: return make(.has(base, [AttributeName(chance(80) ? name : pick(Self.attributes))]))
    }
  }

  private func make(_ kind: Kind) -> CedarSyntax.Expression { CedarSyntax.Expression(kind) }

  /// An expression without variables, mostly one that the attribute of this name may equal.
  private mutating func constant(_ name: String) -> CedarSyntax.Expression {
    func call(_ function: ExtensionFunction, _ text: String) -> CedarSyntax.Expression {
      make(.call(function, [make(.string(text))]))
    }
    switch name {
    case "s": return make(.string(pick(["", "a", "abc", "a*b", "héllo", "10.0"])))
    case "t": return make(.boolean(chance(50)))
    case "dec": return call(.decimal, pick(["0.0", "-0.0", "0.5", "1.23", "10.0", "x"]))
    case "ip": return call(.ip, pick(["10.0.0.1", "10.0.0.1/32", "10.0.0.0/8", "::1", "ff00::/8"]))
    case "du": return call(.duration, pick(["0ms", "1500ms", "-1500ms", "1d", "24h"]))
    case "ent": return make(.entity(uid()))
    case "set":
      let numbers = (0..<pick([0, 1, 1, 2])).map { _ in long() }
      return make(.set(numbers))
    default: return long()
    }
  }

  private mutating func long() -> CedarSyntax.Expression {
    let number = Int64.random(in: -3...12, using: &random)
    return make(number < 0 && chance(30) ? .negate(make(.long(-number))) : .long(number))
  }
}
