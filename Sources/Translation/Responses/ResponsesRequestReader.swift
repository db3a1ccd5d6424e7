// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a request of the Responses API, member by member.
struct ResponsesRequestReader {
  private var request = ChatRequest()
  private var instructions: JSONText?
  private var hasInput = false

  init() {
    request.family = .responses
    request.wantsStreamUsage = true
  }

  mutating func read(_ name: JSONText, _ value: JSONNode) throws(TranslationError) {
    if try readNumber(name, value) { return }
    switch name.plain {
    case "model": request.model = try OpenAIChatRequestReader.text(value, "model")
    case "input": try readInput(value)
    case "instructions":
      instructions = try OpenAIChatRequestReader.text(value, "instructions")
    case "stream": request.wantsStream = try OpenAIChatRequestReader.bool(value, "stream")
    case "tools":
      request.tools = try ResponsesTools.read(value)
      request.otherTools = ResponsesTools.others(value)
    case "tool_choice":
      request.toolChoice = try ResponsesTools.readChoice(value)
      if request.toolChoice == nil {
        request.others.append(OtherParameter(name: name, value: value.fragment))
      }
    case "parallel_tool_calls":
      request.allowsParallelToolCalls = try OpenAIChatRequestReader.bool(
        value, "parallel_tool_calls")
    case "text": try readText(value)
    case "reasoning": try readReasoning(value)
    case "user": request.user = try OpenAIChatRequestReader.text(value, "user")
    case "service_tier":
      request.serviceTier = try OpenAIChatRequestReader.text(value, "service_tier")
    case "include": readInclude(value)
    // Padding of a stream's events against eavesdroppers; none is added here.
    case "stream_options": break
    case "store", "background", "truncation", "previous_response_id", "conversation", "prompt":
      try readState(name, value)
    default: request.others.append(OtherParameter(name: name, value: value.fragment))
    }
  }

  /// The functions among tools of any kind.
  mutating func readFunctions(_ value: JSONNode) {
    for element in value.elements where element["type"]?.equals("function") == true {
      guard let name = element["name"]?.text else { continue }
      request.tools.append(
        Tool(
          name: name, description: element["description"]?.text,
          parameters: element["parameters"]?.fragment))
    }
  }

  func finish(needsInput: Bool = true) throws(TranslationError) -> ChatRequest {
    var request = request
    guard !request.model.isEmpty else { throw .invalid("model", "is missing") }
    guard hasInput || !needsInput else { throw .invalid("input", "is missing") }
    if let instructions {
      request.messages.insert(Message(.system, [Block(.text(instructions))]), at: 0)
    }
    return request
  }

  private mutating func readNumber(
    _ name: JSONText, _ value: JSONNode
  ) throws(TranslationError) -> Bool {
    let path: WritableKeyPath<ChatRequest, JSONFragment?>
    switch name.plain {
    case "temperature": path = \.sampling.temperature
    case "top_p": path = \.sampling.topP
    case "max_output_tokens": path = \.maximumOutputTokens
    case "top_logprobs": path = \.topLogProbabilities
    default: return false
    }
    guard value.kind == .number else { throw .invalid(name.plain, "must be a number") }
    // None is what a request without the member gets, too.
    if name.equals("top_logprobs"), value.integer == 0 { return true }
    request[keyPath: path] = value.fragment
    return true
  }

  // MARK: What would need a memory

  private mutating func readState(
    _ name: JSONText, _ value: JSONNode
  ) throws(TranslationError) {
    switch name.plain {
    case "previous_response_id", "conversation":
      throw RequestCheck.refusal(
        name.plain, "responses are not kept; send the items of earlier turns as 'input'")
    case "prompt":
      throw RequestCheck.refusal("prompt", "templates are kept at OpenAI only")
    case "background":
      guard value.bool == false else {
        throw RequestCheck.refusal("background", "responses are not kept to be asked for later")
      }
    // OpenAI's default is to keep; who says so expects it.
    case "store" where value.bool == false: break
    case "truncation" where value.equals("disabled"): break
    default: request.others.append(OtherParameter(name: name, value: value.fragment))
    }
  }

  // MARK: Output

  private mutating func readText(_ value: JSONNode) throws(TranslationError) {
    if let verbosity = value["verbosity"] {
      request.others.append(OtherParameter(name: "verbosity", value: verbosity.fragment))
    }
    guard let format = value["format"] else { return }
    switch format["type"]?.string {
    case "text": request.output = .text
    case "json_object": request.output = .jsonObject
    case "json_schema":
      guard let schema = format["schema"] else {
        throw .invalid("text.format.schema", "is missing")
      }
      request.output = .jsonSchema(
        JSONSchemaFormat(
          name: format["name"]?.text, description: format["description"]?.text,
          schema: schema.fragment, isStrict: format["strict"]?.bool))
    default: throw .invalid("text.format.type", "must be text, json_object or json_schema")
    }
  }

  private mutating func readReasoning(_ value: JSONNode) throws(TranslationError) {
    var reasoning = Reasoning()
    if let effort = value["effort"] {
      guard let word = effort.string, let known = Reasoning.Effort(rawValue: word) else {
        let words = Reasoning.Effort.allCases.map(\.rawValue).joined(separator: ", ")
        throw .invalid("reasoning.effort", "must be one of \(words)")
      }
      reasoning.effort = known
    }
    if (value["summary"] ?? value["generate_summary"]) != nil { reasoning.includesThoughts = true }
    request.reasoning = reasoning
  }

  private mutating func readInclude(_ value: JSONNode) {
    for element in value.elements {
      switch element.string {
      // Always given.
      case "reasoning.encrypted_content": break
      case "message.output_text.logprobs": request.wantsLogProbabilities = true
      default:
        request.others.append(
          OtherParameter(
            name: JSONText("include.\(element.string ?? "")"), value: element.fragment))
      }
    }
  }

  // MARK: Input

  private mutating func readInput(_ value: JSONNode) throws(TranslationError) {
    hasInput = true
    if let text = value.text {
      request.messages.append(Message(.user, [Block(.text(text))]))
      return
    }
    guard value.isArray else { throw .invalid("input", "must be a string or an array of items") }
    for (index, node) in value.elements.enumerated() {
      if let message = try ResponsesItemReader(path: "input[\(index)]").read(node) {
        add(message)
      } else {
        let type = node["type"]?.string ?? ""
        request.others.append(
          OtherParameter(name: JSONText("input.\(type)"), value: node.fragment))
      }
    }
  }

  /// What the model said in one turn comes as several items.
  private mutating func add(_ message: Message) {
    let last = request.messages.count - 1
    if message.role == .assistant, last >= 0, request.messages[last].role == .assistant {
      request.messages[last].blocks += message.blocks
    } else {
      request.messages.append(message)
    }
  }
}
