// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

/// What a name in a policy or in a schema stands for.
enum Symbol: Hashable {
  case entityType(Name)
  case commonType(Name)
  case action(EntityUID)
  /// An attribute, by the place of its declaration.
  case attribute(String, SourceSpan)
}

/// What can be looked up in a schema, also in one that has errors.
struct SchemaIndex {
  struct Occurrence: Hashable {
    let span: SourceSpan
    let symbol: Symbol
    let isDeclaration: Bool
  }

  /// A type as far as members go.
  enum Shape {
    case record([AttributeDeclaration], namespace: [String])
    case entity(Name)
    case set
    /// A primitive or extension type by name.
    case builtin(String)
  }

  let document: SchemaDocument
  private(set) var entities: [Name: (declaration: EntityDeclaration, namespace: [String])] = [:]
  private(set) var commonTypes: [Name: (declaration: CommonTypeDeclaration, namespace: [String])] =
    [:]
  private(set) var actions: [EntityUID: (declaration: ActionDeclaration, namespace: [String])] =
    [:]

  init(_ text: String) {
    document = parseSchemaDocument(text).document
    for namespace in document.namespaces {
      let path = namespace.name?.components ?? []
      for entity in namespace.entities {
        entities[Name(path + [entity.name])] = (entity, path)
      }
      for type in namespace.commonTypes { commonTypes[Name(path + [type.name])] = (type, path) }
      for action in namespace.actions {
        actions[EntityUID(type: Name(path + ["Action"]), id: action.id)] = (action, path)
      }
    }
  }

  // MARK: names

  func candidates(_ name: Name, _ namespace: [String]) -> [Name] {
    guard name.components.count == 1, !namespace.isEmpty else { return [name] }
    return [Name(namespace + name.components), name]
  }

  func entity(_ name: Name, _ namespace: [String]) -> Name? {
    candidates(name, namespace).first { entities[$0] != nil }
  }

  /// Common types before entity types, the namespace's own before the others.
  func symbol(_ name: Name, _ namespace: [String]) -> Symbol? {
    for candidate in candidates(name, namespace) {
      if commonTypes[candidate] != nil { return .commonType(candidate) }
      if entities[candidate] != nil { return .entityType(candidate) }
    }
    return nil
  }

  // MARK: shapes

  /// Nil for a name that means nothing, and for types that are named through too many others.
  func shape(_ type: TypeExpression, _ namespace: [String], depth: Int = 0) -> Shape? {
    guard depth < 64 else { return nil }
    switch type.kind {
    case .record(let attributes): return .record(attributes, namespace: namespace)
    case .set: return .set
    case .primitive(let primitive): return .builtin(primitive.rawValue)
    case .extension(let name): return .builtin(name.basename)
    case .entity(let name): return entity(name, namespace).map { .entity($0) }
    case .named(let name), .common(let name):
      switch symbol(name, namespace) {
      case .entityType(let full): return .entity(full)
      case .commonType(let full):
        return commonTypes[full].flatMap {
          shape($0.declaration.type, $0.namespace, depth: depth + 1)
        }
      default: return .builtin(name.basename)
      }
    }
  }

  /// The attributes that a value of the shape can have, with the namespace of their types.
  func attributes(_ shape: Shape) -> [(AttributeDeclaration, [String])] {
    switch shape {
    case .record(let attributes, let namespace): return attributes.map { ($0, namespace) }
    case .entity(let name):
      guard let (declaration, namespace) = entities[name],
        case .standard(_, let type?, _) = declaration.kind,
        case .record(let attributes, let inner)? = self.shape(type, namespace)
      else { return [] }
      return attributes.map { ($0, inner) }
    case .set, .builtin: return []
    }
  }

  /// The shape of the tags of an entity type.
  func tags(_ shape: Shape) -> Shape? {
    guard case .entity(let name) = shape, let (declaration, namespace) = entities[name],
      case .standard(_, _, let tags?) = declaration.kind
    else { return nil }
    return self.shape(tags, namespace)
  }
}
