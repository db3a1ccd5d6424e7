// SPDX-License-Identifier: MIT

internal import JSON

/// Messages and tools.
extension AnthropicRequestWriter {
  /// Takes the turns, without what cannot be replayed.
  mutating func takeTurns(_ all: [Message]) throws(TranslationError) {
    for turn in all {
      var turn = turn
      var blocks: [Block] = []
      for block in turn.blocks {
        if case .reasoning(let thought) = block.content, !thought.isReplayable {
          if !thought.text.isEmpty {
            try leaveOut(Parameter.reasoningReplay.rawValue, "without Anthropic's signature")
          }
          continue
        }
        blocks.append(block)
      }
      turn.blocks = blocks
      guard !blocks.isEmpty else { continue }
      if turns.last?.role == turn.role {
        turns[turns.count - 1].blocks += blocks
      } else {
        turns.append(turn)
      }
    }
    guard turns.contains(where: { $0.role == .user }) else {
      throw .invalid("messages", "must have a message that is not empty")
    }
  }

  mutating func writeMessages() throws(TranslationError) {
    json.key("messages")
    json.beginArray()
    for turn in turns {
      json.beginObject()
      switch turn.role {
      case .system: json.member("role", literal: "system")
      case .user: json.member("role", literal: "user")
      case .assistant: json.member("role", literal: "assistant")
      }
      json.key("content")
      json.beginArray()
      for block in turn.blocks { try write(block, isAssistant: turn.role == .assistant) }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }

  private mutating func write(_ block: Block, isAssistant: Bool) throws(TranslationError) {
    switch block.content {
    case .text(let text), .refusal(let text): writeText(text, block.cacheControl)
    case .image(let media):
      guard !isAssistant else { return try leaveOut("messages", "the assistant shows no images") }
      try writeImage(media, block.cacheControl)
    case .file(let media):
      guard !isAssistant else { return try leaveOut("messages", "the assistant shows no files") }
      try writeDocument(media, block.cacheControl)
    case .audio: throw RequestCheck.refusal(Parameter.audio.rawValue, "no such input")
    case .toolCall(let call): try writeCall(call, block.cacheControl)
    case .toolResult(let result): try writeResult(result, block.cacheControl)
    case .reasoning(let thought): writeThought(thought)
    }
  }

  mutating func writeText(_ text: JSONText, _ cacheControl: JSONFragment?) {
    json.beginObject()
    json.member("type", literal: "text")
    json.member("text", text)
    writeCacheControl(cacheControl)
    json.endObject()
  }

  /// Another API's mark for the same becomes Anthropic's own.
  private mutating func writeCacheControl(_ value: JSONFragment?) {
    guard let value else { return }
    if value.parsed["type"]?.equals("ephemeral") == true {
      json.member("cache_control", value)
    } else {
      json.object("cache_control") { $0.member("type", literal: "ephemeral") }
    }
  }

  private mutating func writeThought(_ thought: ReasoningBlock) {
    json.beginObject()
    if let data = thought.encrypted {
      json.member("type", literal: "redacted_thinking")
      json.member("data", data)
    } else {
      json.member("type", literal: "thinking")
      json.member("thinking", thought.text)
      json.member("signature", thought.signature)
    }
    json.endObject()
  }

  private mutating func writeCall(
    _ call: ToolCall, _ cacheControl: JSONFragment?
  ) throws(TranslationError) {
    let input = try call.argumentsObject()
    json.beginObject()
    json.member("type", literal: "tool_use")
    json.member("id", identifiers.identifier(call.id))
    json.member("name", call.name)
    json.member("input", input)
    writeCacheControl(cacheControl)
    json.endObject()
  }

  private mutating func writeResult(
    _ result: ToolResult, _ cacheControl: JSONFragment?
  ) throws(TranslationError) {
    json.beginObject()
    json.member("type", literal: "tool_result")
    json.member("tool_use_id", identifiers.identifier(result.id))
    let blocks = result.blocks.filter { !$0.isBlankText }
    if !blocks.isEmpty {
      json.key("content")
      json.beginArray()
      for block in blocks { try write(block, isAssistant: false) }
      json.endArray()
    }
    if result.isError { json.member("is_error", bool: true) }
    writeCacheControl(cacheControl)
    json.endObject()
  }

  // MARK: Media

  private mutating func writeImage(
    _ media: Media, _ cacheControl: JSONFragment?
  ) throws(TranslationError) {
    json.beginObject()
    json.member("type", literal: "image")
    switch media.source {
    case .base64(let data):
      guard let type = AnthropicMedia.imageType(media.mediaType, data) else {
        throw .invalid("messages", "has an image that is neither JPEG, PNG, GIF nor WebP")
      }
      writeSource("base64", mediaType: type, data)
    case .url(let url): writeReference("url", url)
    case .file(let id): writeReference("file", id)
    }
    writeCacheControl(cacheControl)
    json.endObject()
  }

  private mutating func writeDocument(
    _ media: Media, _ cacheControl: JSONFragment?
  ) throws(TranslationError) {
    json.beginObject()
    json.member("type", literal: "document")
    switch media.source {
    case .base64(let data):
      if let text = media.documentText {
        writeSource("text", mediaType: "text/plain", text)
      } else if AnthropicMedia.isPDF(media) {
        writeSource("base64", mediaType: "application/pdf", data)
      } else {
        throw RequestCheck.refusal(
          Parameter.fileData.rawValue, "documents are PDF or text in UTF-8")
      }
    case .url(let url): writeReference("url", url)
    case .file(let id): writeReference("file", id)
    }
    json.member("title", media.name)
    writeCacheControl(cacheControl)
    json.endObject()
  }

  private mutating func writeSource(
    _ kind: StaticString, mediaType: StaticString, _ data: JSONText
  ) {
    json.object("source") {
      $0.member("type", literal: kind)
      $0.member("media_type", literal: mediaType)
      $0.member("data", data)
    }
  }

  private mutating func writeReference(_ kind: StaticString, _ reference: JSONText) {
    let isFile = kind.utf8CodeUnitCount == 4
    json.object("source") {
      $0.member("type", literal: kind)
      if isFile { $0.member("file_id", reference) } else { $0.member("url", reference) }
    }
  }

  // MARK: Tools

  mutating func writeTools() {
    guard !request.tools.isEmpty || !serverTools.isEmpty else { return }
    let takesStrict = target.traits.takesJSONSchema
    json.key("tools")
    json.beginArray()
    for tool in request.tools {
      json.beginObject()
      json.member("name", tool.name)
      json.member("description", tool.description)
      json.member("input_schema", AnthropicSchema.input(tool.parameters))
      if tool.isStrict == true {
        if takesStrict {
          json.member("strict", bool: true)
        } else {
          losses.dropped(Parameter.strictTools.rawValue, "the model has no such parameter")
        }
      }
      writeCacheControl(tool.cacheControl)
      json.endObject()
    }
    for tool in serverTools { json.raw(tool) }
    json.endArray()
    writeToolChoice()
  }

  private mutating func writeToolChoice() {
    let isSerial = request.allowsParallelToolCalls == false
    guard request.toolChoice != nil || isSerial else { return }
    json.key("tool_choice")
    json.beginObject()
    switch request.toolChoice {
    case .some(.none):
      json.member("type", literal: "none")
      json.endObject()
      return
    case .required: json.member("type", literal: "any")
    case .named(let name):
      json.member("type", literal: "tool")
      json.member("name", name)
    case nil, .auto, .allowed: json.member("type", literal: "auto")
    }
    if isSerial { json.member("disable_parallel_tool_use", bool: true) }
    json.endObject()
  }
}
