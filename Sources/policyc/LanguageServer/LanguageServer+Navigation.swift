// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension LanguageServer {
  /// What stands at a place, the text it stands in, and the schema that tells.
  struct Found {
    let document: TextDocument
    let span: SourceSpan
    let symbols: [Symbol]
    let schemaText: TextDocument
    let schema: SchemaIndex
  }

  func find(_ parameters: CedarJSON) -> Found? {
    guard let (document, offset) = place(parameters),
      let text = workspace.schema(for: document.path)
    else { return nil }
    let schema = SchemaIndex(text.text)
    if document.isSchema {
      let here = schema.occurrences.filter {
        Int($0.span.start) <= offset && offset <= Int($0.span.end)
      }
      guard let first = here.first else { return nil }
      return Found(
        document: document, span: first.span, symbols: here.map(\.symbol), schemaText: text,
        schema: schema)
    }
    let tokens = PolicyTokens(document.text)
    guard let index = tokens.index(at: offset) else { return nil }
    let symbols = tokens.symbols(at: index, schema)
    guard !symbols.isEmpty else { return nil }
    return Found(
      document: document, span: tokens.span(index), symbols: symbols, schemaText: text,
      schema: schema)
  }

  private func location(_ document: TextDocument, _ span: SourceSpan) -> CedarJSON {
    .members(("uri", .string(document.uri)), ("range", document.range(span)))
  }

  // MARK: definition and references

  func definition(_ parameters: CedarJSON) -> CedarJSON {
    guard let found = find(parameters) else { return .array([]) }
    let places = found.schema.occurrences.filter {
      $0.isDeclaration && found.symbols.contains($0.symbol)
    }
    return .array(places.map { location(found.schemaText, $0.span) })
  }

  func references(_ parameters: CedarJSON) -> CedarJSON {
    guard let found = find(parameters) else { return .array([]) }
    let withDeclaration = parameters["context"]?["includeDeclaration"]?.bool ?? true
    let places = uses(found).filter { withDeclaration || !$0.isDeclaration }
    return .array(places.map { location($0.document, $0.span) })
  }

  struct Use {
    let document: TextDocument
    let span: SourceSpan
    let isDeclaration: Bool
  }

  /// Every place in the schema and in the policies it is for that names one of the symbols.
  private func uses(_ found: Found) -> [Use] {
    let wanted = Set(found.symbols)
    var result = found.schema.occurrences.filter { wanted.contains($0.symbol) }.map {
      Use(document: found.schemaText, span: $0.span, isDeclaration: $0.isDeclaration)
    }
    for document in workspace.policies(of: found.schemaText) {
      let tokens = PolicyTokens(document.text)
      for index in tokens.tokens.indices
      where !wanted.isDisjoint(with: tokens.symbols(at: index, found.schema)) {
        result.append(Use(document: document, span: tokens.span(index), isDeclaration: false))
      }
    }
    return result
  }

  // MARK: rename

  /// The range that a rename would change, or null where there is nothing to rename.
  func prepareRename(_ parameters: CedarJSON) -> CedarJSON {
    guard let found = find(parameters) else { return .null }
    return found.document.range(found.span)
  }

  static func name(_ symbol: Symbol) -> String {
    switch symbol {
    case .entityType(let name), .commonType(let name): name.basename
    case .action(let uid): uid.id
    case .attribute(let name, _): name
    }
  }

  func rename(_ parameters: CedarJSON) throws(Failure) -> CedarJSON {
    guard let found = find(parameters), let new = parameters["newName"]?.string else {
      throw Failure(code: .requestFailed, message: "there is nothing here that can be renamed")
    }
    // A token that means several declarations would rename more than is in sight.
    guard found.symbols.count == 1, let symbol = found.symbols.first else {
      throw Failure(
        code: .requestFailed,
        message: "`\(Self.name(found.symbols[0]))` is declared for several types; rename it there")
    }
    try check(new, symbol, found.schema)
    var edits: [(document: TextDocument, edits: [CedarJSON])] = []
    for use in uses(found) {
      let old = use.document.file.text(of: use.span)
      let change = edit(use.document, use.span, Self.spelling(new, like: old, symbol))
      if let place = edits.firstIndex(where: { $0.document.path == use.document.path }) {
        edits[place].edits.append(change)
      } else {
        edits.append((use.document, [change]))
      }
    }
    let changes = edits.map { CedarJSON.Member($0.document.uri, .array($0.edits)) }
    return .members(("changes", .object(changes)))
  }

  /// Names of types are identifiers; those of actions and attributes are quoted where they must be.
  private static func spelling(_ new: String, like old: String, _ symbol: Symbol) -> String {
    let isQuoted = old.hasPrefix("\"") || !Words.isPlainIdentifier(new)
    switch symbol {
    case .entityType, .commonType: return new
    case .action, .attribute: return isQuoted ? CedarText.quoted(new) : new
    }
  }

  private func check(
    _ new: String, _ symbol: Symbol, _ schema: SchemaIndex
  ) throws(Failure) {
    let isTaken: Bool
    switch symbol {
    case .entityType(let name), .commonType(let name):
      guard Words.isPlainIdentifier(new), new != Words.ownNamespace else {
        throw Failure(code: .requestFailed, message: "`\(new)` is not the name of a type")
      }
      let full = Name(name.namespace + [new])
      isTaken = schema.entities[full] != nil || schema.commonTypes[full] != nil
    case .action(let uid):
      isTaken = schema.actions[EntityUID(type: uid.type, id: new)] != nil
    case .attribute:
      // Written as `.name` somewhere: only an identifier fits there.
      guard Words.isPlainIdentifier(new) else {
        throw Failure(code: .requestFailed, message: "`\(new)` cannot stand behind a dot")
      }
      isTaken = false
    }
    if isTaken {
      throw Failure(code: .requestFailed, message: "`\(new)` is declared already")
    }
  }
}
