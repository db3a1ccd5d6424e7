// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

extension ReferenceEvaluator {
  func relate(
    _ relation: CedarSyntax.Expression.Relation, _ left: Datum, _ right: Datum
  ) throws -> Bool {
    switch relation {
    case .equal: return left == right
    case .notEqual: return left != right
    case .in: return try within(left, right)
    default: break
    }
    switch (left, right) {
    case (.long(let first), .long(let second)), (.datetime(let first), .datetime(let second)),
      (.duration(let first), .duration(let second)):
      return ReferenceExtensions.order(relation, first, second)
    default: throw Failure(reason: "comparable")
    }
  }

  private func within(_ left: Datum, _ right: Datum) throws -> Bool {
    guard case .entity(let entity) = left else { throw Failure(reason: "entity") }
    switch right {
    case .entity(let ancestor): return isIn(entity, ancestor)
    case .set(let elements):
      let names = try elements.map { element -> EntityName in
        guard case .entity(let name) = element else { throw Failure(reason: "entity") }
        return name
      }
      return names.contains { isIn(entity, $0) }
    default: throw Failure(reason: "entity or set")
    }
  }

  /// The dialect's comparison, in 128 bits so that widening is plainly exact.
  func compareMixed(
    _ relation: CedarSyntax.Expression.Relation, _ left: Datum, _ right: Datum
  ) throws -> Bool {
    func wide(_ datum: Datum) throws -> Int128 {
      switch datum {
      case .long(let number): return Int128(number) * 10_000
      case .decimal(let scaled): return Int128(scaled)
      default: throw Failure(reason: "long or decimal")
      }
    }
    return ReferenceExtensions.order(relation, try wide(left), try wide(right))
  }
}

/// The extension functions, plainly.
enum ReferenceExtensions {
  typealias Failure = ReferenceEvaluator.Failure

  static func order<Number: Comparable>(
    _ relation: CedarSyntax.Expression.Relation, _ left: Number, _ right: Number
  ) -> Bool {
    switch relation {
    case .less: left < right
    case .lessOrEqual: left <= right
    case .greater: left > right
    default: left >= right
    }
  }

  static func call(_ function: ExtensionFunction, _ arguments: [Datum]) throws -> Datum {
    guard arguments.count == function.argumentCount else { throw Failure(reason: "arity") }
    if function.isConstructor {
      guard case .string(let text) = arguments[0],
        case .success(let datum)? = ExtensionText.construct(function.rawValue, text.string)
      else { throw Failure(reason: "constructor") }
      return datum
    }
    switch (arguments[0], arguments.count > 1 ? arguments[1] : nil) {
    case (.ip(let range), let other): return try address(function, range, other)
    case (.decimal(let left), .decimal(let right)?): return try decimal(function, left, right)
    case (.datetime(let date), let other): return try datetime(function, date, other)
    case (.duration(let span), nil): return try duration(function, span)
    default: throw Failure(reason: "extension type")
    }
  }

  private static func address(
    _ function: ExtensionFunction, _ range: IPRange, _ other: Datum?
  ) throws -> Datum {
    switch (function, other) {
    case (.isIpv4, nil): return .bool(!range.isVersion6)
    case (.isIpv6, nil): return .bool(range.isVersion6)
    case (.isLoopback, nil): return .bool(range.isLoopback)
    case (.isMulticast, nil): return .bool(range.isMulticast)
    case (.isInRange, .ip(let outer)?): return .bool(range.isInRange(outer))
    default: throw Failure(reason: "ip")
    }
  }

  private static func decimal(
    _ function: ExtensionFunction, _ left: Int64, _ right: Int64
  ) throws -> Datum {
    switch function {
    case .lessThan: return .bool(left < right)
    case .lessThanOrEqual: return .bool(left <= right)
    case .greaterThan: return .bool(left > right)
    case .greaterThanOrEqual: return .bool(left >= right)
    default: throw Failure(reason: "decimal")
    }
  }

  private static func datetime(
    _ function: ExtensionFunction, _ date: Int64, _ other: Datum?
  ) throws -> Datum {
    let day: Int128 = 86_400_000
    let wide = Int128(date)
    let time = ((wide % day) + day) % day
    func fit(_ number: Int128) throws -> Int64 {
      guard let result = Int64(exactly: number) else { throw Failure(reason: "overflow") }
      return result
    }
    switch (function, other) {
    case (.offset, .duration(let span)?): return .datetime(try fit(wide + Int128(span)))
    case (.durationSince, .datetime(let start)?):
      return .duration(try fit(wide - Int128(start)))
    case (.toDate, nil): return .datetime(try fit(wide - time))
    case (.toTime, nil): return .duration(try fit(time))
    default: throw Failure(reason: "datetime")
    }
  }

  private static func duration(_ function: ExtensionFunction, _ span: Int64) throws -> Datum {
    switch function {
    case .toMilliseconds: return .long(span)
    case .toSeconds: return .long(span / 1000)
    case .toMinutes: return .long(span / 60_000)
    case .toHours: return .long(span / 3_600_000)
    case .toDays: return .long(span / 86_400_000)
    default: throw Failure(reason: "duration")
    }
  }
}
