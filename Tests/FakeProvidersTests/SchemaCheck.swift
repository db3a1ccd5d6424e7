// SPDX-License-Identifier: MIT

import ControlPlane
import Foundation
import Testing

/// Checks values against the schemas of OpenAI's OpenAPI document: the part of JSON Schema that
/// document uses for answers.
struct SchemaCheck {
  let document: JSONValue

  /// The conformance data beside the project, or nil when this checkout has none.
  static let openAI: SchemaCheck? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    let file = root.appendingPathComponent("shared/conformance/openai-openapi-subset.json")
    guard let data = try? Data(contentsOf: file),
      let document = try? JSONValue(parsing: [UInt8](data))
    else { return nil }
    return SchemaCheck(document: document)
  }()

  /// What is wrong with `value` as a component schema `name`; empty when nothing is.
  func problems(_ value: JSONValue, _ name: String) -> [String] {
    guard let schema = document["components"]?["schemas"]?[name] else {
      return ["no schema \(name)"]
    }
    return problems(value, schema, name)
  }

  private func problems(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    if let reference = schema["$ref"]?.stringValue {
      var target = document
      for step in reference.dropFirst(2).split(separator: "/") {
        target = target[String(step)] ?? .null
      }
      return target.isNull ? ["\(path): dangling \(reference)"] : problems(value, target, path)
    }
    for name in ["anyOf", "oneOf"] {
      guard let options = schema[name]?.arrayValue else { continue }
      let results = options.map { problems(value, $0, path) }
      if !results.contains(where: \.isEmpty) {
        return ["\(path): fits none of \(name)"] + results.flatMap(\.self)
      }
    }
    var found: [String] = []
    for part in schema["allOf"]?.arrayValue ?? [] { found += problems(value, part, path) }
    if let allowed = schema["enum"]?.arrayValue, !allowed.contains(value) {
      found.append("\(path): \(value.text) is not in the enumeration")
    }
    return found + typeProblems(value, schema, path)
  }

  private func typeProblems(_ value: JSONValue, _ schema: JSONValue, _ path: String) -> [String] {
    func expect(_ holds: Bool, _ type: String) -> [String] {
      holds ? [] : ["\(path): expected \(type), found \(value.kindName)"]
    }
    // Some schemas of the document have properties and no type.
    switch schema["type"]?.stringValue ?? (schema["properties"] == nil ? nil : "object") {
    case "null": return expect(value.isNull, "null")
    case "string": return expect(value.stringValue != nil, "a string")
    case "integer": return expect(value.integerValue != nil, "an integer")
    case "number": return expect(value.numberValue != nil, "a number")
    case "boolean": return expect(value.booleanValue != nil, "a boolean")
    case "array":
      guard let elements = value.arrayValue else { return expect(false, "an array") }
      let items = schema["items"] ?? .object([])
      return elements.enumerated().flatMap { problems($1, items, "\(path)[\($0)]") }
    case "object":
      guard let members = value.objectMembers else { return expect(false, "an object") }
      var found = (schema["required"]?.arrayValue ?? []).compactMap(\.stringValue)
        .filter { value[$0] == nil }.map { "\(path).\($0): missing" }
      for member in members {
        if let property = schema["properties"]?[member.name] {
          found += problems(member.value, property, "\(path).\(member.name)")
        }
      }
      return found
    default: return []
    }
  }
}
