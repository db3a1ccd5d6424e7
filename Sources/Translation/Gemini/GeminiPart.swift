// SPDX-License-Identifier: MIT

internal import JSON

/// A part of an answer.
struct GeminiPart {
  enum Content {
    case text(JSONText)
    case thought(JSONText)
    /// The arguments are whole.
    case call(id: JSONText?, name: JSONText, arguments: JSONText)
    /// Of a kind that is not known, or without content.
    case nothing
  }

  var content: Content
  /// Not empty.
  var signature: JSONText?

  /// - Throws: `malformedAnswer` for a call in pieces, which nobody asked for.
  init(_ node: JSONNode) throws(TranslationError) {
    signature = node["thoughtSignature"]?.text.flatMap { $0.isEmpty ? nil : $0 }
    if let call = node["functionCall"] {
      content = try Self.call(call)
    } else if let text = Self.text(of: node) {
      content = node["thought"]?.bool == true ? .thought(text) : .text(text)
    } else {
      content = .nothing
    }
  }

  private static func call(_ node: JSONNode) throws(TranslationError) -> Content {
    guard node["partialArgs"] == nil, node["willContinue"]?.bool != true else {
      throw .malformed("A function call comes in pieces, although that was not asked for.")
    }
    guard let name = node["name"]?.text, !name.isEmpty else {
      throw .malformed("A function call has no name.")
    }
    let arguments = node["args"]?.fragment.compacted.quoted ?? "{}"
    return .call(
      id: node["id"]?.text.flatMap { $0.isEmpty ? nil : $0 }, name: name, arguments: arguments)
  }

  /// Pictures, code and its output, which other APIs' answers have no place for, become Markdown.
  private static func text(of node: JSONNode) -> JSONText? {
    if let text = node["text"]?.text { return text.isEmpty ? nil : text }
    if let data = node["inlineData"] {
      let media = Media(.base64(data["data"]?.text ?? .empty), mediaType: data["mimeType"]?.text)
      guard let url = media.dataURL else { return nil }
      let isImage = media.mediaType?.escaped.starts(with: "image/".utf8) ?? false
      return joined([isImage ? "![image](" : "[file](", url, ")"])
    }
    if let code = node["executableCode"] {
      let language = code["language"]?.string?.lowercased() ?? ""
      return joined([JSONText("\n```\(language)\n"), code["code"]?.text ?? .empty, "\n```\n"])
    }
    if let result = node["codeExecutionResult"] {
      return joined(["\n```\n", result["output"]?.text ?? .empty, "\n```\n"])
    }
    return nil
  }

  private static func joined(_ texts: [JSONText]) -> JSONText { .joined(texts, separator: "") }
}

/// Ids for the calls of one answer: Gemini gives them only sometimes, other APIs need them.
struct GeminiCallIdentifiers {
  private let stem: String
  private var count = 0

  /// - Parameter root: the answer, or its first piece. Answers have ids of their own; those of the
  ///   calls follow from it, so that two readers of one answer agree.
  init(_ root: JSONNode) {
    let id = root["responseId"]?.string ?? ""
    stem = id.isEmpty ? ToolIdentifiers.digest(of: root.fragment.bytes) : id
  }

  mutating func next() -> JSONText {
    defer { count += 1 }
    return ToolIdentifiers().identifier(JSONText("call_\(stem)_\(count)"))
  }
}
