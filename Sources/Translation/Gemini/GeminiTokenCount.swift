// SPDX-License-Identifier: MIT

public import JSON

/// `countTokens` ("Counting tokens", Gemini API reference), for models whose provider does not
/// count.
public enum GeminiTokenCount {
  /// What is to be counted: contents, or a whole request in `generateContentRequest`.
  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    try GeminiClient.readRequest(
      body["generateContentRequest", or: "generate_content_request"] ?? body)
  }

  public static func writeResponse(tokens: Int64) -> [UInt8] {
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

  /// About how many tokens a request has; rather more than less.
  public static func estimate(_ request: ChatRequest) -> Int64 {
    AnthropicTokenEstimate.inputTokens(of: request)
  }
}
