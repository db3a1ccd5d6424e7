// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Reads the Cedar schema syntax. All findings of the file are returned at once; the document
/// holds what could be read.
public func parseSchemaDocument(
  _ source: String, file: UInt16 = 0
) -> (document: SchemaDocument, diagnostics: [Diagnostic]) {
  var parser = SchemaParser(source, file: file)
  let document = parser.document()
  return (document, parser.cursor.finish())
}

/// Recursive descent over the tokens of a schema.
struct SchemaParser {
  var cursor: TokenCursor

  init(_ source: String, file: UInt16) {
    cursor = TokenCursor(source, file: file)
  }

  mutating func document() -> SchemaDocument {
    var named: [NamespaceDeclaration] = []
    var unnamed = NamespaceDeclaration()
    var hasUnnamed = false
    while !cursor.atEnd {
      let start = cursor.index
      do throws(SyntaxFailure) {
        let annotations = try annotations()
        if cursor.atWord("namespace") {
          named.append(try namespace(annotations))
        } else {
          try declaration(annotations, into: &unnamed)
          hasUnnamed = true
        }
      } catch {
        cursor.resetNesting()
        recover(start)
      }
    }
    return SchemaDocument(namespaces: hasUnnamed ? named + [unnamed] : named)
  }

  /// Skips to behind the next semicolon, or to a closing brace of the namespace.
  private mutating func recover(_ start: Int) {
    if cursor.index == start { cursor.take() }
    while !cursor.atEnd {
      if cursor.take(.semicolon) != nil || atDeclaration { return }
      cursor.take()
    }
  }

  private var atDeclaration: Bool {
    guard cursor.atWord("entity") || cursor.atWord("action") || cursor.atWord("namespace") else {
      return false
    }
    let next = cursor.peek(1).kind
    return next == .identifier || next == .string
  }

  private mutating func namespace(
    _ annotations: [Annotation]
  ) throws(SyntaxFailure) -> NamespaceDeclaration {
    let start = cursor.take().start
    let name = try path()
    if name.components.contains(Words.ownNamespace) {
      cursor.error(
        .reservedSchemaName, "the namespace `\(Words.ownNamespace)` is reserved", name.span,
        help: "choose another name")
    }
    var result = NamespaceDeclaration(name: name)
    result.annotations = annotations
    try cursor.expect(.leftBrace, "`{`")
    while cursor.current.kind != .rightBrace, !cursor.atEnd {
      let from = cursor.index
      do throws(SyntaxFailure) {
        try declaration(try self.annotations(), into: &result)
      } catch {
        cursor.resetNesting()
        recover(from)
        if cursor.atWord("namespace") { throw error }
      }
    }
    try cursor.expect(.rightBrace, "a declaration or `}`")
    result.span = cursor.span(from: start)
    return result
  }

  private mutating func declaration(
    _ annotations: [Annotation], into namespace: inout NamespaceDeclaration
  ) throws(SyntaxFailure) {
    if cursor.atWord("entity") {
      namespace.entities += try entity(annotations)
    } else if cursor.atWord("action") {
      namespace.actions += try action(annotations)
    } else if cursor.atWord("type") {
      namespace.commonTypes.append(try commonType(annotations))
    } else {
      guard cursor.current.kind == .identifier else {
        throw cursor.unexpected("`entity`, `action`, `type` or `namespace`")
      }
      let word = cursor.text(cursor.current)
      let known = ["entity", "action", "type", "namespace"]
      cursor.error(
        .unknownDeclaration, "`\(word)` begins no declaration", cursor.span(cursor.current),
        "expected `entity`, `action`, `type` or `namespace`", help: Suggestion.help(word, known))
      throw SyntaxFailure()
    }
  }

  /// `{"@" name ["(" string ")"]}`; a key twice is an error.
  mutating func annotations() throws(SyntaxFailure) -> [Annotation] {
    var result: [Annotation] = []
    while let at = cursor.take(.at) {
      let key = try cursor.expect(.identifier, "the name of an annotation")
      let name = cursor.text(key)
      var value = Annotation.Value.absent
      if cursor.take(.leftParenthesis) != nil {
        value = .string(cursor.stringValue(try cursor.expect(.string, "a string")))
        try cursor.expect(.rightParenthesis, "`)`")
      }
      let annotation = Annotation(key: name, value: value, span: cursor.span(from: at.start))
      if let first = result.first(where: { $0.key == name }) {
        cursor.report(
          Diagnostic(
            .error, .duplicateAnnotation, "the annotation `@\(name)` is given twice",
            labels: [.init(annotation.span, "again here"), .init(first.span, "first given here")],
            help: "keep one of them"))
      }
      result.append(annotation)
    }
    return result
  }

  // MARK: names

  /// An identifier that is no reserved word of policies.
  mutating func identifier(_ what: String) throws(SyntaxFailure) -> (String, SourceSpan) {
    let token = try cursor.expect(.identifier, what)
    let text = cursor.text(token)
    if Words.reserved.contains(text) {
      cursor.error(
        .reservedIdentifier, "`\(text)` is a reserved word", cursor.span(token),
        help: "choose another name")
    }
    return (text, cursor.span(token))
  }

  /// `IDENT{::IDENT}`.
  mutating func path() throws(SyntaxFailure) -> Name {
    let start = cursor.current.start
    var components = [try identifier("a name").0]
    while cursor.current.kind == .doubleColon, cursor.peek(1).kind == .identifier {
      cursor.take()
      components.append(try identifier("a name").0)
    }
    return Name(components, span: cursor.span(from: start))
  }

  /// An identifier or a string.
  mutating func nameOrString(_ what: String) throws(SyntaxFailure) -> (String, SourceSpan) {
    if let token = cursor.take(.string) { return (cursor.stringValue(token), cursor.span(token)) }
    return try identifier(what)
  }

  /// `x {"," x}`; a trailing comma is not allowed here.
  mutating func list<Element>(
    _ element: (inout SchemaParser) throws(SyntaxFailure) -> Element
  ) throws(SyntaxFailure) -> [Element] {
    var result = [try element(&self)]
    while cursor.take(.comma) != nil { result.append(try element(&self)) }
    return result
  }

  /// `Path` or `"[" [Path {"," Path}] "]"`.
  mutating func entityTypes() throws(SyntaxFailure) -> [Name] {
    guard cursor.take(.leftBracket) != nil else { return [try path()] }
    if cursor.take(.rightBracket) != nil { return [] }
    let names = try list { parser throws(SyntaxFailure) in try parser.path() }
    try cursor.expect(.rightBracket, "`,` or `]`")
    return names
  }
}
