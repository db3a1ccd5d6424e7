// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An instance for a JSON schema: tool arguments and structured answers.
///
/// It knows what tool schemas use: `type`, `enum`, `const`, `default`, `properties`, `items`,
/// `minItems`, `minimum`, `exclusiveMinimum`, `anyOf`, `oneOf`, `allOf`, local `$ref`.
struct SchemaSample {
  private static let depthMaximum = 24

  private let root: JSONValue
  /// What strings say.
  private let words: String

  init(root: JSONValue, words: String) {
    self.root = root
    self.words = words.isEmpty ? "sample" : String(words.prefix(80))
  }

  static func make(for schema: JSONValue, words: String) -> JSONValue {
    SchemaSample(root: schema, words: words).sample(schema, depth: 0)
  }

  private func sample(_ schema: JSONValue, depth: Int) -> JSONValue {
    guard depth < Self.depthMaximum, schema.objectMembers != nil else { return .null }
    if let value = schema["const"] ?? schema["enum"]?[0] ?? schema["default"] { return value }
    if let reference = schema["$ref"]?.stringValue {
      return sample(resolve(reference), depth: depth + 1)
    }
    for name in ["anyOf", "oneOf", "allOf"] {
      if let first = schema[name]?[0] { return sample(first, depth: depth + 1) }
    }
    switch schema["type"]?.stringValue ?? schema["type"]?[0]?.stringValue {
    case "string": return string(schema)
    case "integer": return .integer(Int64(minimum(schema).rounded(.up)))
    case "number": return .number(minimum(schema))
    case "boolean": return true
    case "null": return .null
    case "array":
      let count = max(1, min(schema["minItems"]?.integerValue ?? 1, 16))
      let element = sample(schema["items"] ?? .object([]), depth: depth + 1)
      return .array(Array(repeating: element, count: Int(count)))
    case "object": return object(schema, depth: depth)
    default: return schema["properties"] == nil ? .string(words) : object(schema, depth: depth)
    }
  }

  private func object(_ schema: JSONValue, depth: Int) -> JSONValue {
    let properties = schema["properties"]?.objectMembers ?? []
    let required = Set((schema["required"]?.arrayValue ?? []).compactMap(\.stringValue))
    // Deep down only what must be there, so that a recursive schema comes to an end.
    let chosen = depth < 6 ? properties : properties.filter { required.contains($0.name) }
    return .object(
      chosen.map { JSONValue.Member($0.name, sample($0.value, depth: depth + 1)) })
  }

  private func string(_ schema: JSONValue) -> JSONValue {
    switch schema["format"]?.stringValue {
    case "date": return "2025-01-31"
    case "date-time": return "2025-01-31T12:00:00Z"
    case "time": return "12:00:00Z"
    case "email": return "user@example.com"
    case "uri", "url": return "https://example.com/"
    case "uuid": return "00000000-0000-4000-8000-000000000000"
    default: break
    }
    let longest = Int(clamping: schema["maxLength"]?.integerValue ?? 80)
    var text = String(words.prefix(max(0, longest)))
    let shortest = min(Int(clamping: schema["minLength"]?.integerValue ?? 0), 4096)
    if text.count < shortest { text += String(repeating: "x", count: shortest - text.count) }
    return .string(text)
  }

  private func minimum(_ schema: JSONValue) -> Double {
    if let value = schema["minimum"]?.numberValue { return min(max(value, -1e15), 1e15) }
    if let value = schema["exclusiveMinimum"]?.numberValue {
      return min(max(value, -1e15), 1e15) + 1
    }
    return min(1, max(schema["maximum"]?.numberValue ?? 1, -1e15))
  }

  /// `#/$defs/Name` and the like, within this document.
  private func resolve(_ reference: String) -> JSONValue {
    guard reference.hasPrefix("#") else { return .null }
    var value = root
    for step in reference.dropFirst().split(separator: "/") {
      guard let next = value[String(step)] else { return .null }
      value = next
    }
    return value
  }
}
