// SPDX-License-Identifier: MIT

internal import JSON

/// JSON schemas as the API wants them.
enum AnthropicSchema {
  /// A schema for a tool's input: an object in any case.
  static func input(_ schema: JSONFragment?) -> JSONFragment {
    guard let schema else { return JSONFragment(literal: #"{"type":"object","properties":{}}"#) }
    let node = schema.parsed
    if node["type"] != nil || node["$ref"] != nil { return schema }
    var json = JSONBuilder()
    json.object { json in
      json.member("type", literal: "object")
      for member in node.members where !member.name.equals("type") {
        json.key(text: member.name)
        json.raw(member.value.fragment)
      }
    }
    return JSONFragment(validated: json.finish()[...])
  }

  /// A schema for `output_config.format`, whose objects must be closed and which knows no bounds of
  /// numbers, texts and lists: those are put into the description. (Anthropic documentation,
  /// "Structured outputs", "JSON Schema limitations".)
  ///
  /// - Returns: nil for a schema with objects of any members, which cannot be closed.
  static func closed(_ schema: JSONFragment) -> (schema: JSONFragment, isChanged: Bool)? {
    var closing = Closing()
    closing.write(schema.parsed)
    guard !closing.hasOpenObject else { return nil }
    return (JSONFragment(validated: closing.json.finish()[...]), closing.isChanged)
  }

  private struct Closing {
    var json = JSONBuilder()
    var isChanged = false
    var hasOpenObject = false

    private static let unsupported: Set<String> = [
      "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength",
      "maxLength", "maxItems", "uniqueItems", "minProperties", "maxProperties",
    ]

    mutating func write(_ node: JSONNode) {
      guard node.isObject else { return json.raw(node.fragment) }
      let isObject = node["type"]?.equals("object") ?? false
      var words: [String] = []
      json.beginObject()
      for member in node.members {
        let name = member.name.plain
        switch name {
        case "properties", "$defs", "definitions": writeEach(member.name, member.value)
        case "items", "additionalItems": writeOne(member.name, member.value)
        case "anyOf", "allOf": writeList(member.name, member.value)
        case "oneOf":
          isChanged = true
          writeList("anyOf", member.value)
        case "additionalProperties" where isObject:
          if member.value.bool != false { isChanged = true }
        case "description" where hasUnsupported(node): break
        case let name where Self.isUnsupported(name, member.value):
          words.append("\(name): \(String(decoding: member.value.fragment.bytes, as: UTF8.self))")
        default:
          json.key(text: member.name)
          json.raw(member.value.fragment)
        }
      }
      if isObject {
        let others = node["additionalProperties"]
        if others == nil { isChanged = true }
        let hasProperties = node["properties"]?.members.contains { _ in true } ?? false
        if others?.isObject == true || others?.bool != false && !hasProperties {
          hasOpenObject = true
        }
        json.member("additionalProperties", bool: false)
      }
      if !words.isEmpty {
        isChanged = true
        let description = node["description"]?.string.map { $0 + "\n" } ?? ""
        json.member("description", string: description + "(" + words.joined(separator: ", ") + ")")
      }
      json.endObject()
    }

    private func hasUnsupported(_ node: JSONNode) -> Bool {
      node.members.contains { Self.isUnsupported($0.name.plain, $0.value) }
    }

    private static func isUnsupported(_ name: String, _ value: JSONNode) -> Bool {
      if name == "minItems" { return (value.integer ?? 2) > 1 }
      return unsupported.contains(name)
    }

    private mutating func writeEach(_ name: JSONText, _ value: JSONNode) {
      guard value.isObject else { return writeOne(name, value) }
      json.key(text: name)
      json.beginObject()
      for member in value.members {
        json.key(text: member.name)
        write(member.value)
      }
      json.endObject()
    }

    private mutating func writeOne(_ name: JSONText, _ value: JSONNode) {
      json.key(text: name)
      write(value)
    }

    private mutating func writeList(_ name: JSONText, _ value: JSONNode) {
      json.key(text: name)
      json.beginArray()
      for element in value.elements { write(element) }
      json.endArray()
    }
  }
}
