// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// What is known of a kind of upstream, so that a gateway needs only its key. Each is reached
/// through the OpenAI-compatible API that its vendor offers.
struct GatewayType {
  var name: String
  /// Nil when it depends on the account or machine and must be given.
  var baseURL: String?
  var authentication: AuthenticationStyle
  /// Whether a key must be given.
  var needsKey: Bool

  static let all = [
    GatewayType(
      name: "openai", baseURL: "https://api.openai.com/v1", authentication: .bearer,
      needsKey: true),
    GatewayType(
      name: "anthropic", baseURL: "https://api.anthropic.com/v1", authentication: .bearer,
      needsKey: true),
    GatewayType(
      name: "google", baseURL: "https://generativelanguage.googleapis.com/v1beta/openai",
      authentication: .bearer, needsKey: true),
    GatewayType(
      name: "xai", baseURL: "https://api.x.ai/v1", authentication: .bearer, needsKey: true),
    GatewayType(
      name: "deepseek", baseURL: "https://api.deepseek.com/v1", authentication: .bearer,
      needsKey: true),
    GatewayType(name: "bedrock", baseURL: nil, authentication: .bearer, needsKey: true),
    GatewayType(name: "vertex", baseURL: nil, authentication: .bearer, needsKey: true),
    GatewayType(name: "azure", baseURL: nil, authentication: .apiKey, needsKey: true),
    GatewayType(
      name: "ollama", baseURL: "http://127.0.0.1:11434/v1", authentication: .bearer,
      needsKey: false),
    GatewayType(name: "vllm", baseURL: nil, authentication: .bearer, needsKey: false),
    GatewayType(
      name: "openai-compatible", baseURL: nil, authentication: .bearer, needsKey: false),
    GatewayType(name: "scripted", baseURL: nil, authentication: .none, needsKey: false),
  ]

  /// A gateway of this type takes every model that nothing else is said of.
  static let generic = "openai-compatible"
  static let scripted = "scripted"
}
