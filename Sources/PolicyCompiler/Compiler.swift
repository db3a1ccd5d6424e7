// SPDX-License-Identifier: MIT

import CedarSyntax
import DecisionIR

/// Policies in, a program draft out. Conditions that several policies share become one.
struct Compiler {
  private let files: SourceFiles
  private let identifiers: PolicyIdentifiers
  let draft = ProgramDraft()
  private(set) var diagnostics: [Diagnostic] = []
  private var conjuncts: [[UInt8]: UInt32] = [:]

  init(files: SourceFiles, identifiers: PolicyIdentifiers) {
    self.files = files
    self.identifiers = identifiers
  }

  mutating func compile(_ set: PolicySet) {
    var templates: [ExactString: Policy] = [:]
    for policy in set.policies {
      if policy.isTemplate {
        templates[ExactString(policy.id)] = policy
        // A link may name its template by `@id`, as the reference's command line does.
        if let id = policy.annotation("id") { templates[ExactString(id.text)] = policy }
      } else {
        compile(policy, id: policy.id, values: [:])
      }
    }
    for link in set.links {
      guard let template = templates[ExactString(link.templateID)] else {
        report(.invalidLink, "link `\(link.id)` names no template `\(link.templateID)`", .none)
        continue
      }
      let missing = template.slots.filter { link.values[$0] == nil }
      guard missing.isEmpty else {
        let names = missing.map { "`\($0.text)`" }.joined(separator: ", ")
        report(.invalidLink, "link `\(link.id)` gives no value for \(names)", template.span)
        continue
      }
      compile(template, id: link.id, values: link.values)
    }
  }

  mutating func compile(_ expression: Expression) {
    var emitter = Emitter(draft: draft, slots: [:])
    emitter.emitValue(expression)
    diagnostics += emitter.diagnostics
    _ = draft.conjunct(emitter.finished(), spans: emitter.spans)
  }

  private mutating func report(_ code: DiagnosticCode, _ message: String, _ span: SourceSpan) {
    diagnostics.append(Diagnostic(.error, code, message, labels: [.init(span)]))
  }

  private mutating func compile(_ policy: Policy, id: String, values: [Slot: EntityUID]) {
    var name = id
    if identifiers == .annotation, let annotation = policy.annotation("id"), values.isEmpty {
      name = annotation.text
    }
    var result = PolicyDraft(id: name, isForbid: policy.effect == .forbid)
    result.principal = scope(policy.principal, values)
    result.resource = scope(policy.resource, values)
    result.action = action(policy.action)
    result.annotations = policy.annotations.map { ($0.key, $0.text) }
    result.priority = priority(of: policy)
    if let file = files.file(of: policy.span) {
      result.file = file.name
      result.line = UInt32(file.position(of: Int(policy.span.start)).line)
    }
    result.conjuncts = conditions(of: policy, values)
    draft.add(result)
  }

  private mutating func priority(of policy: Policy) -> Int64 {
    guard let annotation = policy.annotation("priority") else { return 0 }
    let text = annotation.text
    if let literal = DecimalLiteral(text) { return literal.scaled }
    if let whole = Int64(text) {
      let (scaled, overflow) = whole.multipliedReportingOverflow(by: DecimalLiteral.scale)
      if !overflow { return scaled }
    }
    diagnostics.append(
      Diagnostic(
        .error, .invalidPriority, "`@priority` must be a number, not `\(text)`",
        labels: [.init(annotation.valueSpan)],
        help: "write a whole number or a decimal with at most 4 fraction digits"))
    return 0
  }

  // MARK: scope

  private func name(_ uid: EntityUID) -> EntityName {
    EntityName(type: uid.type.description, id: uid.id)
  }

  private func name(_ reference: EntityReference, _ values: [Slot: EntityUID]) -> EntityName? {
    switch reference {
    case .entity(let uid): name(uid)
    case .slot(let slot, _): values[slot].map { name($0) }
    }
  }

  private func scope(_ constraint: ScopeConstraint, _ values: [Slot: EntityUID]) -> EntityScope {
    switch constraint.kind {
    case .any: return .any
    case .is(let type): return .is(type.description)
    case .equal(let reference): return name(reference, values).map { .equal($0) } ?? .any
    case .in(let reference): return name(reference, values).map { .in($0) } ?? .any
    case .isIn(let type, let reference):
      return name(reference, values).map { .isIn(type.description, $0) } ?? .any
    }
  }

  private func action(_ constraint: ActionConstraint) -> ActionScope {
    switch constraint.kind {
    case .any: .any
    case .equal(let reference): .equal(name(reference.uid))
    case .in(let reference): .in([name(reference.uid)])
    case .inSet(let references): .in(references.map { name($0.uid) })
    }
  }

  // MARK: conditions

  /// The numbers of the conditions that must all hold, in order of evaluation.
  private mutating func conditions(
    of policy: Policy, _ values: [Slot: EntityUID]
  ) -> [UInt32] {
    var parts: [Expression] = []
    for condition in policy.conditions {
      Conjunction.split(condition.body, negated: condition.kind == .unless, into: &parts)
    }
    var numbers: [UInt32] = []
    for part in parts {
      var emitter = Emitter(draft: draft, slots: values)
      if case .bool(let holds)? = emitter.constant(part) {
        if holds { continue }
        // What stands behind a false condition is never looked at.
        numbers.append(number(of: part, &emitter))
        break
      }
      let found = number(of: part, &emitter)
      if !numbers.contains(found) { numbers.append(found) }
    }
    return numbers
  }

  private mutating func number(of part: Expression, _ emitter: inout Emitter) -> UInt32 {
    var key = ExpressionKey(slots: emitter.slots)
    key.append(part)
    if let known = conjuncts[key.bytes] { return known }
    emitter.emitCondition(part)
    diagnostics += emitter.diagnostics
    let number = draft.conjunct(emitter.finished(), spans: emitter.spans)
    conjuncts[key.bytes] = number
    return number
  }
}

/// Splits a condition into parts that must all hold, keeping order and errors: `a && b` evaluates
/// `b` only when `a` is true, and `!(a || b)` is `!a && !b` down to its errors.
enum Conjunction {
  static func split(_ expression: Expression, negated: Bool, into parts: inout [Expression]) {
    switch expression.kind {
    case .not(let operand):
      split(operand, negated: !negated, into: &parts)
    case .and(let operands) where !negated:
      for operand in operands { split(operand, negated: false, into: &parts) }
    case .or(let operands) where negated:
      for operand in operands { split(operand, negated: true, into: &parts) }
    default:
      parts.append(negated ? Expression(.not(expression), span: expression.span) : expression)
    }
  }
}
