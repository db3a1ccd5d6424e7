// SPDX-License-Identifier: MIT

import CedarSyntax

/// How large a type is when the common types that it names are written out. In memory they are
/// shared; whoever walks a type walks all of it.
struct TypeMeasure {
  var depth = 1
  /// Types in it, itself included.
  var size = 1

  /// Most types in one type: thirty common types that name each other twice would have a billion.
  static let sizeMax = 10_000

  /// Larger than is allowed; what holds it is not measured further.
  static let beyond = TypeMeasure(depth: TypeExpression.depthMax + 1, size: sizeMax + 1)

  var isAllowed: Bool { depth <= TypeExpression.depthMax && size <= Self.sizeMax }

  /// The measure of a set or record of these.
  static func container(of parts: [TypeMeasure]) -> TypeMeasure {
    var result = TypeMeasure()
    for part in parts {
      result.depth = max(result.depth, part.depth + 1)
      result.size += part.size
      guard result.isAllowed else { return .beyond }
    }
    return result
  }
}

extension Resolver {
  /// The type of a declaration that is no common type; nil with a complaint.
  mutating func declaredType(_ expression: TypeExpression, _ namespace: [String]) -> CedarType? {
    guard let type = type(expression, namespace), isWalkable(expression, namespace) else {
      return nil
    }
    return type
  }

  /// Whether a type that could be resolved is small enough; else there is a complaint.
  mutating func isWalkable(_ expression: TypeExpression, _ namespace: [String]) -> Bool {
    if measure(expression, namespace).isAllowed { return true }
    error(
      .typeTooDeep,
      "a type more than \(TypeExpression.depthMax) levels deep, or of more than "
        + "\(TypeMeasure.sizeMax) parts, with the types that it names", expression.span)
    return false
  }

  /// The measure of a type that could be resolved. Recursion is bounded: deeper expressions were
  /// refused before.
  func measure(_ expression: TypeExpression, _ namespace: [String]) -> TypeMeasure {
    switch expression.kind {
    case .set(let element): return .container(of: [measure(element, namespace)])
    case .record(let attributes):
      return .container(of: attributes.map { measure($0.type, namespace) })
    case .named(let name), .common(let name):
      let common = candidates(name, namespace).first { commonTypes[$0] != nil }
      return common.flatMap { commonMeasures[$0] } ?? TypeMeasure()
    case .entity, .extension, .primitive: return TypeMeasure()
    }
  }
}
