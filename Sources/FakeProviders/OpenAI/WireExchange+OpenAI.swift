// SPDX-License-Identifier: MIT

internal import ControlPlane

extension WireExchange {
  private static let endpoints = ["/chat/completions", "/completions", "/embeddings"]

  /// `/v1/chat/completions`, `/v1/completions`, `/v1/embeddings`, `/v1/models`, under any prefix.
  mutating func answerOpenAI() throws(ProviderError) -> ProviderAnswer {
    if path.hasSuffix("/models") || path.contains("/models/") { return try openAIModels() }
    guard let endpoint = Self.endpoints.first(where: path.hasSuffix) else {
      throw ProviderError(
        .notFound, "Invalid URL (\(request.method) \(path))", code: "unknown_url")
    }
    try checkMethod("POST")
    try checkOpenAIKey()
    let body = try readBody { $0["user"]?.stringValue }
    if let answer = scriptedFailure { return answer }
    if script.blocksPrompt { throw ProviderError(.contentFilter) }
    if let model = body["model"]?.stringValue, !knowsModel(model) { throw .unknownModel(model) }
    switch endpoint {
    case "/chat/completions":
      let request = try AnswerRequest(chatCompletions: body)
      let answer = ScriptedAnswer(request, script: script)
      if request.isStream {
        return .stream(
          answer.chatEvents(for: request, created: now, wire: wire, script: script))
      }
      return .json(
        answer.chatBody(
          for: request, created: now, wire: wire, omitsUsage: script.omitsUsage))
    case "/completions":
      return try CompletionEndpoint(body).answer(script: script, created: now)
    default:
      return try EmbeddingEndpoint(body).answer()
    }
  }

  private func checkOpenAIKey() throws(ProviderError) {
    if options.acceptedKeys.isEmpty { return }
    let other = request.header("api-key") ?? request.header("x-api-key")
    if !accepts(bearerToken ?? other) { throw ProviderError(.authentication) }
  }

  private func openAIModels() throws(ProviderError) -> ProviderAnswer {
    try checkOpenAIKey()
    try checkMethod("GET", "HEAD")
    if path.hasSuffix("/models") {
      return .json(["object": "list", "data": .array(options.models.map(Self.modelObject))])
    }
    let name = Script.percentDecoded(path.split(separator: "/models/", maxSplits: 1).last ?? "")
    guard options.models.contains(name) else { throw .unknownModel(name) }
    return .json(Self.modelObject(name))
  }

  private static func modelObject(_ name: String) -> JSONValue {
    [
      "id": .string(name), "object": "model", "created": 1_735_689_600, "owned_by": "scripted",
    ]
  }
}
