// SPDX-License-Identifier: MIT

internal import ModelCatalog
internal import Translation

/// Which API a client speaks, where that makes a difference to the request path.
enum ClientAPI: UInt8 {
  case openAI
  case anthropic
  case gemini
  case bedrock
  case responses

  /// How requests are read and answers written.
  var wire: any ClientWire.Type { Self.wires[Int(rawValue)] }

  private static let wires: [any ClientWire.Type] = [
    "openai", "anthropic", "gemini", "bedrock", "responses",
  ].map { Wires.client(named: $0) ?? OpenAIChatClient.self }

  /// Whether an upstream speaks it too.
  @inline(__always)
  func isSpoken(by wireProtocol: WireProtocol) -> Bool {
    switch self {
    case .openAI: wireProtocol.passesChats
    case .anthropic: wireProtocol == .anthropic
    case .gemini: wireProtocol == .gemini
    case .bedrock: wireProtocol == .bedrock
    case .responses: false
    }
  }

  /// By which marks the thoughts of other providers are known in a body; nil where they are no
  /// matter.
  var thoughts: ForeignThoughts.API? {
    switch self {
    case .openAI: nil
    case .anthropic: .anthropic
    case .gemini: .gemini
    case .bedrock: .bedrock
    case .responses: .responses
    }
  }

  /// Whether Google's cloud speaks it to a model that is asked by this provider's API.
  func isSpokenToVertex(by provider: any ProviderWire.Type) -> Bool {
    switch self {
    case .anthropic: provider == AnthropicMessages.self
    case .gemini: provider == Gemini.self
    case .openAI, .bedrock, .responses: false
    }
  }

  /// Whether the model's name is in the path and not in the body.
  var namesModelInPath: Bool { self == .gemini || self == .bedrock }
}

extension WireProtocol {
  /// How requests to a model behind this protocol are written.
  func wire(for model: String) -> any ProviderWire.Type {
    // Google's cloud serves models of others by their own APIs.
    if self == .vertex {
      if model.hasPrefix("claude") { return Self.wires[Int(WireProtocol.anthropic.rawValue)] }
      if model.contains("/") { return OpenAICompatibleChat.self }
    }
    return Self.wires[Int(rawValue)]
  }

  private static let wires: [any ProviderWire.Type] = allCases.map {
    let name = $0 == .vertex ? "gemini" : $0.name
    return Wires.provider(named: name) ?? OpenAICompatibleChat.self
  }
}
