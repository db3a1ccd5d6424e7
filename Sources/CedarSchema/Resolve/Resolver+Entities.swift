// SPDX-License-Identifier: MIT

import CedarSyntax

extension Resolver {
  /// An entity type without its closure.
  mutating func entityType(_ name: Name) -> Schema.EntityType? {
    guard let (declaration, namespace) = entityTypes[name] else { return nil }
    switch declaration.kind {
    case .enumeration(let choices):
      return Schema.EntityType(
        name: name, parents: [], ancestors: [], shape: RecordType(), tags: nil,
        enumeration: choices, span: declaration.nameSpan)
    case .standard(let parents, let shape, let tags):
      let parentNames = parents.compactMap { entityName($0, namespace) }
      var record = RecordType()
      if let shape {
        switch declaredType(shape, namespace) {
        case .record(let found): record = found
        case nil: break
        case let other?:
          error(
            .shapeIsNoRecord, "the shape of `\(name)` is `\(other)`, not a record", shape.span)
        }
      }
      let tagType = tags.flatMap { declaredType($0, namespace) }
      return Schema.EntityType(
        name: name, parents: Set(parentNames), ancestors: [], shape: record, tags: tagType,
        enumeration: nil, span: declaration.nameSpan)
    }
  }

  /// Adds to each entity type all types its entities can be in. Types may be in themselves.
  func closeEntityTypes(_ types: [Name: Schema.EntityType]) -> [Name: Schema.EntityType] {
    let ancestors = Self.closure(types.mapValues(\.parents))
    return types.mapValues { type in
      Schema.EntityType(
        name: type.name, parents: type.parents, ancestors: ancestors[type.name] ?? [],
        shape: type.shape, tags: type.tags, enumeration: type.enumeration, span: type.span)
    }
  }

  /// Everything reachable over one or more edges.
  static func closure<Node: Hashable>(_ edges: [Node: Set<Node>]) -> [Node: Set<Node>] {
    var result: [Node: Set<Node>] = [:]
    for node in edges.keys {
      var reached: Set<Node> = []
      var pending = Array(edges[node] ?? [])
      while let next = pending.popLast() {
        guard reached.insert(next).inserted else { continue }
        pending += edges[next] ?? []
      }
      result[node] = reached
    }
    return result
  }

  // MARK: actions

  mutating func resolveActions(_ order: [EntityUID]) -> [EntityUID: Schema.Action] {
    var parents: [EntityUID: Set<EntityUID>] = [:]
    for uid in order { parents[uid] = actionParents(uid) }
    let ancestors = Self.closure(parents)
    for uid in order where ancestors[uid]?.contains(uid) == true {
      error(
        .actionCycle, "the action `\(uid.id)` is a member of itself", uid.span,
        help: "break the cycle of `in`")
      break
    }
    var result: [EntityUID: Schema.Action] = [:]
    for uid in order {
      guard let (declaration, namespace) = actions[uid] else { continue }
      let applies = declaration.appliesTo
      let principals = applies?.principals.compactMap { entityName($0, namespace) } ?? []
      let resources = applies?.resources.compactMap { entityName($0, namespace) } ?? []
      let context = context(applies?.context, uid, namespace)
      result[uid] = Schema.Action(
        uid: uid, parents: parents[uid] ?? [], ancestors: ancestors[uid] ?? [],
        principals: principals, resources: resources, context: context,
        span: declaration.nameSpan)
    }
    return result
  }

  private mutating func context(
    _ expression: TypeExpression?, _ uid: EntityUID, _ namespace: [String]
  ) -> RecordType {
    guard let expression, let type = declaredType(expression, namespace) else {
      return RecordType()
    }
    if case .record(let record) = type { return record }
    error(
      .contextIsNoRecord, "the context of `\(uid.id)` is `\(type)`, not a record",
      expression.span, help: "write `context: {...}` or name a type that is a record")
    return RecordType()
  }

  private mutating func actionParents(_ uid: EntityUID) -> Set<EntityUID> {
    guard let (declaration, namespace) = actions[uid] else { return [] }
    var result: Set<EntityUID> = []
    for parent in declaration.parents ?? [] {
      let types = candidates(parent.type ?? Name(["Action"]), namespace)
      let uids = types.map { EntityUID(type: $0, id: parent.id) }
      if let found = uids.first(where: { actions[$0] != nil }) {
        result.insert(found)
        continue
      }
      let known = actions.keys.filter { types.contains($0.type) }.map(\.id).sorted()
      error(
        .unknownSchemaAction, "there is no action `\(uids[0])`", parent.span,
        help: Suggestion.help(parent.id, known)
          ?? "declare `action \(CedarText.quoted(parent.id));`")
    }
    return result
  }
}
