// SPDX-License-Identifier: MIT

/// A hole of a template.
public enum Slot: String, Sendable, CaseIterable {
  case principal
  case resource

  /// As written in source: `?principal`.
  public var text: String { "?" + rawValue }
}

/// An entity of a scope, or the slot that stands for one.
public enum EntityReference: Sendable, Equatable {
  case entity(EntityUID)
  case slot(Slot, SourceSpan)
}

/// What the scope asks of the principal or of the resource.
public struct ScopeConstraint: Sendable {
  public enum Kind: Sendable {
    case any
    case equal(EntityReference)
    case `in`(EntityReference)
    case `is`(Name)
    case isIn(Name, EntityReference)
  }

  public let kind: Kind
  /// From the variable to the end of the constraint.
  public let span: SourceSpan

  public init(_ kind: Kind, span: SourceSpan = .none) {
    self.kind = kind
    self.span = span
  }

  /// No constraint.
  public static let any = ScopeConstraint(.any)

  /// The slot the constraint names, if any.
  public var slot: Slot? {
    switch kind {
    case .equal(.slot(let slot, _)), .in(.slot(let slot, _)), .isIn(_, .slot(let slot, _)): slot
    default: nil
    }
  }
}

/// What the scope asks of the action.
public struct ActionConstraint: Sendable {
  public enum Kind: Sendable {
    case any
    case equal(ActionReference)
    /// `action in Action::"group"`.
    case `in`(ActionReference)
    /// `action in [Action::"a", Action::"b"]`; may be empty.
    case inSet([ActionReference])
  }

  public let kind: Kind
  public let span: SourceSpan

  public init(_ kind: Kind, span: SourceSpan = .none) {
    self.kind = kind
    self.span = span
  }

  /// No constraint.
  public static let any = ActionConstraint(.any)
}

/// An action entity in a scope.
public struct ActionReference: Sendable {
  /// The entity, already in full form.
  public let uid: EntityUID
  /// Dialect: written as a bare string, which stands for `Action::"…"`.
  public let isShorthand: Bool

  public init(_ uid: EntityUID, isShorthand: Bool = false) {
    self.uid = uid
    self.isShorthand = isShorthand
  }
}
