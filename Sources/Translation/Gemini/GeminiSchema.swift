// SPDX-License-Identifier: MIT

internal import JSON

/// Gemini's own kind of schema (a part of OpenAPI 3.0; "Schema", Gemini API reference), which its
/// clients write beside JSON schema.
enum GeminiSchema {
  /// The same as JSON schema.
  static func jsonSchema(_ node: JSONNode) -> JSONFragment {
    var json = JSONBuilder()
    append(node, to: &json)
    return JSONFragment(validated: json.bytes[...])
  }

  private static func append(_ node: JSONNode, to json: inout JSONBuilder) {
    guard node.isObject else { return json.raw(node.fragment) }
    let isNullable = node["nullable"]?.bool == true
    json.object { json in
      for member in node.members where member.value.kind != .null {
        append(member.name, member.value, isNullable: isNullable, to: &json)
      }
    }
  }

  private static func append(
    _ name: JSONText, _ value: JSONNode, isNullable: Bool, to json: inout JSONBuilder
  ) {
    let word = GeminiNames.camel(name)
    switch word {
    case "nullable", "propertyOrdering": break
    case "type": appendType(value, isNullable: isNullable, to: &json)
    case "properties", "defs", "$defs":
      json.key(text: word == "defs" ? "$defs" : JSONText(word))
      json.object { json in
        for property in value.members {
          json.key(text: property.name)
          append(property.value, to: &json)
        }
      }
    case "items", "additionalProperties":
      json.key(text: JSONText(word))
      append(value, to: &json)
    case "anyOf", "oneOf", "prefixItems":
      json.key(text: JSONText(word))
      json.array { json in
        for element in value.elements { append(element, to: &json) }
      }
    case "minItems", "maxItems", "minLength", "maxLength", "minProperties", "maxProperties":
      json.key(text: JSONText(word))
      json.raw(GeminiNames.number(value))
    case "example":
      json.key("examples")
      json.array { $0.raw(value.fragment) }
    case "ref":
      json.key("$ref")
      json.raw(value.fragment)
    default:
      json.key(text: JSONText(word))
      json.raw(value.fragment)
    }
  }

  /// Types are written in capitals.
  private static func appendType(
    _ value: JSONNode, isNullable: Bool, to json: inout JSONBuilder
  ) {
    guard let word = value.string else { return json.member("type", value.fragment) }
    guard word != "TYPE_UNSPECIFIED" else { return }
    guard isNullable else { return json.member("type", string: word.lowercased()) }
    json.array("type") {
      $0.string(word.lowercased())
      $0.string(literal: "null")
    }
  }
}

/// How Google's JSON varies: every member may be written in camel or snake case, every 64-bit
/// number as a string (ProtoJSON, protobuf.dev).
enum GeminiNames {
  static func camel(_ name: JSONText) -> String {
    let plain = name.plain
    guard plain.contains("_") else { return plain }
    var result = ""
    var isUpper = false
    for character in plain {
      if character == "_" && !result.isEmpty {
        isUpper = true
      } else {
        result += isUpper ? character.uppercased() : String(character)
        isUpper = false
      }
    }
    return result
  }

  /// A model's name without the folder that it has as a resource.
  static func model(_ node: JSONNode) -> JSONText {
    node.string.map { JSONText(String(GeminiModels.baseName($0))) } ?? .empty
  }

  static func number(_ node: JSONNode) -> JSONFragment {
    guard let text = node.text, let number = try? JSONFragment(checking: text.escaped),
      number.parsed.kind == .number
    else { return node.fragment }
    return number
  }
}

extension JSONNode {
  /// The member by its camel-case name, or its snake-case one.
  subscript(_ camel: StaticString, or snake: StaticString) -> JSONNode? {
    self[camel] ?? self[snake]
  }
}
