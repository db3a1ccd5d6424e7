// SPDX-License-Identifier: MIT

import CedarSyntax

/// Finds names of a policy that the schema does not declare, in every branch.
struct NameChecker {
  let schema: Schema
  private(set) var diagnostics: [Diagnostic] = []

  init(schema: Schema) {
    self.schema = schema
  }

  mutating func check(_ policy: Policy) {
    check(policy.principal)
    check(policy.resource)
    switch policy.action.kind {
    case .any: break
    case .equal(let action), .in(let action): check(action.uid)
    case .inSet(let actions): for action in actions { check(action.uid) }
    }
    var literals: [EntityUID] = []
    var types: [Name] = []
    for condition in policy.conditions {
      condition.body.visit { node in
        switch node.kind {
        case .entity(let uid): literals.append(uid)
        case .isType(_, let type, _): types.append(type)
        default: break
        }
      }
    }
    for uid in literals { check(uid) }
    for type in types { check(type) }
  }

  private mutating func check(_ constraint: ScopeConstraint) {
    switch constraint.kind {
    case .any, .equal(.slot), .in(.slot): break
    case .equal(.entity(let uid)), .in(.entity(let uid)): check(uid)
    case .is(let type), .isIn(let type, .slot): check(type)
    case .isIn(let type, .entity(let uid)):
      check(type)
      check(uid)
    }
  }

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ span: SourceSpan, help: String?
  ) {
    diagnostics.append(Diagnostic(.error, code, message, labels: [.init(span)], help: help))
  }

  private mutating func check(_ type: Name) {
    guard !schema.knows(type) else { return }
    let known = schema.entityTypes.keys.map(\.description).sorted()
    report(
      .unknownEntityType, "the schema has no entity type `\(type)`", type.span,
      help: Suggestion.help(type.description, known) ?? qualified(type))
  }

  /// The same name in a namespace, a frequent mistake.
  private func qualified(_ type: Name) -> String? {
    let same = schema.entityTypes.keys.filter { $0.basename == type.basename }
    return same.map(\.description).min().map { "did you mean `\($0)`?" }
  }

  private mutating func check(_ uid: EntityUID) {
    if schema.actions[uid] != nil { return }
    if uid.type.basename == "Action", schema.entityTypes[uid.type] == nil {
      unknownAction(uid)
      return
    }
    guard let type = schema.entityTypes[uid.type] else {
      check(uid.type)
      return
    }
    guard let choices = type.enumeration, !choices.contains(where: { CedarText.equal($0, uid.id) })
    else { return }
    report(
      .unknownEnumerationID, "`\(uid)` is not one of the entities of `\(uid.type)`", uid.span,
      help: Suggestion.help(uid.id, choices)
        ?? "the ids are \(choices.map(CedarText.quoted).joined(separator: ", "))")
  }

  private mutating func unknownAction(_ uid: EntityUID) {
    let sameType = schema.sortedActions.filter { $0.uid.type == uid.type }
    var help = Suggestion.nearest(uid.id, sameType.map(\.uid.id)).map { id in
      "did you mean `\(EntityUID(type: uid.type, id: id))`?"
    }
    if help == nil {
      let other = schema.sortedActions.first { CedarText.equal($0.uid.id, uid.id) }
      help = other.map { "did you mean `\($0.uid)`?" }
    }
    report(.unknownAction, "the schema has no action `\(uid)`", uid.span, help: help)
  }
}
