// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a `GenerateContentResponse`.
enum GeminiResponseWriter {
  static func write(_ response: ChatResponse, _ context: AnswerContext) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      json.array("candidates") { json in
        for (index, choice) in response.choices.enumerated() {
          json.object { append(choice, index: index, to: &$0) }
        }
      }
      if let usage = response.usage { append(usage, to: &json) }
      json.member("modelVersion", response.model.isEmpty ? context.model : response.model)
      json.member("responseId", response.id.isEmpty ? JSONText(context.requestID) : response.id)
    }
    return json.finish()
  }

  private static func append(
    _ choice: ChatResponse.Choice, index: Int, to json: inout JSONBuilder
  ) {
    var broken: JSONText?
    json.object("content") { json in
      json.array("parts") { json in
        for block in choice.blocks {
          if case .toolCall(let call) = block.content, arguments(call.arguments) == nil {
            broken = broken ?? call.name
          } else {
            append(block, to: &json)
          }
        }
      }
      json.member("role", literal: "model")
    }
    appendFinish(choice.finish, native: choice.nativeFinish, broken: broken, to: &json)
    json.member("index", integer: Int64(index))
    json.member(
      "logprobsResult", choice.logProbabilities.map { GeminiLogProbabilities.gemini($0.parsed) })
  }

  // MARK: Parts

  private static func append(_ block: Block, to json: inout JSONBuilder) {
    switch block.content {
    case .text(let text), .refusal(let text):
      json.object { $0.member("text", text) }
    case .reasoning(let thought): append(thought, to: &json)
    case .toolCall(let call): append(call, to: &json)
    case .image(let media), .audio(let media), .file(let media):
      guard case .base64(let data) = media.source else { return }
      json.object {
        $0.object("inlineData") {
          $0.member("mimeType", media.mediaType ?? "application/octet-stream")
          $0.member("data", data)
        }
      }
    case .toolResult: break
    }
  }

  /// A signature of Gemini's own that stands without thoughts is of the text before it; Gemini puts
  /// it on an empty text.
  static func append(_ thought: ReasoningBlock, to json: inout JSONBuilder) {
    let isOfText = thought.text.isEmpty && thought.geminiSignature != nil
    json.object {
      $0.member("text", thought.text)
      if !isOfText { $0.member("thought", bool: true) }
      $0.member("thoughtSignature", GeminiSignature.forClient(thought))
    }
  }

  static func append(_ call: ToolCall, to json: inout JSONBuilder) {
    json.object {
      $0.object("functionCall") {
        $0.member("id", call.id)
        $0.member("name", call.name)
        $0.member("args", arguments(call.arguments))
      }
      $0.member("thoughtSignature", call.signature)
    }
  }

  /// The object in a call's arguments; nil where a model wrote something else.
  static func arguments(_ text: JSONText) -> JSONFragment? {
    try? ToolCall(id: .empty, name: .empty, arguments: text).argumentsObject()
  }

  // MARK: Finish

  /// - Parameter broken: the function of a call whose arguments are no JSON object, which Gemini
  ///   cannot say but by its own reason for it.
  static func appendFinish(
    _ reason: FinishReason, native: JSONText?, broken: JSONText?, to json: inout JSONBuilder
  ) {
    if let broken {
      json.member("finishReason", literal: "MALFORMED_FUNCTION_CALL")
      json.member(
        "finishMessage",
        .joined(["Malformed function call: ", broken], separator: ""))
      return
    }
    switch reason {
    case .stop, .toolCalls: json.member("finishReason", literal: "STOP")
    case .length: json.member("finishReason", literal: "MAX_TOKENS")
    case .contentFilter:
      json.member("finishReason", native.flatMap(ownWord) ?? "SAFETY")
    }
  }

  /// A reason that is Gemini's.
  private static func ownWord(_ native: JSONText) -> JSONText? {
    let reason = try? GeminiResponseReader.finish(native.plain, nil, hasCalls: false)
    return reason == .contentFilter ? native : nil
  }

  // MARK: Usage

  static func append(_ usage: Usage, to json: inout JSONBuilder) {
    json.object("usageMetadata") {
      let answer = usage.outputTokens - min(usage.reasoningTokens, usage.outputTokens)
      $0.member("promptTokenCount", integer: Int64(clamping: usage.inputTokens))
      $0.member("candidatesTokenCount", integer: Int64(clamping: answer))
      $0.member("totalTokenCount", integer: Int64(clamping: usage.totalTokens))
      if usage.cacheReadTokens > 0 {
        $0.member("cachedContentTokenCount", integer: Int64(clamping: usage.cacheReadTokens))
      }
      if usage.reasoningTokens > 0 {
        $0.member("thoughtsTokenCount", integer: Int64(clamping: usage.reasoningTokens))
      }
    }
  }
}
