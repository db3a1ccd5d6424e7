// SPDX-License-Identifier: MIT

public import CedarSyntax

extension SchemaDocument {
  /// The schema with every name in full and with its meaning: an entity type, a common type, a
  /// primitive or an extension type. What `translate-schema` writes "with resolved types". Nil
  /// when there is an error.
  public func qualified() -> (document: SchemaDocument?, diagnostics: [Diagnostic]) {
    var resolver = Resolver(self)
    guard resolver.resolve() != nil else { return (nil, resolver.diagnostics) }
    var result = self
    for index in result.namespaces.indices { resolver.qualify(&result.namespaces[index]) }
    return (result, resolver.diagnostics)
  }
}

extension Resolver {
  fileprivate mutating func qualify(_ namespace: inout NamespaceDeclaration) {
    let path = namespace.path
    for index in namespace.commonTypes.indices {
      namespace.commonTypes[index].type = qualified(namespace.commonTypes[index].type, path)
    }
    for index in namespace.entities.indices {
      guard case .standard(let parents, let shape, let tags) = namespace.entities[index].kind
      else { continue }
      namespace.entities[index].kind = .standard(
        parents: parents.map { fullName($0, path) },
        shape: shape.map { qualified($0, path) }, tags: tags.map { qualified($0, path) })
    }
    for index in namespace.actions.indices {
      namespace.actions[index].parents = namespace.actions[index].parents?.map { parent in
        var result = parent
        let types = candidates(parent.type ?? Name(["Action"]), path)
        result.type = types.first { actions[EntityUID(type: $0, id: parent.id)] != nil }
        return result
      }
      guard let applies = namespace.actions[index].appliesTo else { continue }
      namespace.actions[index].appliesTo = ActionDeclaration.AppliesTo(
        principals: applies.principals.map { fullName($0, path) },
        resources: applies.resources.map { fullName($0, path) },
        context: applies.context.map { qualified($0, path) })
    }
  }

  /// The name of an entity type in full.
  private mutating func fullName(_ name: Name, _ path: [String]) -> Name {
    entityName(name, path) ?? name
  }

  /// Recursion is bounded: types deeper than `TypeExpression.depthMax` were refused before.
  private mutating func qualified(
    _ expression: TypeExpression, _ path: [String]
  ) -> TypeExpression {
    switch expression.kind {
    case .primitive, .extension: return expression
    case .entity(let name): return TypeExpression(.entity(fullName(name, path)))
    case .set(let element): return TypeExpression(.set(qualified(element, path)))
    case .record(let attributes):
      return TypeExpression(
        .record(
          attributes.map { attribute in
            var result = attribute
            result.type = qualified(attribute.type, path)
            return result
          }))
    case .common(let name):
      if let found = candidates(name, path).first(where: { commonTypes[$0] != nil }) {
        return TypeExpression(.common(found))
      }
      return named(name, path)
    case .named(let name): return named(name, path)
    }
  }

  private func named(_ name: Name, _ path: [String]) -> TypeExpression {
    switch meaning(name, path) {
    case .common(let name): TypeExpression(.common(name))
    case .entity(let name): TypeExpression(.entity(name))
    case .builtin(.boolean): TypeExpression(.primitive(.boolean))
    case .builtin(.long): TypeExpression(.primitive(.long))
    case .builtin(.string): TypeExpression(.primitive(.string))
    case .builtin(.extension(let kind)): TypeExpression(.extension(Name([kind.rawValue])))
    case .builtin, nil: TypeExpression(.named(name))
    }
  }
}
