// SPDX-License-Identifier: MIT

internal import ControlPlane

extension WireExchange {
  /// The Gemini API, and Vertex with its publishers and its OpenAI-compatible endpoint.
  mutating func answerGemini() throws(ProviderError) -> ProviderAnswer {
    if path.hasSuffix("/chat/completions") {
      wire = .openai
      return try answerOpenAI()
    }
    guard let place = GeminiPath(path) else {
      throw ProviderError(.notFound, "Requested entity was not found.")
    }
    // Without server-sent events a stream is an array, and so is its error.
    isArray = place.method == "streamGenerateContent" && queryValue("alt") != "sse"
    try checkGeminiKey(isVertex: place.isVertex)
    if place.method.isEmpty { return try geminiModels(place) }
    try checkMethod("POST")
    let body = try readBody()
    if place.publisher == "anthropic" { return try answerVertexAnthropic(body, place) }
    if let answer = scriptedFailure { return answer }
    guard knowsModel(place.model) else { throw unknownGeminiModel(place) }
    return try geminiAnswer(body, place)
  }

  private func geminiAnswer(
    _ body: JSONValue, _ place: GeminiPath
  ) throws(ProviderError) -> ProviderAnswer {
    let form = GeminiRequest.Form(
      model: GeminiModel(name: place.model), isVertex: place.isVertex,
      isStream: place.method == "streamGenerateContent")
    switch place.method {
    case "generateContent", "streamGenerateContent":
      let request = try GeminiRequest(body, form: form).request
      let answer = GeminiAnswer(
        answer: ScriptedAnswer(request, script: script), model: form.model, script: script,
        showsThoughts: request.wantsReasoning)
      if !request.isStream { return .json(answer.body) }
      return .stream(
        answer.events(isArray: isArray), isArray ? .jsonArray : .serverSentEventsCRLF)
    case "countTokens":
      let request = try GeminiRequest(body["generateContentRequest"] ?? body, form: form).request
      let count = JSONValue(request.promptTokens)
      return .json([
        "totalTokens": count, "promptTokensDetails": [["modality": "TEXT", "tokenCount": count]],
      ])
    case "embedContent": return .json(try GeminiEmbeddings.single(body))
    case "batchEmbedContents": return .json(try GeminiEmbeddings.batch(body))
    case "predict" where place.isVertex:
      return .json(try GeminiEmbeddings.predict(body, model: place.model))
    default: throw ProviderError(.notFound, "Method not found: \(place.method)")
    }
  }

  private func unknownGeminiModel(_ place: GeminiPath) -> ProviderError {
    ProviderError(
      .notFound,
      "models/\(place.model) is not found for API version v1beta, or is not supported for "
        + "\(place.method). Call ListModels to see the list of available models and their "
        + "supported methods.")
  }

  // MARK: Keys

  private func checkGeminiKey(isVertex: Bool) throws(ProviderError) {
    let key = isVertex ? nil : request.header("x-goog-api-key") ?? queryValue("key")
    if key == nil, bearerToken == nil {
      if isVertex { throw Self.vertexAuthentication }
      throw ProviderError(
        .permission,
        "Method doesn't allow unregistered callers (callers without established identity). Please "
          + "use API Key or other form of API consumer identity to call this API.")
    }
    if accepts(key, bearerToken) { return }
    throw key == nil ? Self.vertexAuthentication : ProviderError(.authentication)
  }

  private static let vertexAuthentication = ProviderError(
    .authentication,
    "Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie "
      + "or other valid authentication credential. See "
      + "https://developers.google.com/identity/sign-in/web/devconsole-project.",
    code: "UNAUTHENTICATED", status: 401)

  // MARK: Models

  private func geminiModels(_ place: GeminiPath) throws(ProviderError) -> ProviderAnswer {
    try checkMethod("GET", "HEAD")
    if place.model.isEmpty {
      let page = page(at: queryValue("pageToken"), limit: queryValue("pageSize"))
      let isVertex = place.isVertex
      var list: [JSONValue.Member] = [
        .init(
          isVertex ? "publisherModels" : "models",
          .array(page.models.map { isVertex ? Self.publisherModel($0) : Self.geminiModel($0) }))
      ]
      if let next = page.next { list.append(.init("nextPageToken", .string(next))) }
      return .json(.object(list))
    }
    guard options.models.contains(place.model) else { throw unknownGeminiModel(place) }
    return .json(Self.geminiModel(place.model))
  }

  private static func publisherModel(_ name: String) -> JSONValue {
    [
      "name": .string("publishers/google/models/" + name), "versionId": "default",
      "openSourceCategory": "PROPRIETARY", "launchStage": "GA",
    ]
  }

  private static func geminiModel(_ name: String) -> JSONValue {
    [
      "name": .string("models/" + name), "version": "001", "displayName": .string(name),
      "inputTokenLimit": 1_048_576, "outputTokenLimit": 65_536,
      "supportedGenerationMethods": ["generateContent", "countTokens"],
    ]
  }

  // MARK: Claude at Vertex

  private mutating func answerVertexAnthropic(
    _ body: JSONValue, _ place: GeminiPath
  ) throws(ProviderError) -> ProviderAnswer {
    let isStream = place.method == "streamRawPredict"
    guard isStream || place.method == "rawPredict" else {
      throw ProviderError(.notFound, "Method not found: \(place.method)")
    }
    wire = .anthropic
    let isCount = place.model == "count-tokens"
    return try anthropicAnswer(
      body,
      AnthropicRequest.Form(
        isCount: isCount, cloudModel: isCount ? body["model"]?.stringValue ?? "" : place.model,
        cloudVersion: "vertex-2023-10-16", cloudIsStream: isStream))
  }
}
