// SPDX-License-Identifier: MIT

internal import ControlPlane

/// What the providers of OpenAI's family refuse that the fake takes when it stands in for any
/// provider: models that reason take no sampling parameters, tool calls and their results belong
/// together, and each provider has its own.
struct OpenAIHabits {
  let wire: Wire
  let body: JSONValue

  private var model: String { body["model"]?.stringValue ?? "" }

  func check() throws(ProviderError) {
    try checkToolMessages()
    let tools = body["tools"]?.arrayValue ?? []
    if wire != .xai, tools.contains(where: { $0["type"]?.stringValue == AnswerRequest.ownTool }) {
      throw .invalidRequest("`\(AnswerRequest.ownTool)` is not a type of tool.", parameter: "tools")
    }
    switch wire {
    case .openai, .azure:
      try checkReasoningModel()
      try checkFiles()
      let format = body["response_format"]?["json_schema"]
      if let schema = format?["schema"] {
        try Self.checkRoot(schema, name: format?["name"], parameter: "response_format")
      }
    case .deepseek: try checkDeepSeek()
    case .xai: try checkXAI()
    default: break
    }
  }

  private func isGiven(_ name: String) -> Bool { body[name].map { !$0.isNull } ?? false }

  /// Chats take PDF alone ("File inputs", OpenAI API documentation).
  private func checkFiles() throws(ProviderError) {
    for (index, message) in (body["messages"]?.arrayValue ?? []).enumerated() {
      for (place, part) in (message["content"]?.arrayValue ?? []).enumerated() {
        guard let data = part["file"]?["file_data"]?.stringValue,
          !data.hasPrefix("data:application/pdf;base64,")
        else { continue }
        let path = "messages[\(index)].content[\(place)].file.file_data"
        throw .invalidRequest(
          "Invalid file data: '\(path)'. Expected a base64-encoded data URL with an "
            + "application/pdf MIME type.", parameter: path, code: "invalid_value")
      }
    }
  }

  /// Answers are objects at their root, whether the schema is strict or not.
  static func checkRoot(
    _ schema: JSONValue, name: JSONValue?, parameter: String
  ) throws(ProviderError) {
    let type = schema["type"]?.stringValue
    guard type != "object" else { return }
    throw .invalidRequest(
      "Invalid schema for response_format '\(name?.stringValue ?? "")': schema must be a JSON "
        + "Schema of 'type: \"object\"', got 'type: \"\(type ?? "None")\"'.", parameter: parameter)
  }

  // MARK: Tool messages

  private func checkToolMessages() throws(ProviderError) {
    var open: [String] = []
    for (index, message) in (body["messages"]?.arrayValue ?? []).enumerated() {
      if message["role"] == "tool" {
        let identifier = message["tool_call_id"]?.stringValue ?? ""
        guard let place = open.firstIndex(of: identifier) else {
          throw .invalidRequest(
            "Invalid parameter: messages with role 'tool' must be a response to a preceeding "
              + "message with 'tool_calls'.", parameter: "messages.[\(index)].role")
        }
        open.remove(at: place)
        continue
      }
      try refuse(open, index)
      open = (message["tool_calls"]?.arrayValue ?? []).compactMap { $0["id"]?.stringValue }
    }
    try refuse(open, body["messages"]?.arrayValue?.count ?? 0)
  }

  private func refuse(_ open: [String], _ index: Int) throws(ProviderError) {
    if open.isEmpty { return }
    throw .invalidRequest(
      "An assistant message with 'tool_calls' must be followed by tool messages responding to each "
        + "'tool_call_id'. The following tool_call_ids did not have response messages: "
        + open.joined(separator: ", "), parameter: "messages.[\(index)].role")
  }

  // MARK: Providers

  private func checkReasoningModel() throws(ProviderError) {
    let isReasoning =
      ["o1", "o3", "o4", "gpt-5"].contains(where: model.hasPrefix) && !model.contains("chat")
    guard isReasoning else { return }
    if isGiven("max_tokens") {
      throw .invalidRequest(
        "Unsupported parameter: 'max_tokens' is not supported with this model. Use "
          + "'max_completion_tokens' instead.", parameter: "max_tokens",
        code: "unsupported_parameter")
    }
    for name in ["temperature", "top_p"] where isGiven(name) && body[name]?.numberValue != 1 {
      throw .invalidRequest(
        "Unsupported value: '\(name)' does not support \(body[name]?.text ?? "") with this model. "
          + "Only the default (1) value is supported.", parameter: name,
        code: "unsupported_value")
    }
    for name in ["presence_penalty", "frequency_penalty", "logprobs"]
    where isGiven(name) && body[name]?.numberValue != 0 && body[name] != false {
      throw .invalidRequest(
        "Unsupported parameter: '\(name)' is not supported with this model.", parameter: name,
        code: "unsupported_parameter")
    }
    if model == "gpt-5" || ["gpt-5-mini", "gpt-5-nano"].contains(where: model.hasPrefix) {
      try checkEffort(["minimal", "low", "medium", "high"])
    }
    guard model.hasPrefix("o") else { return }
    try checkEffort(["low", "medium", "high"])
    if isGiven("parallel_tool_calls") {
      throw .invalidRequest(
        "Unsupported parameter: 'parallel_tool_calls' is not supported with this model.",
        parameter: "parallel_tool_calls", code: "unsupported_parameter")
    }
  }

  private func checkEffort(_ known: [String]) throws(ProviderError) {
    guard let effort = body["reasoning_effort"]?.stringValue, !known.contains(effort) else {
      return
    }
    throw .invalidRequest(
      "Unsupported value: 'reasoning_effort' does not support '\(effort)' with this model. "
        + "Supported values are: " + known.map { "'\($0)'" }.joined(separator: ", ") + ".",
      parameter: "reasoning_effort", code: "unsupported_value")
  }

  private func checkDeepSeek() throws(ProviderError) {
    for tool in body["tools"]?.arrayValue ?? [] where tool["type"] != "function" {
      throw .invalidRequest(
        "Failed to deserialize the JSON body into the target type: tools[0].type: unknown variant")
    }
    if body["response_format"]?["type"] == "json_schema" {
      throw ProviderError(
        .invalidRequest, "This response_format type is unavailable now", status: 400)
    }
    guard OpenAIHabits.thinks(wire, body) else { return }
    let messages = body["messages"]?.arrayValue ?? []
    let turn = messages.lastIndex { $0["role"] == "user" } ?? 0
    for (index, message) in messages.enumerated() where index > turn {
      let hasCalls = message["tool_calls"]?.arrayValue?.isEmpty == false
      if hasCalls, message["reasoning_content"]?.stringValue == nil {
        throw ProviderError(
          .invalidRequest,
          "Missing `reasoning_content` field in the assistant message at message index \(index). "
            + "For more information, please refer to "
            + "https://api-docs.deepseek.com/guides/thinking_mode#tool-calls", status: 400)
      }
    }
  }

  private func checkXAI() throws(ProviderError) {
    if hasOneEffort, isGiven("reasoning_effort") {
      throw .invalidRequest(
        "Model \(model) does not support parameter reasoningEffort.", code: "invalid-argument")
    }
    let isReasoning =
      ["grok-4", "grok-3-mini", "grok-code"].contains(where: model.hasPrefix)
      && !model.contains("non-reasoning")
    guard isReasoning else { return }
    for name in ["stop", "presence_penalty", "frequency_penalty"] where isGiven(name) {
      throw .invalidRequest(
        "Model \(model) does not support parameter \(name).", code: "invalid-argument")
    }
  }

  /// Grok 3 mini had efforts, its successors have none until 4.3 (4.20 is older than that).
  private var hasOneEffort: Bool {
    let isOlder = ["grok-4-", "grok-4.1", "grok-4.20", "grok-code"].contains(where: model.hasPrefix)
    return isOlder || model == "grok-4"
      || model.hasPrefix("grok-3") && !model.hasPrefix("grok-3-mini")
  }

  /// Whether the request makes the provider show its reasoning.
  static func thinks(_ wire: Wire, _ body: JSONValue) -> Bool {
    let model = body["model"]?.stringValue ?? ""
    return switch wire {
    case .deepseek:
      body["thinking"]?["type"] == "enabled"
        || (model.contains("reasoner") && body["thinking"]?["type"] != "disabled")
    case .vllm:
      body["chat_template_kwargs"]?["enable_thinking"] == true
        || body["chat_template_kwargs"]?["thinking"] == true
    case .xai: model.hasPrefix("grok-3-mini")
    default: false
    }
  }
}
