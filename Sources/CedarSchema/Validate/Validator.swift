// SPDX-License-Identifier: MIT

public import CedarSyntax

/// How strictly types must agree.
public enum ValidationMode: Sendable {
  /// The reference's default, proven sound: types must be equal.
  case strict
  /// Types that cannot go wrong at run time are let through.
  case permissive
}

/// Checks policies against a schema: names exist, types agree, optional attributes are tested
/// before use. Each policy is checked in every request environment (principal type, action,
/// resource type) that its scope allows.
public struct Validator: Sendable {
  public let schema: Schema
  public let mode: ValidationMode
  /// Most entities that a condition may look up one behind the other (RFC 76); nil for no bound.
  public let level: Int?

  public init(schema: Schema, mode: ValidationMode = .strict, level: Int? = nil) {
    self.schema = schema
    self.mode = mode
    self.level = level
  }

  /// What is known of a policy.
  public struct Result: Sendable {
    /// Errors and warnings, ordered by place. The policy is valid when there is no error.
    public let diagnostics: [Diagnostic]
    /// Environments in which the policy can be satisfied, of all that the schema has.
    public let environmentCount: Int
    /// Nodes that are longs in every environment, for `Policy.desugared(isLong:)`.
    public let longs: Set<ObjectIdentifier>
  }

  /// The findings about all policies, and about the links of templates.
  public func validate(_ set: PolicySet) -> [Diagnostic] {
    var result = set.policies.flatMap { validate($0).diagnostics }
    for link in set.links {
      // A link is checked as the policy that it makes.
      guard let template = set.policies.first(where: { CedarText.equal($0.id, link.templateID) }),
        let policy = template.linked(link)
      else { continue }
      result += validate(policy).diagnostics.filter { $0.severity == .error }
    }
    return result
  }

  /// Checks one policy or template.
  public func validate(_ policy: Policy) -> Result {
    var names = NameChecker(schema: schema)
    names.check(policy)
    var checker = PolicyChecker(schema: schema, mode: mode, policy: policy, level: level)
    checker.check(hasUnknownNames: !names.diagnostics.isEmpty)
    var seen: Set<String> = []
    var found = names.diagnostics + checker.diagnostics
    if !found.hasErrors { found += checker.levelDiagnostics }
    let all = found.filter {
      seen.insert("\($0.code) \($0.span.start) \($0.span.end) \($0.message)").inserted
    }
    return Result(
      diagnostics: all.sorted { $0.span.start < $1.span.start },
      environmentCount: checker.satisfiableCount, longs: checker.longs)
  }
}

extension Schema {
  /// Whether entities of a type, which may be an action's, can be in entities of another.
  func canBeInIncludingActions(_ type: Name, _ other: Name) -> Bool {
    if canBeIn(type, other) { return true }
    guard actionTypes.contains(type) else { return false }
    return sortedActions.contains { action in
      action.uid.type == type && action.ancestors.contains { $0.type == other }
    }
  }

  /// Whether a type is declared, or the type of declared actions.
  func knows(_ type: Name) -> Bool {
    entityTypes[type] != nil || actionTypes.contains(type)
  }
}
