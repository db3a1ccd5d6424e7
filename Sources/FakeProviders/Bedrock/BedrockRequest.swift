// SPDX-License-Identifier: MIT

internal import ControlPlane

/// A Converse request, read and checked as the real service does: members that are unknown are
/// passed over, as AWS does everywhere.
struct BedrockRequest {
  private(set) var request = AnswerRequest()
  private let model: BedrockModel

  init(_ body: JSONValue, model: BedrockModel, isStream: Bool) throws(ProviderError) {
    self.model = model
    request.model = model.name
    request.isStream = isStream
    guard body.objectMembers != nil else {
      throw .invalidRequest("The format of the request is invalid.")
    }
    try readSystem(body["system"])
    try readInference(body["inferenceConfig"])
    try readTools(body["toolConfig"])
    try readOutput(body["outputConfig"])
    let thinksByBudget = try readThinking(body["additionalModelRequestFields"])
    if request.wantsReasoning, model.isAnthropic { try checkSampling(body) }
    request.messages += try BedrockMessages(
      body["messages"], model: model, hasTools: body["toolConfig"]?.objectMembers != nil,
      requiresThinking: thinksByBudget
    ).messages
  }

  /// What AWS says of a member that breaks a constraint of the service's model.
  static func constraint(_ value: String, _ place: String, _ rule: String) -> ProviderError {
    .invalidRequest(
      "1 validation error detected: Value '\(value)' at '\(place)' failed to satisfy constraint: "
        + "Member must \(rule)")
  }

  private mutating func readSystem(_ given: JSONValue?) throws(ProviderError) {
    for (index, block) in (given?.arrayValue ?? []).enumerated() {
      guard let text = block["text"]?.stringValue else { continue }
      if text.isEmpty {
        throw Self.constraint(
          "", "system.\(index + 1).member.text",
          "have length greater than or equal to 1")
      }
      request.messages.append(.init(role: "system", text: text))
    }
  }

  // MARK: Generation

  private mutating func readInference(_ given: JSONValue?) throws(ProviderError) {
    guard let given, !given.isNull else { return }
    if let limit = given["maxTokens"], !limit.isNull {
      guard let count = limit.integerValue, count >= 1 else {
        throw Self.constraint(
          limit.text, "inferenceConfig.maxTokens", "have value greater than or equal to 1")
      }
      request.tokensMaximum = Int(count)
    }
    for name in ["temperature", "topP"] {
      guard let value = given[name], !value.isNull else { continue }
      guard let number = value.numberValue, (0...1).contains(number) else {
        throw Self.constraint(
          value.text, "inferenceConfig.\(name)", "have value less than or equal to 1")
      }
      if model.isAnthropic, AnthropicModel(name: model.name).decidesItself {
        throw Self.modelError(
          "`\(name == "topP" ? "top_p" : name)` is deprecated for this model.")
      }
    }
    for stop in given["stopSequences"]?.arrayValue ?? [] {
      guard let text = stop.stringValue, !text.isEmpty else {
        throw Self.constraint(
          stop.text, "inferenceConfig.stopSequences",
          "satisfy constraint: [Member must have length greater than or equal to 1]")
      }
      request.stops.append(text)
    }
  }

  static func modelError(_ message: String) -> ProviderError {
    .invalidRequest("The model returned the following errors: \(message)")
  }

  private mutating func readOutput(_ given: JSONValue?) throws(ProviderError) {
    guard let format = given?["textFormat"], !format.isNull else { return }
    guard format["type"] == "json_schema",
      let text = format["structure"]?["jsonSchema"]?["schema"]?.stringValue
    else {
      throw .invalidRequest("The schema of outputConfig.textFormat must be a JSON string.")
    }
    do {
      request.responseFormat = .jsonSchema(try JSONValue(parsing: Array(text.utf8)))
    } catch {
      throw .invalidRequest(
        "The value at outputConfig.textFormat.structure.jsonSchema.schema is not valid JSON.")
    }
  }

  /// - Returns: whether it thinks by a budget, which asks for the thinking of earlier turns.
  private mutating func readThinking(_ given: JSONValue?) throws(ProviderError) -> Bool {
    guard let thinking = given?["thinking"] ?? given?["reasoning_config"], !thinking.isNull else {
      return false
    }
    switch thinking["type"]?.stringValue {
    case "adaptive": request.wantsReasoning = true
    case "enabled":
      request.wantsReasoning = true
      let budget = thinking["budget_tokens"]?.integerValue ?? 0
      if budget < 1_024 {
        throw Self.modelError(
          "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
      }
      if let limit = request.tokensMaximum, budget >= Int64(limit) {
        throw Self.modelError("`max_tokens` must be greater than `thinking.budget_tokens`.")
      }
      return true
    default: break
    }
    return false
  }

  private func checkSampling(_ body: JSONValue) throws(ProviderError) {
    if let temperature = body["inferenceConfig"]?["temperature"]?.numberValue, temperature != 1 {
      throw Self.modelError(
        "`temperature` may only be set to 1 when thinking is enabled or in adaptive mode.")
    }
    if let number = body["additionalModelRequestFields"]?["top_k"], !number.isNull {
      throw Self.modelError("`top_k` must be unset when thinking is enabled or in adaptive mode.")
    }
  }

  // MARK: Tools

  private mutating func readTools(_ given: JSONValue?) throws(ProviderError) {
    guard let given, !given.isNull else { return }
    let elements = given["tools"]?.arrayValue ?? []
    if elements.isEmpty {
      throw Self.constraint(
        "[]", "toolConfig.tools", "have length greater than or equal to 1")
    }
    for (index, element) in elements.enumerated() {
      guard let tool = element["toolSpec"] else { continue }
      let place = "toolConfig.tools.\(index + 1).member.toolSpec"
      let name = tool["name"]?.stringValue ?? ""
      if !AnthropicRequest.isName(name, lengthMaximum: 64) {
        throw Self.constraint(
          name, place + ".name", "satisfy regular expression pattern: [a-zA-Z0-9_-]+")
      }
      if tool["description"] == "" {
        throw Self.constraint(
          "", place + ".description", "have length greater than or equal to 1")
      }
      guard let schema = tool["inputSchema"]?["json"], schema["type"] == "object" else {
        throw .invalidRequest(
          "The value at toolConfig.tools.\(index).toolSpec.inputSchema.json.type must be one of "
            + "the following: object.")
      }
      if request.tools.contains(where: { $0.name == name }) {
        throw .invalidRequest("The tool name \(name) is defined more than once.")
      }
      request.tools.append(
        AnswerRequest.Tool(name: name, parameters: schema, definitionText: tool.text))
    }
    try readToolChoice(given["toolChoice"])
  }

  private mutating func readToolChoice(_ given: JSONValue?) throws(ProviderError) {
    guard let members = given?.objectMembers else { return }
    guard members.count == 1, let choice = members.first else {
      throw .invalidRequest("The toolChoice must have exactly one member.")
    }
    switch choice.name {
    case "auto": request.toolChoice = .automatic
    case "any": request.toolChoice = .required
    case "tool":
      let name = choice.value["name"]?.stringValue ?? ""
      if !request.tools.contains(where: { $0.name == name }) {
        throw .invalidRequest("The tool \(name) of toolChoice is not among the tools.")
      }
      request.toolChoice = .named(name)
    default: throw .invalidRequest("The toolChoice \(choice.name) is not supported.")
    }
  }
}

/// A model identifier, inference profile or ARN.
struct BedrockModel {
  let name: String

  var isAnthropic: Bool { name.contains("anthropic.") }
}
