// SPDX-License-Identifier: MIT

internal import JSON

/// Reads content blocks of Converse, as clients send them.
enum BedrockContentReader {
  /// A mark for the cache belongs to the block before it.
  static func blocks(_ node: JSONNode, _ path: String) throws(TranslationError) -> [Block] {
    var blocks: [Block] = []
    for (index, element) in node.elements.enumerated() {
      if let point = element["cachePoint"] {
        if let last = blocks.indices.last { blocks[last].cacheControl = cacheControl(point) }
        continue
      }
      blocks.append(Block(try content(element, "\(path)[\(index)]")))
    }
    return blocks
  }

  /// As Anthropic's `cache_control` says the same.
  static func cacheControl(_ point: JSONNode) -> JSONFragment {
    .object { json in
      json.member("type", literal: "ephemeral")
      json.member("ttl", point["ttl"]?.text)
    }
  }

  private static func content(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> Block.Content {
    if let text = node["text"]?.text { return .text(text) }
    if let image = node["image"] {
      return .image(try media(image, "image", "\(path).image"))
    }
    if let document = node["document"] { return .file(try self.document(document, path)) }
    if let audio = node["audio"] { return .audio(try media(audio, "audio", "\(path).audio")) }
    if let use = node["toolUse"] { return .toolCall(try call(use, "\(path).toolUse")) }
    if let result = node["toolResult"] {
      return .toolResult(try self.result(result, "\(path).toolResult"))
    }
    if let reasoning = node["reasoningContent"] {
      let text = reasoning["reasoningText"]
      return .reasoning(
        ReasoningBlock(
          text: text?["text"]?.text ?? .empty, signature: text?["signature"]?.text,
          encrypted: reasoning["redactedContent"]?.text))
    }
    if let guarded = node["guardContent"]?["text"]?["text"]?.text { return .text(guarded) }
    if let cited = node["citationsContent"]?["content"] {
      let parts = cited.elements.compactMap { $0["text"]?.text?.escaped }
      return .text(JSONText(escaped: ArraySlice(parts.joined())))
    }
    let name = node.members.first { _ in true }?.name.plain ?? ""
    throw RequestCheck.refusal("\(path).\(name)", "there is nothing for such blocks")
  }

  // MARK: Media

  private static func media(
    _ node: JSONNode, _ type: String, _ path: String
  ) throws(TranslationError) -> Media {
    guard let format = node["format"]?.string else {
      throw .invalid("\(path).format", "is missing")
    }
    return Media(try source(node, path), mediaType: JSONText("\(type)/\(format)"))
  }

  private static func source(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> Media.Source {
    if let bytes = node["source"]?["bytes"]?.text { return .base64(bytes) }
    if let address = node["source"]?["s3Location"]?["uri"]?.text { return .url(address) }
    throw .invalid("\(path).source", "must have bytes or s3Location")
  }

  private static func document(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> Media {
    let name = node["name"]?.text
    let format = node["format"]?.string ?? "txt"
    let mediaType = JSONText(mediaTypes[format] ?? "application/octet-stream")
    if let text = node["source"]?["text"]?.text {
      return media(ofText: text.plainBytes, name: name)
    }
    if let content = node["source"]?["content"] {
      let parts = content.elements.compactMap { $0["text"]?.text?.plainBytes }
      return media(ofText: Array(parts.joined(separator: [0x0a])), name: name)
    }
    return Media(try source(node, "\(path).document"), mediaType: mediaType, name: name)
  }

  private static func media(ofText text: [UInt8], name: JSONText?) -> Media {
    Media(
      .base64(JSONText(escaped: Base64.encode(text)[...])), mediaType: "text/plain", name: name)
  }

  private static let mediaTypes = [
    "pdf": "application/pdf", "csv": "text/csv", "doc": "application/msword",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xls": "application/vnd.ms-excel",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html", "txt": "text/plain", "md": "text/markdown",
  ]

  // MARK: Tools

  private static func call(_ node: JSONNode, _ path: String) throws(TranslationError) -> ToolCall {
    guard let id = node["toolUseId"]?.text else {
      throw .invalid("\(path).toolUseId", "is missing")
    }
    guard let name = node["name"]?.text else { throw .invalid("\(path).name", "is missing") }
    return ToolCall(
      id: id, name: name, arguments: node["input"].map { $0.fragment.quoted } ?? "{}")
  }

  private static func result(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> ToolResult {
    guard let id = node["toolUseId"]?.text else {
      throw .invalid("\(path).toolUseId", "is missing")
    }
    var blocks: [Block] = []
    for (index, element) in (node["content"]?.elements ?? JSONElements.none).enumerated() {
      if let json = element["json"] {
        blocks.append(Block(.text(json.fragment.quoted)))
      } else {
        blocks.append(Block(try content(element, "\(path).content[\(index)]")))
      }
    }
    return ToolResult(
      id: id, blocks: blocks, isError: node["status"]?.equals("error") ?? false)
  }
}
