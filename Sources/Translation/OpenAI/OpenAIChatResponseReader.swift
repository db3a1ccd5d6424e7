// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a `chat.completion` object.
enum OpenAIChatResponseReader {
  static func read(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    guard let choices = body["choices"], choices.isArray else {
      throw .malformed("The answer has no choices.")
    }
    var response = ChatResponse()
    response.id = body["id"]?.text ?? .empty
    response.model = body["model"]?.text ?? .empty
    var byIndex: [(index: Int64, choice: ChatResponse.Choice)] = []
    for (position, node) in choices.elements.enumerated() {
      byIndex.append((node["index"]?.integer ?? Int64(position), try choice(node)))
    }
    guard !byIndex.isEmpty else { throw .malformed("The answer has no choices.") }
    response.choices = byIndex.sorted { $0.index < $1.index }.map(\.choice)
    response.usage = body["usage"].flatMap(usage)
    return response
  }

  private static func choice(_ node: JSONNode) throws(TranslationError) -> ChatResponse.Choice {
    guard let message = node["message"], message.isObject else {
      throw .malformed("A choice of the answer has no message.")
    }
    var blocks: [Block] = []
    if let text = message["reasoning_content"]?.text ?? message["reasoning"]?.text,
      !text.isEmpty
    {
      blocks.append(Block(.reasoning(ReasoningBlock(text: text))))
    }
    if let text = message["content"]?.text, !text.isEmpty { blocks.append(Block(.text(text))) }
    if let refusal = message["refusal"]?.text { blocks.append(Block(.refusal(refusal))) }
    var hasCalls = false
    for call in message["tool_calls"]?.elements ?? JSONElements.none {
      guard let function = call["function"], let name = function["name"]?.text else { continue }
      hasCalls = true
      blocks.append(
        Block(
          .toolCall(
            ToolCall(
              id: call["id"]?.text ?? OpenAIMessageReader.legacyID(name), name: name,
              arguments: function["arguments"]?.text ?? .empty))))
    }
    let native = node["finish_reason"]?.text
    var result = ChatResponse.Choice(
      blocks: blocks, finish: finish(native, hasCalls: hasCalls))
    result.logProbabilities = node["logprobs"]?.fragment
    return result
  }

  /// Servers say `stop`, or nothing, beside tool calls.
  static func finish(_ word: JSONText?, hasCalls: Bool) -> FinishReason {
    switch word?.plain {
    case "length": .length
    case "content_filter": .contentFilter
    case _ where hasCalls: .toolCalls
    case "tool_calls", "function_call": .toolCalls
    default: .stop
    }
  }

  static func usage(_ node: JSONNode) -> Usage? {
    guard node.isObject else { return nil }
    func count(_ node: JSONNode?) -> UInt64 { UInt64(max(node?.integer ?? 0, 0)) }
    var usage = Usage()
    usage.inputTokens = count(node["prompt_tokens"])
    usage.outputTokens = count(node["completion_tokens"])
    usage.cacheReadTokens = count(
      node["prompt_tokens_details"]?["cached_tokens"] ?? node["prompt_cache_hit_tokens"])
    usage.cacheWriteTokens = count(node["prompt_tokens_details"]?["cache_write_tokens"])
    usage.audioInputTokens = count(node["prompt_tokens_details"]?["audio_tokens"])
    usage.audioOutputTokens = count(node["completion_tokens_details"]?["audio_tokens"])
    usage.reasoningTokens = count(node["completion_tokens_details"]?["reasoning_tokens"])
    // xAI counts thoughts beside the completion, not within it; its total tells.
    let total = count(node["total_tokens"])
    if usage.reasoningTokens > 0,
      total == usage.inputTokens &+ usage.outputTokens &+ usage.reasoningTokens
    {
      usage.outputTokens &+= usage.reasoningTokens
    }
    return usage
  }
}
