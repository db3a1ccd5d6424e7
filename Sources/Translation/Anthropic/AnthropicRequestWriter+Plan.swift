// SPDX-License-Identifier: MIT

internal import JSON

/// How thinking, forced tools, schemas and sampling go together.
extension AnthropicRequestWriter {
  private static let budgetTokensMinimum: Int64 = 1_024
  /// More than any model thinks.
  private static let budgetTokensMaximum: Int64 = 1 << 24

  /// Whether the client insists on a call.
  var isToolForced: Bool {
    guard !request.tools.isEmpty else { return false }
    switch request.toolChoice {
    case .required, .named: return true
    case .allowed(_, let isRequired): return isRequired
    case nil, .auto, .some(.none): return false
    }
  }

  // MARK: Thinking

  mutating func planThinking() throws(TranslationError) {
    let traits = target.traits
    guard let reasoning = request.reasoning else {
      // Such models think if nothing is said, which forbids to force a tool.
      if isToolForced, traits.takesForcedToolUse, traits.thinkingOff == .disabled {
        thinking = .off
      }
      return
    }
    let parameter = Self.parameter(of: reasoning)
    if reasoning.effort == Reasoning.Effort.none { return planNoThinking() }
    guard traits.thinks else { return try leaveOut(parameter, "the model does not think") }
    if traits.thinksAdaptively, reasoning.budgetTokens == nil || !traits.takesThinkingBudget {
      thinking = .adaptive
      planEffort(reasoning)
    } else {
      try planBudget(reasoning, parameter)
    }
  }

  private static func parameter(of reasoning: Reasoning) -> String {
    let isBudget = reasoning.effort == nil && reasoning.budgetTokens != nil
    return (isBudget ? Parameter.reasoningBudget : Parameter.reasoningEffort).rawValue
  }

  private mutating func planNoThinking() {
    switch target.traits.thinkingOff {
    case .leftOut: break
    case .disabled: thinking = .off
    case .betweenTools:
      thinking = .betweenTools
      losses.approximated("reasoning_effort", "the model thinks between calls of tools")
    case .never:
      effort = .low
      losses.approximated("reasoning_effort", "the model always thinks; low is the least")
    }
  }

  private mutating func planEffort(_ reasoning: Reasoning) {
    if let wanted = reasoning.effort {
      effort = wanted
    } else if let budget = reasoning.budgetTokens {
      effort = Reasoning.Effort(budgetTokens: budget)
      losses.approximated(Parameter.reasoningBudget.rawValue, "as the nearest effort")
    }
    if effort == .minimal {
      effort = .low
      if reasoning.effort != nil { losses.approximated("reasoning_effort", "low is the least") }
    }
    if effort == .xhigh, !target.traits.takesExtraHighEffort {
      effort = .high
      if reasoning.effort != nil {
        losses.approximated("reasoning_effort", "the model has no effort between high and max")
      }
    }
  }

  private mutating func planBudget(
    _ reasoning: Reasoning, _ parameter: String
  ) throws(TranslationError) {
    guard !continuesWithoutThoughts else {
      return try leaveOut(
        parameter, "the turn that the model is to go on with came without its thoughts")
    }
    let wanted = reasoning.budgetTokens ?? reasoning.effort?.budgetTokens ?? 4_096
    var budget = min(max(wanted, Self.budgetTokensMinimum), Self.budgetTokensMaximum)
    let isLimited = request.maximumOutputTokens != nil || target.maximumOutputTokens != nil
    if budget >= maximumTokens, !isLimited { maximumTokens += budget }
    if budget >= maximumTokens { budget = max(maximumTokens / 2, Self.budgetTokensMinimum) }
    guard budget < maximumTokens else {
      return try leaveOut(parameter, "max_tokens leaves no room for thoughts")
    }
    if let given = reasoning.budgetTokens, given != budget {
      losses.approximated(
        Parameter.reasoningBudget.rawValue, "at least 1,024 and less than max_tokens")
    }
    thinking = .budget(budget)
  }

  /// Models with a budget refuse to think where the assistant's turn they go on with does not begin
  /// with thoughts of theirs: within a round of tool calls, or in a beginning to be continued.
  private var continuesWithoutThoughts: Bool {
    guard let last = turns.last else { return false }
    if last.role == .assistant { return true }
    guard case .toolResult? = last.blocks.first?.content,
      let before = turns.dropLast().last(where: { $0.role == .assistant })
    else { return false }
    if case .reasoning? = before.blocks.first?.content { return false }
    return true
  }

  // MARK: Output

  mutating func planOutput() {
    switch request.output {
    case .text: break
    case .jsonObject: instruct(JSONAnswerTool.instruction(schema: nil))
    case .jsonSchema(let format):
      let name = Parameter.jsonSchema.rawValue
      if target.traits.takesJSONSchema, let closed = AnthropicSchema.closed(format.schema) {
        schema = closed.schema
        if closed.isChanged {
          losses.approximated(name, "objects are closed; what has no support is said in words")
        }
      } else if target.traits.takesForcedToolUse, !thinking.isOn,
        JSONAnswerTool.takes(format.schema)
      {
        losses.approximated(name, "as the parameters of a tool that the model must call")
        addAnswerTool(format)
      } else {
        losses.approximated(name, "asked for in the system prompt")
        instruct(JSONAnswerTool.instruction(schema: format.schema))
      }
    }
  }

  private mutating func addAnswerTool(_ format: JSONSchemaFormat) {
    let mayCallOthers: Bool
    switch request.toolChoice {
    case .some(.none): mayCallOthers = false
    default: mayCallOthers = !request.tools.isEmpty
    }
    request.tools.append(
      Tool(
        name: JSONText("\(JSONAnswerTool.name)"),
        description: JSONText("\(JSONAnswerTool.description)"), parameters: format.schema))
    request.toolChoice = mayCallOthers ? .required : .named(JSONText("\(JSONAnswerTool.name)"))
    request.allowsParallelToolCalls = mayCallOthers ? request.allowsParallelToolCalls : false
  }

  /// Adds to the system prompt.
  mutating func instruct(_ text: JSONText) { system.append(Block(.text(text))) }

  // MARK: Tools

  /// The list is what the API has instead of `allowed_tools`.
  mutating func reduceToAllowedTools() {
    guard case .allowed(let names, let isRequired)? = request.toolChoice else { return }
    let allowed = Set(names.map(\.plain))
    request.tools.removeAll { !allowed.contains($0.name.plain) }
    request.toolChoice = isRequired ? .required : .auto
  }

  mutating func planToolChoice() {
    addToolsOfHistory()
    guard isToolForced, thinking.isOn || !target.traits.takesForcedToolUse else { return }
    let reason = thinking.isOn ? "a model that thinks" : "the model"
    switch request.toolChoice {
    case .named(let name):
      let sentence = JSONText("Call the tool '")
      let end = JSONText("' before you answer.")
      instruct(JSONText(escaped: sentence.escaped + name.escaped + end.escaped))
      losses.approximated(
        Parameter.toolChoiceNamed.rawValue, "in the system prompt: \(reason) cannot be forced")
    default:
      instruct("Call one of the tools before you answer.")
      losses.approximated(
        Parameter.toolChoiceRequired.rawValue, "in the system prompt: \(reason) cannot be forced")
    }
    request.toolChoice = .auto
  }

  /// A conversation with calls of tools is refused where no tools are defined.
  private mutating func addToolsOfHistory() {
    guard request.tools.isEmpty, serverTools.isEmpty else { return }
    var names: Set<String> = []
    for turn in turns {
      for case .toolCall(let call) in turn.blocks.map(\.content)
      where names.insert(call.name.plain).inserted {
        request.tools.append(Tool(name: call.name))
      }
    }
    if !request.tools.isEmpty { request.toolChoice = ToolChoice.none }
  }

  // MARK: Sampling

  mutating func planSampling() throws(TranslationError) {
    if !target.traits.takesSampling {
      try omit(\.temperature, .temperature, "the model has no such parameter")
      try omit(\.topP, .topP, "the model has no such parameter")
      try omit(\.topK, .topK, "the model has no such parameter")
    } else if thinking.isOn {
      if request.sampling.temperature?.double != 1 {
        try omit(\.temperature, .temperature, "must be 1 while the model thinks")
      }
      if let topP = request.sampling.topP?.double, topP < 0.95 {
        try omit(\.topP, .topP, "must be at least 0.95 while the model thinks")
      }
      try omit(\.topK, .topK, "not while the model thinks")
    }
    if let temperature = request.sampling.temperature?.double, temperature > 1 {
      request.sampling.temperature = JSONFragment(1)
      losses.approximated(Parameter.temperature.rawValue, "1 is the most")
    }
    if request.sampling.temperature != nil, !target.traits.takesTemperatureWithTopP {
      try omit(\.topP, .topP, "not together with temperature")
    }
  }

  private mutating func omit(
    _ path: WritableKeyPath<Sampling, JSONFragment?>, _ parameter: Parameter, _ note: String
  ) throws(TranslationError) {
    guard request.sampling[keyPath: path] != nil else { return }
    request.sampling[keyPath: path] = nil
    try leaveOut(parameter.rawValue, note)
  }
}
