// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension PolicyTokens {
  /// How far an access path is followed back.
  private static let pathMax = 64

  /// What the expression that ends with a token can be, as far as the schema tells.
  func shapes(endingAt index: Int, _ schema: SchemaIndex, depth: Int = 0) -> [SchemaIndex.Shape] {
    guard depth < Self.pathMax else { return [] }
    switch kind(index) {
    case .identifier:
      if kind(index - 1) == .dot || isWord(index - 1, "has") {
        return members(text(index), of: index - 2, schema, depth)
      }
      return variable(text(index), at: index, schema)
    case .rightBracket:
      guard kind(index - 1) == .string, kind(index - 2) == .leftBracket else { return [] }
      return members(string(index - 1), of: index - 3, schema, depth)
    case .string:
      return qualifier(of: index).map { [.entity($0)] } ?? []
    case .rightParenthesis:
      guard let open = opening(index), isWord(open - 1, "getTag"), kind(open - 2) == .dot else {
        return []
      }
      return shapes(endingAt: open - 3, schema, depth: depth + 1).compactMap(schema.tags)
    default: return []
    }
  }

  private func members(
    _ name: String, of index: Int, _ schema: SchemaIndex, _ depth: Int
  ) -> [SchemaIndex.Shape] {
    attributes(name, of: index, schema, depth: depth).compactMap {
      schema.shape($0.0.type, $0.1)
    }
  }

  /// The declarations of an attribute of the expression that ends with a token.
  func attributes(
    _ name: String, of index: Int, _ schema: SchemaIndex, depth: Int = 0
  ) -> [(AttributeDeclaration, [String])] {
    var found: [(AttributeDeclaration, [String])] = []
    for shape in shapes(endingAt: index, schema, depth: depth + 1) {
      for attribute in schema.attributes(shape)
      where CedarText.equal(attribute.0.name.text, name)
        && !found.contains(where: { $0.0.name.span == attribute.0.name.span })
      {
        found.append(attribute)
      }
    }
    return found
  }

  private func opening(_ close: Int) -> Int? {
    var depth = 0
    for place in stride(from: close, through: 0, by: -1) {
      if kind(place) == .rightParenthesis { depth += 1 }
      if kind(place) == .leftParenthesis { depth -= 1 }
      if depth == 0 { return place }
    }
    return nil
  }

  // MARK: variables

  /// The actions that the policy around a token can be about.
  func actions(at index: Int, _ schema: SchemaIndex) -> [EntityUID] {
    let all = schema.actions.keys.sorted { CedarText.less($0.description, $1.description) }
    guard let wanted = scope(at: index)?.actions else { return all }
    let named = all.filter { action in
      wanted.contains(action) || wanted.contains { isIn(action, $0, schema) }
    }
    return named.isEmpty ? all : named
  }

  private func isIn(_ action: EntityUID, _ group: EntityUID, _ schema: SchemaIndex) -> Bool {
    var waiting = [action]
    var seen: Set<EntityUID> = []
    while let next = waiting.popLast() {
      guard seen.insert(next).inserted, let (declaration, path) = schema.actions[next] else {
        continue
      }
      for parent in declaration.parents ?? [] {
        let type = parent.type ?? Name(path + ["Action"])
        let uid = EntityUID(type: type, id: parent.id)
        if uid == group { return true }
        waiting.append(uid)
      }
    }
    return false
  }

  /// The entity types of `principal` or `resource` at a token.
  func types(of variable: String, at index: Int, _ schema: SchemaIndex) -> [Name] {
    let scope = scope(at: index)
    if let type = variable == "principal" ? scope?.principal : scope?.resource {
      return schema.entities[type] == nil ? [] : [type]
    }
    var found: [Name] = []
    for action in actions(at: index, schema) {
      guard let (declaration, path) = schema.actions[action], let applies = declaration.appliesTo
      else { continue }
      let names = variable == "principal" ? applies.principals : applies.resources
      for name in names.compactMap({ schema.entity($0, path) }) where !found.contains(name) {
        found.append(name)
      }
    }
    return found
  }

  private func variable(
    _ name: String, at index: Int, _ schema: SchemaIndex
  ) -> [SchemaIndex.Shape] {
    switch name {
    case "principal", "resource": return types(of: name, at: index, schema).map { .entity($0) }
    case "context":
      return actions(at: index, schema).compactMap { action in
        guard let (declaration, path) = schema.actions[action],
          let context = declaration.appliesTo?.context
        else { return nil }
        return schema.shape(context, path)
      }
    default: return []
    }
  }

  // MARK: symbols

  /// What a token of a policy names; several when the types of a policy share an attribute's name.
  func symbols(at index: Int, _ schema: SchemaIndex) -> [Symbol] {
    switch kind(index) {
    case .identifier:
      if kind(index - 1) == .dot || isWord(index - 1, "has") {
        return attributes(text(index), of: index - 2, schema).map(Self.symbol)
      }
      guard let (name, isLast, _) = name(around: index), isLast, schema.entities[name] != nil
      else { return [] }
      return [.entityType(name)]
    case .string:
      if kind(index - 1) == .leftBracket, kind(index + 1) == .rightBracket {
        let found = attributes(string(index), of: index - 2, schema).map(Self.symbol)
        if !found.isEmpty { return found }
      }
      let type = qualifier(of: index)
      let inAction = scope(at: index).map { $0.actionPart.contains(index) } ?? false
      guard type != nil || inAction else { return [] }
      let uid = EntityUID(type: type ?? Name(["Action"]), id: string(index))
      return schema.actions[uid] == nil ? [] : [.action(uid)]
    default: return []
    }
  }

  private static func symbol(_ found: (AttributeDeclaration, [String])) -> Symbol {
    .attribute(found.0.name.text, found.0.name.span)
  }
}
