// SPDX-License-Identifier: MIT

internal import ControlPlane

extension WireExchange {
  /// `/v1/messages`, `/v1/messages/count_tokens` and `/v1/models`, as Anthropic serves them.
  mutating func answerAnthropic() throws(ProviderError) -> ProviderAnswer {
    if path.hasSuffix("/models") || path.contains("/models/") { return try anthropicModels() }
    let isCount = path.hasSuffix("/messages/count_tokens")
    guard isCount || path.hasSuffix("/messages") else { throw ProviderError(.notFound) }
    try checkMethod("POST")
    let version = try checkAnthropicHeaders()
    let body = try readBody { $0["metadata"]?["user_id"]?.stringValue }
    return try anthropicAnswer(body, AnthropicRequest.Form(version: version, isCount: isCount))
  }

  /// The answer to a Messages body, at Anthropic or at a cloud that serves its models.
  func anthropicAnswer(
    _ body: JSONValue, _ form: AnthropicRequest.Form
  ) throws(ProviderError) -> ProviderAnswer {
    if let answer = scriptedFailure { return answer }
    if script.blocksPrompt { throw ProviderError(.contentFilter) }
    let read = try AnthropicRequest(body, form: form)
    guard knowsModel(read.request.model) else {
      throw ProviderError(.notFound, "model: \(read.request.model)")
    }
    if form.isCount { return .json(["input_tokens": JSONValue(read.request.promptTokens)]) }
    let message = AnthropicMessage(
      answer: ScriptedAnswer(read.request, script: script), thinking: read.thinking,
      script: script)
    return read.request.isStream ? .stream(message.events) : .json(message.body)
  }

  @discardableResult
  private func checkAnthropicHeaders() throws(ProviderError) -> AnthropicVersion {
    let key = request.header("x-api-key")
    if key == nil, bearerToken == nil {
      throw ProviderError(.authentication, "x-api-key header is required")
    }
    guard accepts(key, bearerToken) else {
      throw ProviderError(
        .authentication, key == nil ? "Invalid bearer token" : "invalid x-api-key")
    }
    guard let given = request.header("anthropic-version") else {
      throw .invalidRequest("anthropic-version: header is required")
    }
    guard let version = AnthropicVersion(rawValue: given) else {
      throw .invalidRequest(
        "anthropic-version: \"\(given)\" is not a valid version for the Anthropic API. The most "
          + "recent version is \"\(AnthropicVersion.current.rawValue)\".")
    }
    return version
  }

  // MARK: Models

  private func anthropicModels() throws(ProviderError) -> ProviderAnswer {
    try checkMethod("GET", "HEAD")
    try checkAnthropicHeaders()
    if path.hasSuffix("/models") { return .json(try anthropicModelPage()) }
    let name = Script.percentDecoded(path.split(separator: "/models/", maxSplits: 1).last ?? "")
    guard options.models.contains(name) else {
      throw ProviderError(.notFound, "model: \(name)")
    }
    return .json(Self.anthropicModel(name))
  }

  private func anthropicModelPage() throws(ProviderError) -> JSONValue {
    let limit = Int(queryValue("limit") ?? "20") ?? 0
    guard (1...1_000).contains(limit) else {
      throw .invalidRequest("limit: Input should be from 1 to 1000")
    }
    var rest = options.models[...]
    if let after = queryValue("after_id") {
      rest = rest.firstIndex(of: after).map { rest[($0 + 1)...] } ?? []
    }
    let page = rest.prefix(min(limit, options.pageModelsMaximum))
    return [
      "data": .array(page.map(Self.anthropicModel)),
      "has_more": .boolean(page.count < rest.count), "first_id": JSONValue(page.first),
      "last_id": JSONValue(page.last),
    ]
  }

  private static func anthropicModel(_ name: String) -> JSONValue {
    [
      "type": "model", "id": .string(name), "display_name": .string(name),
      "created_at": "2025-01-31T12:00:00Z", "lifecycle": "active", "max_input_tokens": 200_000,
      "max_tokens": 64_000,
      "capabilities": [
        "image_input": ["supported": true], "pdf_input": ["supported": true],
        "structured_outputs": ["supported": true], "thinking": ["supported": true],
      ],
    ]
  }

  /// The value of a member of the query string.
  func queryValue(_ name: String) -> String? {
    let parts = request.target.split(separator: "?", maxSplits: 1)
    guard parts.count == 2 else { return nil }
    for pair in parts[1].split(separator: "&") {
      let sides = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      if sides[0] == name { return sides.count == 2 ? Script.percentDecoded(sides[1]) : "" }
    }
    return nil
  }
}
