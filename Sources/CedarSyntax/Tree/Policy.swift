// SPDX-License-Identifier: MIT

/// What a satisfied policy asks for.
public enum Effect: String, Sendable, CaseIterable {
  case permit
  case forbid
}

/// One policy or template as written.
public struct Policy: Sendable {
  /// The id: `policyN` by position in its file unless the reader of a policy set chose another.
  public var id: String
  public var annotations: [Annotation]
  public var effect: Effect
  public var principal: ScopeConstraint
  public var action: ActionConstraint
  public var resource: ScopeConstraint
  /// `when` and `unless` clauses in order; all of them must hold.
  public var conditions: [Condition]
  /// From the first annotation to the closing semicolon.
  public var span: SourceSpan

  public init(
    id: String, annotations: [Annotation] = [], effect: Effect,
    principal: ScopeConstraint = .any, action: ActionConstraint = .any,
    resource: ScopeConstraint = .any, conditions: [Condition] = [], span: SourceSpan = .none
  ) {
    self.id = id
    self.annotations = annotations
    self.effect = effect
    self.principal = principal
    self.action = action
    self.resource = resource
    self.conditions = conditions
    self.span = span
  }

  /// The slots named in the scope, `?principal` before `?resource`; empty for a static policy.
  public var slots: [Slot] {
    var found: [Slot] = []
    if principal.slot != nil { found.append(.principal) }
    if resource.slot != nil { found.append(.resource) }
    return found
  }

  /// Whether the policy must be linked before it can decide.
  public var isTemplate: Bool { principal.slot != nil || resource.slot != nil }

  /// The annotation with the given key.
  public func annotation(_ key: String) -> Annotation? {
    annotations.first { $0.key == key }
  }
}

/// One `when { … }` or `unless { … }`.
public struct Condition: Sendable {
  public enum Kind: String, Sendable {
    case when
    case unless
  }

  public let kind: Kind
  public let body: Expression
  public let span: SourceSpan

  public init(_ kind: Kind, _ body: Expression, span: SourceSpan = .none) {
    self.kind = kind
    self.body = body
    self.span = span
  }
}
