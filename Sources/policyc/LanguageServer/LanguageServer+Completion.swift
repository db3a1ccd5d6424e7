// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

/// What can stand at a place.
private struct Completions {
  /// Kinds of the protocol.
  enum Kind: Int64 {
    case method = 2
    case function = 3
    case field = 5
    case variable = 6
    case type = 7
    case property = 10
    case value = 12
    case keyword = 14
    case snippet = 15
  }

  private(set) var items: [CedarJSON] = []

  mutating func add(_ label: String, _ kind: Kind, _ detail: String = "", insert: String? = nil) {
    var members: [CedarJSON.Member] = [
      .init("label", .string(label)), .init("kind", .integer(kind.rawValue)),
    ]
    if !detail.isEmpty { members.append(.init("detail", .string(detail))) }
    if let insert { members.append(.init("insertText", .string(insert))) }
    items.append(.object(members))
  }
}

extension LanguageServer {
  func completion(_ parameters: CedarJSON) -> CedarJSON {
    guard let (document, offset) = place(parameters), document.isPolicy else { return .array([]) }
    let tokens = PolicyTokens(document.text)
    guard !Self.isInComment(document, offset) else { return .array([]) }
    let schema = workspace.schema(for: document.path).map { SchemaIndex($0.text) }
    // The word that is being written does not count.
    var anchor = tokens.index(before: offset) ?? -1
    if tokens.kind(anchor) == .identifier, tokens.tokens[anchor].end == offset { anchor -= 1 }
    let isInString = tokens.tokens.contains {
      ($0.kind == .string || $0.kind == .invalid) && $0.start < offset && offset < $0.end
    }
    var found = Completions()
    if isInString { return .array([]) }
    Self.fill(&found, tokens, anchor, schema)
    return .array(found.items)
  }

  private static func isInComment(_ document: TextDocument, _ offset: Int) -> Bool {
    let line = document.file.position(of: offset).line
    let start = Int(document.file.lineStarts[line - 1])
    let before = document.slice(start, offset)
    return before.contains("//") && !before.contains("\"")
  }

  private static func fill(
    _ found: inout Completions, _ tokens: PolicyTokens, _ anchor: Int, _ schema: SchemaIndex?
  ) {
    switch tokens.kind(anchor) {
    case .dot:
      guard let schema else { return methods([], &found) }
      members(tokens.shapes(endingAt: anchor - 1, schema), schema, &found)
    case .at:
      for (name, meaning) in LanguageWords.annotations.sorted(by: { $0.key < $1.key }) {
        found.add(name, .property, meaning, insert: "\(name)(\"\")")
      }
    case .doubleColon: ids(tokens, anchor, schema, &found)
    case .identifier where tokens.isWord(anchor, "has"):
      guard let schema else { return }
      for shape in tokens.shapes(endingAt: anchor - 1, schema) {
        attributes(shape, schema, &found)
      }
    case .identifier where tokens.isWord(anchor, "is"): types(schema, &found)
    default: words(tokens, anchor, schema, &found)
    }
  }

  // MARK: members

  private static func members(
    _ shapes: [SchemaIndex.Shape], _ schema: SchemaIndex, _ found: inout Completions
  ) {
    for shape in shapes { attributes(shape, schema, &found) }
    methods(shapes, &found)
  }

  private static func attributes(
    _ shape: SchemaIndex.Shape, _ schema: SchemaIndex, _ found: inout Completions
  ) {
    for (attribute, _) in schema.attributes(shape)
    where Words.isPlainIdentifier(attribute.name.text) {
      let mark = attribute.isRequired ? "" : "?"
      found.add(
        attribute.name.text, .field,
        "\(mark)\(mark.isEmpty ? "" : " ")\(SchemaText.type(attribute.type))")
    }
  }

  /// The methods of the shapes; of everything when nothing is known.
  private static func methods(_ shapes: [SchemaIndex.Shape], _ found: inout Completions) {
    let receivers = Set(
      shapes.map { shape in
        switch shape {
        case .entity: "entity"
        case .set: "Set"
        case .builtin(let name): name
        case .record: "record"
        }
      })
    for (name, function) in LanguageWords.functions.sorted(by: { $0.key < $1.key }) {
      guard let receiver = function.receiver, receivers.isEmpty || receivers.contains(receiver)
      else { continue }
      found.add(name, .method, function.signature, insert: "\(name)(")
    }
  }

  // MARK: names

  private static func types(_ schema: SchemaIndex?, _ found: inout Completions) {
    for name in (schema?.entities.keys.map(\.description) ?? []).sorted() {
      found.add(name, .type, "entity type")
    }
  }

  /// Behind `Type::`: the ids of actions and of enumerated types, and types of a namespace.
  private static func ids(
    _ tokens: PolicyTokens, _ anchor: Int, _ schema: SchemaIndex?, _ found: inout Completions
  ) {
    guard let schema, let name = tokens.name(around: anchor - 1)?.name else { return }
    for action in schema.actions.keys.map({ $0 }).sorted(by: { $0.id < $1.id })
    where action.type == name {
      found.add(CedarText.quoted(action.id), .value, "action")
    }
    if case .enumeration(let ids)? = schema.entities[name]?.declaration.kind {
      for id in ids { found.add(CedarText.quoted(id), .value, name.description) }
    }
    for type in schema.entities.keys.map({ $0 }).sorted(by: { $0.basename < $1.basename })
    where type.namespace == name.components {
      found.add(type.basename, .type, "entity type")
    }
  }

  // MARK: words

  private static func words(
    _ tokens: PolicyTokens, _ anchor: Int, _ schema: SchemaIndex?, _ found: inout Completions
  ) {
    guard anchor >= 0, let scope = tokens.scope(at: anchor), tokens.kind(anchor) != .semicolon
    else {
      found.add("permit", .keyword, insert: "permit (principal, action, resource)")
      found.add("forbid", .keyword, insert: "forbid (principal, action, resource)")
      found.add("@id", .property, "the policy's name", insert: "@id(\"\")")
      return
    }
    if scope.range.contains(anchor),
      anchor < scope.range.upperBound - 1
        || tokens.kind(scope.range.upperBound - 1) != .rightParenthesis
    {
      scopeWords(tokens, anchor, scope, schema, &found)
    } else if braceDepth(tokens, from: scope.range.upperBound, to: anchor) > 0 {
      for word in Words.variables { found.add(word, .variable) }
      for (name, function) in LanguageWords.functions.sorted(by: { $0.key < $1.key })
      where function.receiver == nil {
        found.add(name, .function, function.signature, insert: "\(name)(\"")
      }
      for word in LanguageWords.expressionWords {
        found.add(word, .keyword, LanguageWords.keywords[word] ?? "")
      }
      types(schema, &found)
    } else {
      for word in ["when", "unless"] {
        found.add(word, .keyword, LanguageWords.keywords[word] ?? "", insert: "\(word) { ")
      }
    }
  }

  private static func scopeWords(
    _ tokens: PolicyTokens, _ anchor: Int, _ scope: PolicyTokens.Scope, _ schema: SchemaIndex?,
    _ found: inout Completions
  ) {
    switch tokens.kind(anchor) {
    case .equal, .leftBracket: entities(tokens, anchor, scope, schema, &found)
    case .identifier where tokens.isWord(anchor, "in"):
      entities(tokens, anchor, scope, schema, &found)
    case .comma where scope.actionPart.contains(anchor):
      entities(tokens, anchor, scope, schema, &found)
    case .leftParenthesis, .comma:
      for word in ["principal", "action", "resource"] { found.add(word, .variable) }
    case .identifier:
      for word in ["is", "in"] {
        found.add(word, .keyword, LanguageWords.keywords[word] ?? "")
      }
    default: break
    }
  }

  /// The actions in the part about the action, else entity types and slots.
  private static func entities(
    _ tokens: PolicyTokens, _ anchor: Int, _ scope: PolicyTokens.Scope, _ schema: SchemaIndex?,
    _ found: inout Completions
  ) {
    guard scope.actionPart.contains(anchor) else {
      types(schema, &found)
      for slot in Slot.allCases { found.add(slot.text, .variable, "slot of a template") }
      return
    }
    let actions = (schema?.actions.keys.map { $0 } ?? []).sorted { $0.description < $1.description }
    for action in actions { found.add(action.description, .value, "action") }
    for action in actions where action.type.components == ["Action"] {
      found.add(CedarText.quoted(action.id), .value, "action, in the dialect")
    }
  }

  private static func braceDepth(_ tokens: PolicyTokens, from start: Int, to end: Int) -> Int {
    guard start <= end else { return 0 }
    return (start...end).reduce(0) { depth, index in
      switch tokens.kind(index) {
      case .leftBrace: depth + 1
      case .rightBrace: depth - 1
      default: depth
      }
    }
  }
}
