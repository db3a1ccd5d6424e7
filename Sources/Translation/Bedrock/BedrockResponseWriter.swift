// SPDX-License-Identifier: MIT

internal import JSON

/// Writes answers of Converse.
enum BedrockResponseWriter {
  static func write(_ response: ChatResponse, _ context: AnswerContext) -> [UInt8] {
    let choice = response.choices.first
    var json = JSONBuilder()
    json.object { json in
      json.object("output") { json in
        json.object("message") { json in
          json.member("role", literal: "assistant")
          json.array("content") { json in
            for block in choice?.blocks ?? [] { append(block, &json) }
          }
        }
      }
      json.member(
        "stopReason",
        stopReason(
          choice?.finish ?? .stop, choice?.nativeFinish,
          hasStopSequence: choice?.stopSequence != nil))
      (response.usage ?? Usage()).appendBedrock(to: &json)
      appendMetrics(context.elapsedMilliseconds, to: &json)
      appendStopSequence(choice?.stopSequence, to: &json)
    }
    return json.finish()
  }

  private static func append(_ block: Block, _ json: inout JSONBuilder) {
    switch block.content {
    case .text(let text), .refusal(let text):
      if !text.isEmpty { json.object { $0.member("text", text) } }
    case .toolCall(let call):
      json.object { json in
        json.object("toolUse") { json in
          json.member("toolUseId", call.id)
          json.member("name", call.name)
          json.member("input", input(call.arguments))
        }
      }
    case .reasoning(let reasoning): append(reasoning, &json)
    case .image, .audio, .file, .toolResult: break
    }
  }

  private static func append(_ reasoning: ReasoningBlock, _ json: inout JSONBuilder) {
    if !reasoning.text.isEmpty || reasoning.signature != nil {
      json.object { json in
        json.object("reasoningContent") { json in
          json.object("reasoningText") { json in
            json.member("text", reasoning.text)
            json.member("signature", reasoning.signature)
          }
        }
      }
    }
    guard let data = redactedContent(reasoning.encrypted) else { return }
    json.object { json in
      json.object("reasoningContent") { $0.member("redactedContent", data) }
    }
  }

  /// SDKs decode it, and break off where it is not base64.
  static func redactedContent(_ encrypted: JSONText?) -> JSONText? {
    guard let encrypted, encrypted.escaped.count % 4 == 0,
      Base64.decode(encrypted.plainBytes) != nil,
      !encrypted.escaped.contains(where: { $0 == 0x2d || $0 == 0x5f || $0 == 0x0a })
    else { return nil }
    return encrypted
  }

  /// The arguments as a value; what a model wrote that is no JSON, as a string.
  private static func input(_ arguments: JSONText) -> JSONFragment {
    if arguments.isBlank { return JSONFragment(literal: "{}") }
    if let value = try? JSONFragment(checking: arguments.plainBytes[...]) { return value }
    var json = JSONBuilder()
    json.string(arguments)
    return JSONFragment(validated: json.finish()[...])
  }

  /// Bedrock's own word stays.
  static func stopReason(
    _ finish: FinishReason, _ native: JSONText?, hasStopSequence: Bool
  ) -> JSONText {
    let own = [
      "end_turn", "tool_use", "max_tokens", "stop_sequence", "guardrail_intervened",
      "content_filtered", "model_context_window_exceeded",
    ]
    // The tool that stands for a schema is not told.
    let isHidden = finish == .stop && native?.equals("tool_use") == true
    if let native, !isHidden, own.contains(native.plain) { return native }
    switch finish {
    case .stop: return hasStopSequence ? "stop_sequence" : "end_turn"
    case .length: return "max_tokens"
    case .toolCalls: return "tool_use"
    case .contentFilter: return "content_filtered"
    }
  }

  /// A required member, as is what it has.
  static func appendMetrics(_ elapsedMilliseconds: Int64, to json: inout JSONBuilder) {
    json.object("metrics") { $0.member("latencyMs", integer: elapsedMilliseconds) }
  }

  /// Where Claude's is found.
  static func appendStopSequence(_ text: JSONText?, to json: inout JSONBuilder) {
    guard let text else { return }
    json.object("additionalModelResponseFields") { $0.member("stop_sequence", text) }
  }
}

extension Usage {
  /// `usage`, whose `inputTokens` do not contain what the cache gave and took.
  func appendBedrock(to json: inout JSONBuilder) {
    let cached = cacheReadTokens &+ cacheWriteTokens
    json.object("usage") { json in
      json.member(
        "inputTokens", integer: Int64(clamping: inputTokens - min(inputTokens, cached)))
      json.member("outputTokens", integer: Int64(clamping: outputTokens))
      json.member("totalTokens", integer: Int64(clamping: totalTokens))
      guard cached > 0 else { return }
      json.member("cacheReadInputTokens", integer: Int64(clamping: cacheReadTokens))
      json.member("cacheWriteInputTokens", integer: Int64(clamping: cacheWriteTokens))
      guard cacheWriteHourTokens > 0 else { return }
      let short = cacheWriteTokens - min(cacheWriteTokens, cacheWriteHourTokens)
      json.array("cacheDetails") { json in
        for (ttl, tokens) in [("1h", cacheWriteHourTokens), ("5m", short)] where tokens > 0 {
          json.object {
            $0.member("ttl", string: ttl)
            $0.member("inputTokens", integer: Int64(clamping: tokens))
          }
        }
      }
    }
  }
}
