// SPDX-License-Identifier: MIT

import CedarSyntax

/// Resolves the names of a schema document.
///
/// A name in namespace `N` means `N::name` before `name`; for each of these a common type before an
/// entity type; then a primitive or extension type. `__cedar::X` always means the built-in.
struct Resolver {
  let document: SchemaDocument
  var diagnostics: [Diagnostic] = []

  /// A common type with the namespace its names are read in.
  struct Common {
    let declaration: CommonTypeDeclaration
    let namespace: [String]
  }

  var commonTypes: [Name: Common] = [:]
  var entityTypes: [Name: (declaration: EntityDeclaration, namespace: [String])] = [:]
  var actions: [EntityUID: (declaration: ActionDeclaration, namespace: [String])] = [:]
  /// `Action` of each namespace that declares an action.
  var actionTypes: Set<Name> = []
  /// Declared names in file order, for findings in file order.
  private var entityOrder: [Name] = []
  private var actionOrder: [EntityUID] = []
  private var commonOrder: [Name] = []

  /// Resolved common types.
  var resolvedCommon: [Name: CedarType] = [:]
  /// How large they are, with the types that they name.
  var commonMeasures: [Name: TypeMeasure] = [:]
  /// Common types being resolved, outermost first.
  var inProgress: [Name] = []
  /// Sets and records around the type being resolved, through the names of common types.
  var nesting = 0

  init(_ document: SchemaDocument) {
    self.document = document
  }

  mutating func resolve() -> Schema? {
    collect()
    checkShadowing()
    for name in commonOrder { _ = commonType(name) }
    var types: [Name: Schema.EntityType] = [:]
    for name in entityOrder { types[name] = entityType(name) }
    let closed = closeEntityTypes(types)
    let actions = resolveActions(actionOrder)
    return diagnostics.hasErrors ? nil : Schema(entityTypes: closed, actions: actions)
  }

  // MARK: complaining

  mutating func error(
    _ code: DiagnosticCode, _ message: String, _ span: SourceSpan, _ label: String = "",
    help: String? = nil, related: Diagnostic.Label? = nil
  ) {
    guard diagnostics.count < CedarLimits.diagnosticsMax else { return }
    diagnostics.append(
      Diagnostic(
        .error, code, message, labels: [.init(span, label)] + (related.map { [$0] } ?? []),
        help: help))
  }

  // MARK: collecting

  private mutating func collect() {
    var namespaces: [[String]: SourceSpan] = [:]
    for namespace in document.namespaces {
      let path = namespace.path
      let span = namespace.name?.span ?? .none
      if let first = namespaces.updateValue(span, forKey: path), namespace.name != nil {
        error(
          .duplicateNamespace, "the namespace `\(path.joined(separator: "::"))` is opened twice",
          span, "again here", help: "join the two blocks", related: .init(first, "first here"))
      }
      for type in namespace.commonTypes { collect(type, path) }
      for entity in namespace.entities { collect(entity, path) }
      for action in namespace.actions { collect(action, path) }
    }
  }

  private mutating func duplicate(
    _ what: String, _ name: String, _ span: SourceSpan, _ first: SourceSpan
  ) {
    error(
      .duplicateDeclaration, "\(what) `\(name)` is declared twice", span, "again here",
      help: "rename or remove one of them", related: .init(first, "first here"))
  }

  private mutating func collect(_ type: CommonTypeDeclaration, _ path: [String]) {
    let name = Name(path + [type.name], span: type.nameSpan)
    if let first = commonTypes[name] {
      duplicate("type", name.description, type.nameSpan, first.declaration.nameSpan)
      return
    }
    commonTypes[name] = Common(declaration: type, namespace: path)
    commonOrder.append(name)
  }

  private mutating func collect(_ entity: EntityDeclaration, _ path: [String]) {
    let name = Name(path + [entity.name], span: entity.nameSpan)
    if let first = entityTypes[name] {
      duplicate("entity type", name.description, entity.nameSpan, first.declaration.nameSpan)
      return
    }
    entityTypes[name] = (entity, path)
    entityOrder.append(name)
  }

  private mutating func collect(_ action: ActionDeclaration, _ path: [String]) {
    let uid = EntityUID(type: Name(path + ["Action"]), id: action.id, span: action.nameSpan)
    if let first = actions[uid] {
      duplicate("action", action.id, action.nameSpan, first.declaration.nameSpan)
      return
    }
    actions[uid] = (action, path)
    actionTypes.insert(uid.type)
    actionOrder.append(uid)
  }

  /// A name of the unnamed namespace must not be declared again in another (RFC 70): it would
  /// become unreachable there.
  private mutating func checkShadowing() {
    let names = commonOrder + entityOrder.filter { commonTypes[$0] == nil }
    for name in names where name.components.count > 1 {
      let plain = Name([name.basename])
      let span =
        commonTypes[plain]?.declaration.nameSpan ?? entityTypes[plain]?.declaration.nameSpan
      if let span { shadowed(name.description, name.span, name.basename, span) }
    }
    for uid in actionOrder where uid.type.components.count > 1 {
      let plain = EntityUID(type: Name(["Action"]), id: uid.id)
      if let first = actions[plain] {
        shadowed(uid.description, uid.span, plain.description, first.declaration.nameSpan)
      }
    }
  }

  private mutating func shadowed(
    _ name: String, _ span: SourceSpan, _ plain: String, _ first: SourceSpan
  ) {
    error(
      .shadowedDeclaration, "`\(name)` hides `\(plain)` of the unnamed namespace", span,
      help: "rename one of them", related: .init(first, "hidden declaration"))
  }
}
