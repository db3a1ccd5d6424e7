// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import FoundationEssentials

extension WireExchange {
  /// `/model/{id}/converse`, `converse-stream`, `invoke`, `invoke-with-response-stream` (Claude's
  /// bodies), `count-tokens`.
  mutating func answerBedrock() throws(ProviderError) -> ProviderAnswer {
    let steps = path.split(separator: "/")
    guard steps.count >= 3, steps[0] == "model" else {
      throw ProviderError(.methodNotAllowed, "Unknown operation", status: 404)
    }
    // An ARN has a slash, which clients encode; one as it stands is understood as well.
    let name = Script.percentDecoded(steps[1..<(steps.count - 1)].joined(separator: "/"))
    let method = String(steps[steps.count - 1])
    try checkMethod("POST")
    if bearerToken == nil {
      try SignatureCheck(request: request, key: options.signingKey, now: now).verify(
        acceptedKeys: options.acceptedKeys)
    } else if !accepts(bearerToken) {
      throw ProviderError(
        .permission, "Authentication failed: Please make sure your API Key is valid.")
    }
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
      let read = try BedrockRequest(
        body["input"]?["converse"] ?? .object([]), model: model, isStream: false)
      return .json(["inputTokens": JSONValue(read.request.promptTokens)])
    case "invoke", "invoke-with-response-stream":
      return try bedrockInvocation(body, model, isStream: method != "invoke")
    default: throw ProviderError(.methodNotAllowed, "Unknown operation", status: 404)
    }
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
