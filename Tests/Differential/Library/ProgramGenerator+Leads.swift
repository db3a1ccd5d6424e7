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
        policy.conditions.insert(lead(variable, name), at: 0)
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
    case 3, 4:
      let asked = AttributeName(chance(90) ? name : pick(Self.attributes))
      return Condition(.when, make(.and([make(.has(base, [asked])), equal])))
    case 5: return Condition(.when, make(.and([equal, make(.boolean(chance(70)))])))
    default: return Condition(.when, equal)
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
