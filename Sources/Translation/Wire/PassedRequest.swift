// SPDX-License-Identifier: MIT

public import JSON

/// A request whose client and provider speak one API goes on as it came, but for the model's name
/// and thoughts of other providers.
public enum PassedRequest {
  /// - Returns: nil where the two speak different APIs, or the model cannot go on from what would
  ///   be left, so that it is translated.
  public static func make(
    _ body: JSONNode, _ request: ChatRequest, from client: any ClientWire.Type,
    to provider: any ProviderWire.Type, _ target: UpstreamModel
  ) -> TranslatedRequest? {
    var body = body
    var losses = LossReport()
    switch ForeignThoughts.body(body, from: client, to: target) {
    case .asItCame: break
    case .changed(let bytes, let hasLostThoughts):
      body = JSONFragment(validated: bytes[...]).parsed
      if hasLostThoughts { ForeignThoughts.note(in: &losses) }
    case .unfit: return nil
    }
    guard let bytes = passed(body, client, provider, target) else { return nil }
    return TranslatedRequest(
      path: provider.requestPath(to: target, isStream: request.wantsStream),
      headerFields: provider.headerFields(for: target), body: bytes, losses: losses)
  }

  private static func passed(
    _ body: JSONNode, _ client: any ClientWire.Type, _ provider: any ProviderWire.Type,
    _ target: UpstreamModel
  ) -> [UInt8]? {
    let isVertex = target.dialect == .vertex
    if client == AnthropicClient.self, provider == AnthropicMessages.self {
      return isVertex ? AnthropicMessages.vertexBody(body) : renamed(body, target.name)
    }
    if client == GeminiClient.self, provider == Gemini.self {
      guard isVertex else { return Array(body.fragment.bytes) }
      switch Gemini.vertexBody(body) {
      case .asItCame: return Array(body.fragment.bytes)
      case .withRoles(let bytes): return bytes
      case .unfit: return nil
      }
    }
    if client == BedrockClient.self, provider == BedrockConverse.self {
      return Array(body.fragment.bytes)
    }
    let isResponses = client == ResponsesClient.self && provider == OpenAIResponses.self
    let isChat = client == OpenAIChatClient.self && openAIs.contains { $0 == provider }
    return isResponses || isChat ? renamed(body, target.name) : nil
  }

  private static let openAIs: [any ProviderWire.Type] = [
    OpenAIChat.self, AzureOpenAIChat.self, VLLMChat.self, OpenAICompatibleChat.self,
  ]

  private static func renamed(_ body: JSONNode, _ name: String) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      for member in body.members {
        json.key(text: member.name)
        if member.name.equals("model") {
          json.string(name)
        } else {
          json.raw(member.value.fragment)
        }
      }
    }
    return json.finish()
  }
}
