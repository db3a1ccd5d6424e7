// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a whole answer of the Messages API: the first, should there be several.
enum AnthropicResponseWriter {
  static func write(_ response: ChatResponse, _ context: AnswerContext) -> [UInt8] {
    let choice =
      response.choices.first ?? ChatResponse.Choice(blocks: [], finish: FinishReason.stop)
    let refusal = refusal(in: choice.blocks)
    let ending = Ending(
      finish: choice.finish, native: choice.nativeFinish, stopSequence: choice.stopSequence,
      refusal: refusal, context)
    var json = JSONBuilder()
    json.object { json in
      json.member("id", response.id.isEmpty ? fallbackID(context) : response.id)
      json.member("type", literal: "message")
      json.member("role", literal: "assistant")
      json.member("model", response.model.isEmpty ? context.model : response.model)
      json.array("content") { json in
        for (index, block) in choice.blocks.enumerated() {
          append(block, "toolu_\(context.requestID)_\(index)", to: &json)
        }
        if let text = ending.spokenRefusal { appendText(text, to: &json) }
      }
      ending.append(to: &json)
      (response.usage ?? Usage()).appendAnthropic(to: &json)
    }
    return json.finish()
  }

  static func fallbackID(_ context: AnswerContext) -> JSONText {
    JSONText("msg_\(context.requestID)")
  }

  private static func refusal(in blocks: [Block]) -> JSONText? {
    var bytes: [UInt8] = []
    for case .refusal(let text) in blocks.map(\.content) { bytes += text.escaped }
    return bytes.isEmpty ? nil : JSONText(escaped: bytes[...])
  }

  private static func append(_ block: Block, _ fallbackID: String, to json: inout JSONBuilder) {
    switch block.content {
    case .text(let text): if !text.isEmpty { appendText(text, to: &json) }
    case .reasoning(let thought): append(thought, to: &json)
    case .toolCall(let call):
      json.object {
        $0.member("type", literal: "tool_use")
        $0.member("id", call.id.isEmpty ? JSONText(fallbackID) : call.id)
        $0.member("name", call.name)
        $0.member("input", input(of: call))
      }
    case .image(let media): append(media, to: &json)
    case .refusal, .audio, .file, .toolResult: break
    }
  }

  private static func appendText(_ text: JSONText, to json: inout JSONBuilder) {
    json.object {
      $0.member("type", literal: "text")
      $0.member("text", text)
    }
  }

  static func append(_ thought: ReasoningBlock, to json: inout JSONBuilder) {
    json.object {
      if let data = thought.encrypted, thought.text.isEmpty {
        $0.member("type", literal: "redacted_thinking")
        $0.member("data", data)
      } else {
        $0.member("type", literal: "thinking")
        $0.member("thinking", thought.text)
        $0.member("signature", thought.signature ?? .empty)
      }
    }
  }

  /// The input must be an object; what a model wrote instead is kept as a text in one.
  private static func input(of call: ToolCall) -> JSONFragment {
    if let object = try? call.argumentsObject() { return object }
    var json = JSONBuilder()
    json.object { $0.member("invalid_json", call.arguments) }
    return JSONFragment(validated: json.finish()[...])
  }

  /// Anthropic's models draw nothing: the shape is that of images in requests.
  private static func append(_ image: Media, to json: inout JSONBuilder) {
    guard case .base64(let data) = image.source else { return }
    json.object {
      $0.member("type", literal: "image")
      $0.object("source") {
        $0.member("type", literal: "base64")
        $0.member("media_type", image.mediaType ?? "image/png")
        $0.member("data", data)
      }
    }
  }
}

/// How an answer ended, in Anthropic's words.
struct Ending {
  var finish = FinishReason.stop
  var native: JSONText?
  var stopSequence: JSONText?
  /// What the model or a filter said instead of answering.
  var refusal: JSONText?

  init() {}

  init(
    finish: FinishReason, native: JSONText?, stopSequence: JSONText?, refusal: JSONText?,
    _ context: AnswerContext
  ) {
    self.finish = finish
    self.native = native
    self.stopSequence = stopSequence ?? (isAtSequence ? context.onlyStopSequence : nil)
    self.refusal = refusal
  }

  /// Converse tells that it stopped at one of the client's sequences, and rarely at which.
  private var isAtSequence: Bool { finish == .stop && native?.equals("stop_sequence") == true }

  /// What a model said instead of answering is its text. What a filter says is not.
  var spokenRefusal: JSONText? { finish == .contentFilter ? nil : refusal }

  var stopReason: StaticString {
    if refusal != nil { return "refusal" }
    switch finish {
    case .contentFilter: return "refusal"
    case .toolCalls: return "tool_use"
    case .length:
      return native?.equals("model_context_window_exceeded") == true
        ? "model_context_window_exceeded" : "max_tokens"
    case .stop:
      if stopSequence != nil || isAtSequence { return "stop_sequence" }
      return native?.equals("pause_turn") == true ? "pause_turn" : "end_turn"
    }
  }

  func append(to json: inout JSONBuilder) {
    json.member("stop_reason", literal: stopReason)
    if let stopSequence {
      json.member("stop_sequence", stopSequence)
    } else {
      json.nullMember("stop_sequence")
    }
    guard finish == .contentFilter || refusal != nil else { return }
    json.object("stop_details") {
      $0.member("type", literal: "refusal")
      $0.nullMember("category")
      if let refusal {
        $0.member("explanation", refusal)
      } else {
        $0.nullMember("explanation")
      }
    }
  }
}

extension Usage {
  /// Anthropic's `usage`, whose parts are disjoint.
  func appendAnthropic(to json: inout JSONBuilder) {
    let cached = cacheReadTokens &+ cacheWriteTokens
    json.object("usage") {
      $0.member("input_tokens", integer: Int64(clamping: inputTokens &- min(cached, inputTokens)))
      $0.member("cache_creation_input_tokens", integer: Int64(clamping: cacheWriteTokens))
      $0.member("cache_read_input_tokens", integer: Int64(clamping: cacheReadTokens))
      if cacheWriteHourTokens > 0 {
        let short = cacheWriteTokens &- min(cacheWriteHourTokens, cacheWriteTokens)
        $0.object("cache_creation") {
          $0.member("ephemeral_5m_input_tokens", integer: Int64(clamping: short))
          $0.member("ephemeral_1h_input_tokens", integer: Int64(clamping: cacheWriteHourTokens))
        }
      }
      $0.member("output_tokens", integer: Int64(clamping: outputTokens))
      if reasoningTokens > 0 {
        $0.object("output_tokens_details") {
          $0.member("thinking_tokens", integer: Int64(clamping: reasoningTokens))
        }
      }
    }
  }
}
