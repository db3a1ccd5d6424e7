// SPDX-License-Identifier: MIT

internal import JSON

/// Reads one item of `input` or `output`.
struct ResponsesItemReader {
  /// Of the item, for complaints.
  let path: String

  /// - Returns: nil for what OpenAI's own tools have done, which nobody else can read. What the
  ///   client has done for them, as in a shell, is refused: the model would not know of it.
  func read(_ node: JSONNode) throws(TranslationError) -> Message? {
    guard node.isObject else { throw .invalid(path, "must be an object") }
    switch node["type"]?.string ?? "message" {
    case "message": return try message(node)
    case "function_call": return Message(.assistant, [Block(.toolCall(try call(node)))])
    case "custom_tool_call":
      var call = try call(node)
      call.arguments = CustomTool.arguments(node["input"]?.text ?? .empty)
      return Message(.assistant, [Block(.toolCall(call))])
    case "function_call_output", "custom_tool_call_output":
      return Message(.user, [Block(.toolResult(try result(node)))])
    case "reasoning": return Message(.assistant, [Block(.reasoning(Self.reasoning(node)))])
    case "item_reference":
      throw RequestCheck.refusal(path, "items are not kept; send the item itself")
    case let type where Self.ofHostedTools.contains(type): return nil
    case let type:
      throw RequestCheck.refusal("\(path).type", "there is nothing for items of type '\(type)'")
    }
  }

  private static let ofHostedTools: Set<String> = [
    "web_search_call", "file_search_call", "code_interpreter_call", "image_generation_call",
    "mcp_call", "mcp_list_tools",
  ]

  // MARK: Messages

  private func message(_ node: JSONNode) throws(TranslationError) -> Message {
    let role: Role
    switch node["role"]?.string {
    case "user": role = .user
    case "assistant": role = .assistant
    case "system", "developer": role = .system
    default: throw .invalid("\(path).role", "must be user, assistant, system or developer")
    }
    guard let content = node["content"] else { throw .invalid("\(path).content", "is missing") }
    return Message(role, try blocks(content, "\(path).content"))
  }

  private func blocks(_ node: JSONNode, _ path: String) throws(TranslationError) -> [Block] {
    if let text = node.text { return [Block(.text(text))] }
    guard node.isArray else { throw .invalid(path, "must be a string or an array of parts") }
    var blocks: [Block] = []
    for (index, part) in node.elements.enumerated() {
      blocks.append(Block(try Self.content(part, "\(path)[\(index)]")))
    }
    return blocks
  }

  private static func content(
    _ part: JSONNode, _ path: String
  ) throws(TranslationError) -> Block.Content {
    switch part["type"]?.string {
    case "input_text", "output_text", "text", "summary_text":
      guard let text = part["text"]?.text else { throw .invalid("\(path).text", "is missing") }
      return .text(text)
    case "refusal":
      guard let text = part["refusal"]?.text else {
        throw .invalid("\(path).refusal", "is missing")
      }
      return .refusal(text)
    case "input_image": return .image(try image(part, path))
    case "input_file": return .file(try file(part, path))
    case "input_audio":
      guard let audio = part["input_audio"], let data = audio["data"]?.text else {
        throw .invalid("\(path).input_audio.data", "is missing")
      }
      let format = audio["format"]?.string ?? "wav"
      return .audio(Media(.base64(data), mediaType: JSONText("audio/\(format)")))
    default:
      throw .invalid(
        "\(path).type", "must be input_text, input_image, input_file, output_text or refusal")
    }
  }

  private static func image(_ part: JSONNode, _ path: String) throws(TranslationError) -> Media {
    var media: Media
    if let address = part["image_url"]?.text {
      media = Media(dataOrURL: address)
    } else if let id = part["file_id"]?.text {
      media = Media(.file(id))
    } else {
      throw .invalid("\(path).image_url", "is missing")
    }
    // `auto` is what a request without the member gets, too.
    media.detail = part["detail"].flatMap { $0.equals("auto") ? nil : $0.text }
    return media
  }

  private static func file(_ part: JSONNode, _ path: String) throws(TranslationError) -> Media {
    var media: Media
    if let data = part["file_data"]?.text {
      media = Media(dataOrURL: data)
      // Data may come without the head of a data URL.
      if case .url(let bare) = media.source { media.source = .base64(bare) }
    } else if let address = part["file_url"]?.text {
      media = Media(dataOrURL: address)
    } else if let id = part["file_id"]?.text {
      media = Media(.file(id))
    } else {
      throw .invalid(path, "must have file_data, file_url or file_id")
    }
    media.name = part["filename"]?.text
    return media
  }

  // MARK: Tools and thoughts

  private func call(_ node: JSONNode) throws(TranslationError) -> ToolCall {
    guard let id = node["call_id"]?.text else { throw .invalid("\(path).call_id", "is missing") }
    guard let name = node["name"]?.text else { throw .invalid("\(path).name", "is missing") }
    return ToolCall(
      id: id, name: name, arguments: node["arguments"]?.text ?? .empty,
      signature: node["extra_content"]?["google"]?["thought_signature"]?.text)
  }

  private func result(_ node: JSONNode) throws(TranslationError) -> ToolResult {
    guard let id = node["call_id"]?.text else { throw .invalid("\(path).call_id", "is missing") }
    guard let output = node["output"] else { throw .invalid("\(path).output", "is missing") }
    return ToolResult(
      id: id, blocks: try blocks(output, "\(path).output"))
  }

  /// The summary, or the thoughts themselves where a provider tells them.
  static func reasoning(_ node: JSONNode) -> ReasoningBlock {
    var parts = (node["summary"]?.elements ?? JSONElements.none).compactMap { $0["text"]?.text }
    if parts.isEmpty {
      parts = (node["content"]?.elements ?? JSONElements.none).compactMap { $0["text"]?.text }
    }
    let text = parts.reduce(into: ArraySlice<UInt8>()) { text, part in
      if !text.isEmpty { text += ResponsesReasoning.separator.escaped }
      text += part.escaped
    }
    return ResponsesReasoning.block(
      text: JSONText(escaped: text), encryptedContent: node["encrypted_content"]?.text,
      id: node["id"]?.text)
  }
}
