// SPDX-License-Identifier: MIT

internal import JSON

/// Reads what a body of Converse says. The parts that streams have, too, stand here for both.
enum BedrockAnswer {
  static func read(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    guard let content = body["output"]?["message"]?["content"], content.isArray else {
      throw .malformed("The provider's answer has no 'output.message.content'.")
    }
    guard let stopReason = body["stopReason"]?.text else {
      throw .malformed("The provider's answer has no 'stopReason'.")
    }
    if let failure = failure(stopReason) {
      throw TranslationError(.failedAnswer, failure.message)
    }
    var blocks: [Block] = []
    for node in content.elements { try append(node, to: &blocks) }
    var response = ChatResponse()
    response.choices = [
      ChatResponse.Choice(
        blocks: blocks, finish: finish(stopReason, hasCalls: blocks.contains(where: \.isToolCall)),
        nativeFinish: stopReason,
        stopSequence: stopSequence(body["additionalModelResponseFields"]))
    ]
    response.usage = body["usage"].map(usage)
    return response
  }

  private static func append(
    _ node: JSONNode, to blocks: inout [Block]
  ) throws(TranslationError) {
    if let text = node["text"]?.text {
      if !text.isEmpty { blocks.append(Block(.text(text))) }
    } else if let call = node["toolUse"] {
      guard let id = call["toolUseId"]?.text, let name = call["name"]?.text else {
        throw .malformed("A 'toolUse' of the provider's answer has no id or no name.")
      }
      let arguments = call["input"].map { $0.fragment.quoted } ?? "{}"
      if name.equals(JSONAnswerTool.name) {
        blocks.append(Block(.text(arguments)))
      } else {
        blocks.append(Block(.toolCall(ToolCall(id: id, name: name, arguments: arguments))))
      }
    } else if let reasoning = node["reasoningContent"] {
      let text = reasoning["reasoningText"]
      blocks.append(
        Block(
          .reasoning(
            ReasoningBlock(
              text: text?["text"]?.text ?? .empty, signature: text?["signature"]?.text,
              encrypted: reasoning["redactedContent"]?.text))))
    } else if let cited = node["citationsContent"] {
      // The sources have no place in the model; the text that cites them is the answer.
      for part in cited["content"]?.elements ?? JSONElements.none {
        if let text = part["text"]?.text { blocks.append(Block(.text(text))) }
      }
    }
  }

  // MARK: Why it ended

  static func finish(_ stopReason: JSONText, hasCalls: Bool) -> FinishReason {
    switch stopReason.plain {
    case "max_tokens", "model_context_window_exceeded": .length
    case "guardrail_intervened", "content_filtered": .contentFilter
    default: hasCalls ? .toolCalls : .stop
    }
  }

  /// The model wrote what cannot be used; another attempt may succeed.
  static func failure(_ stopReason: JSONText) -> ProviderError? {
    switch stopReason.plain {
    case "malformed_model_output", "malformed_tool_use":
      ProviderError(
        .server, "The model's output is not usable (\(stopReason.plain)).",
        nativeType: stopReason.plain)
    default: nil
    }
  }

  /// Claude's `stop_sequence`, where the client asked for the field by
  /// `additionalModelResponseFieldPaths`.
  static func stopSequence(_ fields: JSONNode?) -> JSONText? {
    fields?["stop_sequence"]?.text
  }

  // MARK: Usage

  /// Bedrock counts what the cache gave and took beside `inputTokens`.
  static func usage(_ node: JSONNode) -> Usage {
    func count(_ name: StaticString) -> UInt64 {
      UInt64(max(0, node[name]?.integer ?? 0))
    }
    var usage = Usage()
    usage.cacheReadTokens = count("cacheReadInputTokens")
    usage.cacheWriteTokens = count("cacheWriteInputTokens")
    usage.inputTokens =
      count("inputTokens") &+ usage.cacheReadTokens &+ usage.cacheWriteTokens
    usage.outputTokens = count("outputTokens")
    for detail in node["cacheDetails"]?.elements ?? JSONElements.none
    where detail["ttl"]?.equals("1h") == true {
      usage.cacheWriteHourTokens &+= UInt64(max(0, detail["inputTokens"]?.integer ?? 0))
    }
    return usage
  }
}

extension Block {
  var isToolCall: Bool {
    if case .toolCall = content { true } else { false }
  }
}
