// SPDX-License-Identifier: MIT

internal import JSON

/// OpenAI's tools that take a text of any form where all others take JSON ("Custom tools", OpenAI
/// API documentation). Other providers are told of a function with that text as its only argument.
enum CustomTool {
  static let member: StaticString = "input"

  static let parameters = JSONFragment.object { json in
    json.member("type", literal: "object")
    json.object("properties") { json in
      json.object(member) { $0.member("type", literal: "string") }
    }
    json.array("required") { $0.string(literal: member) }
    json.member("additionalProperties", bool: false)
  }

  /// - Parameter format: which texts the tool takes, where that is said.
  static func description(_ given: JSONText?, format: JSONNode?) -> JSONText? {
    guard let definition = (format?["grammar"] ?? format)?["definition"]?.text else { return given }
    let syntax = (format?["grammar"] ?? format)?["syntax"]?.text ?? "lark"
    var text = given?.escaped ?? []
    if !text.isEmpty { text += JSONText("\n\n").escaped }
    text += JSONText("The input has to match this grammar (").escaped + syntax.escaped
    text += JSONText("):\n").escaped + definition.escaped
    return JSONText(escaped: text)
  }

  /// The arguments that stand for a text.
  static func arguments(_ input: JSONText) -> JSONText {
    JSONFragment.object { $0.member(member, input) }.quoted
  }

  /// The text that a model wrote, as far as it came; its arguments as they are where they are
  /// something else.
  static func input(_ arguments: JSONText) -> JSONText {
    let bytes = arguments.plainBytes
    if let value = try? JSONFragment(checking: bytes[...]) {
      let root = value.parsed
      let isEmpty = root.isObject && root.members.first { _ in true } == nil
      return root[member]?.text ?? (isEmpty ? .empty : arguments)
    }
    // The answer was cut off, perhaps within an escape.
    for count in 0...escapeBytesMaximum where count <= bytes.count {
      let closed = bytes.dropLast(count) + "\"}".utf8
      if let text = (try? JSONFragment(checking: closed))?.parsed[member]?.text { return text }
    }
    return arguments
  }

  /// Of an escaped pair of surrogates less its last digit.
  private static let escapeBytesMaximum = 11
}
