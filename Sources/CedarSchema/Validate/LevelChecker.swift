// SPDX-License-Identifier: MIT

import CedarSyntax

/// Counts how many entities a condition looks up one behind the other (RFC 76): `principal.manager`
/// looks up one, `principal.manager.name` two. Attributes, tags and the ancestors that `in` asks
/// for are look-ups of the entity to the left; the context is at hand. An entity that a policy
/// names itself must not be looked up at all, the request's action apart.
///
/// Only what the type checker looked at counts: branches that are never taken have no types.
struct LevelChecker {
  let schema: Schema
  let action: EntityUID
  let types: [ObjectIdentifier: CedarType]
  let levelMax: Int
  private(set) var diagnostics: [Diagnostic] = []

  init(
    schema: Schema, action: EntityUID, types: [ObjectIdentifier: CedarType], levelMax: Int
  ) {
    self.schema = schema
    self.action = action
    self.types = types
    self.levelMax = levelMax
  }

  mutating func check(_ policy: Policy) {
    for scope in [policy.principal, policy.resource] {
      switch scope.kind {
      case .in, .isIn: lookUp(0, scope.span == .none ? policy.span : scope.span)
      case .any, .equal, .is: break
      }
    }
    switch policy.action.kind {
    case .in, .inSet: lookUp(0, policy.action.span == .none ? policy.span : policy.action.span)
    case .any, .equal: break
    }
    for condition in policy.conditions { check(condition.body) }
  }

  /// Reports a look-up of an entity that itself was reached over `level` look-ups.
  private mutating func lookUp(_ level: Int, _ span: SourceSpan) {
    guard level >= levelMax else { return }
    diagnostics.append(
      Diagnostic(
        .error, .levelExceeded,
        "this needs level \(level + 1), but level \(levelMax) is the highest allowed",
        labels: [.init(span)], help: "look fewer entities up one behind the other"))
  }

  private func type(_ expression: Expression) -> CedarType? {
    types[ObjectIdentifier(expression)]
  }

  private func isEntity(_ expression: Expression) -> Bool {
    if case .entity? = type(expression) { return true }
    return false
  }

  private mutating func check(_ expression: Expression) {
    guard type(expression) != nil else { return }
    switch expression.kind {
    case .relation(.in, let left, let right):
      lookUp(target(left, []), expression.span)
      check(right)
    case .isType(let operand, _, let container?) where type(container) != nil:
      lookUp(target(operand, []), expression.span)
      check(container)
    case .attribute(let operand, _):
      guard isEntity(operand) else { return check(operand) }
      lookUp(target(operand, []), expression.span)
    case .has(let operand, let names): has(operand, names, expression.span)
    case .method(.getTag, let receiver, let arguments),
      .method(.hasTag, let receiver, let arguments):
      lookUp(target(receiver, []), expression.span)
      for argument in arguments { check(argument) }
    default:
      var children: [Expression] = []
      expression.kind.forEachChild { children.append($0) }
      for child in children { check(child) }
    }
  }

  /// `e has a.b.c` looks up `e`, then `e.a` and `e.a.b` where they are entities.
  private mutating func has(
    _ operand: Expression, _ names: [AttributeName], _ span: SourceSpan
  ) {
    guard var current = type(operand) else { return }
    var level = 0
    if isEntity(operand) { level = target(operand, []) } else { check(operand) }
    for name in names {
      var attributes: RecordType?
      switch current {
      case .record(let record): attributes = record
      case .entity(let types):
        lookUp(level, span)
        level += 1
        attributes = types.first.flatMap { schema.entityTypes[$0]?.shape }
      default: break
      }
      guard let next = attributes?[name.text]?.type else { return }
      current = next
    }
  }

  /// Look-ups over which the value of an expression is reached that is about to be looked up.
  ///
  /// - Parameter path: the attributes about to be read from it, the last one first, so that only
  ///   the right field of a record literal counts.
  private mutating func target(_ expression: Expression, _ path: [AttributeName]) -> Int {
    switch expression.kind {
    case .entity(let uid):
      if uid != action { reportLiteral(expression) }
      return 0
    case .slot:
      reportLiteral(expression)
      return 0
    case .ifThenElse(let condition, let then, let otherwise):
      check(condition)
      let branches = [then, otherwise].filter { type($0) != nil }
      return branches.map { target($0, path) }.max() ?? 0
    case .attribute(let operand, let name):
      return isEntity(operand) ? target(operand, path) + 1 : target(operand, path + [name])
    case .method(.getTag, let receiver, let arguments):
      for argument in arguments { check(argument) }
      return target(receiver, path) + 1
    case .record(let fields):
      for field in fields where field.name != path.last { check(field.value) }
      let accessed = fields.first { $0.name == path.last }
      return accessed.map { target($0.value, path.dropLast()) } ?? 0
    default: return 0
    }
  }

  private mutating func reportLiteral(_ expression: Expression) {
    diagnostics.append(
      Diagnostic(
        .error, .literalDereference, "an entity named in the policy is looked up here",
        labels: [.init(expression.span)],
        help: "start from `principal`, `resource` or `context`"))
  }
}
