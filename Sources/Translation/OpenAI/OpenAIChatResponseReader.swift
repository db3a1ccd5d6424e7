// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a `chat.completion` object.
enum OpenAIChatResponseReader {
  static func read(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    if let failure = OpenAIErrorReader.read(answer: body) { throw TranslationError(failure) }
    guard let choices = body["choices"], choices.isArray else {
      throw .malformed("The answer has no choices.")
    }
    var response = ChatResponse()
    response.id = body["id"]?.text ?? .empty
    response.model = body["model"]?.text ?? .empty
    var byIndex: [(index: Int64, choice: ChatResponse.Choice)] = []
    for (position, node) in choices.elements.enumerated() {
      byIndex.append((node["index"]?.integer ?? Int64(position), try choice(node, of: body)))
    }
    guard !byIndex.isEmpty else { throw .malformed("The answer has no choices.") }
    response.choices = byIndex.sorted { $0.index < $1.index }.map(\.choice)
    response.usage = body["usage"].flatMap(usage)
    return response
  }

  private static func choice(
    _ node: JSONNode, of body: JSONNode
  ) throws(TranslationError) -> ChatResponse.Choice {
    guard let message = node["message"], message.isObject else {
      throw .malformed("A choice of the answer has no message.")
    }
    var blocks: [Block] = []
    if let text = message["reasoning_content"]?.text ?? message["reasoning"]?.text,
      !text.isEmpty
    {
      blocks.append(Block(.reasoning(ReasoningBlock(text: text))))
    }
    for part in OpenAIContent.parts(message["content"]) {
      blocks.append(
        Block(part.isThought ? .reasoning(ReasoningBlock(text: part.text)) : .text(part.text)))
    }
    if let refusal = message["refusal"]?.text, !refusal.isEmpty {
      blocks.append(Block(.refusal(refusal)))
    }
    var calls: [ToolCall] = []
    for call in message["tool_calls"]?.elements ?? JSONElements.none {
      guard let function = call["function"], let name = function["name"]?.text else { continue }
      let given = call["id"]?.text.flatMap { $0.isEmpty ? nil : $0 }
      calls.append(
        ToolCall(
          id: given
            ?? OpenAITools.identifier(
              in: body, choice: node["index"]?.integer ?? 0, place: calls.count),
          name: name, arguments: OpenAITools.arguments(function["arguments"]) ?? .empty))
    }
    blocks += calls.map { Block(.toolCall($0)) }
    let native = node["finish_reason"]?.text
    if let failure = native.flatMap(failure) {
      throw TranslationError(.failedAnswer, failure.message)
    }
    var result = ChatResponse.Choice(
      blocks: blocks, finish: finish(native, hasCalls: !calls.isEmpty))
    result.logProbabilities = node["logprobs"]?.fragment
    return result
  }

  /// Servers say `stop`, or nothing, beside tool calls. Mistral's word for a full context is
  /// `model_length`, Zhipu's for what is filtered `sensitive`.
  static func finish(_ word: JSONText?, hasCalls: Bool) -> FinishReason {
    switch word?.plain {
    case "length", "model_length", "max_tokens": .length
    case "content_filter", "sensitive": .contentFilter
    case "tool_calls", "function_call": .toolCalls
    default: hasCalls ? .toolCalls : .stop
    }
  }

  /// What is no answer, though it has come to an end: the provider broke off.
  static func failure(_ word: JSONText) -> ProviderError? {
    let kind: ProviderError.Kind
    switch word.plain {
    case "error", "network_error": kind = .server
    case "insufficient_system_resource": kind = .overloaded
    default: return nil
    }
    return ProviderError(
      kind, "The provider broke the answer off ('\(word.plain)').", nativeType: word.plain)
  }

  static func usage(_ node: JSONNode) -> Usage? {
    guard node.isObject else { return nil }
    func count(_ node: JSONNode?) -> UInt64 { UInt64(max(node?.integer ?? 0, 0)) }
    let (input, output) = (node["prompt_tokens_details"], node["completion_tokens_details"])
    var usage = Usage()
    usage.inputTokens = count(node["prompt_tokens"])
    usage.outputTokens = count(node["completion_tokens"])
    usage.cacheReadTokens = count(input?["cached_tokens"] ?? node["prompt_cache_hit_tokens"])
    // By the names of OpenAI and OpenRouter, and those of LiteLLM's proxy.
    usage.cacheWriteTokens = count(
      input?["cache_write_tokens"] ?? input?["cache_creation_tokens"]
        ?? node["cache_creation_input_tokens"])
    usage.audioInputTokens = count(input?["audio_tokens"])
    usage.audioOutputTokens = count(output?["audio_tokens"])
    usage.reasoningTokens = count(output?["reasoning_tokens"])
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
