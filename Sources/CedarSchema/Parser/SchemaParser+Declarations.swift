// SPDX-License-Identifier: MIT

import CedarSyntax

extension SchemaParser {
  // MARK: entity

  mutating func entity(
    _ annotations: [Annotation]
  ) throws(SyntaxFailure) -> [EntityDeclaration] {
    cursor.take()
    let names = try list { parser throws(SyntaxFailure) in
      try parser.identifier("the name of an entity type")
    }
    for (name, span) in names where name == Words.ownNamespace { reservedName(name, span) }
    let kind: EntityDeclaration.Kind
    if cursor.atWord("enum") {
      kind = .enumeration(try enumeration())
    } else {
      kind = try standardEntity()
    }
    try cursor.expect(.semicolon, "`;`")
    return names.map {
      EntityDeclaration(name: $0.0, nameSpan: $0.1, annotations: annotations, kind: kind)
    }
  }

  func reservedNameDiagnostic(_ name: String, _ span: SourceSpan) -> Diagnostic {
    Diagnostic(
      .error, .reservedSchemaName, "the name `\(name)` is reserved", labels: [.init(span)],
      help: "choose another name")
  }

  private mutating func reservedName(_ name: String, _ span: SourceSpan) {
    cursor.report(reservedNameDiagnostic(name, span))
  }

  private mutating func enumeration() throws(SyntaxFailure) -> [String] {
    cursor.take()
    try cursor.expect(.leftBracket, "`[`")
    let choices = try list { parser throws(SyntaxFailure) in
      parser.cursor.stringValue(try parser.cursor.expect(.string, "an id in quotes"))
    }
    try cursor.expect(.rightBracket, "`,` or `]`")
    return choices
  }

  private mutating func standardEntity() throws(SyntaxFailure) -> EntityDeclaration.Kind {
    var parents: [Name] = []
    if cursor.atWord("in") {
      cursor.take()
      parents = try entityTypes()
    }
    var shape: TypeExpression?
    if cursor.take(.singleEqual) != nil || cursor.current.kind == .leftBrace {
      shape = try record()
    }
    var tags: TypeExpression?
    if cursor.atWord("tags") {
      cursor.take()
      tags = try type()
    }
    return .standard(parents: parents, shape: shape, tags: tags)
  }

  // MARK: action

  mutating func action(
    _ annotations: [Annotation]
  ) throws(SyntaxFailure) -> [ActionDeclaration] {
    cursor.take()
    let names = try list { parser throws(SyntaxFailure) in
      try parser.nameOrString("the name of an action")
    }
    var parents: [ActionDeclaration.Parent]?
    if cursor.atWord("in") {
      cursor.take()
      parents = try actionParents()
    }
    var appliesTo: ActionDeclaration.AppliesTo?
    if cursor.atWord("appliesTo") { appliesTo = try self.appliesTo(names[0]) }
    if cursor.atWord("attributes") {
      cursor.take()
      try cursor.expect(.leftBrace, "`{`")
      try cursor.expect(.rightBrace, "`}`, actions have no attributes")
    }
    try cursor.expect(.semicolon, "`;`")
    return names.map {
      ActionDeclaration(
        id: $0.0, nameSpan: $0.1, annotations: annotations, parents: parents,
        appliesTo: appliesTo)
    }
  }

  private mutating func actionParents() throws(SyntaxFailure) -> [ActionDeclaration.Parent] {
    guard cursor.take(.leftBracket) != nil else { return [try actionParent()] }
    let parents = try list { parser throws(SyntaxFailure) in try parser.actionParent() }
    try cursor.expect(.rightBracket, "`,` or `]`")
    return parents
  }

  /// `Name` or `Path "::" STR`.
  private mutating func actionParent() throws(SyntaxFailure) -> ActionDeclaration.Parent {
    let start = cursor.current.start
    if cursor.peek(1).kind == .doubleColon, cursor.current.kind == .identifier {
      let type = try path()
      try cursor.expect(.doubleColon, "`::` and the action's id")
      let id = cursor.stringValue(try cursor.expect(.string, "an id in quotes"))
      return ActionDeclaration.Parent(type: type, id: id, span: cursor.span(from: start))
    }
    let (id, span) = try nameOrString("the name of an action")
    return ActionDeclaration.Parent(type: nil, id: id, span: span)
  }

  private mutating func appliesTo(
    _ action: (String, SourceSpan)
  ) throws(SyntaxFailure) -> ActionDeclaration.AppliesTo {
    let keyword = cursor.take()
    try cursor.expect(.leftBrace, "`{`")
    var seen: [String: SourceSpan] = [:]
    var result = ActionDeclaration.AppliesTo(principals: [], resources: [], context: nil)
    repeat {
      if cursor.current.kind == .rightBrace, !seen.isEmpty { break }
      let token = try cursor.expect(.identifier, "`principal`, `resource` or `context`")
      let key = cursor.text(token)
      guard ["principal", "resource", "context"].contains(key) else {
        cursor.error(
          .unexpectedToken, "`\(key)` is no key of `appliesTo`", cursor.span(token),
          "expected `principal`, `resource` or `context`",
          help: Suggestion.help(key, ["principal", "resource", "context"]))
        throw SyntaxFailure()
      }
      if let first = seen.updateValue(cursor.span(token), forKey: key) {
        cursor.report(
          Diagnostic(
            .error, .duplicateAppliesToKey, "`\(key)` is given twice for `\(action.0)`",
            labels: [.init(cursor.span(token), "again here"), .init(first, "first here")],
            help: "join the two lists"))
      }
      try cursor.expect(.colon, "`:`")
      try appliesToValue(key, &result, action.0)
    } while cursor.take(.comma) != nil
    try cursor.expect(.rightBrace, "`,` or `}`")
    for key in ["principal", "resource"] where seen[key] == nil {
      cursor.error(
        .incompleteAppliesTo, "`appliesTo` of `\(action.0)` lacks `\(key)`",
        cursor.span(keyword), help: "add `\(key): [...]`")
    }
    return result
  }

  private mutating func appliesToValue(
    _ key: String, _ result: inout ActionDeclaration.AppliesTo, _ action: String
  ) throws(SyntaxFailure) {
    if key == "context" {
      result.context = cursor.current.kind == .leftBrace ? try record() : try namedType()
      return
    }
    let start = cursor.current.start
    let types = try entityTypes()
    if types.isEmpty {
      cursor.error(
        .incompleteAppliesTo, "`\(key)` of `\(action)` is an empty list",
        cursor.span(from: start),
        help: "remove `appliesTo` altogether if the action applies to nothing")
    }
    if key == "principal" { result.principals = types } else { result.resources = types }
  }

  // MARK: types

  mutating func commonType(
    _ annotations: [Annotation]
  ) throws(SyntaxFailure) -> CommonTypeDeclaration {
    cursor.take()
    let (name, span) = try identifier("the name of a type")
    if SchemaWords.reservedTypes.contains(name) || name == Words.ownNamespace {
      reservedName(name, span)
    }
    try cursor.expect(.singleEqual, "`=`")
    let type = try type()
    try cursor.expect(.semicolon, "`;`")
    return CommonTypeDeclaration(
      name: name, nameSpan: span, annotations: annotations, type: type)
  }

  mutating func type() throws(SyntaxFailure) -> TypeExpression {
    if cursor.current.kind == .leftBrace { return try record() }
    guard cursor.atWord("Set"), cursor.peek(1).kind == .less else { return try namedType() }
    try cursor.enter()
    defer { cursor.leave() }
    let start = cursor.take().start
    try cursor.expect(.less, "`<`")
    let element = try type()
    try cursor.expect(.greater, "`>`")
    return TypeExpression(.set(element), span: cursor.span(from: start))
  }

  private mutating func namedType() throws(SyntaxFailure) -> TypeExpression {
    guard cursor.current.kind == .identifier else { throw cursor.unexpected("a type") }
    let name = try path()
    return TypeExpression(.named(name), span: name.span)
  }

  /// `"{" [annotations name ["?"] ":" type {"," …} [","]] "}"`
  private mutating func record() throws(SyntaxFailure) -> TypeExpression {
    try cursor.enter()
    defer { cursor.leave() }
    let start = try cursor.expect(.leftBrace, "`{`").start
    var attributes: [AttributeDeclaration] = []
    while cursor.current.kind != .rightBrace {
      attributes.append(try attribute())
      if cursor.take(.comma) == nil { break }
    }
    try cursor.expect(.rightBrace, "`,` or `}`")
    warnOfDuplicates(attributes)
    return TypeExpression(.record(attributes), span: cursor.span(from: start))
  }

  private mutating func attribute() throws(SyntaxFailure) -> AttributeDeclaration {
    let annotations = try annotations()
    let (name, span) = try nameOrString("the name of an attribute")
    let isOptional = cursor.take(.question) != nil
    try cursor.expect(.colon, isOptional ? "`:`" : "`:` or `?:`")
    return AttributeDeclaration(
      name: AttributeName(name, span: span), isRequired: !isOptional, type: try type(),
      annotations: annotations)
  }

  /// The reference lets the last declaration of an attribute win without a word.
  private mutating func warnOfDuplicates(_ attributes: [AttributeDeclaration]) {
    var seen: [AttributeName: SourceSpan] = [:]
    for attribute in attributes {
      if let first = seen.updateValue(attribute.name.span, forKey: attribute.name) {
        cursor.report(
          Diagnostic(
            .warning, .duplicateAttribute,
            "the attribute `\(attribute.name.text)` is declared twice, the last one counts",
            labels: [.init(attribute.name.span, "again here"), .init(first, "first here")],
            help: "keep one of them"))
      }
    }
  }
}

/// Words that mean something to schemas.
enum SchemaWords {
  /// Not usable as names of common types.
  static let reservedTypes: Set<String> = [
    "Bool", "Boolean", "Entity", "Extension", "Long", "Record", "Set", "String",
    "EntityOrCommon",
  ]
}
