// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import FoundationEssentials

extension WireExchange {
  /// `/model/{id}/converse`, `converse-stream`, `invoke`, `invoke-with-response-stream` (Claude's
  /// bodies), `count-tokens`.
  mutating func answerBedrock() throws(ProviderError) -> ProviderAnswer {
    if path == "/foundation-models" || path == "/inference-profiles" {
      return try bedrockModels()
    }
    let steps = path.split(separator: "/")
    guard steps.count >= 3, steps[0] == "model" else {
      throw ProviderError(.methodNotAllowed, "Unknown operation", status: 404)
    }
    // An ARN has a slash, which clients encode; one as it stands is understood as well.
    let name = Script.percentDecoded(steps[1..<(steps.count - 1)].joined(separator: "/"))
    let method = String(steps[steps.count - 1])
    try checkMethod("POST")
    try checkBedrockKey()
    let body = try readBody { $0["requestMetadata"]?["user"]?.stringValue }
    if let answer = scriptedFailure { return answer }
    guard knowsModel(name) else {
      throw .invalidRequest("The provided model identifier is invalid.")
    }
    let model = BedrockModel(name: name)
    switch method {
    case "converse", "converse-stream":
      let isStream = method == "converse-stream"
      let request = try BedrockRequest(body, model: model, isStream: isStream).request
      let answer = BedrockAnswer(
        answer: ScriptedAnswer(request, script: script), script: script)
      return isStream ? .stream(answer.events, .eventStream) : .json(answer.body)
    case "count-tokens":
      guard model.isAnthropic else {
        throw .invalidRequest("The provided model doesn't support counting tokens.")
      }
      let read = try BedrockRequest(
        body["input"]?["converse"] ?? .object([]), model: model, isStream: false)
      return .json(["inputTokens": JSONValue(read.request.promptTokens)])
    case "invoke", "invoke-with-response-stream":
      return try bedrockInvocation(body, model, isStream: method != "invoke")
    default: throw ProviderError(.methodNotAllowed, "Unknown operation", status: 404)
    }
  }

  private func checkBedrockKey() throws(ProviderError) {
    if bearerToken == nil {
      try SignatureCheck(request: request, key: options.signingKey, now: now).verify(
        acceptedKeys: options.acceptedKeys)
    } else if !accepts(bearerToken) {
      throw ProviderError(
        .permission, "Authentication failed: Please make sure your API Key is valid.")
    }
  }

  /// Of the control plane, which is another host at the real one: `ListFoundationModels`, and
  /// `ListInferenceProfiles` with a profile for each model, page by page.
  private func bedrockModels() throws(ProviderError) -> ProviderAnswer {
    try checkMethod("GET")
    try checkBedrockKey()
    if path == "/foundation-models" {
      return .json(["modelSummaries": .array(options.models.map(Self.bedrockModel))])
    }
    let page = page(at: queryValue("nextToken"), limit: queryValue("maxResults"))
    var list: [JSONValue.Member] = [
      .init("inferenceProfileSummaries", .array(page.models.map(Self.bedrockProfile)))
    ]
    if let next = page.next { list.append(.init("nextToken", .string(next))) }
    return .json(.object(list))
  }

  private static func bedrockModel(_ name: String) -> JSONValue {
    [
      "modelArn": .string("arn:aws:bedrock:us-east-1::foundation-model/" + name),
      "modelId": .string(name), "modelName": .string(name), "providerName": "Scripted",
      "inputModalities": ["TEXT", "IMAGE"], "outputModalities": ["TEXT"],
      "responseStreamingSupported": true, "inferenceTypesSupported": ["ON_DEMAND"],
      "modelLifecycle": ["status": "ACTIVE"],
    ]
  }

  private static func bedrockProfile(_ name: String) -> JSONValue {
    let arn = "arn:aws:bedrock:us-east-1::foundation-model/" + name
    return [
      "inferenceProfileId": .string("us." + name), "inferenceProfileName": .string("US " + name),
      "models": [["modelArn": .string(arn)]], "status": "ACTIVE", "type": "SYSTEM_DEFINED",
    ]
  }

  /// Claude's own bodies, the events of a stream packed into frames.
  private func bedrockInvocation(
    _ body: JSONValue, _ model: BedrockModel, isStream: Bool
  ) throws(ProviderError) -> ProviderAnswer {
    guard model.isAnthropic else {
      throw .invalidRequest("Malformed input request: this model's own bodies are not known here.")
    }
    let answer = try anthropicAnswer(
      body,
      AnthropicRequest.Form(
        cloudModel: model.name, cloudVersion: "bedrock-2023-05-31", cloudIsStream: isStream))
    guard case .stream(let events, _) = answer.body else { return answer }
    var random = StableRandom(seed: UInt64(events.count))
    return .stream(
      events.map { event in
        let payload: JSONValue = [
          "bytes": .string(Data(event.data).base64EncodedString()),
          "p": .string(BedrockAnswer.padding(&random)),
        ]
        return StreamEvent(kind: event.kind, name: "chunk", data: payload.encodedBytes)
      }, .eventStream)
  }
}
