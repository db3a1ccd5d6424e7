// SPDX-License-Identifier: MIT

internal import JSON

extension BedrockRequestWriter {
  /// Thoughts without a proof are refused by those who made them.
  mutating func removeUnsignedReasoning() {
    for index in request.messages.indices {
      let count = request.messages[index].blocks.count
      request.messages[index].blocks.removeAll { block in
        guard case .reasoning(let reasoning) = block.content else { return false }
        return !reasoning.isReplayable
      }
      if request.messages[index].blocks.count < count {
        losses.dropped(Parameter.reasoningReplay.rawValue, "thoughts without a signature")
      }
    }
  }

  mutating func writeSystem(_ blocks: [Block], instruction: JSONText?) {
    guard !blocks.isEmpty || instruction != nil else { return }
    json.key("system")
    json.beginArray()
    for block in blocks {
      guard case .text(let text) = block.content else {
        losses.dropped("messages.content", "a system message takes text only")
        continue
      }
      json.object { $0.member("text", text) }
      writeCachePoint(block.cacheControl)
    }
    if let instruction { json.object { $0.member("text", instruction) } }
    json.endArray()
  }

  mutating func writeMessages(_ turns: [Message]) throws(TranslationError) {
    json.key("messages")
    json.beginArray()
    for turn in turns {
      json.beginObject()
      switch turn.role {
      case .user: json.member("role", literal: "user")
      case .assistant: json.member("role", literal: "assistant")
      case .system: json.member("role", literal: "system")
      }
      json.key("content")
      json.beginArray()
      for block in turn.blocks { try write(block) }
      if Self.lacksText(turn.blocks) { json.object { $0.member("text", literal: ".") } }
      json.endArray()
      json.endObject()
    }
    json.endArray()
  }

  /// A message with a document must have a text as well (`Message`, Amazon Bedrock API reference).
  /// Of the results of tools nothing like it is said.
  private static func lacksText(_ blocks: [Block]) -> Bool {
    var hasDocument = false
    for block in blocks {
      switch block.content {
      case .text, .refusal: return false
      case .file: hasDocument = true
      default: break
      }
    }
    return hasDocument
  }

  private mutating func write(_ block: Block) throws(TranslationError) {
    var cacheControl = block.cacheControl
    json.beginObject()
    switch block.content {
    case .text(let text), .refusal(let text): json.member("text", text)
    case .image(let media): try writeImage(media)
    case .audio(let media): try writeAudio(media)
    case .file(let media): try writeDocument(media)
    case .toolCall(let call): try write(call)
    case .toolResult(let result):
      cacheControl = cacheControl ?? result.blocks.lazy.compactMap(\.cacheControl).last
      try write(result)
    case .reasoning(let reasoning): write(reasoning)
    }
    json.endObject()
    writeCachePoint(cacheControl)
  }

  private mutating func write(_ call: ToolCall) throws(TranslationError) {
    let input = try call.argumentsObject()
    json.object("toolUse") { json in
      json.member("toolUseId", identifiers.identifier(call.id))
      json.member("name", call.name)
      json.member("input", input)
    }
  }

  private mutating func write(_ result: ToolResult) throws(TranslationError) {
    json.key("toolResult")
    json.beginObject()
    json.member("toolUseId", identifiers.identifier(result.id))
    json.key("content")
    json.beginArray()
    for block in result.blocks where !block.isBlankText {
      json.beginObject()
      switch block.content {
      case .text(let text), .refusal(let text): json.member("text", text)
      case .image(let media): try writeImage(media)
      case .file(let media): try writeDocument(media)
      default: throw .invalid("messages", "has a tool result of other than text, images and files")
      }
      json.endObject()
    }
    json.endArray()
    if result.isError {
      switch family {
      case .claude, .nova, .unknown: json.member("status", literal: "error")
      default: losses.dropped(Parameter.toolResultError.rawValue, "the model takes no status")
      }
    }
    json.endObject()
  }

  private mutating func write(_ reasoning: ReasoningBlock) {
    json.object("reasoningContent") { json in
      if let encrypted = reasoning.encrypted, reasoning.text.isEmpty {
        json.member("redactedContent", encrypted)
      } else {
        json.object("reasoningText") { json in
          json.member("text", reasoning.text)
          json.member("signature", reasoning.signature)
        }
      }
    }
  }

  /// A mark after the block that bears Anthropic's `cache_control`.
  mutating func writeCachePoint(_ cacheControl: JSONFragment?) {
    guard let cacheControl else { return }
    guard takesCachePoints else {
      return losses.dropped(Parameter.cacheControl.rawValue, "the model has no prompt cache")
    }
    json.object { json in
      json.object("cachePoint") { json in
        json.member("type", literal: "default")
        json.member("ttl", cacheControl.parsed["ttl"]?.text)
      }
    }
  }
}
