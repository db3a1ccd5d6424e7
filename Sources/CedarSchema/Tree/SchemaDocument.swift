// SPDX-License-Identifier: MIT

public import CedarSyntax

/// A schema as declared, before names are resolved; both syntaxes are read into it and written
/// from it.
public struct SchemaDocument: Sendable {
  /// In file order. Declarations outside of a namespace are gathered in one without a name.
  public var namespaces: [NamespaceDeclaration]

  public init(namespaces: [NamespaceDeclaration] = []) {
    self.namespaces = namespaces
  }
}

/// The declarations of one namespace.
public struct NamespaceDeclaration: Sendable {
  /// Nil for declarations outside of a namespace.
  public var name: Name?
  public var annotations: [Annotation] = []
  public var entities: [EntityDeclaration] = []
  public var actions: [ActionDeclaration] = []
  public var commonTypes: [CommonTypeDeclaration] = []
  public var span = SourceSpan.none

  public init(name: Name? = nil) {
    self.name = name
  }

  /// The name's components; empty for the unnamed namespace.
  var path: [String] { name?.components ?? [] }
}

/// One entity type. `entity A, B {…}` makes two.
public struct EntityDeclaration: Sendable {
  public enum Kind: Sendable {
    case standard(parents: [Name], shape: TypeExpression?, tags: TypeExpression?)
    /// The only ids that entities of the type can have; not empty.
    case enumeration([String])
  }

  /// Without the namespace.
  public var name: String
  public var nameSpan: SourceSpan
  public var annotations: [Annotation]
  public var kind: Kind
}

/// One action. `action a, b …` makes two.
public struct ActionDeclaration: Sendable {
  /// What an action applies to.
  public struct AppliesTo: Sendable {
    public var principals: [Name]
    public var resources: [Name]
    /// A record or the name of a common type that is one; nil for `{}`.
    public var context: TypeExpression?
  }

  /// An action this one is a member of.
  public struct Parent: Sendable {
    /// Nil for the action type of the same namespace.
    public var type: Name?
    public var id: String
    public var span: SourceSpan
  }

  public var id: String
  public var nameSpan: SourceSpan
  public var annotations: [Annotation]
  public var parents: [Parent]?
  public var appliesTo: AppliesTo?
}

/// `type Name = …`.
public struct CommonTypeDeclaration: Sendable {
  public var name: String
  public var nameSpan: SourceSpan
  public var annotations: [Annotation]
  public var type: TypeExpression
}

/// A type as written.
public final class TypeExpression: Sendable {
  public enum Kind: Sendable {
    /// A common type, entity type, primitive or extension type, by the order of resolution.
    case named(Name)
    case set(TypeExpression)
    case record([AttributeDeclaration])
    /// JSON only: `{"type": "Entity", "name": …}`.
    case entity(Name)
    /// JSON only: `{"type": "Extension", "name": …}`.
    case `extension`(Name)
    /// JSON only: `{"type": "Long"}`, `String`, `Boolean`.
    case primitive(Primitive)
    /// JSON only: `{"type": "T"}` for a common type.
    case common(Name)
  }

  public enum Primitive: String, Sendable {
    case string = "String"
    case long = "Long"
    case boolean = "Boolean"
  }

  public let kind: Kind
  public let span: SourceSpan
  /// Levels of sets and records; 1 for a name.
  public let depth: Int

  /// Most levels of sets and records in one type.
  public static let depthMax = 256

  public init(_ kind: Kind, span: SourceSpan = .none) {
    self.kind = kind
    self.span = span
    switch kind {
    case .set(let element): depth = element.depth + 1
    case .record(let attributes): depth = (attributes.map(\.type.depth).max() ?? 0) + 1
    default: depth = 1
    }
  }
}

/// `name?: Type` in a record.
public struct AttributeDeclaration: Sendable {
  public var name: AttributeName
  public var isRequired: Bool
  public var type: TypeExpression
  public var annotations: [Annotation]
}
