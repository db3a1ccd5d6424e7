// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a request of the Messages API, member by member.
struct AnthropicRequestReader {
  private var request = ChatRequest()
  private var system: [Block] = []
  private var messages: [Message] = []
  private var thinking: JSONNode?
  private var effort: Reasoning.Effort?
  private var noted: Set<String> = []

  init() {
    request.family = .anthropic
    // The API's streams always tell it.
    request.wantsStreamUsage = true
  }

  mutating func read(_ name: JSONText, _ value: JSONNode) throws(TranslationError) {
    switch name.plain {
    case "model": request.model = try Self.text(value, "model")
    case "max_tokens":
      guard let count = value.integer, count >= 0 else {
        throw .invalid("max_tokens", "must be a whole number")
      }
      request.maximumOutputTokens = value.fragment
    case "messages": try readMessages(value)
    case "system": try readSystem(value)
    case "stream":
      guard let stream = value.bool else { throw .invalid("stream", "must be true or false") }
      request.wantsStream = stream
    case "temperature": request.sampling.temperature = try Self.number(value, "temperature")
    case "top_p": request.sampling.topP = try Self.number(value, "top_p")
    case "top_k": request.sampling.topK = try Self.number(value, "top_k")
    case "stop_sequences": try readStopSequences(value)
    case "metadata": readMetadata(value)
    case "service_tier":
      // The model speaks OpenAI's words, which mean the same.
      let tier = try Self.text(value, "service_tier")
      request.serviceTier = tier.equals("standard_only") ? "default" : tier
    case "tools": try readTools(value)
    case "tool_choice": try readToolChoice(value)
    case "thinking":
      guard value.isObject else { throw .invalid("thinking", "must be an object") }
      thinking = value
    case "output_config": try readOutputConfig(value)
    case "output_format": try readFormat(value, "output_format")
    case "anthropic_version": break
    default: note(name, value)
    }
  }

  mutating func finish() throws(TranslationError) -> ChatRequest {
    guard !request.model.isEmpty else { throw .invalid("model", "is missing") }
    guard !messages.isEmpty else {
      throw .invalid("messages", "must have at least one message")
    }
    try readThinking()
    request.messages = system.isEmpty ? messages : [Message(.system, system)] + messages
    return request
  }

  static func text(_ value: JSONNode, _ path: String) throws(TranslationError) -> JSONText {
    guard let text = value.text else { throw .invalid(path, "must be a string") }
    return text
  }

  private static func number(
    _ value: JSONNode, _ path: String
  ) throws(TranslationError) -> JSONFragment {
    guard value.kind == .number else { throw .invalid(path, "must be a number") }
    return value.fragment
  }

  /// Keeps what has no place in the model, to be named once.
  private mutating func note(_ name: JSONText, _ value: JSONNode) {
    note(OtherParameter(name: name, value: value.fragment))
  }

  private mutating func note(_ other: OtherParameter) {
    if noted.insert(other.name.plain).inserted { request.others.append(other) }
  }

  // MARK: Messages

  private mutating func readMessages(_ node: JSONNode) throws(TranslationError) {
    guard node.isArray else { throw .invalid("messages", "must be an array") }
    for (index, element) in node.elements.enumerated() {
      var reader = AnthropicContentReader(path: "messages[\(index)]")
      messages.append(try reader.readMessage(element))
      for other in reader.others { note(other) }
    }
  }

  private mutating func readSystem(_ node: JSONNode) throws(TranslationError) {
    var reader = AnthropicContentReader(path: "system")
    system = try reader.readContent(node, "system", of: .system)
    for other in reader.others { note(other) }
  }

  private mutating func readStopSequences(_ node: JSONNode) throws(TranslationError) {
    guard node.isArray else { throw .invalid("stop_sequences", "must be an array") }
    for element in node.elements {
      request.stopSequences.append(try Self.text(element, "stop_sequences"))
    }
  }

  private mutating func readMetadata(_ node: JSONNode) {
    for member in node.members where member.value.kind != .null {
      if member.name.equals("user_id"), let user = member.value.text {
        request.user = user
      } else {
        note(JSONText("metadata.\(member.name.plain)"), member.value)
      }
    }
  }

  // MARK: Tools

  private mutating func readTools(_ node: JSONNode) throws(TranslationError) {
    guard node.isArray else { throw .invalid("tools", "must be an array") }
    for (index, element) in node.elements.enumerated() {
      guard element.isObject else { throw .invalid("tools[\(index)]", "must be an object") }
      if let type = element["type"]?.string, type != "custom" {
        // Tools that Anthropic runs, or that its models know without a schema; of one type there
        // may be several (`mcp_toolset`).
        request.others.append(
          OtherParameter(name: JSONText("tools.\(type)"), value: element.fragment))
        continue
      }
      guard let name = element["name"]?.text, !name.isEmpty else {
        throw .invalid("tools[\(index)].name", "is missing")
      }
      guard let schema = element["input_schema"], schema.isObject else {
        throw .invalid("tools[\(index)].input_schema", "must be an object")
      }
      request.tools.append(
        Tool(
          name: name, description: element["description"]?.text, parameters: schema.fragment,
          isStrict: element["strict"]?.bool, cacheControl: element["cache_control"]?.fragment))
      for member in element.members
      where member.value.kind != .null && !Self.toolMembers.contains(member.name.plain) {
        note(JSONText("tools.\(member.name.plain)"), member.value)
      }
    }
  }

  private static let toolMembers: Set<String> = [
    "type", "name", "description", "input_schema", "strict", "cache_control",
  ]

  private mutating func readToolChoice(_ node: JSONNode) throws(TranslationError) {
    switch node["type"]?.string {
    case "auto": request.toolChoice = .auto
    case "any": request.toolChoice = .required
    case "none": request.toolChoice = ToolChoice.none
    case "tool":
      guard let name = node["name"]?.text else { throw .invalid("tool_choice.name", "is missing") }
      request.toolChoice = .named(name)
    default: throw .invalid("tool_choice.type", "must be auto, any, tool or none")
    }
    if node["disable_parallel_tool_use"]?.bool == true { request.allowsParallelToolCalls = false }
  }

  // MARK: Output

  private mutating func readOutputConfig(_ node: JSONNode) throws(TranslationError) {
    for member in node.members where member.value.kind != .null {
      switch member.name.plain {
      case "effort":
        guard let word = member.value.string, let known = Reasoning.Effort(rawValue: word),
          known != .none, known != .minimal
        else {
          throw .invalid("output_config.effort", "must be low, medium, high, xhigh or max")
        }
        effort = known
      case "format": try readFormat(member.value, "output_config.format")
      case let other: note(JSONText("output_config.\(other)"), member.value)
      }
    }
  }

  private mutating func readFormat(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) {
    guard node["type"]?.equals("json_schema") == true else {
      throw .invalid("\(path).type", "must be json_schema")
    }
    guard let schema = node["schema"], schema.isObject else {
      throw .invalid("\(path).schema", "must be an object")
    }
    request.output = .jsonSchema(
      JSONSchemaFormat(name: nil, schema: schema.fragment, isStrict: true))
  }

  private mutating func readThinking() throws(TranslationError) {
    guard let thinking else {
      if let effort { request.reasoning = Reasoning(effort: effort) }
      return
    }
    let isHidden = thinking["display"]?.equals("omitted") ?? false
    switch thinking["type"]?.string {
    case "enabled":
      guard let budget = thinking["budget_tokens"]?.integer, budget > 0 else {
        throw .invalid("thinking.budget_tokens", "must be a positive whole number")
      }
      request.reasoning = Reasoning(
        effort: effort, budgetTokens: budget, includesThoughts: !isHidden)
    case "adaptive":
      request.reasoning = Reasoning(effort: effort, includesThoughts: !isHidden)
    case "disabled", "between_tools":
      if let effort {
        note(
          OtherParameter(
            name: "output_config.effort", value: .string(effort.rawValue)))
      }
      request.reasoning = Reasoning(effort: Reasoning.Effort.none)
    default:
      throw .invalid("thinking.type", "must be enabled, adaptive, between_tools or disabled")
    }
  }
}
