// SPDX-License-Identifier: MIT

public import CedarSyntax

/// A schema with all names resolved and all closures computed: what validation asks.
public struct Schema: Sendable {
  /// By full name.
  public let entityTypes: [Name: EntityType]
  public let actions: [EntityUID: Action]

  /// An entity type.
  public struct EntityType: Sendable {
    public let name: Name
    /// The types its entities may be members of, directly.
    public let parents: Set<Name>
    /// All types its entities may be in; the type itself only when it can be in itself.
    public let ancestors: Set<Name>
    public let shape: RecordType
    /// The type of tag values; nil when entities of the type have no tags.
    public let tags: CedarType?
    /// The allowed ids of an enumerated type, else nil.
    public let enumeration: [String]?
    /// Where it is declared.
    public let span: SourceSpan
  }

  /// An action.
  public struct Action: Sendable {
    public let uid: EntityUID
    public let parents: Set<EntityUID>
    /// All actions it is in, without itself.
    public let ancestors: Set<EntityUID>
    /// In declared order.
    public let principals: [Name]
    public let resources: [Name]
    public let context: RecordType
    public let span: SourceSpan
  }

  /// The actions by id, in the order of their text, so that findings come in the same order
  /// always.
  public let sortedActions: [Action]
  /// The entity types of actions: `Action` of each namespace that declares one.
  public let actionTypes: Set<Name>

  init(entityTypes: [Name: EntityType], actions: [EntityUID: Action]) {
    self.entityTypes = entityTypes
    self.actions = actions
    sortedActions = actions.values.sorted {
      CedarText.less($0.uid.description, $1.uid.description)
    }
    actionTypes = Set(actions.keys.map(\.type))
  }

  /// Whether entities of a type can be in entities of another, themselves included.
  public func canBeIn(_ type: Name, _ other: Name) -> Bool {
    type == other || entityTypes[type]?.ancestors.contains(other) == true
  }

  /// Whether an action is in another, itself included.
  public func isIn(_ action: EntityUID, _ other: EntityUID) -> Bool {
    action == other || actions[action]?.ancestors.contains(other) == true
  }
}

/// Reads and resolves a schema in Cedar schema syntax. Nil when there is an error.
public func parseSchema(
  _ source: String, file: UInt16 = 0
) -> (schema: Schema?, diagnostics: [Diagnostic]) {
  let (document, problems) = parseSchemaDocument(source, file: file)
  guard !problems.hasErrors else { return (nil, problems) }
  let (schema, findings) = document.resolved()
  return (schema, problems + findings)
}

extension SchemaDocument {
  /// The schema with all names resolved, and all findings. Nil when there is an error.
  public func resolved() -> (schema: Schema?, diagnostics: [Diagnostic]) {
    var resolver = Resolver(self)
    let schema = resolver.resolve()
    return (resolver.diagnostics.hasErrors ? nil : schema, resolver.diagnostics)
  }
}
