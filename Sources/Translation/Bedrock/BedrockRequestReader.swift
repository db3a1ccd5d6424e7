// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a body of Converse, member by member.
struct BedrockRequestReader {
  private var request = ChatRequest()
  private var system: [Block] = []
  private var hasMessages = false

  init() {
    request.family = .bedrock
    request.wantsStreamUsage = true
  }

  mutating func read(_ name: JSONText, _ value: JSONNode) throws(TranslationError) {
    switch name.plain {
    case "messages": try readMessages(value)
    case "system": try readSystem(value)
    case "inferenceConfig": try readInference(value)
    case "toolConfig": try readTools(value)
    case "outputConfig": try readOutput(value)
    case "serviceTier": request.serviceTier = value["type"]?.text
    case "additionalModelRequestFields": readAdditional(value)
    default: request.others.append(OtherParameter(name: name, value: value.fragment))
    }
  }

  func finish() throws(TranslationError) -> ChatRequest {
    guard hasMessages else { throw .invalid("messages", "is missing") }
    var request = request
    if !system.isEmpty { request.messages.insert(Message(.system, system), at: 0) }
    return request
  }

  // MARK: Messages

  private mutating func readSystem(_ value: JSONNode) throws(TranslationError) {
    guard value.isArray else { throw .invalid("system", "must be an array") }
    system = try BedrockContentReader.blocks(value, "system")
  }

  private mutating func readMessages(_ value: JSONNode) throws(TranslationError) {
    guard value.isArray else { throw .invalid("messages", "must be an array") }
    hasMessages = true
    for (index, node) in value.elements.enumerated() {
      let path = "messages[\(index)]"
      let role: Role
      switch node["role"]?.string {
      case "user": role = .user
      case "assistant": role = .assistant
      case "system": role = .system
      default: throw .invalid("\(path).role", "must be user, assistant or system")
      }
      guard let content = node["content"], content.isArray else {
        throw .invalid("\(path).content", "must be an array")
      }
      request.messages.append(
        Message(role, try BedrockContentReader.blocks(content, "\(path).content")))
    }
  }

  // MARK: Parameters

  private mutating func readInference(_ value: JSONNode) throws(TranslationError) {
    guard value.isObject else { throw .invalid("inferenceConfig", "must be an object") }
    request.maximumOutputTokens = value["maxTokens"]?.fragment
    request.sampling.temperature = value["temperature"]?.fragment
    request.sampling.topP = value["topP"]?.fragment
    if let stops = value["stopSequences"] {
      request.stopSequences = try OpenAIChatRequestReader.texts(
        stops, "inferenceConfig.stopSequences")
    }
  }

  private mutating func readOutput(_ value: JSONNode) throws(TranslationError) {
    if let effort = value["effort"]?.string { setEffort(effort) }
    guard let format = value["textFormat"] else { return }
    guard format["type"]?.equals("json_schema") == true,
      let schema = format["structure"]?["jsonSchema"], let text = schema["schema"]?.text,
      let parsed = try? JSONFragment(checking: text.plainBytes[...])
    else {
      throw .invalid("outputConfig.textFormat", "must be a json_schema with a schema in JSON")
    }
    request.output = .jsonSchema(
      JSONSchemaFormat(
        name: schema["name"]?.text, description: schema["description"]?.text, schema: parsed,
        isStrict: true))
  }

  /// What of the model's own fields has a place in the model between APIs; the rest stays.
  private mutating func readAdditional(_ value: JSONNode) {
    var rest: [(JSONText, JSONFragment)] = []
    for member in value.members {
      switch member.name.plain {
      case "thinking": readThinking(member.value)
      case "output_config" where member.value.hasOnly("effort"):
        if let effort = member.value["effort"]?.string { setEffort(effort) }
      case "reasoning_effort": setEffort(member.value.string ?? "")
      case "reasoningConfig":
        if member.value["type"]?.equals("enabled") == true {
          setEffort(member.value["maxReasoningEffort"]?.string ?? "medium")
        }
      case "top_k", "k": request.sampling.topK = member.value.fragment
      case "inferenceConfig" where member.value.hasOnly("topK"):
        request.sampling.topK = member.value["topK"]?.fragment
      default: rest.append((member.name, member.value.fragment))
      }
    }
    guard !rest.isEmpty else { return }
    let object = JSONFragment.object { json in
      for (name, value) in rest {
        json.key(text: name)
        json.raw(value)
      }
    }
    request.others.append(OtherParameter(name: "additionalModelRequestFields", value: object))
  }

  private mutating func readThinking(_ value: JSONNode) {
    var reasoning = request.reasoning ?? Reasoning()
    switch value["type"]?.string {
    case "enabled": reasoning.budgetTokens = value["budget_tokens"]?.integer
    case "adaptive": reasoning.effort = reasoning.effort ?? .high
    case "disabled": reasoning.effort = Reasoning.Effort.none
    default: break
    }
    reasoning.includesThoughts = value["display"].map { !$0.equals("omitted") } ?? true
    request.reasoning = reasoning
  }

  private mutating func setEffort(_ word: String) {
    guard let effort = Reasoning.Effort(rawValue: word) else { return }
    var reasoning = request.reasoning ?? Reasoning()
    reasoning.effort = effort
    request.reasoning = reasoning
  }

  // MARK: Tools

  private mutating func readTools(_ value: JSONNode) throws(TranslationError) {
    guard let tools = value["tools"], tools.isArray else {
      throw .invalid("toolConfig.tools", "must be an array")
    }
    for (index, node) in tools.elements.enumerated() {
      let path = "toolConfig.tools[\(index)]"
      if let point = node["cachePoint"] {
        guard !request.tools.isEmpty else { continue }
        request.tools[request.tools.count - 1].cacheControl =
          BedrockContentReader.cacheControl(point)
      } else if let tool = node["toolSpec"] {
        request.tools.append(try Self.tool(tool, "\(path).toolSpec"))
      } else {
        throw RequestCheck.refusal(path, "only tools with a 'toolSpec' can be called")
      }
    }
    guard let choice = value["toolChoice"] else { return }
    if choice["auto"] != nil {
      request.toolChoice = .auto
    } else if choice["any"] != nil {
      request.toolChoice = .required
    } else if let name = choice["tool"]?["name"]?.text {
      request.toolChoice = .named(name)
    } else {
      throw .invalid("toolConfig.toolChoice", "must have one of auto, any and tool")
    }
  }

  private static func tool(_ node: JSONNode, _ path: String) throws(TranslationError) -> Tool {
    guard let name = node["name"]?.text, !name.isEmpty else {
      throw .invalid("\(path).name", "is missing")
    }
    guard let schema = node["inputSchema"]?["json"], schema.isObject else {
      throw .invalid("\(path).inputSchema.json", "must be an object")
    }
    return Tool(
      name: name, description: node["description"]?.text, parameters: schema.fragment,
      isStrict: node["strict"]?.bool)
  }
}

extension JSONNode {
  /// Whether an object has this member and no other: what else there is would be lost.
  fileprivate func hasOnly(_ name: StaticString) -> Bool {
    self[name] != nil && members.allSatisfy { $0.name.equals(name) }
  }
}
