// SPDX-License-Identifier: MIT

/// Whose API the fake speaks. `openai` to `vllm` are one family: the same paths and bodies, with
/// each provider's own habits.
public enum Wire: String, Sendable, CaseIterable {
  case openai
  case azure
  case deepseek
  case xai
  case vllm
  case anthropic
  case gemini
  case bedrock
  case ollama

  var isOpenAIFamily: Bool {
    switch self {
    case .openai, .azure, .deepseek, .xai, .vllm: true
    case .anthropic, .gemini, .bedrock, .ollama: false
    }
  }

  /// The wire a request is written in, by its path, for a fake that speaks all of them.
  static func speaking(_ request: ReceivedRequest) -> Wire {
    let path = request.path
    if path.hasPrefix("/model/") || path == "/foundation-models" || path == "/inference-profiles" {
      return .bedrock
    }
    if path.hasPrefix("/api/") { return .ollama }
    if GeminiPath(path) != nil, path.hasPrefix("/v1beta") || path.contains("/publishers/") {
      return .gemini
    }
    if path.hasPrefix("/openai/") { return .azure }
    if path.hasSuffix("/messages") || path.hasSuffix("/messages/count_tokens") {
      return .anthropic
    }
    return request.header("anthropic-version") == nil ? .openai : .anthropic
  }
}
