// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a `generateContent` request ("Generating content", Gemini API reference).
struct GeminiRequestWriter {
  let request: ChatRequest
  let target: UpstreamModel
  let extras: GeminiExtras
  var json = JSONBuilder()
  /// The tool of each call so far, by the call's id: results have to name it.
  private var toolNames: [String: JSONText] = [:]

  init(_ request: ChatRequest, _ target: UpstreamModel, _ extras: GeminiExtras) {
    self.request = request
    self.target = target
    self.extras = extras
  }

  mutating func write(_ losses: inout LossReport) throws(TranslationError) -> [UInt8] {
    let turns = try Turns(of: replayed, for: target.traits, losses: &losses)
    var system = turns.system
    if let instruction = schemaInstruction(&losses) { system.append(Block(.text(instruction))) }
    let foldsSystem = !target.traits.takesSystemInstruction
    json.beginObject()
    try writeContents(turns.turns, opening: foldsSystem ? system : [], &losses)
    if !foldsSystem, !system.isEmpty {
      json.key("systemInstruction")
      json.beginObject()
      try writeParts(system)
      json.endObject()
    }
    try writeTools(&losses)
    try writeGeneration(&losses)
    try writeServiceTier(&losses)
    for other in extras.root {
      json.key(text: other.name)
      json.raw(other.value)
    }
    json.endObject()
    return json.bytes
  }

  /// The request without thoughts that Gemini does not want back, so that turns of nothing else
  /// vanish before roles are merged.
  private var replayed: ChatRequest {
    var request = request
    for index in request.messages.indices {
      request.messages[index].blocks.removeAll { block in
        guard case .reasoning(let thought) = block.content else { return false }
        return thought.geminiSignature == nil
      }
    }
    return request
  }

  // MARK: Turns

  private mutating func writeContents(
    _ turns: [Message], opening: [Block], _ losses: inout LossReport
  ) throws(TranslationError) {
    if !opening.isEmpty {
      losses.approximated("messages", "the system's are told in the user's turn")
    }
    json.key("contents")
    json.beginArray()
    for (index, turn) in turns.enumerated() {
      var turn = turn
      if index == 0 { turn.blocks = opening + turn.blocks }
      if turn.role == .user, index > 0 {
        turn.blocks = Self.resultsInOrder(of: turns[index - 1], turn.blocks)
      }
      try writeTurn(turn)
    }
    json.endArray()
  }

  /// The results in the order of their calls, by which models match those of one name.
  private static func resultsInOrder(of calls: Message, _ blocks: [Block]) -> [Block] {
    var rest = blocks
    var results: [Block] = []
    for block in calls.blocks {
      guard case .toolCall(let call) = block.content else { continue }
      guard let index = rest.firstIndex(where: { $0.resultID == call.id }) else { continue }
      results.append(rest.remove(at: index))
    }
    return results + rest
  }

  private mutating func writeTurn(_ turn: Message) throws(TranslationError) {
    json.beginObject()
    json.member("role", literal: turn.role == .assistant ? "model" : "user")
    if turn.role == .assistant {
      try writeModelParts(turn.blocks)
    } else {
      try writeParts(turn.blocks)
    }
    json.endObject()
  }

  /// Signatures go back with the part that they came with: a call has its own; one that stands
  /// right behind a text, without thoughts, is that text's; any other is the next part's.
  private mutating func writeModelParts(_ blocks: [Block]) throws(TranslationError) {
    json.key("parts")
    json.beginArray()
    var pending: JSONText?
    var hasCall = false
    for (index, block) in blocks.enumerated() {
      switch block.content {
      case .reasoning(let thought):
        guard let signature = thought.geminiSignature else { continue }
        let isOfText = thought.text.isEmpty && index > 0 && blocks[index - 1].isText
        if !isOfText { pending = signature }
      case .toolCall(let call):
        let needsOne = target.traits.thinksByLevel && !hasCall
        let signature = call.signature ?? pending ?? (needsOne ? GeminiSignature.skipping : nil)
        try writeCall(call, signature)
        pending = nil
        hasCall = true
      default:
        let signature = Self.signature(behind: index, in: blocks) ?? pending
        try writePart(block, signature)
        pending = nil
      }
    }
    if let pending { writeText(.empty, pending) }
    json.endArray()
  }

  private static func signature(behind index: Int, in blocks: [Block]) -> JSONText? {
    guard blocks[index].isText, index + 1 < blocks.count,
      case .reasoning(let thought) = blocks[index + 1].content, thought.text.isEmpty
    else { return nil }
    return thought.geminiSignature
  }

  private mutating func writeCall(
    _ call: ToolCall, _ signature: JSONText?
  ) throws(TranslationError) {
    toolNames[call.id.plain] = call.name
    let arguments = try call.argumentsObject()
    json.object {
      $0.object("functionCall") {
        $0.member("id", call.id)
        $0.member("name", call.name)
        $0.member("args", arguments)
      }
      $0.member("thoughtSignature", signature)
    }
  }

  // MARK: Parts

  private mutating func writeParts(_ blocks: [Block]) throws(TranslationError) {
    json.key("parts")
    json.beginArray()
    var beside: [Block] = []
    for block in blocks {
      if case .toolResult(let result) = block.content {
        beside += try writeResult(result)
      } else {
        // Results stand first in their turn, so this is behind all of them.
        for media in beside { try writePart(media) }
        beside = []
        try writePart(block)
      }
    }
    for media in beside { try writePart(media) }
    json.endArray()
  }

  private mutating func writeText(_ text: JSONText, _ signature: JSONText? = nil) {
    json.object {
      $0.member("text", text)
      $0.member("thoughtSignature", signature)
    }
  }

  private mutating func writePart(
    _ block: Block, _ signature: JSONText? = nil
  ) throws(TranslationError) {
    let media: Media
    let fallbackType: StaticString
    switch block.content {
    case .text(let text), .refusal(let text):
      writeText(text, signature)
      return
    case .image(let image): (media, fallbackType) = (image, "image/jpeg")
    case .audio(let audio): (media, fallbackType) = (audio, "audio/wav")
    case .file(let file): (media, fallbackType) = (file, "application/pdf")
    case .reasoning, .toolCall, .toolResult: return
    }
    json.beginObject()
    try GeminiMedia.append(media, fallbackType: fallbackType, to: &json)
    json.member("thoughtSignature", signature)
    json.endObject()
  }

  /// - Returns: what has to stand beside the result.
  private mutating func writeResult(_ result: ToolResult) throws(TranslationError) -> [Block] {
    guard let name = toolNames[result.id.plain] else {
      throw TranslationError(
        .invalidRequest,
        "A tool's result is for the call '\(result.id.plain)', which is in no message before it.",
        parameter: "messages")
    }
    let media = result.blocks.filter { !$0.isText }
    json.beginObject()
    json.key("functionResponse")
    json.beginObject()
    json.member("id", result.id)
    json.member("name", name)
    json.member("response", Self.response(result))
    if target.traits.thinksByLevel, !media.isEmpty {
      json.key("parts")
      json.beginArray()
      for block in media { try writePart(block) }
      json.endArray()
    }
    json.endObject()
    json.endObject()
    return target.traits.thinksByLevel ? [] : media
  }

  /// An object, as the API wants it: what is none becomes a member of one.
  private static func response(_ result: ToolResult) -> JSONFragment {
    let texts = result.blocks.compactMap { block -> JSONText? in
      if case .text(let text) = block.content { text } else { nil }
    }
    let value = texts.count == 1 ? try? JSONFragment(checking: texts[0].plainBytes[...]) : nil
    if let value, !result.isError, value.parsed.isObject { return value }
    var json = JSONBuilder()
    json.object {
      $0.key(result.isError ? "error" : "result")
      if let value, value.parsed.isObject || value.parsed.isArray {
        $0.raw(value)
      } else {
        $0.string(JSONText.joined(texts, separator: "\n"))
      }
    }
    return JSONFragment(validated: json.bytes[...])
  }
}

extension Block {
  var isText: Bool { if case .text = content { true } else { false } }

  fileprivate var resultID: JSONText? {
    if case .toolResult(let result) = content { result.id } else { nil }
  }
}

extension JSONText {
  static func joined(_ texts: [JSONText], separator: String) -> JSONText {
    guard texts.count != 1 else { return texts[0] }
    var bytes: [UInt8] = []
    for (index, text) in texts.enumerated() {
      if index > 0 { JSONText.escape(separator.utf8, into: &bytes) }
      bytes += text.escaped
    }
    return JSONText(escaped: bytes[...])
  }
}
