// SPDX-License-Identifier: MIT

internal import JSON

/// Reads response objects, whole or of a stream's end.
enum ResponsesAnswer {
  static func read(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    guard let output = body["output"], output.isArray else {
      throw .malformed("The provider's answer has no 'output'.")
    }
    if body["status"]?.equals("failed") == true {
      throw TranslationError(.failedAnswer, failure(body).message)
    }
    var blocks: [Block] = []
    var tokens: [JSONFragment] = []
    for node in output.elements { try append(node, &blocks, &tokens) }
    var choice = ChatResponse.Choice(
      blocks: blocks, finish: finish(body, hasCalls: blocks.contains(where: \.isToolCall)))
    if !tokens.isEmpty {
      choice.logProbabilities = .object { json in
        json.array("content") { json in for token in tokens { json.raw(token) } }
        json.nullMember("refusal")
      }
    }
    var response = ChatResponse()
    response.id = body["id"]?.text ?? .empty
    response.model = body["model"]?.text ?? .empty
    response.choices = [choice]
    response.usage = body["usage"].map(usage)
    return response
  }

  /// Items of other kinds are what OpenAI's own tools did; none of these is ever asked for.
  private static func append(
    _ node: JSONNode, _ blocks: inout [Block], _ tokens: inout [JSONFragment]
  ) throws(TranslationError) {
    switch node["type"]?.string {
    case "message":
      for part in node["content"]?.elements ?? JSONElements.none {
        if let text = part["text"]?.text {
          if !text.isEmpty { blocks.append(Block(.text(text))) }
        } else if let refusal = part["refusal"]?.text, !refusal.isEmpty {
          blocks.append(Block(.refusal(refusal)))
        }
        tokens += (part["logprobs"]?.elements ?? JSONElements.none).map(\.fragment)
      }
    case "function_call":
      guard let id = node["call_id"]?.text, let name = node["name"]?.text else {
        throw .malformed("A 'function_call' of the provider's answer has no id or no name.")
      }
      blocks.append(
        Block(
          .toolCall(ToolCall(id: id, name: name, arguments: node["arguments"]?.text ?? .empty))))
    case "reasoning":
      let reasoning = ResponsesItemReader.reasoning(node)
      if !reasoning.text.isEmpty || reasoning.encrypted != nil {
        blocks.append(Block(.reasoning(reasoning)))
      }
    default: break
    }
  }

  // MARK: The end

  static func finish(_ response: JSONNode, hasCalls: Bool) -> FinishReason {
    guard response["status"]?.equals("incomplete") == true else {
      return hasCalls ? .toolCalls : .stop
    }
    let reason = response["incomplete_details"]?["reason"]
    return reason?.equals("content_filter") == true ? .contentFilter : .length
  }

  /// The error of a failed response.
  static func failure(_ response: JSONNode) -> ProviderError {
    guard let error = response["error"] else {
      return ProviderError(.server, "The provider says that the response failed.")
    }
    var failure = OpenAIErrorReader.read(error, in: response, status: 0)
    if failure.nativeType == "invalid_prompt" { failure.kind = .invalidRequest }
    return failure
  }

  static func usage(_ node: JSONNode) -> Usage {
    func count(_ node: JSONNode?) -> UInt64 { UInt64(max(0, node?.integer ?? 0)) }
    var usage = Usage()
    usage.inputTokens = count(node["input_tokens"])
    usage.outputTokens = count(node["output_tokens"])
    // Streams of transcriptions write the other name.
    let input = node["input_tokens_details"] ?? node["input_token_details"]
    usage.cacheReadTokens = count(input?["cached_tokens"])
    usage.cacheWriteTokens = count(input?["cache_write_tokens"])
    usage.audioInputTokens = count(input?["audio_tokens"])
    let output = node["output_tokens_details"] ?? node["output_token_details"]
    usage.reasoningTokens = count(output?["reasoning_tokens"])
    usage.audioOutputTokens = count(output?["audio_tokens"])
    return usage
  }
}
