// SPDX-License-Identifier: MIT

internal import ControlPlane

extension WireExchange {
  private static let endpoints = [
    "/chat/completions", "/completions", "/embeddings", "/responses", "/responses/input_tokens",
  ]

  /// `/v1/chat/completions`, `/v1/completions`, `/v1/embeddings`, `/v1/responses`, `/v1/models`,
  /// under any prefix; and Azure's deployments.
  mutating func answerOpenAI() throws(ProviderError) -> ProviderAnswer {
    if path.hasSuffix("/models") || path.contains("/models/") { return try openAIModels() }
    if path.contains("/responses/"), !path.hasSuffix("/responses/input_tokens") {
      return try keptResponse()
    }
    if let endpoint = Self.mediaEndpoints.first(where: path.hasSuffix) {
      try checkMethod("POST")
      try checkOpenAIKey()
      return try media(endpoint)
    }
    guard let endpoint = Self.endpoints.first(where: path.hasSuffix) else {
      throw ProviderError(
        .notFound, "Invalid URL (\(request.method) \(path))", code: "unknown_url")
    }
    try checkMethod("POST")
    try checkOpenAIKey()
    var body = try readBody { $0["user"]?.stringValue }
    if wire == .azure { try readDeployment(into: &body) }
    if let answer = openAIFailure { return answer }
    if script.blocksPrompt { throw ProviderError(.contentFilter) }
    if let model = body["model"]?.stringValue, !knowsModel(model) { throw .unknownModel(model) }
    switch endpoint {
    case "/chat/completions": return try chatCompletion(body)
    case "/completions":
      return try CompletionEndpoint(body).answer(script: script, created: now)
    case "/responses":
      return try response(body)
    case "/responses/input_tokens":
      return try countTokens(body)
    default: return try EmbeddingEndpoint(body).answer()
    }
  }

  private func chatCompletion(_ body: JSONValue) throws(ProviderError) -> ProviderAnswer {
    // What stands in for any provider takes what any provider takes.
    if options.wire != nil || script.wire != nil {
      try OpenAIHabits(wire: wire, body: body).check()
    }
    var request = try AnswerRequest(chatCompletions: body)
    request.wantsReasoning = OpenAIHabits.thinks(wire, body)
    let answer = ScriptedAnswer(request, script: script)
    if request.isStream {
      return .stream(
        answer.chatEvents(for: request, created: now, wire: wire, script: script))
    }
    let whole = answer.chatBody(
      for: request, created: now, wire: wire, omitsUsage: script.omitsUsage)
    // While a request waits, DeepSeek sends blank lines.
    let waiting: [UInt8] = wire == .deepseek ? [0x0A, 0x0A] : []
    return ProviderAnswer(
      status: 200, body: .whole(waiting + whole.encodedBytes, contentType: "application/json"))
  }

  private var openAIFailure: ProviderAnswer? {
    guard var answer = scriptedFailure else { return nil }
    let names = answer.headers.map(\.name)
    if wire == .azure, answer.status == 429, !names.contains("retry-after-ms") {
      answer.headers.append(("retry-after-ms", "1000"))
    }
    return answer
  }

  func checkOpenAIKey() throws(ProviderError) {
    let other = request.header("api-key") ?? request.header("x-api-key")
    // Azure's own name of the header goes first there.
    let given = wire == .azure ? other ?? bearerToken : bearerToken ?? other
    if options.acceptedKeys.isEmpty, wire != .azure { return }
    if !accepts(given) { throw ProviderError(.authentication) }
  }

  // MARK: Azure

  private static let usageVersionMinimum = "2024-09-01"

  /// `/openai/deployments/{deployment}/…?api-version=…` names the model in the path.
  private func readDeployment(into body: inout JSONValue) throws(ProviderError) {
    let steps = path.split(separator: "/")
    guard let place = steps.firstIndex(of: "deployments"), place + 1 < steps.count else { return }
    guard let version = queryValue("api-version") else {
      throw ProviderError(.notFound, code: "404")
    }
    if version < Self.usageVersionMinimum, body["stream_options"] != nil {
      throw .invalidRequest("Unrecognized request argument supplied: stream_options")
    }
    let members = (body.objectMembers ?? []).filter { $0.name != "model" }
    let name = Script.percentDecoded(steps[place + 1])
    body = .object(members + [.init("model", .string(name))])
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
