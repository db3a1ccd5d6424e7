// SPDX-License-Identifier: MIT

internal import ControlPlane

extension Wire {
  /// The whole answer that an error is.
  func answer(_ error: ProviderError) -> ProviderAnswer {
    var answer = ProviderAnswer.json(body(of: error), status: status(of: error))
    switch self {
    case .bedrock:
      answer.headers.append(("x-amzn-ErrorType", error.bedrockErrorType))
    case .gemini, .ollama:
      answer.body = .whole(
        body(of: error).encodedBytes, contentType: StreamFormat.jsonArray.contentType)
    case .openai, .azure, .deepseek, .xai, .vllm, .anthropic: break
    }
    return answer
  }

  private func status(of error: ProviderError) -> Int {
    switch self {
    case .openai, .azure, .deepseek, .xai, .vllm: error.openAIStatus(self)
    case .anthropic: error.anthropicStatus
    case .gemini: error.geminiStatus
    case .bedrock: error.bedrockStatus
    case .ollama: error.ollamaStatus
    }
  }

  /// The error's body, on its own or under a status of 200.
  func body(of error: ProviderError) -> JSONValue {
    switch self {
    case .openai, .azure, .deepseek, .xai, .vllm: error.openAIBody(self)
    case .anthropic: error.anthropicBody
    case .gemini: error.geminiBody
    case .bedrock: error.bedrockBody
    case .ollama: error.ollamaBody
    }
  }

  /// The error as an event in a stream that has begun.
  func event(of error: ProviderError) -> StreamEvent {
    let name: String? =
      switch self {
      case .anthropic: "error"
      case .bedrock: error.bedrockExceptionType
      case .openai, .azure, .deepseek, .xai, .vllm, .gemini, .ollama: nil
      }
    return .failure(body(of: error), name: name)
  }

  /// The headers that every answer of the provider has.
  func headers(delayMilliseconds: Int) -> [(name: String, value: String)] {
    switch self {
    case .openai, .deepseek, .xai, .vllm:
      [
        ("x-request-id", "req_scripted"), ("openai-version", "2020-10-01"),
        ("openai-processing-ms", String(delayMilliseconds)),
      ]
    case .azure:
      [
        ("apim-request-id", "00000000-0000-4000-8000-000000000000"),
        ("x-ms-region", "Sweden Central"), ("x-request-id", "req_scripted"),
      ]
    case .anthropic:
      [
        ("request-id", ProviderError.anthropicRequestIdentifier),
        ("anthropic-organization-id", "00000000-0000-4000-8000-000000000000"),
        ("anthropic-ratelimit-requests-limit", "1000"),
        ("anthropic-ratelimit-requests-remaining", "999"),
        ("anthropic-ratelimit-requests-reset", "2025-01-31T12:00:00Z"),
      ]
    case .gemini: [("Vary", "Origin"), ("Server-Timing", "gfet4t7; dur=\(delayMilliseconds)")]
    case .bedrock: [("x-amzn-RequestId", "00000000-0000-4000-8000-000000000000")]
    case .ollama: []
    }
  }
}
