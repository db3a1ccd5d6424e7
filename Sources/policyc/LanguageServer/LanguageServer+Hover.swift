// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension LanguageServer {
  /// The declaration behind a name with its comment; what a function, a method, a variable or an
  /// annotation is.
  func hover(_ parameters: CedarJSON) -> CedarJSON {
    guard let (document, offset) = place(parameters) else { return .null }
    if let found = find(parameters) {
      let parts = found.symbols.map { text($0, found) }
      return Self.hover(parts.joined(separator: "\n\n---\n\n"), document.range(found.span))
    }
    guard document.isPolicy else { return .null }
    let tokens = PolicyTokens(document.text)
    guard let index = tokens.index(at: offset) else { return .null }
    let schema = workspace.schema(for: document.path).map { SchemaIndex($0.text) }
    guard let text = Self.text(tokens, index, schema) else { return .null }
    return Self.hover(text, document.range(tokens.span(index)))
  }

  private static func hover(_ text: String, _ range: CedarJSON) -> CedarJSON {
    .members(
      ("contents", .members(("kind", .string("markdown")), ("value", .string(text)))),
      ("range", range))
  }

  // MARK: declarations

  private func text(_ symbol: Symbol, _ found: Found) -> String {
    let schema = found.schema
    var span = SourceSpan.none
    var code = ""
    switch symbol {
    case .entityType(let name):
      guard let (declaration, _) = schema.entities[name] else { return "" }
      span = declaration.nameSpan
      code = "entity \(name)\(Self.parts(declaration))"
    case .commonType(let name):
      guard let (declaration, _) = schema.commonTypes[name] else { return "" }
      span = declaration.nameSpan
      code = "type \(name) = \(SchemaText.type(declaration.type))"
    case .action(let uid):
      guard let (declaration, _) = schema.actions[uid] else { return "" }
      span = declaration.nameSpan
      code = "action \(uid)\(Self.parts(declaration))"
    case .attribute(let name, let place):
      span = place
      code = Self.attribute(name, place, schema)
    }
    let comment = found.schemaText.comment(above: Int(span.start))
    return "```cedar\n\(code)\n```" + (comment.isEmpty ? "" : "\n\(comment)")
  }

  private static func parts(_ declaration: EntityDeclaration) -> String {
    switch declaration.kind {
    case .enumeration(let ids):
      return " enum [\(ids.map(CedarText.quoted).joined(separator: ", "))]"
    case .standard(let parents, let shape, let tags):
      var text = ""
      if !parents.isEmpty {
        text += " in [\(parents.map(\.description).joined(separator: ", "))]"
      }
      if let shape { text += " \(SchemaText.type(shape))" }
      if let tags { text += " tags \(SchemaText.type(tags))" }
      return text
    }
  }

  private static func parts(_ declaration: ActionDeclaration) -> String {
    guard let applies = declaration.appliesTo else { return "" }
    let names = { (types: [Name]) in types.map(\.description).joined(separator: ", ") }
    var text = " appliesTo {\n  principal: [\(names(applies.principals))],\n"
    text += "  resource: [\(names(applies.resources))]"
    if let context = applies.context { text += ",\n  context: \(SchemaText.type(context))" }
    return text + "\n}"
  }

  private static func attribute(
    _ name: String, _ place: SourceSpan, _ schema: SchemaIndex
  ) -> String {
    var found = name
    func look(_ type: TypeExpression) {
      switch type.kind {
      case .record(let attributes):
        for attribute in attributes {
          if attribute.name.span == place { found = SchemaText.attribute(attribute) }
          look(attribute.type)
        }
      case .set(let element): look(element)
      default: break
      }
    }
    for (declaration, _) in schema.entities.values {
      if case .standard(_, let shape?, _) = declaration.kind { look(shape) }
    }
    for (declaration, _) in schema.commonTypes.values { look(declaration.type) }
    for (declaration, _) in schema.actions.values {
      if let context = declaration.appliesTo?.context { look(context) }
    }
    return found
  }

  // MARK: the language

  private static func text(
    _ tokens: PolicyTokens, _ index: Int, _ schema: SchemaIndex?
  ) -> String? {
    let word = tokens.text(index)
    if tokens.kind(index) == .slot { return "The slot `\(word)` of a template." }
    guard tokens.kind(index) == .identifier else { return nil }
    if tokens.kind(index - 1) == .at { return LanguageWords.annotations[word] }
    if tokens.kind(index + 1) == .leftParenthesis, let known = LanguageWords.functions[word] {
      return "```cedar\n\(known.signature)\n```\n\(known.meaning)"
    }
    if Words.variables.contains(word), tokens.kind(index - 1) != .dot {
      return variable(word, tokens, index, schema)
    }
    return LanguageWords.keywords[word]
  }

  private static func variable(
    _ word: String, _ tokens: PolicyTokens, _ index: Int, _ schema: SchemaIndex?
  ) -> String {
    guard let schema else { return "The request's `\(word)`." }
    var types: [String] = []
    switch word {
    case "principal", "resource":
      types = tokens.types(of: word, at: index, schema).map(\.description)
    case "action": types = tokens.actions(at: index, schema).map(\.description)
    default:
      types = tokens.actions(at: index, schema).compactMap { action in
        schema.actions[action]?.declaration.appliesTo?.context.map { SchemaText.type($0) }
      }
    }
    let shown = types.isEmpty ? "unknown" : types.joined(separator: " | ")
    return "```cedar\n\(word): \(shown)\n```"
  }
}

/// Types of a schema as text for people.
enum SchemaText {
  static func type(_ type: TypeExpression, indent: String = "") -> String {
    switch type.kind {
    case .named(let name), .common(let name), .entity(let name), .extension(let name):
      return name.description
    case .primitive(let primitive): return primitive.rawValue
    case .set(let element): return "Set<\(self.type(element, indent: indent))>"
    case .record(let attributes):
      guard !attributes.isEmpty else { return "{}" }
      let inner = indent + "  "
      let lines = attributes.map { "\(inner)\(attribute($0, indent: inner)),\n" }
      return "{\n\(lines.joined())\(indent)}"
    }
  }

  static func attribute(_ attribute: AttributeDeclaration, indent: String = "") -> String {
    let name = attribute.name.text
    let written = Words.isPlainIdentifier(name) ? name : CedarText.quoted(name)
    let mark = attribute.isRequired ? "" : "?"
    return "\(written)\(mark): \(type(attribute.type, indent: indent))"
  }
}
