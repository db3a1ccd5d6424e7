// SPDX-License-Identifier: MIT

public import JSON

/// `/v1/messages/count_tokens` ("Count tokens in a Message", Anthropic API reference); on Google's
/// cloud the model `count-tokens`.
extension AnthropicMessages: TokenCountProviderWire {
  public static func tokenCountPath(to target: UpstreamModel) -> String {
    target.dialect == .vertex
      ? "/publishers/anthropic/models/count-tokens:rawPredict" : "/messages/count_tokens"
  }

  public static func writeTokenCountRequest(
    _ chat: JSONNode, to target: UpstreamModel
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object {
      $0.member("model", string: target.name)
      $0.copy(
        [
          "anthropic_version", "system", "messages", "tools", "tool_choice", "thinking",
          "output_config",
        ], of: chat)
    }
    return json.finish()
  }

  public static func readTokenCount(_ body: JSONNode) throws(TranslationError) -> Int64 {
    try TokenCount.read(body, "input_tokens")
  }
}

/// `/v1/responses/input_tokens` ("Get input token counts", OpenAI API reference).
extension OpenAIResponses: TokenCountProviderWire {
  public static func tokenCountPath(to target: UpstreamModel) -> String {
    "/responses/input_tokens"
  }

  public static func writeTokenCountRequest(
    _ chat: JSONNode, to target: UpstreamModel
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object {
      $0.copy(
        [
          "model", "instructions", "input", "tools", "tool_choice", "parallel_tool_calls",
          "reasoning", "text",
        ], of: chat)
    }
    return json.finish()
  }

  public static func readTokenCount(_ body: JSONNode) throws(TranslationError) -> Int64 {
    try TokenCount.read(body, "input_tokens")
  }
}

/// `:countTokens` ("Counting tokens", Gemini API reference, and Vertex AI's, which takes fewer
/// members).
extension Gemini: TokenCountProviderWire {
  public static func tokenCountPath(to target: UpstreamModel) -> String {
    modelPath(to: target) + ":countTokens"
  }

  public static func writeTokenCountRequest(
    _ chat: JSONNode, to target: UpstreamModel
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      if target.dialect == .vertex {
        json.copy(["contents", "systemInstruction", "tools", "generationConfig"], of: chat)
        return
      }
      json.object("generateContentRequest") { json in
        json.member("model", string: String(modelPath(to: target).dropFirst()))
        for member in chat.members {
          json.key(text: member.name)
          json.raw(member.value.fragment)
        }
      }
    }
    return json.finish()
  }

  public static func readTokenCount(_ body: JSONNode) throws(TranslationError) -> Int64 {
    try TokenCount.read(body, "totalTokens")
  }
}

/// `CountTokens` (Amazon Bedrock API reference).
extension BedrockConverse: TokenCountProviderWire {
  public static func tokenCountPath(to target: UpstreamModel) -> String {
    "/model/\(PathSegments.encoded(target.name))/count-tokens"
  }

  public static func writeTokenCountRequest(
    _ chat: JSONNode, to target: UpstreamModel
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object {
      $0.object("input") {
        $0.object("converse") {
          $0.copy(["messages", "system", "toolConfig", "additionalModelRequestFields"], of: chat)
        }
      }
    }
    return json.finish()
  }

  public static func readTokenCount(_ body: JSONNode) throws(TranslationError) -> Int64 {
    try TokenCount.read(body, "inputTokens")
  }

  /// It counts for some of its models only, and documents for none: "The provided model doesn't
  /// support counting tokens.", "Document input not supported for token counting".
  public static func isUncounted(_ error: ProviderError) -> Bool {
    guard error.kind == .invalidRequest else { return false }
    let text = error.message.lowercased()
    return text.contains("support counting tokens") || text.contains("supported for token counting")
  }
}
