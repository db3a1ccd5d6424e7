// SPDX-License-Identifier: MIT

import JSON
import Testing
import Translation

/// Questions for the number of tokens, and their answers.
@Suite struct TokenCountTests {
  private func node(_ text: String) throws -> JSONNode {
    try JSONTree().parse(ArraySlice(text.utf8))
  }

  private func count(
    _ body: String, from client: any TokenCountClientWire.Type,
    to provider: any TokenCountProviderWire.Type, _ name: String = "m",
    _ dialect: UpstreamModel.Dialect = .plain
  ) throws -> TranslatedRequest {
    let target = UpstreamModel(name: name, traits: provider.traits(of: name), dialect: dialect)
    return try TokenCount.translate(
      client.readTokenCountRequest(try node(body)), client: client, provider: provider, to: target)
  }

  private let anthropic = """
    {"model":"claude","system":"Be brief.","messages":[{"role":"user","content":"Hi"}],\
    "tools":[{"name":"f","input_schema":{"type":"object"}}]}
    """
  private let gemini = """
    {"contents":[{"role":"user","parts":[{"text":"Hello there"}]}]}
    """

  @Test func anthropicIsAskedWithoutWhatHasNoTokens() throws {
    let asked = try count(
      gemini, from: GeminiClient.self, to: AnthropicMessages.self, "claude-sonnet-4-5")
    #expect(asked.path == "/messages/count_tokens")
    let body = try JSONTree().parse(asked.body[...])
    #expect(body["model"]?.equals("claude-sonnet-4-5") == true)
    #expect(body["max_tokens"] == nil)
    #expect(body["messages"]?.elements.first { _ in true }?["role"]?.equals("user") == true)
  }

  @Test func claudeOnGooglesCloudIsCountedByAModelOfItsOwn() throws {
    let asked = try count(
      anthropic, from: AnthropicClient.self, to: AnthropicMessages.self, "claude-sonnet-4-5",
      .vertex)
    #expect(asked.path == "/publishers/anthropic/models/count-tokens:rawPredict")
    let body = try JSONTree().parse(asked.body[...])
    #expect(body["anthropic_version"]?.equals("vertex-2023-10-16") == true)
    #expect(body["model"]?.equals("claude-sonnet-4-5") == true)
  }

  @Test func geminiIsAskedWithAWholeRequest() throws {
    let asked = try count(
      anthropic, from: AnthropicClient.self, to: Gemini.self, "gemini-2.5-flash")
    #expect(asked.path == "/models/gemini-2.5-flash:countTokens")
    let request = try JSONTree().parse(asked.body[...])["generateContentRequest"]
    #expect(request?["model"]?.equals("models/gemini-2.5-flash") == true)
    #expect(request?["systemInstruction"] != nil && request?["tools"] != nil)
    let vertex = try count(
      anthropic, from: AnthropicClient.self, to: Gemini.self, "gemini-2.5-flash", .vertex)
    #expect(try JSONTree().parse(vertex.body[...])["contents"]?.isArray == true)
  }

  @Test func bedrockIsAskedWithAConversation() throws {
    let asked = try count(
      anthropic, from: AnthropicClient.self, to: BedrockConverse.self, "us.claude:0")
    #expect(asked.path == "/model/us.claude%3A0/count-tokens")
    let converse = try JSONTree().parse(asked.body[...])["input"]?["converse"]
    #expect(converse?["messages"]?.isArray == true && converse?["toolConfig"] != nil)
    #expect(converse?["inferenceConfig"] == nil)
  }

  @Test func openAIIsAskedForAResponsesInput() throws {
    let asked = try count(anthropic, from: AnthropicClient.self, to: OpenAIResponses.self, "o3")
    #expect(asked.path == "/responses/input_tokens")
    let body = try JSONTree().parse(asked.body[...])
    #expect(body["model"]?.equals("o3") == true && body["input"]?.isArray == true)
    #expect(body["tools"]?.isArray == true && body["store"] == nil && body["include"] == nil)
    #expect(try OpenAIResponses.readTokenCount(try node(#"{"input_tokens":7}"#)) == 7)
    #expect(
      String(decoding: ResponsesClient.writeTokenCount(7), as: UTF8.self)
        == #"{"object":"response.input_tokens","input_tokens":7}"#)
    // Instructions alone may be counted, but not what only a memory knows.
    let alone = try ResponsesClient.readTokenCountRequest(
      try node(#"{"model":"m","instructions":"Be brief."}"#))
    #expect(TokenCountEstimate.inputTokens(of: alone) > 3)
    #expect(throws: TranslationError.self) {
      try ResponsesClient.readTokenCountRequest(try node(#"{"model":"m","conversation":"c"}"#))
    }
  }

  /// What is nested as deeply as may be read stands deeper in another API's body.
  @Test func deepNestingIsRefused() throws {
    let depth = JSONLimits.depthMax
    let deep = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    let shallow = "[[1]]"
    func body(_ result: String) -> String {
      """
      {"model":"claude","messages":[{"role":"user","content":"Hi"},\
      {"role":"assistant","content":[{"type":"tool_use","id":"t","name":"f","input":{}}]},\
      {"role":"user","content":[{"type":"tool_result","tool_use_id":"t","content":"\(result)"}]}],\
      "tools":[{"name":"f","input_schema":{"type":"object"}}]}
      """
    }
    #expect(
      try count(body(shallow), from: AnthropicClient.self, to: Gemini.self, "gemini-2.5-flash")
        .body.count > 0)
    let error = #expect(throws: TranslationError.self) {
      try count(body(deep), from: AnthropicClient.self, to: Gemini.self, "gemini-2.5-flash")
    }
    #expect(error?.kind == .invalidRequest && error?.message.contains("too deeply") == true)
  }

  @Test func answersAreRead() throws {
    #expect(try AnthropicMessages.readTokenCount(try node(#"{"input_tokens":7}"#)) == 7)
    #expect(try Gemini.readTokenCount(try node(#"{"totalTokens":7}"#)) == 7)
    #expect(try BedrockConverse.readTokenCount(try node(#"{"inputTokens":7}"#)) == 7)
    #expect(throws: TranslationError.self) {
      try Gemini.readTokenCount(try node(#"{"totalTokens":-1}"#))
    }
  }

  @Test(arguments: [
    ("The provided model doesn't support counting tokens.", true),
    ("Document input not supported for token counting", true),
    ("The provided model identifier is invalid.", false), ("Input is too long.", false),
  ])
  func bedrockSaysWhatItDoesNotCount(_ message: String, _ isUncounted: Bool) {
    let error = ProviderError(.invalidRequest, message)
    #expect(BedrockConverse.isUncounted(error) == isUncounted)
    #expect(!Gemini.isUncounted(error))
    #expect(!BedrockConverse.isUncounted(ProviderError(.rateLimit, message)))
  }

  @Test func estimatesDoNotDependOnTheForm() throws {
    let nested = #"{"generateContentRequest":{"model":"models/m","# + gemini.dropFirst() + "}"
    let plain = TokenCountEstimate.inputTokens(
      of: try GeminiClient.readTokenCountRequest(try node(gemini)))
    #expect(plain > 3 && plain < 20)
    #expect(
      TokenCountEstimate.inputTokens(
        of: try GeminiClient.readTokenCountRequest(try node(nested))) == plain)
    #expect(
      String(decoding: GeminiClient.writeTokenCount(7), as: UTF8.self)
        .hasPrefix(#"{"totalTokens":7,"#))
  }
}
