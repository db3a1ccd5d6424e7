// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a `chat.completion` object.
enum OpenAIChatResponseWriter {
  static func write(_ response: ChatResponse, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      json.member("id", response.id.isEmpty ? fallbackID(context) : response.id)
      json.member("object", literal: "chat.completion")
      json.member("created", integer: context.createdSeconds)
      json.member("model", response.model.isEmpty ? context.model : response.model)
      json.array("choices") { json in
        for (index, choice) in response.choices.enumerated() {
          append(choice, index: index, context.form, to: &json)
        }
      }
      response.usage?.appendOpenAI(to: &json)
    }
    return json.finish()
  }

  static func fallbackID(_ context: AnswerContext) -> JSONText {
    JSONText("chatcmpl-\(context.requestID)")
  }

  private static func append(
    _ choice: ChatResponse.Choice, index: Int, _ form: AnswerForm, to json: inout JSONBuilder
  ) {
    json.object { json in
      json.member("index", integer: Int64(index))
      json.object("message") { appendMessage(choice, form, to: &$0) }
      if let logProbabilities = choice.logProbabilities {
        json.member("logprobs", logProbabilities)
      } else {
        json.nullMember("logprobs")
      }
      json.member("finish_reason", literal: choice.finish.openAI(form))
      json.member("native_finish_reason", choice.nativeFinish)
    }
  }

  private static func appendMessage(
    _ choice: ChatResponse.Choice, _ form: AnswerForm, to json: inout JSONBuilder
  ) {
    var text: [UInt8] = []
    var hasText = false
    var refusal: JSONText?
    var thoughts: [ReasoningBlock] = []
    var calls: [ToolCall] = []
    for block in choice.blocks {
      switch block.content {
      case .text(let piece):
        text += piece.escaped
        hasText = true
      case .refusal(let said): refusal = said
      case .reasoning(let thought): thoughts.append(thought)
      case .toolCall(let call): calls.append(call)
      case .image, .audio, .file, .toolResult: break
      }
    }
    json.member("role", literal: "assistant")
    if hasText {
      json.member("content", JSONText(escaped: text[...]))
    } else {
      json.nullMember("content")
    }
    if let refusal { json.member("refusal", refusal) } else { json.nullMember("refusal") }
    appendThoughts(thoughts, to: &json)
    guard let first = calls.first else { return }
    if form == .functionCall {
      json.object("function_call") {
        $0.member("name", first.name)
        $0.member("arguments", first.arguments)
      }
      return
    }
    json.array("tool_calls") { json in
      for call in calls { json.object { append(call, to: &$0) } }
    }
  }

  static func append(_ call: ToolCall, to json: inout JSONBuilder) {
    json.member("id", call.id)
    json.member("type", literal: "function")
    json.object("function") {
      $0.member("name", call.name)
      $0.member("arguments", call.arguments)
    }
    appendSignature(call.signature, to: &json)
  }

  static func appendSignature(_ signature: JSONText?, to json: inout JSONBuilder) {
    guard let signature else { return }
    json.object("extra_content") {
      $0.object("google") { $0.member("thought_signature", signature) }
    }
  }

  private static func appendThoughts(_ thoughts: [ReasoningBlock], to json: inout JSONBuilder) {
    guard !thoughts.isEmpty else { return }
    let text = thoughts.reduce(into: [UInt8]()) { $0 += $1.text.escaped }
    if !text.isEmpty { json.member("reasoning_content", JSONText(escaped: text[...])) }
    guard thoughts.contains(where: { $0.signature != nil || $0.encrypted != nil }) else { return }
    json.array("thinking_blocks") { json in
      for thought in thoughts { append(thought, to: &json) }
    }
  }

  /// - Parameter index: the block's place, in streams.
  static func append(
    _ thought: ReasoningBlock, index: Int? = nil, to json: inout JSONBuilder
  ) {
    json.object {
      if let index { $0.member("index", integer: Int64(index)) }
      if let data = thought.encrypted {
        $0.member("type", literal: "redacted_thinking")
        $0.member("data", data)
      } else {
        $0.member("type", literal: "thinking")
        $0.member("thinking", thought.text)
        $0.member("signature", thought.signature)
      }
    }
  }
}
