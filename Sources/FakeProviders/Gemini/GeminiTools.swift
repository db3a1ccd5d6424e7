// SPDX-License-Identifier: MIT

internal import ControlPlane

/// Function declarations and the two kinds of schema they may have.
enum GeminiTools {
  private static let depthMaximum = 32
  private static let declarationMembers: Set<String> = [
    "behavior", "description", "name", "parameters", "parametersJsonSchema", "response",
    "responseJsonSchema",
  ]
  private static let schemaMembers: Set<String> = [
    "anyOf", "default", "description", "enum", "example", "format", "items", "maxItems",
    "maxLength", "maxProperties", "maximum", "minItems", "minLength", "minProperties", "minimum",
    "nullable", "pattern", "properties", "propertyOrdering", "required", "title", "type",
  ]
  /// Vertex takes more of JSON Schema than the Gemini API does.
  private static let vertexSchemaMembers = schemaMembers.union([
    "additionalProperties", "defs", "ref",
  ])
  private static let types: Set<String> = [
    "ARRAY", "BOOLEAN", "INTEGER", "NULL", "NUMBER", "OBJECT", "STRING", "TYPE_UNSPECIFIED",
  ]

  static func read(
    _ given: JSONValue?, isVertex: Bool
  ) throws(ProviderError) -> [AnswerRequest.Tool] {
    var tools: [AnswerRequest.Tool] = []
    for (toolIndex, tool) in (given?.arrayValue ?? []).enumerated() {
      let fields = try ProtoFields(tool, path: "tools[\(toolIndex)]")
      for (index, element) in (fields["functionDeclarations"]?.arrayValue ?? []).enumerated() {
        let declaration = try ProtoFields(
          element, path: "tools[\(toolIndex)].function_declarations[\(index)]",
          known: declarationMembers)
        let tool = try read(declaration, isVertex)
        if tools.contains(where: { $0.name == tool.name }) {
          throw .invalidRequest("Duplicate function declaration found: \(tool.name)")
        }
        tools.append(tool)
      }
    }
    return tools
  }

  private static func read(
    _ declaration: ProtoFields, _ isVertex: Bool
  ) throws(ProviderError) -> AnswerRequest.Tool {
    let name = declaration["name"]?.stringValue ?? ""
    guard isName(name) else {
      throw .invalidRequest(
        "* GenerateContentRequest.\(declaration.place("name")): [FIELD_INVALID] Invalid function "
          + "name. Must start with a letter or an underscore. Must be alpha-numeric (a-z, A-Z, "
          + "0-9), underscores (_), dots (.), colons (:), or dashes (-), with a maximum length of "
          + "64.\n")
    }
    let classic = declaration["parameters"]
    let full = declaration["parametersJsonSchema"]
    if let classic {
      if full != nil {
        throw .invalidRequest("parameters and parameters_json_schema cannot both be set.")
      }
      try check(schema: classic, declaration.place("parameters"), isVertex: isVertex)
    }
    return AnswerRequest.Tool(
      name: name, parameters: full ?? classic.map(plain) ?? .null,
      definitionText: declaration.value.text)
  }

  static func isName(_ name: String) -> Bool {
    guard let first = name.utf8.first, name.utf8.count <= 64 else { return false }
    let isLetter = { (byte: UInt8) in
      (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) || byte == UInt8(ascii: "_")
    }
    return isLetter(first)
      && name.utf8.allSatisfy { byte in
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
          || "-.:".utf8.contains(byte)
      }
  }

  // MARK: The classic schema, a message of its own and no JSON Schema

  static func check(
    schema: JSONValue, _ path: String, isVertex: Bool, depth: Int = 0
  ) throws(ProviderError) {
    if depth == depthMaximum { throw .invalidRequest("The schema at '\(path)' is too deep.") }
    let fields = try ProtoFields(
      schema, path: path, known: isVertex ? vertexSchemaMembers : schemaMembers)
    if let type = fields["type"] {
      if type.arrayValue != nil {
        throw .invalidRequest(
          "Invalid JSON payload received. Unknown name \"type\" at '\(path)': Proto field is not "
            + "repeating, cannot start list.")
      }
      guard types.contains(type.stringValue?.uppercased() ?? "") else {
        throw .invalidRequest(
          "Invalid value at '\(path).type' (type.googleapis.com/google.ai.generativelanguage."
            + "v1beta.Type), \(type.text)")
      }
    }
    for value in fields["enum"]?.arrayValue ?? [] where value.stringValue == nil {
      throw .invalidRequest("Invalid value at '\(path).enum[0]' (TYPE_STRING), \(value.text)")
    }
    for member in fields["properties"]?.objectMembers ?? [] {
      try check(
        schema: member.value, "\(path).properties['\(member.name)']", isVertex: isVertex,
        depth: depth + 1)
    }
    if let items = fields["items"] {
      try check(schema: items, "\(path).items", isVertex: isVertex, depth: depth + 1)
    }
    for (index, option) in (fields["anyOf"]?.arrayValue ?? []).enumerated() {
      try check(
        schema: option, "\(path).any_of[\(index)]", isVertex: isVertex, depth: depth + 1)
    }
  }

  /// The classic schema as JSON Schema: types in lower case, members in camel case.
  static func plain(_ schema: JSONValue) -> JSONValue { plain(schema, depth: 0) }

  private static func plain(_ schema: JSONValue, depth: Int) -> JSONValue {
    guard depth < depthMaximum, let members = schema.objectMembers else { return schema }
    return .object(
      members.map { member in
        let name = ProtoFields.camelCase(member.name)
        let value: JSONValue
        switch name {
        case "type": value = JSONValue(member.value.stringValue?.lowercased())
        case "properties":
          value = .object(
            (member.value.objectMembers ?? []).map {
              .init($0.name, plain($0.value, depth: depth + 1))
            })
        case "items": value = plain(member.value, depth: depth + 1)
        case "anyOf":
          value = .array(
            (member.value.arrayValue ?? []).map { plain($0, depth: depth + 1) })
        default: value = member.value
        }
        return .init(name, value)
      })
  }
}
