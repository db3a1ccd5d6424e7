// SPDX-License-Identifier: MIT

import CedarSyntax

/// Types expressions in one request environment.
///
/// Each method gives the type, or nil after a complaint; what an expression proves about optional
/// attributes comes with it, also after a complaint, so that one mistake does not cause others.
struct Typechecker {
  let schema: Schema
  let mode: ValidationMode
  let environment: RequestEnvironment
  var diagnostics: [Diagnostic] = []
  /// Nodes typed as long, and as anything else.
  var longs: Set<ObjectIdentifier> = []
  var others: Set<ObjectIdentifier> = []
  /// The types of all nodes that are looked at, when they are asked for: branches that can not be
  /// taken are missing.
  var types: [ObjectIdentifier: CedarType]?

  struct Outcome {
    var type: CedarType?
    var capabilities = Capabilities()

    var truth: CedarType.Truth? {
      if case .boolean(let truth)? = type { return truth }
      return nil
    }
  }

  init(schema: Schema, mode: ValidationMode, environment: RequestEnvironment) {
    self.schema = schema
    self.mode = mode
    self.environment = environment
  }

  var isStrict: Bool { mode == .strict }

  // MARK: complaining

  mutating func error(
    _ code: DiagnosticCode, _ message: String, _ span: SourceSpan, help: String? = nil
  ) {
    diagnostics.append(Diagnostic(.error, code, message, labels: [.init(span)], help: help))
  }

  mutating func unexpected(
    _ expected: String, _ found: CedarType, _ expression: Expression, help: String? = nil
  ) {
    error(
      .unexpectedType, "expected \(expected), found `\(found)`", expression.span, help: help)
  }

  // MARK: dispatch

  mutating func check(_ expression: Expression, _ known: Capabilities) -> Outcome {
    let outcome = outcome(expression, known)
    if types != nil { types?[ObjectIdentifier(expression)] = outcome.type }
    if outcome.type == .long {
      longs.insert(ObjectIdentifier(expression))
    } else {
      others.insert(ObjectIdentifier(expression))
    }
    return outcome
  }

  private mutating func outcome(_ expression: Expression, _ known: Capabilities) -> Outcome {
    switch expression.kind {
    case .boolean(let value): return Outcome(type: .boolean(value ? .always : .never))
    case .long: return Outcome(type: .long)
    case .string: return Outcome(type: .string)
    case .decimal: return Outcome(type: .extension(.decimal))
    case .entity(let uid): return Outcome(type: schema.knows(uid.type) ? .entity([uid.type]) : nil)
    case .variable(let variable): return Outcome(type: type(of: variable))
    case .slot: return Outcome(type: nil)
    case .not(let operand):
      let inner = boolean(operand, known)
      return Outcome(type: inner.truth.map { .boolean($0.negated) })
    case .negate(let operand): return Outcome(type: long(operand, known) ? .long : nil)
    case .and(let operands): return conjunction(operands, known)
    case .or(let operands): return disjunction(operands, known)
    case .sum(let first, let rest):
      return arithmetic([first] + rest.map(\.operand), known)
    case .product(let factors): return arithmetic(factors, known)
    case .relation(let relation, let left, let right):
      return self.relation(relation, left, right, expression, known)
    case .decimalComparison(_, let left, let right):
      return decimalComparison(left, right, known)
    case .ifThenElse(let condition, let then, let otherwise):
      return conditional(condition, then, otherwise, expression, known)
    default: return memberOutcome(expression, known)
    }
  }

  private mutating func memberOutcome(
    _ expression: Expression, _ known: Capabilities
  ) -> Outcome {
    switch expression.kind {
    case .has(let target, let path): return has(target, path, expression.span, known)
    case .like(let target, _):
      let outcome = check(target, known)
      guard let type = outcome.type else { return Outcome(type: .boolean) }
      if type != .string { unexpected("`String`", type, target) }
      return Outcome(type: .boolean)
    case .isType(let target, let type, let container):
      return isType(target, type, container, expression, known)
    case .attribute(let target, let name):
      return Outcome(type: attribute(target, name, expression, known))
    case .method(let method, let receiver, let arguments):
      return self.method(method, receiver, arguments, expression, known)
    case .call(let function, let arguments):
      return Outcome(type: call(function, arguments, expression, known))
    case .set(let members): return Outcome(type: set(members, expression, known))
    case .record(let fields): return Outcome(type: record(fields, known))
    default: return Outcome(type: nil)
    }
  }

  private func type(of variable: Expression.Variable) -> CedarType {
    switch variable {
    case .principal: .entity([environment.principal])
    case .action: .entity([environment.action.uid.type])
    case .resource: .entity([environment.resource])
    case .context: .record(environment.action.context)
    }
  }

  // MARK: expectations

  /// Checks an expression that must be a boolean.
  mutating func boolean(_ expression: Expression, _ known: Capabilities) -> Outcome {
    var outcome = check(expression, known)
    guard let type = outcome.type else { return outcome }
    if case .boolean = type { return outcome }
    unexpected("`Bool`", type, expression)
    outcome.type = nil
    return outcome
  }

  private mutating func long(_ expression: Expression, _ known: Capabilities) -> Bool {
    guard let type = check(expression, known).type else { return false }
    if type == .long { return true }
    var help: String?
    if type == .string { help = "Cedar does not join strings; compare them with `like` instead" }
    if type == .extension(.decimal) { help = "decimals have no arithmetic" }
    unexpected("`Long`", type, expression, help: help)
    return false
  }

  private mutating func arithmetic(
    _ operands: [Expression], _ known: Capabilities
  ) -> Outcome {
    var isComplete = true
    for operand in operands where !long(operand, known) { isComplete = false }
    return Outcome(type: isComplete ? .long : nil)
  }
}
