// SPDX-License-Identifier: MIT

internal import JSON

/// Reads one message of a chat completion request.
struct OpenAIMessageReader {
  /// Of the message, for complaints.
  let index: Int

  private func path(_ member: String) -> String { "messages[\(index)].\(member)" }

  func read(_ node: JSONNode) throws(TranslationError) -> Message {
    guard node.isObject else { throw .invalid("messages[\(index)]", "must be an object") }
    let name = node["name"]?.text
    switch node["role"]?.string {
    case "system", "developer":
      return Message(.system, try content(node, isRequired: true), name: name)
    case "user": return Message(.user, try content(node, isRequired: true), name: name)
    case "assistant":
      var message = Message(.assistant, try assistant(node), name: name)
      message.isPrefix = node["prefix"]?.bool ?? false
      return message
    case "tool":
      guard let id = node["tool_call_id"]?.text else {
        throw .invalid(path("tool_call_id"), "is missing")
      }
      return Message(.user, [try toolResult(node, id: id)])
    case "function":
      guard let function = name else { throw .invalid(path("name"), "is missing") }
      return Message(.user, [try toolResult(node, id: Self.legacyID(function))])
    default:
      throw .invalid(path("role"), "must be system, developer, user, assistant or tool")
    }
  }

  /// The older `function_call` has no id: one call of each name can be told.
  static func legacyID(_ name: JSONText) -> JSONText {
    JSONText(escaped: ArraySlice("call_".utf8) + name.escaped)
  }

  private func toolResult(_ node: JSONNode, id: JSONText) throws(TranslationError) -> Block {
    Block(
      .toolResult(ToolResult(id: id, blocks: try content(node, isRequired: false))),
      cacheControl: node["cache_control"]?.fragment)
  }

  // MARK: Assistant

  private func assistant(_ node: JSONNode) throws(TranslationError) -> [Block] {
    var blocks = try reasoning(node)
    blocks += try content(node, isRequired: false)
    if let refusal = node["refusal"]?.text, !refusal.isEmpty {
      blocks.append(Block(.refusal(refusal)))
    }
    if let calls = node["tool_calls"] {
      guard calls.isArray else { throw .invalid(path("tool_calls"), "must be an array") }
      for (number, call) in calls.elements.enumerated() {
        blocks.append(Block(.toolCall(try toolCall(call, path("tool_calls[\(number)]")))))
      }
    }
    if let call = node["function_call"], let name = call["name"]?.text {
      let arguments = OpenAITools.arguments(call["arguments"]) ?? "{}"
      blocks.append(
        Block(.toolCall(ToolCall(id: Self.legacyID(name), name: name, arguments: arguments))))
    }
    return blocks
  }

  /// `thinking_blocks` say more than `reasoning_content`, which stands beside them.
  private func reasoning(_ node: JSONNode) throws(TranslationError) -> [Block] {
    let text = node["reasoning_content"]?.text ?? node["reasoning"]?.text
    var thoughts: [ReasoningBlock] = []
    if let entries = node["thinking_blocks"], entries.isArray {
      thoughts = entries.elements.compactMap(Self.thought)
    }
    if let text, !text.isEmpty { thoughts = Self.completed(thoughts, by: text) }
    return thoughts.map { Block(.reasoning($0)) }
  }

  private static func thought(_ entry: JSONNode) -> ReasoningBlock? {
    if let data = entry["data"]?.text { return ReasoningBlock(text: .empty, encrypted: data) }
    guard let text = entry["thinking"]?.text else { return nil }
    return ReasoningBlock(text: text, signature: entry["signature"]?.text)
  }

  /// Some streams tell a block's signature without its text, which their messages have in
  /// `reasoning_content` alone. Of several such blocks nobody knows which text is whose, and a
  /// signature of another text proves nothing.
  private static func completed(
    _ thoughts: [ReasoningBlock], by text: JSONText
  ) -> [ReasoningBlock] {
    let readable = thoughts.indices.filter { thoughts[$0].encrypted == nil }
    guard !thoughts.isEmpty else { return [ReasoningBlock(text: text)] }
    guard !readable.isEmpty, readable.allSatisfy({ thoughts[$0].text.isEmpty }) else {
      return thoughts
    }
    guard readable.count == 1 else { return [ReasoningBlock(text: text)] }
    var thoughts = thoughts
    thoughts[readable[0]].text = text
    return thoughts
  }

  private func toolCall(_ node: JSONNode, _ path: String) throws(TranslationError) -> ToolCall {
    guard let id = node["id"]?.text else { throw .invalid("\(path).id", "is missing") }
    guard let function = node["function"], let name = function["name"]?.text else {
      throw .invalid("\(path).function.name", "is missing")
    }
    return ToolCall(
      id: id, name: name, arguments: OpenAITools.arguments(function["arguments"]) ?? .empty,
      signature: node["extra_content"]?["google"]?["thought_signature"]?.text)
  }

  // MARK: Content

  private func content(
    _ node: JSONNode, isRequired: Bool
  ) throws(TranslationError) -> [Block] {
    guard let content = node["content"] else {
      guard !isRequired else { throw .invalid(path("content"), "is missing") }
      return []
    }
    if let text = content.text {
      return [Block(.text(text), cacheControl: node["cache_control"]?.fragment)]
    }
    guard content.isArray else {
      throw .invalid(path("content"), "must be a string or an array of parts")
    }
    var blocks: [Block] = []
    for (number, part) in content.elements.enumerated() {
      let place = path("content[\(number)]")
      blocks.append(
        Block(try self.part(part, place), cacheControl: part["cache_control"]?.fragment))
    }
    return blocks
  }

  private func part(_ node: JSONNode, _ path: String) throws(TranslationError) -> Block.Content {
    switch node["type"]?.string {
    case "text":
      guard let text = node["text"]?.text else { throw .invalid("\(path).text", "is missing") }
      return .text(text)
    case "refusal": return .refusal(node["refusal"]?.text ?? .empty)
    case "image_url":
      guard let url = node["image_url"]?["url"]?.text ?? node["image_url"]?.text else {
        throw .invalid("\(path).image_url.url", "is missing")
      }
      var media = Media(dataOrURL: url)
      media.detail = node["image_url"]?["detail"]?.text
      return .image(media)
    case "input_audio":
      guard let audio = node["input_audio"], let data = audio["data"]?.text else {
        throw .invalid("\(path).input_audio.data", "is missing")
      }
      let format = audio["format"]?.string ?? "wav"
      return .audio(Media(.base64(data), mediaType: JSONText("audio/\(format)")))
    case "file": return .file(try file(node, path))
    default:
      throw .invalid("\(path).type", "must be text, image_url, input_audio, file or refusal")
    }
  }

  private func file(_ node: JSONNode, _ path: String) throws(TranslationError) -> Media {
    let file = node["file"]
    let name = file?["filename"]?.text
    if let id = file?["file_id"]?.text { return Media(.file(id), name: name) }
    guard let data = file?["file_data"]?.text else {
      throw .invalid("\(path).file", "must have file_data or file_id")
    }
    var media = Media(dataOrURL: data)
    media.name = name
    return media
  }
}

extension Media {
  /// A `data:` URL with base64 (RFC 2397) by its data, any other by its address.
  init(dataOrURL text: JSONText) {
    let bytes = text.escaped
    guard bytes.starts(with: "data:".utf8), let comma = bytes.firstIndex(of: 0x2c) else {
      self.init(.url(text))
      return
    }
    let head = bytes[(bytes.startIndex + 5)..<comma]
    guard head.suffix(7).elementsEqual(";base64".utf8) else {
      self.init(.url(text))
      return
    }
    let type = head.dropLast(7).prefix { $0 != 0x3b }
    self.init(
      .base64(JSONText(escaped: bytes[(comma + 1)...])),
      // Writers may escape the slash, which readers of media types do not expect.
      mediaType: type.isEmpty ? nil : JSONText(JSONText(escaped: type).plain))
  }

  /// The other way round; nil for a file's id.
  var dataURL: JSONText? {
    switch source {
    case .url(let url): return url
    case .file: return nil
    case .base64(let data):
      var bytes = Array("data:".utf8)
      bytes += (mediaType ?? "application/octet-stream").escaped
      bytes += ";base64,".utf8
      bytes += data.escaped
      return JSONText(escaped: bytes[...])
    }
  }
}
