// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a `GenerateContentResponse` ("Generating content", Gemini API reference).
enum GeminiResponseReader {
  static let candidatesMaximum = 128

  static func read(_ root: JSONNode) throws(TranslationError) -> ChatResponse {
    guard root.isObject else { throw .malformed("The answer is not an object.") }
    if let error = root["error"] {
      throw TranslationError(GeminiErrorReader.read(error, status: 0))
    }
    var response = ChatResponse()
    response.id = root["responseId"]?.text ?? .empty
    response.model = root["modelVersion"]?.text ?? .empty
    response.usage = root["usageMetadata"].flatMap(usage)
    var identifiers = GeminiCallIdentifiers(root)
    var choices: [(index: Int64, choice: ChatResponse.Choice)] = []
    for (position, node) in (root["candidates"]?.elements ?? JSONElements.none).enumerated() {
      let choice = try read(candidate: node, &identifiers)
      choices.append((node["index"]?.integer ?? Int64(position), choice))
    }
    if choices.isEmpty {
      guard let feedback = root["promptFeedback"], let reason = feedback["blockReason"]?.text else {
        throw .malformed("The answer has no candidate.")
      }
      choices.append((0, blocked(reason, feedback)))
    }
    response.choices = choices.sorted { $0.index < $1.index }.map(\.choice)
    return response
  }

  private static func blocked(
    _ reason: JSONText, _ feedback: JSONNode
  ) -> ChatResponse.Choice {
    let message = feedback["blockReasonMessage"]?.text
    return ChatResponse.Choice(
      blocks: message.map { [Block(.refusal($0))] } ?? [], finish: .contentFilter,
      nativeFinish: reason)
  }

  private static func read(
    candidate: JSONNode, _ identifiers: inout GeminiCallIdentifiers
  ) throws(TranslationError) -> ChatResponse.Choice {
    var blocks: [Block] = []
    var hasCalls = false
    for node in candidate["content"]?["parts"]?.elements ?? JSONElements.none {
      let part = try GeminiPart(node)
      switch part.content {
      case .nothing: break
      case .text(let text): blocks.appendMerging(.text(text))
      case .thought(let text): blocks.appendMerging(.reasoning(ReasoningBlock(text: text)))
      case .call(let id, let name, let arguments):
        hasCalls = true
        let call = ToolCall(
          id: id ?? identifiers.next(), name: name, arguments: arguments,
          signature: part.signature)
        blocks.append(Block(.toolCall(call)))
        continue
      }
      if let signature = part.signature { blocks.sign(GeminiSignature.marked(signature)) }
    }
    let word = candidate["finishReason"]?.text
    return ChatResponse.Choice(
      blocks: blocks,
      finish: try finish(
        word?.plain ?? "STOP", candidate["finishMessage"]?.string, hasCalls: hasCalls),
      nativeFinish: word,
      logProbabilities: candidate["logprobsResult"].map(GeminiLogProbabilities.openAI))
  }

  // MARK: Finish

  /// - Throws: `failedAnswer` where the model made something that is no answer.
  static func finish(
    _ word: String, _ message: String?, hasCalls: Bool
  ) throws(TranslationError) -> FinishReason {
    switch word {
    case "MALFORMED_FUNCTION_CALL", "MALFORMED_RESPONSE", "UNEXPECTED_TOOL_CALL",
      "TOO_MANY_TOOL_CALLS", "MISSING_THOUGHT_SIGNATURE":
      let detail = message.map { ": \($0)" } ?? ""
      throw TranslationError(.failedAnswer, "The model failed with \(word)\(detail).")
    case "MAX_TOKENS", "CONTINUATION": return .length
    case "SAFETY", "RECITATION", "LANGUAGE", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII",
      "MODEL_ARMOR", "ESCALATION", "PUP_LIMITED_DISABLED", "OTHER":
      return .contentFilter
    case _ where word.hasPrefix("IMAGE_"): return .contentFilter
    default: return hasCalls ? .toolCalls : .stop
    }
  }

  // MARK: Usage

  static func usage(_ node: JSONNode) -> Usage? {
    func count(_ value: JSONNode?) -> UInt64 { UInt64(clamping: value?.integer ?? 0) }
    guard node["promptTokenCount"] != nil || node["totalTokenCount"] != nil else { return nil }
    var usage = Usage()
    let input = count(node["promptTokenCount"]) &+ count(node["toolUsePromptTokenCount"])
    let answer = count(node["candidatesTokenCount"])
    let thoughts = count(node["thoughtsTokenCount"])
    usage.inputTokens = input
    // Some models count thoughts with the answer: the total tells.
    let areThoughtsIncluded = thoughts > 0 && input &+ answer == count(node["totalTokenCount"])
    usage.outputTokens = areThoughtsIncluded ? answer : answer &+ thoughts
    usage.reasoningTokens = thoughts
    usage.cacheReadTokens = count(node["cachedContentTokenCount"])
    func sound(_ details: JSONNode?) -> UInt64 {
      let counts = details?.elements ?? JSONElements.none
      return counts.reduce(0) {
        $1["modality"]?.equals("AUDIO") == true ? $0 &+ count($1["tokenCount"]) : $0
      }
    }
    usage.audioInputTokens = sound(node["promptTokensDetails"])
    usage.audioOutputTokens = sound(node["candidatesTokensDetails"])
    return usage
  }
}

extension [Block] {
  /// Appends a text or thoughts, as part of the last block where that is of the same kind.
  mutating func appendMerging(_ content: Block.Content) {
    switch (last?.content, content) {
    case (.text(let before), .text(let text)):
      self[count - 1].content = .text(.joined([before, text], separator: ""))
    case (.reasoning(let before), .reasoning(let thought)) where before.isOpen:
      let text = JSONText.joined([before.text, thought.text], separator: "")
      self[count - 1].content = .reasoning(ReasoningBlock(text: text))
    default: append(Block(content))
    }
  }

  /// Signs thoughts that stand last; behind a text, or nothing, with a block of its own.
  mutating func sign(_ signature: JSONText) {
    if case .reasoning(var thought)? = last?.content, thought.isOpen {
      thought.signature = signature
      self[count - 1].content = .reasoning(thought)
    } else {
      append(Block(.reasoning(ReasoningBlock(text: .empty, signature: signature))))
    }
  }
}

extension ReasoningBlock {
  /// Whether more thoughts, or their signature, may follow in the same block.
  fileprivate var isOpen: Bool { signature == nil && encrypted == nil }
}
