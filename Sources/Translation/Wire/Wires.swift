// SPDX-License-Identifier: MIT

/// Every API that is spoken, by name. A new provider is added here.
public enum Wires {
  public static let providers: [any ProviderWire.Type] = [
    OpenAIChat.self, AzureOpenAIChat.self, DeepSeekChat.self, XAIChat.self, VLLMChat.self,
    OpenAICompatibleChat.self, BedrockConverse.self, Gemini.self, OllamaChat.self,
    AnthropicMessages.self, OpenAIResponses.self,
  ]

  public static let clients: [any ClientWire.Type] = [
    OpenAIChatClient.self, GeminiClient.self, ResponsesClient.self, AnthropicClient.self,
    BedrockClient.self, CompletionsClient.self,
  ]

  public static func provider(named name: String) -> (any ProviderWire.Type)? {
    providers.first { "\($0.name)" == name }
  }

  /// Whether a provider's answers need no more for a client than to be mended, its chats being
  /// OpenAI's but for little (`OpenAIAnswerMender`).
  ///
  /// - Parameter form: that the request asks for; one of its own has to be written.
  public static func mendsAnswers(
    of provider: any ProviderWire.Type, for client: any ClientWire.Type,
    in form: AnswerForm = .usual
  ) -> Bool {
    client == OpenAIChatClient.self && form == .usual
      && (provider as? any OpenAIChatWire.Type)?.quirks.keepsAnswers == true
  }

  public static func client(named name: String) -> (any ClientWire.Type)? {
    clients.first { "\($0.name)" == name }
  }
}
