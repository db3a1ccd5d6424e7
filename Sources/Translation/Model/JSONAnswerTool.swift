// SPDX-License-Identifier: MIT

internal import JSON

/// The tool that a model is made to call where its API knows no JSON schema for answers: its
/// parameters are the schema, its arguments the answer. Readers of answers give those as text.
enum JSONAnswerTool {
  static let name: StaticString = "gateway_json_answer"

  static let description: StaticString =
    "Give the final answer to the user. Always call this tool to answer."

  /// Whether the schema can be that of the tool's parameters: its root has to be an object, and be
  /// seen to be one (not by a `$ref`).
  static func takes(_ schema: JSONFragment) -> Bool {
    schema.parsed["type"]?.equals("object") ?? false
  }

  /// Said to models that can neither take a schema nor be made to call a tool.
  static func instruction(schema: JSONFragment?) -> JSONText {
    guard let schema else { return "Answer with one JSON object and nothing else." }
    let sentence = JSONText(
      "Answer with JSON and nothing else. The JSON must be valid against this JSON schema:\n")
    return JSONText(escaped: sentence.escaped + schema.quoted.escaped)
  }
}

extension ToolCall {
  /// The call's arguments as a JSON object; nothing counts as an empty one.
  ///
  /// - Throws: `invalidRequest`, naming the call.
  func argumentsObject() throws(TranslationError) -> JSONFragment {
    if arguments.isBlank { return JSONFragment(literal: "{}") }
    guard let value = try? JSONFragment(checking: arguments.plainBytes[...]),
      value.parsed.isObject
    else {
      throw TranslationError(
        .invalidRequest,
        "The arguments of the tool call '\(id.plain)' ('\(name.plain)') are no JSON object.",
        parameter: "messages")
    }
    return value
  }
}
