// SPDX-License-Identifier: MIT

public import JSON

/// A client whose API asks for the number of tokens that a request has.
public protocol TokenCountClientWire: ClientWire {
  /// - Throws: `invalidRequest`, naming the member at fault.
  static func readTokenCountRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest

  static func writeTokenCount(_ tokens: Int64) -> [UInt8]
}

/// A provider that counts the tokens of a request.
public protocol TokenCountProviderWire: ProviderWire {
  /// The path below the base URL.
  static func tokenCountPath(to target: UpstreamModel) -> String

  /// - Parameter chat: the body of a chat request with the same content.
  static func writeTokenCountRequest(_ chat: JSONNode, to target: UpstreamModel) -> [UInt8]

  /// - Throws: `malformedAnswer`.
  static func readTokenCount(_ body: JSONNode) throws(TranslationError) -> Int64

  /// Whether an error says that it does not count for this model, or what the request has. There
  /// is nothing wrong with the request then.
  static func isUncounted(_ error: ProviderError) -> Bool
}

extension TokenCountProviderWire {
  public static func isUncounted(_ error: ProviderError) -> Bool { false }
}

/// Asks a provider for a count in its own words.
public enum TokenCount {
  /// - Throws: as `RequestTranslator`.
  public static func translate(
    _ request: ChatRequest, client: any ClientWire.Type,
    provider: any TokenCountProviderWire.Type, to target: UpstreamModel
  ) throws(TranslationError) -> TranslatedRequest {
    var request = request
    request.wantsStream = false
    var translated = try RequestTranslator(client: client, provider: provider)
      .translate(request, to: target)
    let chat: JSONNode
    do throws(JSONError) { chat = try JSONTree().parse(translated.body[...]) } catch {
      // What a client nests deeply may stand deeper still in another API.
      throw TranslationError(
        .invalidRequest, "The provider's count of tokens cannot be asked for: \(error.sentence)")
    }
    translated.path = provider.tokenCountPath(to: target)
    translated.body = provider.writeTokenCountRequest(chat, to: target)
    return translated
  }

  /// A member that is to be a count.
  static func read(
    _ body: JSONNode, _ name: StaticString
  ) throws(TranslationError) -> Int64 {
    guard let tokens = body[name]?.integer, tokens >= 0 else {
      throw .malformed("The answer has no '\(name)'.")
    }
    return tokens
  }
}

extension JSONBuilder {
  /// Copies the members of `node` that `names` has.
  mutating func copy(_ names: [StaticString], of node: JSONNode) {
    for name in names { member(name, node[name]?.fragment) }
  }
}
