// SPDX-License-Identifier: MIT

internal import JSON

/// Reads a `generateContent` request, member by member.
struct GeminiRequestReader {
  private var request = ChatRequest()
  private var instructions: [Message] = []
  /// `text/x.enum`, which says something only together with a schema.
  private var enumType: JSONNode?

  init() {
    request.family = .gemini
    // Gemini's streams always tell it.
    request.wantsStreamUsage = true
  }

  mutating func read(_ name: JSONText, _ value: JSONNode) throws(TranslationError) {
    let word = GeminiNames.camel(name)
    switch word {
    case "contents": request.messages = try GeminiContentsReader.read(value, &request.others)
    case "systemInstruction": try readInstruction(value)
    case "tools": try readTools(value)
    case "toolConfig": try readToolConfiguration(value)
    case "generationConfig":
      guard value.isObject else { throw .invalid(word, "must be an object") }
      for member in value.members where member.value.kind != .null {
        try readGeneration(member.name, member.value)
      }
    case "model": request.model = GeminiNames.model(value)
    case "serviceTier": request.serviceTier = value.text
    default: other(word, value)
    }
  }

  func finish() throws(TranslationError) -> ChatRequest {
    var request = request
    guard !request.messages.isEmpty else { throw .invalid("contents", "is missing") }
    request.messages = instructions + request.messages
    if case .text = request.output, let enumType {
      request.answerForm = .usual
      request.others.append(
        OtherParameter(
          name: "generationConfig.responseMimeType", value: enumType.fragment))
    }
    // A choice among no tools is none.
    if request.tools.isEmpty { request.toolChoice = nil }
    return request
  }

  private mutating func other(_ name: String, _ value: JSONNode) {
    request.others.append(OtherParameter(name: JSONText(name), value: value.fragment))
  }

  /// A content, or only its text.
  private mutating func readInstruction(_ value: JSONNode) throws(TranslationError) {
    var blocks: [Block] = []
    if let text = value.text {
      blocks = [Block(.text(text))]
    } else {
      for part in value["parts"]?.elements ?? JSONElements.none {
        guard let text = part["text"]?.text else {
          throw .invalid("systemInstruction.parts", "must be texts")
        }
        blocks.append(Block(.text(text)))
      }
    }
    instructions = blocks.isEmpty ? [] : [Message(.system, blocks)]
  }

  // MARK: Tools

  private mutating func readTools(_ value: JSONNode) throws(TranslationError) {
    guard value.isArray else { throw .invalid("tools", "must be an array") }
    for (index, element) in value.elements.enumerated() {
      for member in element.members where member.value.kind != .null {
        let word = GeminiNames.camel(member.name)
        guard word == "functionDeclarations" else {
          other("tools.\(word)", member.value)
          continue
        }
        for (number, node) in member.value.elements.enumerated() {
          try readFunction(node, "tools[\(index)].functionDeclarations[\(number)]")
        }
      }
    }
  }

  private mutating func readFunction(
    _ node: JSONNode, _ path: String
  ) throws(TranslationError) {
    guard let name = node["name"]?.text, !name.isEmpty else {
      throw .invalid("\(path).name", "is missing")
    }
    var tool = Tool(name: name, description: node["description"]?.text)
    if let schema = node["parametersJsonSchema", or: "parameters_json_schema"] {
      tool.parameters = schema.fragment
    } else {
      tool.parameters = node["parameters"].map(GeminiSchema.jsonSchema)
    }
    for member in node.members where member.value.kind != .null {
      let word = GeminiNames.camel(member.name)
      if ["response", "responseJsonSchema", "behavior"].contains(word) {
        other("functionDeclarations.\(word)", member.value)
      }
    }
    request.tools.append(tool)
  }

  private mutating func readToolConfiguration(_ value: JSONNode) throws(TranslationError) {
    for member in value.members where member.value.kind != .null {
      let word = GeminiNames.camel(member.name)
      if word == "functionCallingConfig" {
        request.toolChoice = try Self.choice(member.value)
      } else {
        other("toolConfig.\(word)", member.value)
      }
    }
  }

  private static func choice(_ node: JSONNode) throws(TranslationError) -> ToolChoice? {
    let allowed = node["allowedFunctionNames", or: "allowed_function_names"]
    let names = (allowed?.elements ?? JSONElements.none).compactMap(\.text)
    switch node["mode"]?.string?.uppercased() {
    case nil, "MODE_UNSPECIFIED": return nil
    case "AUTO": return .auto
    case "NONE": return ToolChoice.none
    case "VALIDATED": return names.isEmpty ? .auto : .allowed(names, isRequired: false)
    case "ANY":
      if names.isEmpty { return .required }
      return names.count == 1 ? .named(names[0]) : .allowed(names, isRequired: true)
    default:
      throw .invalid(
        "toolConfig.functionCallingConfig.mode", "must be AUTO, ANY, NONE or VALIDATED")
    }
  }

  // MARK: Generation

  private mutating func readGeneration(
    _ name: JSONText, _ value: JSONNode
  ) throws(TranslationError) {
    let word = GeminiNames.camel(name)
    if try readNumber(word, value) { return }
    switch word {
    case "candidateCount":
      guard let count = GeminiNames.number(value).integer, count >= 1, count <= 128 else {
        throw .invalid("generationConfig.candidateCount", "must be a whole number from 1 to 128")
      }
      request.choiceCount = Int(count)
    case "stopSequences":
      guard value.isArray else {
        throw .invalid("generationConfig.stopSequences", "must be an array")
      }
      request.stopSequences = value.elements.compactMap(\.text)
    case "responseLogprobs": request.wantsLogProbabilities = value.bool
    case "responseMimeType": readResponseType(value)
    case "responseSchema": readSchema(GeminiSchema.jsonSchema(value))
    case "responseJsonSchema", "_responseJsonSchema": readSchema(value.fragment)
    case "thinkingConfig": try readThinking(value)
    default: other("generationConfig.\(word)", value)
    }
  }

  private mutating func readNumber(
    _ word: String, _ value: JSONNode
  ) throws(TranslationError) -> Bool {
    let path: WritableKeyPath<ChatRequest, JSONFragment?>
    switch word {
    case "maxOutputTokens": path = \.maximumOutputTokens
    case "temperature": path = \.sampling.temperature
    case "topP": path = \.sampling.topP
    case "topK": path = \.sampling.topK
    case "seed": path = \.sampling.seed
    case "frequencyPenalty": path = \.sampling.frequencyPenalty
    case "presencePenalty": path = \.sampling.presencePenalty
    case "logprobs": path = \.topLogProbabilities
    default: return false
    }
    let number = GeminiNames.number(value)
    guard number.parsed.kind == .number else {
      throw .invalid("generationConfig.\(word)", "must be a number")
    }
    request[keyPath: path] = number
    return true
  }

  /// A schema, wherever it stands, says more.
  private mutating func readResponseType(_ value: JSONNode) {
    switch value.string {
    case "application/json":
      if case .text = request.output { request.output = .jsonObject }
    case "text/plain": break
    case "text/x.enum":
      request.answerForm = .enumValue
      enumType = value
    default: other("generationConfig.responseMimeType", value)
    }
  }

  private mutating func readSchema(_ schema: JSONFragment) {
    request.output = .jsonSchema(JSONSchemaFormat(name: nil, schema: schema))
  }

  private mutating func readThinking(_ value: JSONNode) throws(TranslationError) {
    var reasoning = Reasoning()
    reasoning.includesThoughts = value["includeThoughts", or: "include_thoughts"]?.bool ?? false
    if let level = value["thinkingLevel", or: "thinking_level"]?.string,
      level.uppercased() != "THINKING_LEVEL_UNSPECIFIED"
    {
      guard let effort = Reasoning.Effort(rawValue: level.lowercased()) else {
        throw .invalid(
          "generationConfig.thinkingConfig.thinkingLevel", "is '\(level)', which is no level")
      }
      reasoning.effort = effort
    }
    let budget = value["thinkingBudget", or: "thinking_budget"].map(GeminiNames.number)
    switch budget?.integer {
    case nil: break
    case 0?: reasoning.effort = Reasoning.Effort.none
    // -1 leaves it to the model, as saying nothing does.
    case .some(let tokens): reasoning.budgetTokens = tokens > 0 ? tokens : nil
    }
    request.reasoning = reasoning
  }
}
