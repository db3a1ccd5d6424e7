// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a chat completion request, member by member.
struct OpenAIChatRequestReader {
  private var request = ChatRequest()
  private var olderMaximum: JSONFragment?
  private var legacyTools: [Tool] = []
  private var legacyChoice: ToolChoice?

  init() { request.family = .openAI }

  mutating func read(_ name: JSONText, _ value: JSONNode) throws(TranslationError) {
    if try readSampling(name, value) { return }
    switch name.plain {
    case "model": request.model = try Self.text(value, "model")
    case "messages": try readMessages(value)
    case "stream": request.wantsStream = try Self.bool(value, "stream")
    case "stream_options":
      request.wantsStreamUsage = value["include_usage"]?.bool ?? false
    case "max_completion_tokens": request.maximumOutputTokens = value.fragment
    case "max_tokens": olderMaximum = value.fragment
    case "stop": request.stopSequences = try Self.texts(value, "stop")
    case "n":
      guard let count = value.integer, count >= 1, count <= 128 else {
        throw .invalid("n", "must be a whole number from 1 to 128")
      }
      request.choiceCount = Int(count)
    case "logprobs": request.wantsLogProbabilities = try Self.bool(value, "logprobs")
    case "top_logprobs": request.topLogProbabilities = value.fragment
    case "user": request.user = try Self.text(value, "user")
    case "service_tier": request.serviceTier = try Self.text(value, "service_tier")
    case "tools":
      request.tools = try OpenAITools.read(value)
      request.otherTools = OpenAITools.others(value)
    case "tool_choice":
      request.toolChoice = try OpenAITools.readChoice(value)
      if request.toolChoice == nil {
        request.others.append(OtherParameter(name: name, value: value.fragment))
      }
    case "parallel_tool_calls":
      request.allowsParallelToolCalls = try Self.bool(value, "parallel_tool_calls")
    case "functions": legacyTools = try OpenAITools.readLegacy(value)
    case "function_call": legacyChoice = try OpenAITools.readLegacyChoice(value)
    case "response_format": request.output = try Self.output(value)
    case "reasoning_effort": try readEffort(value)
    case "thinking": readThinking(value)
    default: request.others.append(OtherParameter(name: name, value: value.fragment))
    }
  }

  /// A message that is not read from `messages`.
  mutating func add(_ message: Message) { request.messages.append(message) }

  func finish() throws(TranslationError) -> ChatRequest {
    var request = request
    guard !request.messages.isEmpty else {
      throw .invalid("messages", "must have at least one message")
    }
    if request.maximumOutputTokens == nil { request.maximumOutputTokens = olderMaximum }
    if request.tools.isEmpty, !legacyTools.isEmpty {
      request.tools = legacyTools
      request.answerForm = .functionCall
      request.allowsParallelToolCalls = false
    }
    if request.toolChoice == nil { request.toolChoice = legacyChoice }
    return request
  }

  /// Numbers, which pass as they were written.
  private mutating func readSampling(
    _ name: JSONText, _ value: JSONNode
  ) throws(TranslationError) -> Bool {
    let path: WritableKeyPath<Sampling, JSONFragment?>
    switch name.plain {
    case "temperature": path = \.temperature
    case "top_p": path = \.topP
    case "top_k": path = \.topK
    case "seed": path = \.seed
    case "frequency_penalty": path = \.frequencyPenalty
    case "presence_penalty": path = \.presencePenalty
    case "logit_bias":
      guard value.isObject else { throw .invalid("logit_bias", "must be an object") }
      // An empty one asks for nothing.
      if value.members.contains(where: { _ in true }) {
        request.sampling.logitBias = value.fragment
      }
      return true
    default: return false
    }
    guard value.kind == .number else { throw .invalid(name.plain, "must be a number") }
    request.sampling[keyPath: path] = value.fragment
    return true
  }

  private mutating func readEffort(_ value: JSONNode) throws(TranslationError) {
    guard let word = value.string, let effort = Reasoning.Effort(rawValue: word) else {
      let words = Reasoning.Effort.allCases.map(\.rawValue).joined(separator: ", ")
      throw .invalid("reasoning_effort", "must be one of \(words)")
    }
    var reasoning = request.reasoning ?? Reasoning()
    reasoning.effort = effort
    request.reasoning = reasoning
  }

  /// Anthropic's and DeepSeek's member, which clients send to OpenAI-compatible servers too.
  private mutating func readThinking(_ value: JSONNode) {
    var reasoning = request.reasoning ?? Reasoning()
    reasoning.budgetTokens = value["budget_tokens"]?.integer
    if value["type"]?.equals("disabled") == true { reasoning.effort = Reasoning.Effort.none }
    if value["type"]?.equals("enabled") == true { reasoning.includesThoughts = true }
    request.reasoning = reasoning
  }

  private static func output(_ value: JSONNode) throws(TranslationError) -> OutputFormat {
    switch value["type"]?.string {
    case "text": return .text
    case "json_object": return .jsonObject
    case "json_schema":
      guard let format = value["json_schema"], let schema = format["schema"] else {
        throw .invalid("response_format.json_schema.schema", "is missing")
      }
      return .jsonSchema(
        JSONSchemaFormat(
          name: format["name"]?.text, description: format["description"]?.text,
          schema: schema.fragment, isStrict: format["strict"]?.bool))
    default:
      throw .invalid("response_format.type", "must be text, json_object or json_schema")
    }
  }

  private mutating func readMessages(_ value: JSONNode) throws(TranslationError) {
    guard value.isArray else { throw .invalid("messages", "must be an array") }
    for (index, node) in value.elements.enumerated() {
      request.messages.append(try OpenAIMessageReader(index: index).read(node))
    }
  }

  // MARK: Kinds

  static func text(_ node: JSONNode, _ path: String) throws(TranslationError) -> JSONText {
    guard let text = node.text else { throw .invalid(path, "must be a string") }
    return text
  }

  static func bool(_ node: JSONNode, _ path: String) throws(TranslationError) -> Bool {
    guard let bool = node.bool else { throw .invalid(path, "must be true or false") }
    return bool
  }

  /// A string, or an array of strings.
  static func texts(_ node: JSONNode, _ path: String) throws(TranslationError) -> [JSONText] {
    if let text = node.text { return [text] }
    guard node.isArray else { throw .invalid(path, "must be a string or an array of strings") }
    var texts: [JSONText] = []
    for (index, element) in node.elements.enumerated() {
      texts.append(try text(element, "\(path)[\(index)]"))
    }
    return texts
  }
}
