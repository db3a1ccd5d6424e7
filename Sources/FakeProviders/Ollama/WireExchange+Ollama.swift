// SPDX-License-Identifier: MIT

internal import ControlPlane

extension WireExchange {
  /// Ollama's own API: `/api/chat`, `/api/tags`, `/api/show`, `/api/embed`, `/api/version`; and its
  /// `/v1`, which is OpenAI's.
  mutating func answerOllama() throws(ProviderError) -> ProviderAnswer {
    if path.hasPrefix("/v1/") {
      wire = .openai
      return try answerOpenAI()
    }
    if !options.acceptedKeys.isEmpty, !accepts(bearerToken) { throw ProviderError(.authentication) }
    switch path {
    case "/api/version":
      try checkMethod("GET", "HEAD")
      return .json(["version": "0.12.0"])
    case "/api/tags":
      try checkMethod("GET", "HEAD")
      return .json(["models": .array(options.models.map(Self.ollamaModel))])
    case "/api/chat", "/api/embed", "/api/show": try checkMethod("POST")
    default: throw ProviderError(.notFound, "404 page not found")
    }
    let body = try readBody()
    if let answer = scriptedFailure { return answer }
    guard let model = (body["model"] ?? body["name"])?.stringValue, !model.isEmpty else {
      throw .invalidRequest("model is required")
    }
    guard knowsModel(model) else { throw ProviderError(.notFound, "model '\(model)' not found") }
    switch path {
    case "/api/embed": return .json(try embeddings(body, model))
    case "/api/show":
      return .json([
        "details": Self.details, "model_info": ["general.architecture": "llama"],
        "capabilities": ["completion", "tools", "thinking", "vision"],
      ])
    default:
      let read = try OllamaRequest(body, model: model)
      let answer = OllamaAnswer(
        answer: ScriptedAnswer(read.request, script: script), script: script, now: now,
        isEmpty: read.request.messages.isEmpty)
      return read.request.isStream ? .stream(answer.events, .lines) : .json(answer.body)
    }
  }

  private static let details: JSONValue = [
    "parent_model": "", "format": "gguf", "family": "llama", "families": ["llama"],
    "parameter_size": "8.0B", "quantization_level": "Q4_K_M",
  ]

  private static func ollamaModel(_ name: String) -> JSONValue {
    [
      "name": .string(name), "model": .string(name),
      "modified_at": "2025-01-31T12:00:00.123456789Z", "size": 4_661_224_676,
      "digest": "365c0bd3c000a25d28ddbf732fe1c6add414de7275464c4e4d1c3b5fcb5d8ad1",
      "details": details,
    ]
  }

  private func embeddings(
    _ body: JSONValue, _ model: String
  ) throws(ProviderError) -> JSONValue {
    var texts: [String] = []
    if let text = body["input"]?.stringValue {
      texts = [text]
    } else if let elements = body["input"]?.arrayValue {
      for element in elements {
        guard let text = element.stringValue else { throw .invalidRequest("invalid input type") }
        texts.append(text)
      }
    } else {
      throw .invalidRequest("invalid input type")
    }
    let dimensions = min(max(Int(body["dimensions"]?.integerValue ?? 768), 1), 4_096)
    let vectors = texts.map { text in
      JSONValue.array(
        EmbeddingEndpoint.vector(for: .text(text), dimensions: dimensions).map {
          .number(Double($0))
        })
    }
    return [
      "model": .string(model), "embeddings": .array(vectors), "total_duration": 14_143_917,
      "load_duration": 1_019_500,
      "prompt_eval_count": JSONValue(texts.reduce(0) { $0 + TokenEstimate.count($1) }),
    ]
  }
}
