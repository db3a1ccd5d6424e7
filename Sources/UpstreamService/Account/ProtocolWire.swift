// SPDX-License-Identifier: MIT

import ModelCatalog
import Translation

/// Chats with a model behind an account, written and read as the data plane does it.
struct ProtocolWire {
  let account: UpstreamAccount
  let model: String
  let provider: any ProviderWire.Type

  init(_ account: UpstreamAccount, model: String) {
    self.account = account
    self.model = model
    provider = Self.provider(account.wireProtocol, model: model)
  }

  private static func provider(
    _ wireProtocol: WireProtocol, model: String
  ) -> any ProviderWire.Type {
    var name = wireProtocol.name
    // Google's cloud serves models of others by their own APIs.
    if wireProtocol == .vertex {
      name =
        model.hasPrefix("claude")
        ? WireProtocol.anthropic.name
        : model.contains("/") ? WireProtocol.openAICompatible.name : WireProtocol.gemini.name
    }
    return Wires.provider(named: name) ?? OpenAICompatibleChat.self
  }

  /// The request that a chat in OpenAI's form becomes.
  ///
  /// - Throws: `unsupportedParameter` for what the provider does not have.
  func request(chat body: String) throws(TranslationError) -> UpstreamRequest {
    let target = UpstreamModel(
      name: model, traits: provider.traits(of: model),
      dialect: account.wireProtocol == .vertex ? .vertex : .plain, unsupported: .refuse)
    let translated = try RequestTranslator(client: OpenAIChatClient.self, provider: provider)
      .translate(Array(body.utf8)[...], to: target)
    var path = translated.path
    if account.wireProtocol == .vertex, provider == OpenAICompatibleChat.self {
      path = "/endpoints/openapi" + path
    }
    var request = UpstreamRequest("POST", target: self.target(path))
    request.headers = translated.headerFields.map { ("\($0.name)", $0.value) }
    request.body = translated.body
    return request
  }

  /// A path below the base URL, from the origin on.
  func target(_ path: String) -> String {
    guard let version = account.apiVersion else { return account.baseURL.pathPrefix + path }
    return account.baseURL.pathPrefix + "/openai/deployments/\(model)\(path)?api-version=\(version)"
  }

  /// The cheapest chat there is.
  static func shortestChat(model: String) -> String {
    #"{"model":"\#(escaped(model))","max_tokens":1,"#
      + #""messages":[{"role":"user","content":"ping"}]}"#
  }

  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"", "\\":
        result.unicodeScalars.append("\\")
        result.unicodeScalars.append(scalar)
      case _ where scalar.value < 0x20: result += " "
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
