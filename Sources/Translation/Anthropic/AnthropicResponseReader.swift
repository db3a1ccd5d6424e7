// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a whole answer of the Messages API.
enum AnthropicResponseReader {
  static func read(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    if body["type"]?.equals("error") == true, let error = body["error"] {
      throw TranslationError(AnthropicErrorReader.read(error, fallback: .server))
    }
    guard let content = body["content"], content.isArray else {
      throw .malformed("The answer has no 'content'.")
    }
    guard let stopReason = body["stop_reason"]?.text else {
      throw .malformed("The answer has no 'stop_reason'.")
    }
    var response = ChatResponse()
    response.id = body["id"]?.text ?? .empty
    response.model = body["model"]?.text ?? .empty
    var blocks: [Block] = []
    for element in content.elements {
      if let block = try block(element) { blocks.append(block) }
    }
    if let explanation = body["stop_details"]?["explanation"]?.text, !explanation.isEmpty {
      blocks.append(Block(.refusal(explanation)))
    }
    let hasCalls = blocks.contains { if case .toolCall = $0.content { true } else { false } }
    response.choices = [
      ChatResponse.Choice(
        blocks: blocks, finish: AnthropicAnswer.finish(stopReason, hasCalls: hasCalls),
        nativeFinish: stopReason, stopSequence: body["stop_sequence"]?.text)
    ]
    if let node = body["usage"] {
      var usage = AnthropicUsage()
      usage.update(node)
      response.usage = usage.usage
    }
    return response
  }

  /// Nil for what only Anthropic's own tools bring about.
  private static func block(_ node: JSONNode) throws(TranslationError) -> Block? {
    switch node["type"]?.string {
    case "text":
      guard let text = node["text"]?.text else { throw .malformed("A text block has no text.") }
      return Block(.text(text))
    case "thinking":
      return Block(
        .reasoning(
          ReasoningBlock(
            text: node["thinking"]?.text ?? .empty, signature: node["signature"]?.text.nonEmpty)))
    case "redacted_thinking":
      guard let data = node["data"]?.text else {
        throw .malformed("A redacted_thinking block has no data.")
      }
      return Block(.reasoning(ReasoningBlock(text: .empty, encrypted: data)))
    case "tool_use":
      guard let id = node["id"]?.text, let name = node["name"]?.text else {
        throw .malformed("A tool_use block has no id or no name.")
      }
      let input = node["input"]?.fragment ?? JSONFragment(literal: "{}")
      if AnthropicAnswer.isAnswerTool(name) { return Block(.text(input.quoted)) }
      return Block(.toolCall(ToolCall(id: id, name: name, arguments: input.quoted)))
    default: return nil
    }
  }
}

extension JSONText? {
  /// Nil for an empty text, too.
  var nonEmpty: JSONText? { flatMap { $0.isEmpty ? nil : $0 } }
}
