// SPDX-License-Identifier: MIT

public import JSON

/// `/v1/messages/count_tokens`.
extension AnthropicClient: TokenCountClientWire {
  public static func readTokenCountRequest(
    _ body: JSONNode
  ) throws(TranslationError) -> ChatRequest {
    try readRequest(body)
  }
}

/// `/v1/responses/input_tokens` ("Get input token counts", OpenAI API reference): a request for a
/// response, whose input may be left out.
extension ResponsesClient: TokenCountClientWire {
  public static func readTokenCountRequest(
    _ body: JSONNode
  ) throws(TranslationError) -> ChatRequest {
    try read(body, needsInput: false)
  }

  public static func writeTokenCount(_ tokens: Int64) -> [UInt8] {
    var json = JSONBuilder()
    json.object {
      $0.member("object", literal: "response.input_tokens")
      $0.member("input_tokens", integer: tokens)
    }
    return json.finish()
  }
}

/// `countTokens` ("Counting tokens", Gemini API reference).
extension GeminiClient: TokenCountClientWire {
  /// What is to be counted: contents, or a whole request in `generateContentRequest`.
  public static func readTokenCountRequest(
    _ body: JSONNode
  ) throws(TranslationError) -> ChatRequest {
    try readRequest(body["generateContentRequest", or: "generate_content_request"] ?? body)
  }

  public static func writeTokenCount(_ tokens: Int64) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      json.member("totalTokens", integer: tokens)
      json.array("promptTokensDetails") {
        $0.object {
          $0.member("modality", literal: "TEXT")
          $0.member("tokenCount", integer: tokens)
        }
      }
    }
    return json.finish()
  }
}
