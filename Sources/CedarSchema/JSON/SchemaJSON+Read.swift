// SPDX-License-Identifier: MIT

public import CedarSyntax

/// Reads the JSON schema format.
///
/// - Parameter file: The number of the file in the caller's `SourceFiles`.
public func parseSchemaDocumentJSON(
  _ source: String, file: UInt16 = 0
) -> (document: SchemaDocument, diagnostics: [Diagnostic]) {
  do throws(CedarJSON.SyntaxError) {
    var reader = SchemaJSONReader()
    let document = reader.document(try CedarJSON(parsing: source))
    return (document, reader.problems.located(in: source, file: file))
  } catch {
    let place = SourceSpan(start: error.offset, end: error.offset, file: file)
    return (
      SchemaDocument(), [Diagnostic(.error, .jsonSyntax, error.message, labels: [.init(place)])]
    )
  }
}

struct SchemaJSONReader {
  var problems = JSONProblems()

  mutating func document(_ json: CedarJSON) -> SchemaDocument {
    var document = SchemaDocument()
    for member in problems.object(json, "an object of namespaces", at: .root) ?? [] {
      let path = JSONPath.root[member.key]
      var namespace = NamespaceDeclaration()
      if !member.key.isEmpty {
        guard let name = problems.name(.string(member.key), at: path) else { continue }
        namespace.name = name
      }
      read(member.value, into: &namespace, at: path)
      document.namespaces.append(namespace)
    }
    return document
  }

  private mutating func read(
    _ json: CedarJSON, into namespace: inout NamespaceDeclaration, at path: JSONPath
  ) {
    guard
      problems.object(
        json, "a namespace", at: path,
        allowed: ["entityTypes", "actions", "commonTypes", "annotations"]) != nil
    else { return }
    namespace.annotations = annotations(json["annotations"], at: path["annotations"])
    if namespace.name == nil, !namespace.annotations.isEmpty {
      problems.error(
        .jsonInvalidValue, "the empty namespace has no annotations", at: path["annotations"],
        help: "annotate its declarations, or give the namespace a name")
    }
    for member in members(json, "commonTypes", at: path) {
      let place = path["commonTypes"][member.key]
      if SchemaWords.reservedTypes.contains(member.key) {
        problems.error(.reservedSchemaName, "the name `\(member.key)` is reserved", at: place)
      }
      guard isIdentifier(member.key, at: place),
        let type = type(member.value, at: place, beside: ["annotations"])
      else { continue }
      namespace.commonTypes.append(
        CommonTypeDeclaration(
          name: member.key, nameSpan: .none,
          annotations: annotations(member.value["annotations"], at: place["annotations"]),
          type: type))
    }
    for member in members(json, "entityTypes", at: path) {
      let place = path["entityTypes"][member.key]
      guard isIdentifier(member.key, at: place), let kind = entity(member.value, at: place) else {
        continue
      }
      namespace.entities.append(
        EntityDeclaration(
          name: member.key, nameSpan: .none,
          annotations: annotations(member.value["annotations"], at: place["annotations"]),
          kind: kind))
    }
    for member in members(json, "actions", at: path) {
      namespace.actions.append(action(member.key, member.value, at: path["actions"][member.key]))
    }
  }

  private mutating func members(
    _ json: CedarJSON, _ key: String, at path: JSONPath
  ) -> [CedarJSON.Member] {
    // The reference wants entity types and actions, though they may be empty.
    guard json[key] != nil || key != "commonTypes" else { return [] }
    return problems.object(json[key], "an object", at: path[key]) ?? []
  }

  private mutating func isIdentifier(_ text: String, at path: JSONPath) -> Bool {
    if Words.isPlainIdentifier(text), text != Words.ownNamespace { return true }
    problems.error(.jsonInvalidName, "`\(text)` is not an identifier", at: path)
    return false
  }

  private mutating func annotations(_ json: CedarJSON?, at path: JSONPath) -> [Annotation] {
    guard let json else { return [] }
    return (problems.object(json, "an object of strings", at: path) ?? []).compactMap { member in
      if member.value.isNull { return Annotation(key: member.key, value: .absent) }
      guard let text = problems.string(member.value, "a string", at: path[member.key]) else {
        return nil
      }
      return Annotation(key: member.key, value: .string(text))
    }
  }

  // MARK: entities

  private mutating func entity(
    _ json: CedarJSON, at path: JSONPath
  ) -> EntityDeclaration.Kind? {
    if json["enum"] != nil {
      guard
        problems.object(json, "an entity type", at: path, allowed: ["enum", "annotations"]) != nil
      else { return nil }
      let choices = strings(json["enum"], at: path["enum"])
      if choices.isEmpty {
        problems.error(.emptyEnumeration, "an enumeration without ids", at: path["enum"])
      }
      return .enumeration(choices)
    }
    guard
      problems.object(
        json, "an entity type", at: path,
        allowed: ["memberOfTypes", "shape", "tags", "annotations"]) != nil
    else { return nil }
    return .standard(
      parents: names(json["memberOfTypes"], at: path["memberOfTypes"]),
      shape: json["shape"].flatMap { type($0, at: path["shape"]) },
      tags: json["tags"].flatMap { type($0, at: path["tags"]) })
  }

  private mutating func strings(_ json: CedarJSON?, at path: JSONPath) -> [String] {
    guard let json else { return [] }
    return (problems.array(json, "an array of strings", at: path) ?? []).enumerated().compactMap {
      problems.string($0.element, "a string", at: path[$0.offset])
    }
  }

  private mutating func names(_ json: CedarJSON?, at path: JSONPath) -> [Name] {
    guard let json else { return [] }
    return (problems.array(json, "an array of names", at: path) ?? []).enumerated().compactMap {
      problems.name($0.element, at: path[$0.offset])
    }
  }

  // MARK: actions

  private mutating func action(
    _ id: String, _ json: CedarJSON, at path: JSONPath
  ) -> ActionDeclaration {
    var result = ActionDeclaration(
      id: id, nameSpan: .none, annotations: [], parents: nil, appliesTo: nil)
    guard
      problems.object(
        json, "an action", at: path,
        allowed: ["memberOf", "appliesTo", "attributes", "annotations"]) != nil
    else { return result }
    if let attributes = json["attributes"], !attributes.isNull {
      problems.error(
        .actionAttributes, "attributes of actions are not supported", at: path["attributes"])
    }
    result.annotations = annotations(json["annotations"], at: path["annotations"])
    if let list = json["memberOf"], list != .null {
      result.parents = parents(list, at: path["memberOf"])
    }
    if let applies = json["appliesTo"], applies != .null {
      result.appliesTo = appliesTo(applies, at: path["appliesTo"])
    }
    return result
  }

  private mutating func parents(
    _ json: CedarJSON, at path: JSONPath
  ) -> [ActionDeclaration.Parent] {
    (problems.array(json, "an array of actions", at: path) ?? []).enumerated().compactMap {
      let place = path[$0.offset]
      guard problems.object($0.element, "an action", at: place, allowed: ["id", "type"]) != nil,
        let id = problems.string($0.element["id"], "a string", at: place["id"])
      else { return nil }
      let type = $0.element["type"].flatMap {
        $0.isNull ? nil : problems.name($0, at: place["type"])
      }
      return ActionDeclaration.Parent(type: type, id: id, span: .none)
    }
  }

  private mutating func appliesTo(
    _ json: CedarJSON, at path: JSONPath
  ) -> ActionDeclaration.AppliesTo? {
    guard
      problems.object(
        json, "`appliesTo`", at: path,
        allowed: ["principalTypes", "resourceTypes", "context"]) != nil
    else { return nil }
    for key in ["principalTypes", "resourceTypes"] where json[key] == nil {
      problems.error(.incompleteAppliesTo, "`appliesTo` lacks `\(key)`", at: path)
    }
    return ActionDeclaration.AppliesTo(
      principals: names(json["principalTypes"], at: path["principalTypes"]),
      resources: names(json["resourceTypes"], at: path["resourceTypes"]),
      context: json["context"].flatMap { type($0, at: path["context"]) })
  }

  // MARK: types

  /// - Parameter others: keys beside the type's own, of the declaration that it is part of.
  mutating func type(
    _ json: CedarJSON, at path: JSONPath, beside others: Set<String> = []
  ) -> TypeExpression? {
    guard let members = problems.object(json, "a type", at: path),
      let word = problems.string(json["type"], "a type's name", at: path["type"])
    else { return nil }
    let keys = Set(members.map(\.key)).subtracting(others).subtracting(["type"])
    let allowed: Set<String>
    let kind: TypeExpression.Kind?
    switch word {
    case "String", "Long", "Boolean":
      allowed = []
      kind = TypeExpression.Primitive(rawValue: word).map { .primitive($0) }
    case "Set":
      allowed = ["element"]
      kind = json["element"].flatMap { type($0, at: path["element"]) }.map { .set($0) }
      if json["element"] == nil { problems.shape("an element type", nil, at: path["element"]) }
    case "Record":
      allowed = ["attributes", "additionalAttributes"]
      kind = record(json, at: path)
    case "Entity", "EntityOrCommon", "Extension":
      allowed = ["name"]
      kind = problems.name(json["name"], at: path["name"], allowOwnNamespace: true).map {
        word == "Entity" ? .entity($0) : word == "Extension" ? .extension($0) : .named($0)
      }
    default:
      allowed = []
      kind = problems.name(.string(word), at: path["type"], allowOwnNamespace: true).map {
        .common($0)
      }
    }
    for key in keys.subtracting(allowed).sorted() {
      problems.error(.jsonUnknownKey, "unknown key `\(key)` of the type `\(word)`", at: path)
    }
    return kind.map { TypeExpression($0) }
  }

  private mutating func record(_ json: CedarJSON, at path: JSONPath) -> TypeExpression.Kind? {
    switch json["additionalAttributes"] {
    case nil, .bool(false): break
    case .bool(true):
      problems.error(
        .jsonInvalidValue, "open records are not supported", at: path["additionalAttributes"])
    case let other: problems.shape("false", other, at: path["additionalAttributes"])
    }
    var attributes: [AttributeDeclaration] = []
    let place = path["attributes"]
    for member in problems.object(json["attributes"], "an object", at: place) ?? [] {
      guard
        let type = type(
          member.value, at: place[member.key], beside: ["required", "annotations"])
      else { continue }
      let required = member.value["required"]
      if let required, required.bool == nil {
        problems.shape("true or false", required, at: place[member.key]["required"])
      }
      attributes.append(
        AttributeDeclaration(
          name: AttributeName(member.key), isRequired: required?.bool ?? true,
          type: type,
          annotations: annotations(
            member.value["annotations"], at: place[member.key]["annotations"])))
    }
    return .record(attributes)
  }
}
