// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// What is known of a kind of upstream, so that a gateway needs only its key. Each is reached
/// through its own API; `protocol: openai-compatible` asks for the other one that some offer.
struct GatewayType {
  var name: String
  /// Nil when it depends on the account or machine and must be given.
  var baseURL: String?
  var authentication: AuthenticationStyle
  var wireProtocol: WireProtocol
  /// Whether a key must be given.
  var needsKey: Bool
  /// What a gateway without a key uses instead.
  var keylessAuthentication: GatewayAuthentication.Kind?

  static let all = [
    GatewayType(
      name: "openai", baseURL: "https://api.openai.com/v1", authentication: .bearer,
      wireProtocol: .openAI, needsKey: true),
    GatewayType(
      name: "anthropic", baseURL: "https://api.anthropic.com/v1", authentication: .xAPIKey,
      wireProtocol: .anthropic, needsKey: true),
    GatewayType(
      name: "google", baseURL: "https://generativelanguage.googleapis.com/v1beta",
      authentication: .googleAPIKey, wireProtocol: .gemini, needsKey: true),
    GatewayType(
      name: "xai", baseURL: "https://api.x.ai/v1", authentication: .bearer, wireProtocol: .xAI,
      needsKey: true),
    GatewayType(
      name: "deepseek", baseURL: "https://api.deepseek.com/v1", authentication: .bearer,
      wireProtocol: .deepSeek, needsKey: true),
    GatewayType(
      name: "cohere", baseURL: "https://api.cohere.com/v2", authentication: .bearer,
      wireProtocol: .openAICompatible, needsKey: true),
    GatewayType(
      name: "bedrock", baseURL: nil, authentication: .bearer, wireProtocol: .bedrock,
      needsKey: true, keylessAuthentication: .aws),
    GatewayType(
      name: "vertex", baseURL: nil, authentication: .bearer, wireProtocol: .vertex,
      needsKey: true, keylessAuthentication: .gcp),
    GatewayType(
      name: "azure", baseURL: nil, authentication: .apiKey, wireProtocol: .azure, needsKey: true),
    GatewayType(
      name: "ollama", baseURL: "http://127.0.0.1:11434", authentication: .bearer,
      wireProtocol: .ollama, needsKey: false),
    GatewayType(
      name: "vllm", baseURL: nil, authentication: .bearer, wireProtocol: .vLLM, needsKey: false),
    GatewayType(
      name: "openai-compatible", baseURL: nil, authentication: .bearer,
      wireProtocol: .openAICompatible, needsKey: false),
    GatewayType(
      name: "scripted", baseURL: nil, authentication: .none, wireProtocol: .openAICompatible,
      needsKey: false),
  ]

  /// Whether a path is where the vendor's OpenAI-compatible API is found: whoever writes it wants
  /// that one.
  func offersOpenAI(under path: String) -> Bool {
    switch wireProtocol {
    case .gemini: path.hasSuffix("/openai")
    case .vertex: path.hasSuffix("/endpoints/openapi")
    case .bedrock: path.hasSuffix("/openai/v1")
    case .ollama: path.hasSuffix("/v1")
    default: false
    }
  }

  /// Where an API is under an address that names a host alone.
  static func pathPrefix(of wireProtocol: WireProtocol) -> String {
    switch wireProtocol {
    case .anthropic: "/v1"
    case .gemini: "/v1beta"
    case .vertex, .bedrock, .ollama: ""
    default: "/v1"
    }
  }

  /// Which type is meant by another product's word for it; empty where that is not known.
  static func help(for word: String) -> String {
    let others = [
      "gemini": "google", "google_ai_studio": "google", "claude": "anthropic", "grok": "xai",
      "aws": "bedrock", "amazon": "bedrock", "aws_bedrock": "bedrock", "gcp": "vertex",
      "vertex_ai": "vertex", "vertexai": "vertex", "azure_openai": "azure",
      "azure-openai": "azure", "azure_ai": "azure",
    ]
    if let type = others[word.lowercased()] { return "write `\(type)`" }
    if !NearestNames.find(word, in: all.map(\.name)).isEmpty { return "" }
    return "a server with OpenAI's API has `type: \(generic)` and its `base_url`"
  }

  /// The operation that an address ends with, where it should be the API's.
  static func operation(in path: String) -> String? {
    let operations = [
      "/chat/completions", "/completions", "/embeddings", "/messages", "/responses",
      ":generateContent", "/converse", "/api/chat",
    ]
    return operations.first { path.hasSuffix($0) }
  }

  /// A gateway of this type takes every model that nothing else is said of.
  static let generic = "openai-compatible"
  static let scripted = "scripted"
}
