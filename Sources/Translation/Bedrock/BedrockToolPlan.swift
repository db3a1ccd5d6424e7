// SPDX-License-Identifier: MIT

internal import JSON

/// Which tools a request offers, and which of them has to be called.
struct BedrockToolPlan {
  enum Choice {
    /// Nothing is said.
    case unsaid
    case auto
    case any
    case tool(JSONText)

    var isForced: Bool {
      switch self {
      case .unsaid, .auto: false
      case .any, .tool: true
      }
    }
  }

  private(set) var tools: [Tool]
  private(set) var choice = Choice.unsaid
  /// `outputConfig.textFormat` says the schema.
  private(set) var hasNativeSchema = false
  /// For the end of the system's texts.
  private(set) var instruction: JSONText?

  init(
    _ request: ChatRequest, turns: [Message], traits: ModelTraits, _ losses: inout LossReport
  ) {
    tools = request.tools
    let history = Self.calledTools(turns)
    if let wanted = request.toolChoice {
      choose(wanted, hasHistory: !history.isEmpty, traits, &losses)
    }
    // Converse refuses calls in the history of a request without tools.
    if tools.isEmpty { tools = history.map { Tool(name: $0) } }
    switch request.output {
    case .text: break
    case .jsonObject: instruction = JSONAnswerTool.instruction(schema: nil)
    case .jsonSchema(let format):
      if traits.takesJSONSchema {
        hasNativeSchema = true
      } else {
        addAnswerTool(format, hasTools: !request.tools.isEmpty, request.toolChoice, traits, &losses)
      }
    }
    if request.forbidsParallelToolCalls, !tools.isEmpty {
      losses.dropped(Parameter.parallelToolCalls.rawValue, "Converse cannot forbid it")
    }
  }

  private mutating func choose(
    _ wanted: ToolChoice, hasHistory: Bool, _ traits: ModelTraits, _ losses: inout LossReport
  ) {
    switch wanted {
    case .auto: if !tools.isEmpty { choice = .auto }
    case .none:
      guard hasHistory else { return tools = [] }
      if !tools.isEmpty {
        losses.approximated(
          Parameter.toolChoiceNone.rawValue, "the tools stay, because the history has calls")
      }
    case .required: force(.any, .toolChoiceRequired, traits, &losses)
    case .named(let name):
      force(.tool(name), .toolChoiceNamed, traits, &losses)
    case .allowed(let names, let isRequired):
      tools.removeAll { !names.contains($0.name) }
      if isRequired {
        force(.any, .toolChoiceAllowed, traits, &losses)
      } else if !tools.isEmpty {
        choice = .auto
      }
    }
  }

  private mutating func force(
    _ wanted: Choice, _ parameter: Parameter, _ traits: ModelTraits, _ losses: inout LossReport
  ) {
    guard !tools.isEmpty else { return }
    guard traits.takesForcedToolUse else {
      losses.approximated(parameter.rawValue, "auto: the model cannot be made to call a tool")
      return choice = .auto
    }
    choice = wanted
  }

  /// Names of the tools that the history calls, each once.
  private static func calledTools(_ turns: [Message]) -> [JSONText] {
    var names: [JSONText] = []
    for turn in turns {
      for block in turn.blocks {
        guard case .toolCall(let call) = block.content, !names.contains(call.name) else { continue }
        names.append(call.name)
      }
    }
    return names
  }

  private mutating func addAnswerTool(
    _ format: JSONSchemaFormat, hasTools: Bool, _ wanted: ToolChoice?, _ traits: ModelTraits,
    _ losses: inout LossReport
  ) {
    // Where a tool of the client's has to be called, the answer is that call.
    if choice.isForced { return }
    guard traits.takesForcedToolUse else {
      losses.approximated(Parameter.jsonSchema.rawValue, "an instruction: the model has no schema")
      return instruction = JSONAnswerTool.instruction(schema: format.schema)
    }
    guard JSONAnswerTool.takes(format.schema) else {
      losses.approximated(Parameter.jsonSchema.rawValue, "an instruction: no tool takes the schema")
      return instruction = JSONAnswerTool.instruction(schema: format.schema)
    }
    losses.approximated(Parameter.jsonSchema.rawValue, "a tool that the model has to call")
    let name = JSONText("\(JSONAnswerTool.name)")
    tools.append(
      Tool(
        name: name, description: format.description ?? JSONText("\(JSONAnswerTool.description)"),
        parameters: format.schema))
    let isOnlyAnswer: Bool
    if case .some(.none) = wanted { isOnlyAnswer = true } else { isOnlyAnswer = !hasTools }
    choice = isOnlyAnswer ? .tool(name) : .any
  }
}

extension BedrockRequestWriter {
  mutating func writeTools(_ plan: BedrockToolPlan) {
    guard !plan.tools.isEmpty else { return }
    var tools = plan.tools
    var choice = plan.choice
    // Only Claude and Nova know a choice by name; for others the one tool is all there is.
    if case .tool(let name) = choice, family == .mistral {
      tools.removeAll { $0.name != name }
      choice = .any
    }
    json.key("toolConfig")
    json.beginObject()
    json.key("tools")
    json.beginArray()
    for tool in tools { write(tool) }
    json.endArray()
    switch choice {
    case .unsaid: break
    case .auto: json.object("toolChoice") { json in json.object("auto") { _ in } }
    case .any: json.object("toolChoice") { json in json.object("any") { _ in } }
    case .tool(let name):
      json.object("toolChoice") { json in json.object("tool") { $0.member("name", name) } }
    }
    json.endObject()
  }

  private mutating func write(_ tool: Tool) {
    let isStrict = tool.isStrict == true && target.traits.takesJSONSchema
    if tool.isStrict == true, !isStrict {
      losses.dropped(Parameter.strictTools.rawValue, "the model has no structured output")
    }
    json.object { json in
      json.object("toolSpec") { json in
        json.member("name", tool.name)
        json.member("description", tool.description.flatMap { $0.isBlank ? nil : $0 })
        json.object("inputSchema") { json in
          json.member("json", AnthropicSchema.input(tool.parameters))
        }
        json.member("strict", bool: isStrict ? true : nil)
      }
    }
    // Nova keeps no tools in its cache.
    if case .nova = family, tool.cacheControl != nil {
      losses.dropped(Parameter.cacheControl.rawValue, "the model's cache takes no tools")
    } else {
      writeCachePoint(tool.cacheControl)
    }
  }
}
