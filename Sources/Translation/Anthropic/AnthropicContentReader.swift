// SPDX-License-Identifier: MIT

internal import JSON

/// Reads one message of the Messages API. Blocks of tools that Anthropic runs have no counterpart
/// elsewhere: they are left out and noted.
struct AnthropicContentReader {
  /// For complaints.
  let path: String
  private(set) var others: [OtherParameter] = []

  init(path: String) { self.path = path }

  private mutating func note(_ name: String, _ value: JSONNode) {
    others.append(OtherParameter(name: JSONText("messages.\(name)"), value: value.fragment))
  }

  mutating func readMessage(_ node: JSONNode) throws(TranslationError) -> Message {
    let role: Role
    switch node["role"]?.string {
    case "user": role = .user
    case "assistant": role = .assistant
    case "system": role = .system
    default: throw .invalid("\(path).role", "must be user, assistant or system")
    }
    guard let content = node["content"] else { throw .invalid("\(path).content", "is missing") }
    return Message(role, try readContent(content, "\(path).content", of: role))
  }

  /// A string, or a list of blocks.
  mutating func readContent(
    _ node: JSONNode, _ path: String, of role: Role
  ) throws(TranslationError) -> [Block] {
    if let text = node.text { return [Block(.text(text))] }
    guard node.isArray else { throw .invalid(path, "must be a string or a list of blocks") }
    var blocks: [Block] = []
    for (index, element) in node.elements.enumerated() {
      let place = "\(path)[\(index)]"
      guard let content = try block(element, place, role) else { continue }
      blocks.append(Block(content, cacheControl: element["cache_control"]?.fragment))
    }
    return blocks
  }

  private mutating func block(
    _ node: JSONNode, _ path: String, _ role: Role
  ) throws(TranslationError) -> Block.Content? {
    guard let type = node["type"]?.string else { throw .invalid("\(path).type", "is missing") }
    switch (type, role) {
    case ("text", _):
      if let citations = node["citations"], citations.elements.contains(where: { _ in true }) {
        note("citations", citations)
      }
      return .text(try Self.member("text", of: node, path))
    case ("image", .user): return .image(try source(node, path))
    case ("document", .user): return try document(node, path)
    case ("search_result", .user): return try searchResult(node, path)
    case ("tool_result", .user): return .toolResult(try toolResult(node, path))
    case ("tool_use", .assistant):
      guard let input = node["input"], input.isObject else {
        throw .invalid("\(path).input", "must be an object")
      }
      return .toolCall(
        ToolCall(
          id: try Self.member("id", of: node, path), name: try Self.member("name", of: node, path),
          arguments: input.fragment.quoted))
    case ("thinking", .assistant):
      return .reasoning(
        ReasoningBlock(
          text: try Self.member("thinking", of: node, path),
          signature: node["signature"]?.text.nonEmpty))
    case ("redacted_thinking", .assistant):
      return .reasoning(
        ReasoningBlock(text: .empty, encrypted: try Self.member("data", of: node, path)))
    default:
      guard Self.isAnthropicsOwn(type) else {
        throw .invalid("\(path).type", "is no type of block that may stand here")
      }
      note(type, node)
      return nil
    }
  }

  private static func isAnthropicsOwn(_ type: String) -> Bool {
    type.hasSuffix("_tool_result") || type.hasSuffix("_tool_use")
      || ["container_upload", "compaction", "tool_reference", "browser_state"].contains(type)
  }

  private static func member(
    _ name: StaticString, of node: JSONNode, _ path: String
  ) throws(TranslationError) -> JSONText {
    guard let text = node[name]?.text else { throw .invalid("\(path).\(name)", "is missing") }
    return text
  }

  // MARK: Results

  private mutating func toolResult(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> ToolResult {
    var blocks: [Block] = []
    if let content = node["content"] {
      for block in try readContent(content, "\(path).content", of: .user) {
        if case .toolResult = block.content {
          throw .invalid("\(path).content", "must not hold results of tools")
        }
        blocks.append(block)
      }
    }
    return ToolResult(
      id: try Self.member("tool_use_id", of: node, path), blocks: blocks,
      isError: node["is_error"]?.bool ?? false)
  }

  /// Title, address and texts, as a text.
  private mutating func searchResult(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> Block.Content {
    if node["citations"]?["enabled"]?.bool == true { note("citations", node) }
    var lines = [
      try Self.member("title", of: node, path), try Self.member("source", of: node, path),
    ]
    guard let content = node["content"] else { throw .invalid("\(path).content", "is missing") }
    lines += content.elements.compactMap { $0["text"]?.text }
    return .text(Self.joined(lines))
  }

  private static func joined(_ lines: [JSONText]) -> JSONText {
    var bytes: [UInt8] = []
    for line in lines {
      if !bytes.isEmpty { bytes += [0x5c, 0x6e] }
      bytes += line.escaped
    }
    return JSONText(escaped: bytes[...])
  }

  // MARK: Media

  private func source(_ node: JSONNode, _ path: String) throws(TranslationError) -> Media {
    guard let source = node["source"] else { throw .invalid("\(path).source", "is missing") }
    let place = "\(path).source"
    switch source["type"]?.string {
    case "base64":
      return Media(
        .base64(try Self.member("data", of: source, place)),
        mediaType: try Self.member("media_type", of: source, place))
    case "url": return Media(.url(try Self.member("url", of: source, place)))
    case "file": return Media(.file(try Self.member("file_id", of: source, place)))
    default: throw .invalid("\(place).type", "must be base64, url or file")
    }
  }

  private mutating func document(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) -> Block.Content {
    if node["citations"]?["enabled"]?.bool == true { note("citations", node) }
    if let context = node["context"] { note("document.context", context) }
    var media: Media
    switch node["source"]?["type"]?.string {
    case "text":
      media = Self.textFile(
        try Self.member("data", of: node["source"] ?? node, "\(path).source"))
    case "content":
      media = Self.textFile(try parts(node["source"]?["content"], "\(path).source.content"))
    default: media = try source(node, path)
    }
    media.name = node["title"]?.text
    return .file(media)
  }

  private static func textFile(_ text: JSONText) -> Media {
    Media(
      .base64(JSONText(escaped: Base64.encode(text.plainBytes)[...])), mediaType: "text/plain")
  }

  /// The texts of a document in parts; it may have no images here.
  private func parts(_ node: JSONNode?, _ path: String) throws(TranslationError) -> JSONText {
    if let text = node?.text { return text }
    guard let node, node.isArray else { throw .invalid(path, "must be a string or a list") }
    var texts: [JSONText] = []
    for element in node.elements {
      guard let text = element["text"]?.text else {
        throw RequestCheck.refusal(path, "documents in parts are text only")
      }
      texts.append(text)
    }
    return Self.joined(texts)
  }
}
