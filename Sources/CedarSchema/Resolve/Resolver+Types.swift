// SPDX-License-Identifier: MIT

import CedarSyntax

extension Resolver {
  /// The meanings a name can have.
  enum Meaning {
    case common(Name)
    case entity(Name)
    case builtin(CedarType)
  }

  private static let builtins: [String: CedarType] = [
    "Bool": .boolean, "Long": .long, "String": .string, "ipaddr": .extension(.ipaddr),
    "decimal": .extension(.decimal), "datetime": .extension(.datetime),
    "duration": .extension(.duration),
  ]

  /// What the name may be in full, nearest first.
  func candidates(_ name: Name, _ namespace: [String]) -> [Name] {
    guard name.components.count == 1, !namespace.isEmpty else { return [name] }
    return [Name(namespace + name.components), name]
  }

  func meaning(_ name: Name, _ namespace: [String]) -> Meaning? {
    if name.components.first == Words.ownNamespace {
      guard name.components.count == 2 else { return nil }
      return Self.builtins[name.basename].map { .builtin($0) }
    }
    for candidate in candidates(name, namespace) {
      if commonTypes[candidate] != nil { return .common(candidate) }
      if isEntityType(candidate) { return .entity(candidate) }
    }
    guard name.components.count == 1 else { return nil }
    return Self.builtins[name.basename].map { .builtin($0) }
  }

  /// Declared, or the type of the actions of a namespace that has some.
  private func isEntityType(_ name: Name) -> Bool {
    entityTypes[name] != nil || actionTypes.contains(name)
  }

  /// An entity type by a name in a place where only entity types can stand; nil with a complaint.
  mutating func entityName(_ name: Name, _ namespace: [String]) -> Name? {
    for candidate in candidates(name, namespace) where isEntityType(candidate) {
      return candidate
    }
    let isCommon = candidates(name, namespace).contains { commonTypes[$0] != nil }
    error(
      .unknownSchemaEntityType,
      isCommon ? "`\(name)` is no entity type" : "there is no entity type `\(name)`", name.span,
      help: nearest(name, entityTypes.keys, namespace) ?? "declare `entity \(name);`")
    return nil
  }

  private func nearest(
    _ name: Name, _ known: some Sequence<Name>, _ namespace: [String]
  ) -> String? {
    let names = known.map { candidate -> String in
      candidate.namespace == namespace && name.components.count == 1
        ? candidate.basename : candidate.description
    }
    return Suggestion.help(name.description, names.sorted())
  }

  // MARK: type expressions

  /// The type, or nil with a complaint.
  mutating func type(_ expression: TypeExpression, _ namespace: [String]) -> CedarType? {
    guard expression.depth <= TypeExpression.depthMax else {
      error(
        .typeTooDeep, "a type more than \(TypeExpression.depthMax) levels deep", expression.span)
      return nil
    }
    switch expression.kind {
    case .named(let name): return named(name, namespace)
    case .set(let element):
      guard enters(expression) else { return nil }
      defer { nesting -= 1 }
      return type(element, namespace).map { .set($0) }
    case .record(let attributes):
      guard enters(expression) else { return nil }
      defer { nesting -= 1 }
      return record(attributes, namespace).map { .record($0) }
    case .entity(let name): return entityName(name, namespace).map { .entity([$0]) }
    case .primitive(.string): return .string
    case .primitive(.long): return .long
    case .primitive(.boolean): return .boolean
    case .extension(let name):
      if case .extension(let kind)? = Self.builtins[name.basename] { return .extension(kind) }
      error(
        .unknownType, "there is no extension type `\(name)`", name.span,
        help: Suggestion.help(name.basename, CedarType.ExtensionKind.allCases.map(\.rawValue)))
      return nil
    case .common(let name):
      for candidate in candidates(name, namespace) where commonTypes[candidate] != nil {
        return commonType(candidate)
      }
      if case .builtin(let type)? = meaning(name, namespace) { return type }
      unknownType(name, namespace)
      return nil
    }
  }

  /// One level down: recursion is bounded through all names. False with a complaint when that is
  /// deeper than `TypeMeasure` allows.
  private mutating func enters(_ expression: TypeExpression) -> Bool {
    guard nesting < TypeExpression.depthMax else {
      error(
        .typeTooDeep,
        "a type more than \(TypeExpression.depthMax) levels deep, with the types that it names",
        expression.span)
      return false
    }
    nesting += 1
    return true
  }

  private mutating func named(_ name: Name, _ namespace: [String]) -> CedarType? {
    switch meaning(name, namespace) {
    case .common(let common): return commonType(common)
    case .entity(let entity): return .entity([entity])
    case .builtin(let type): return type
    case nil:
      unknownType(name, namespace)
      return nil
    }
  }

  private mutating func unknownType(_ name: Name, _ namespace: [String]) {
    var help = nearest(
      name, Array(commonTypes.keys) + entityTypes.keys + Self.builtins.keys.map { Name([$0]) },
      namespace)
    if name.basename == "Boolean" || name.basename == "boolean" { help = "write `Bool`" }
    error(
      .unknownType, "there is no type `\(name)`", name.span,
      help: help ?? "declare `type \(name) = ...;` or `entity \(name);`")
  }

  mutating func record(
    _ declarations: [AttributeDeclaration], _ namespace: [String]
  ) -> RecordType? {
    var record = RecordType()
    var isComplete = true
    for declaration in declarations {
      guard let type = type(declaration.type, namespace) else {
        isComplete = false
        continue
      }
      record.attributes[ExactString(declaration.name.text)] =
        RecordType.Attribute(type, isRequired: declaration.isRequired)
    }
    return isComplete ? record : nil
  }

  // MARK: common types

  /// The type a common type stands for; nil after a complaint.
  mutating func commonType(_ name: Name) -> CedarType? {
    if let resolved = resolvedCommon[name] { return resolved }
    guard let common = commonTypes[name] else { return nil }
    if let start = inProgress.firstIndex(of: name) {
      let cycle = (inProgress[start...] + [name]).map { "`\($0)`" }.joined(separator: " -> ")
      error(
        .commonTypeCycle, "types contain each other: \(cycle)", common.declaration.nameSpan,
        help: "break the cycle; an entity type can refer to itself, a record cannot")
      // Remembered as a type so that the cycle is reported once.
      resolvedCommon[name] = .record(RecordType())
      return nil
    }
    guard inProgress.count < TypeExpression.depthMax else {
      error(
        .typeTooDeep, "types named through more than \(TypeExpression.depthMax) others",
        common.declaration.nameSpan)
      return nil
    }
    inProgress.append(name)
    defer { inProgress.removeLast() }
    let expression = common.declaration.type
    guard let type = type(expression, common.namespace),
      isWalkable(expression, common.namespace)
    else {
      // As with a cycle, reported once, and not looked at again wherever it is named.
      resolvedCommon[name] = .record(RecordType())
      return nil
    }
    if resolvedCommon[name] == nil {
      resolvedCommon[name] = type
      commonMeasures[name] = measure(expression, common.namespace)
    }
    return type
  }
}
