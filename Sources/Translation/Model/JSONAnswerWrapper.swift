// SPDX-License-Identifier: MIT

internal import JSON

/// The object that an answer is a member of, where a provider takes schemas of objects only and the
/// client's is another: a list, as Google's clients like to ask for, or a word out of some.
/// OpenAI refuses those ("Structured model outputs", OpenAI API documentation), and none of the
/// providers that may be like it refuses an object. `AnswerUnwrapper` takes the answer out again.
enum JSONAnswerWrapper {
  /// One that no schema of a client's has: models that do not keep to a schema leave objects out.
  static let member: StaticString = "gateway_answer"

  /// Levels of a schema that are looked through for what it says of its own root.
  private static let depthMaximum = 64

  /// - Returns: nil for an object's schema, and for one that cannot be put into another because it
  ///   speaks of its own root.
  static func wrapped(_ schema: JSONFragment) -> JSONFragment? {
    let root = schema.parsed
    guard root.isObject, !JSONAnswerTool.takes(schema), root["$id"] == nil,
      !speaksOfItsRoot(root, depth: 0)
    else { return nil }
    return .object { json in
      json.member("type", literal: "object")
      json.object("properties") { json in
        json.object(member) { json in append(root, to: &json) { !isOfRoot($0) } }
      }
      json.array("required") { $0.string(literal: member) }
      json.member("additionalProperties", bool: false)
      append(root, to: &json, where: isOfRoot)
    }
  }

  private static func append(
    _ schema: JSONNode, to json: inout JSONBuilder, where isIncluded: (JSONText) -> Bool
  ) {
    for (name, value) in schema.members where isIncluded(name) {
      json.key(text: name)
      json.raw(value.fragment)
    }
  }

  /// What references find at the document's root, and its dialect.
  private static func isOfRoot(_ name: JSONText) -> Bool {
    name.equals("$defs") || name.equals("definitions") || name.equals("$schema")
  }

  private static func speaksOfItsRoot(_ schema: JSONNode, depth: Int) -> Bool {
    guard depth < depthMaximum else { return true }
    for (name, value) in schema.members {
      if name.equals("$ref") || name.equals("$dynamicRef") || name.equals("$recursiveRef"),
        let target = value.string
      {
        let isElsewhere = ["#/$defs/", "#/definitions/"].contains { target.hasPrefix($0) }
        if target.hasPrefix("#"), !isElsewhere { return true }
      }
      if speaksOfItsRoot(value, depth: depth + 1) { return true }
    }
    return schema.isArray
      && schema.elements.contains { speaksOfItsRoot($0, depth: depth + 1) }
  }
}
