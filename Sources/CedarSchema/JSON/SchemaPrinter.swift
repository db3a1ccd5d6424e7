// SPDX-License-Identifier: MIT

import CedarSyntax

extension SchemaDocument {
  /// The schema in Cedar schema syntax, two spaces a level. Reading it gives the same schema.
  public var cedarText: String {
    var printer = SchemaPrinter(self)
    return printer.run()
  }
}

private struct SchemaPrinter {
  private let document: SchemaDocument
  /// Declared type names, which would hide a built-in of the same name.
  private let declared: Set<String>
  private var text = ""

  init(_ document: SchemaDocument) {
    self.document = document
    declared = Set(
      document.namespaces.flatMap { $0.entities.map(\.name) + $0.commonTypes.map(\.name) })
  }

  mutating func run() -> String {
    for namespace in document.namespaces {
      if !text.isEmpty { text += "\n" }
      guard let name = namespace.name else {
        declarations(namespace, "")
        continue
      }
      annotations(namespace.annotations, "")
      text += "namespace \(name) {\n"
      declarations(namespace, "  ")
      text += "}\n"
    }
    return text
  }

  private mutating func declarations(_ namespace: NamespaceDeclaration, _ indent: String) {
    for type in namespace.commonTypes {
      annotations(type.annotations, indent)
      text += "\(indent)type \(type.name) = \(self.type(type.type, indent));\n"
    }
    for entity in namespace.entities {
      annotations(entity.annotations, indent)
      print(entity, indent)
    }
    for action in namespace.actions {
      annotations(action.annotations, indent)
      print(action, indent)
    }
  }

  private mutating func annotations(_ annotations: [Annotation], _ indent: String) {
    for annotation in annotations { text += "\(indent)\(Self.text(annotation))\n" }
  }

  private static func text(_ annotation: Annotation) -> String {
    if case .absent = annotation.value { return "@\(annotation.key)" }
    return "@\(annotation.key)(\(CedarText.quoted(annotation.text)))"
  }

  private mutating func print(_ entity: EntityDeclaration, _ indent: String) {
    text += "\(indent)entity \(entity.name)"
    switch entity.kind {
    case .enumeration(let choices):
      text += " enum [\(choices.map(CedarText.quoted).joined(separator: ", "))]"
    case .standard(let parents, let shape, let tags):
      if !parents.isEmpty { text += " in \(list(parents))" }
      if let shape, !shape.isEmptyRecord { text += " = \(type(shape, indent))" }
      if let tags { text += " tags \(type(tags, indent))" }
    }
    text += ";\n"
  }

  private mutating func print(_ action: ActionDeclaration, _ indent: String) {
    text += "\(indent)action \(CedarText.quoted(action.id))"
    if let parents = action.parents, !parents.isEmpty {
      let names = parents.map { parent in
        (parent.type.map { "\($0)::" } ?? "") + CedarText.quoted(parent.id)
      }
      text += " in [\(names.joined(separator: ", "))]"
    }
    // What applies to nothing is written without `appliesTo`: empty lists have no form.
    if let applies = action.appliesTo, !applies.principals.isEmpty, !applies.resources.isEmpty {
      text += " appliesTo {\n"
      text += "\(indent)  principal: \(list(applies.principals)),\n"
      text += "\(indent)  resource: \(list(applies.resources))"
      if let context = applies.context, !context.isEmptyRecord {
        text += ",\n\(indent)  context: \(type(context, indent + "  "))"
      }
      text += "\n\(indent)}"
    }
    text += ";\n"
  }

  private func list(_ names: [Name]) -> String {
    names.count == 1
      ? names[0].description
      : "[\(names.map(\.description).joined(separator: ", "))]"
  }

  // MARK: types

  private func type(_ expression: TypeExpression, _ indent: String) -> String {
    switch expression.kind {
    case .named(let name), .entity(let name), .common(let name): name.description
    case .extension(let name): builtin(name.basename)
    case .primitive(.boolean): builtin("Bool")
    case .primitive(let primitive): builtin(primitive.rawValue)
    case .set(let element): "Set<\(type(element, indent))>"
    case .record(let attributes): record(attributes, indent)
    }
  }

  private func builtin(_ name: String) -> String {
    declared.contains(name) ? "\(Words.ownNamespace)::\(name)" : name
  }

  private func record(_ attributes: [AttributeDeclaration], _ indent: String) -> String {
    guard !attributes.isEmpty else { return "{}" }
    let inner = indent + "  "
    let lines = attributes.lastOfEach.map { attribute in
      let notes = attribute.annotations.map { "\(inner)\(Self.text($0))\n" }.joined()
      let name =
        Words.isPlainIdentifier(attribute.name.text)
        ? attribute.name.text : CedarText.quoted(attribute.name.text)
      let mark = attribute.isRequired ? "" : "?"
      return "\(notes)\(inner)\(name)\(mark): \(type(attribute.type, inner))"
    }
    return "{\n\(lines.joined(separator: ",\n"))\n\(indent)}"
  }
}
