// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// The values that policies compare with, and their neighbours: where decisions change.
struct Constants {
  private(set) var strings = ["", "other"]
  private(set) var longs: [Int64] = [0, 1, -1, 1_000_000]
  /// Ten-thousandths.
  private(set) var decimals: [Int64] = [0, 10_000, 10_000_000]
  /// Milliseconds.
  private(set) var datetimes: [Int64] = [0, 1_700_000_000_000]
  private(set) var durations: [Int64] = [0, 3_600_000]
  private(set) var addresses: [Datum] = []
  private(set) var entities: Set<EntityUID> = []
  /// What attributes of a name are compared with.
  private(set) var near: [ExactString: Near] = [:]

  struct Near {
    var strings: [String] = []
    var longs: [Int64] = []
    var decimals: [Int64] = []
  }

  /// Most values of a kind that are kept.
  private static let valuesMax = 1_000

  init() {
    for text in ["127.0.0.1", "10.0.0.1", "203.0.113.7", "::1"] { addAddress(text) }
  }

  mutating func collect(_ policy: Policy) {
    for constraint in [policy.principal, policy.resource] { collect(constraint) }
    for condition in policy.conditions {
      var found: [Expression] = []
      condition.body.visit { found.append($0) }
      for expression in found { collect(expression) }
    }
  }

  private mutating func collect(_ constraint: ScopeConstraint) {
    switch constraint.kind {
    case .equal(.entity(let uid)), .in(.entity(let uid)), .isIn(_, .entity(let uid)):
      entities.insert(uid)
    default: break
    }
  }

  private mutating func collect(_ expression: Expression) {
    switch expression.kind {
    case .string(let text): addString(text)
    case .relation(_, let left, let right), .decimalComparison(_, let left, let right):
      addNear(left, right)
      addNear(right, left)
    case .method(_, let receiver, let arguments):
      for argument in arguments { addNear(receiver, argument) }
    case .call(_, let arguments) where arguments.count == 2:
      addNear(arguments[0], arguments[1])
    case .entity(let uid): entities.insert(uid)
    case .long(let value):
      Self.add(value, to: &longs)
      // The dialect compares longs and decimals alike.
      let (scaled, overflow) = value.multipliedReportingOverflow(by: DecimalLiteral.scale)
      if !overflow { Self.add(scaled, to: &decimals) }
    case .decimal(let literal):
      Self.add(literal.scaled, to: &decimals)
      Self.add(literal.scaled / DecimalLiteral.scale, to: &longs)
    case .like(_, let pattern):
      var text = ""
      for element in pattern.elements { if case .literal(let part) = element { text += part } }
      addString(text)
    case .call(let function, let arguments):
      guard arguments.count == 1, case .string(let text) = arguments[0].kind else { return }
      add(function, text)
    default: break
    }
  }

  private mutating func add(_ function: ExtensionFunction, _ text: String) {
    guard case .success(let datum)? = ExtensionText.construct(function.rawValue, text) else {
      return
    }
    switch datum {
    case .decimal(let value): Self.add(value, to: &decimals)
    case .datetime(let value): Self.add(value, to: &datetimes)
    case .duration(let value): Self.add(value, to: &durations)
    default: addAddress(text)
    }
  }

  private mutating func addString(_ text: String) {
    guard strings.count < Self.valuesMax, !strings.contains(text) else { return }
    strings.append(text)
  }

  /// Remembers what an attribute is compared with.
  private mutating func addNear(_ subject: Expression, _ value: Expression) {
    guard case .attribute(_, let attribute) = subject.kind else { return }
    var known = near[ExactString(attribute.text)] ?? Near()
    switch value.kind {
    case .string(let text):
      if known.strings.count < Self.valuesMax, !known.strings.contains(text) {
        known.strings.append(text)
      }
    case .long(let number):
      Self.add(number, to: &known.longs)
      let (scaled, overflow) = number.multipliedReportingOverflow(by: DecimalLiteral.scale)
      if !overflow { Self.add(scaled, to: &known.decimals) }
    case .decimal(let literal):
      Self.add(literal.scaled, to: &known.decimals)
      Self.add(literal.scaled / DecimalLiteral.scale, to: &known.longs)
    case .call(.decimal, let arguments):
      guard let first = arguments.first, case .string(let text) = first.kind,
        let literal = DecimalLiteral(text)
      else { return }
      Self.add(literal.scaled, to: &known.decimals)
    default: return
    }
    near[ExactString(attribute.text)] = known
  }

  private mutating func addAddress(_ text: String) {
    guard case .success(let datum)? = ExtensionText.construct("ip", text),
      !addresses.contains(datum)
    else { return }
    addresses.append(datum)
  }

  private static func add(_ value: Int64, to list: inout [Int64]) {
    for neighbour in [value, value &- 1, value &+ 1] where !list.contains(neighbour) {
      guard list.count < valuesMax else { return }
      list.append(neighbour)
    }
  }
}
