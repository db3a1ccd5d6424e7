// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension ExpressionGenerator {
  private func make(_ kind: Kind) -> CedarSyntax.Expression { CedarSyntax.Expression(kind) }

  private mutating func variable(_ attribute: String) -> CedarSyntax.Expression {
    let base = make(.variable(world.pick([.context, .principal, .resource])))
    return make(.attribute(base, AttributeName(attribute)))
  }

  private mutating func constructed(
    _ function: ExtensionFunction, _ texts: [String]
  ) -> CedarSyntax.Expression {
    let argument = world.strays(15) ? string(depth: 0) : make(.string(world.pick(texts)))
    let arguments = world.strays(3) ? [argument, argument] : [argument]
    return make(.call(function, arguments))
  }

  mutating func decimal() -> CedarSyntax.Expression {
    world.chance(50)
      ? variable("dec") : constructed(.decimal, ["1.5", "-7.0", "10.0", "1.23456", "x", "0.0"])
  }

  private mutating func address() -> CedarSyntax.Expression {
    world.chance(50)
      ? variable("ip")
      : constructed(
        .ip, ["10.0.0.1", "10.0.0.0/8", "::1", "::/0", "ff00::1", "1.2.3", "10.0.0.1/32"])
  }

  /// A datetime or a duration.
  mutating func timed(depth: Int) -> CedarSyntax.Expression {
    switch Int.random(in: 0...7, using: &world.random) {
    case 0: variable("dt")
    case 1: variable("du")
    case 2: constructed(.datetime, ["2024-01-01", "1970-01-01T00:00:00Z", "2024-13-01"])
    case 3: constructed(.duration, ["1d", "-1500ms", "1h30m", "1.5h"])
    case 4 where depth > 0:
      make(.call(.offset, [timed(depth: depth - 1), timed(depth: depth - 1)]))
    case 5 where depth > 0:
      make(.call(.durationSince, [timed(depth: depth - 1), timed(depth: depth - 1)]))
    case 6 where depth > 0:
      make(.call(world.pick([.toDate, .toTime]), [timed(depth: depth - 1)]))
    default: variable(world.pick(["dt", "du"]))
    }
  }

  mutating func extensionValue(depth: Int) -> CedarSyntax.Expression {
    switch Int.random(in: 0...3, using: &world.random) {
    case 0: decimal()
    case 1: address()
    default: timed(depth: depth)
    }
  }

  mutating func extensionTest(depth: Int) -> CedarSyntax.Expression {
    switch Int.random(in: 0...3, using: &world.random) {
    case 0:
      let function: ExtensionFunction = world.pick([
        .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual,
      ])
      return make(.call(function, [decimal(), decimal()]))
    case 1: return make(.call(.isInRange, [address(), address()]))
    case 2:
      let function: ExtensionFunction = world.pick([.isIpv4, .isIpv6, .isLoopback, .isMulticast])
      return make(.call(function, [address()]))
    default: return mixed(depth: depth)
    }
  }

  /// The dialect's comparison with a decimal literal.
  private mutating func mixed(depth: Int) -> CedarSyntax.Expression {
    let texts = ["0.5", "-7.0", "10.0", "1.23", "922337203685477.5807", "-922337203685477.5808"]
    guard let literal = DecimalLiteral(world.pick(texts)) else { return make(.boolean(false)) }
    let side = make(.decimal(literal))
    let other =
      world.chance(50) ? long(depth: depth) : world.chance(70) ? decimal() : any(depth: depth)
    let relation: CedarSyntax.Expression.Relation = world.pick([
      .less, .lessOrEqual, .greater, .greaterOrEqual,
    ])
    return world.chance(50)
      ? make(.decimalComparison(relation, side, other))
      : make(.decimalComparison(relation, other, side))
  }
}
