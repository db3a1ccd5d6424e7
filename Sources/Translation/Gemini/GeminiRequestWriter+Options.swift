// SPDX-License-Identifier: MIT

internal import JSON

extension GeminiRequestWriter {
  // MARK: Tools

  mutating func writeTools(_ losses: inout LossReport) throws(TranslationError) {
    if request.forbidsParallelToolCalls, !request.tools.isEmpty {
      try drop(.parallelToolCalls, "Gemini may always call several tools", &losses)
    }
    guard !request.tools.isEmpty || !extras.tools.isEmpty else { return }
    let (request, extras) = (request, extras)
    json.array("tools") { json in
      if !request.tools.isEmpty {
        json.object {
          $0.array("functionDeclarations") { json in
            for tool in request.tools { Self.append(tool, to: &json) }
          }
        }
      }
      for other in extras.tools {
        json.object {
          $0.key(text: other.name)
          $0.raw(other.value)
        }
      }
    }
    writeToolConfiguration()
  }

  /// No parameters are said by leaving them out.
  private static func append(_ tool: Tool, to json: inout JSONBuilder) {
    json.object {
      $0.member("name", tool.name)
      $0.member("description", tool.description)
      $0.member("parametersJsonSchema", tool.parameters)
    }
  }

  private mutating func writeToolConfiguration() {
    var mode: StaticString?
    var allowed: [JSONText] = []
    let isStrict = request.tools.contains { $0.isStrict == true }
    switch request.toolChoice {
    case nil: mode = isStrict ? "VALIDATED" : nil
    case .auto: mode = isStrict ? "VALIDATED" : "AUTO"
    case .some(.none): mode = "NONE"
    case .required: mode = "ANY"
    case .named(let name):
      mode = "ANY"
      allowed = [name]
    case .allowed(let names, let isRequired):
      mode = isRequired ? "ANY" : "VALIDATED"
      allowed = names
    }
    if request.tools.isEmpty { mode = nil }
    guard mode != nil || !extras.toolConfiguration.isEmpty else { return }
    let others = extras.toolConfiguration
    json.object("toolConfig") { json in
      if let mode {
        json.object("functionCallingConfig") {
          $0.member("mode", literal: mode)
          $0.texts("allowedFunctionNames", allowed)
        }
      }
      json.others(others)
    }
  }

  // MARK: Generation

  mutating func writeGeneration(_ losses: inout LossReport) throws(TranslationError) {
    let stops = try stopSequences(&losses)
    let thinking = try thinkingConfiguration(&losses)
    var generation = JSONBuilder()
    generation.object { json in
      json.member("maxOutputTokens", request.maximumOutputTokens)
      json.member("temperature", request.sampling.temperature)
      json.member("topP", request.sampling.topP)
      json.member("topK", request.sampling.topK)
      json.member("seed", request.sampling.seed)
      json.member("frequencyPenalty", request.sampling.frequencyPenalty)
      json.member("presencePenalty", request.sampling.presencePenalty)
      json.member("candidateCount", integer: request.choiceCount.map(Int64.init))
      json.texts("stopSequences", stops)
      if request.wantsLogProbabilities == true { json.member("responseLogprobs", bool: true) }
      json.member("logprobs", request.topLogProbabilities)
      appendOutput(to: &json)
      json.member("thinkingConfig", thinking)
      json.member("mediaResolution", string: mediaResolution)
      json.others(extras.generation)
    }
    let isEmpty = generation.bytes.count == 2
    if !isEmpty {
      json.member("generationConfig", JSONFragment(validated: generation.bytes[...]))
    }
  }

  private func appendOutput(to json: inout JSONBuilder) {
    guard !isSchemaAnInstruction else { return }
    if case .text = request.output { return }
    // Another type may be among the client's own parameters.
    let hasType = extras.generation.contains { $0.name.equals("responseMimeType") }
    if request.answerForm == .enumValue {
      json.member("responseMimeType", literal: "text/x.enum")
    } else if !hasType {
      json.member("responseMimeType", literal: "application/json")
    }
    if case .jsonSchema(let format) = request.output {
      json.member("responseJsonSchema", format.schema)
    }
  }

  /// Models before Gemini 3 refuse a response type together with functions.
  private var isSchemaAnInstruction: Bool {
    !request.tools.isEmpty && !target.traits.thinksByLevel
  }

  func schemaInstruction(_ losses: inout LossReport) -> JSONText? {
    guard isSchemaAnInstruction else { return nil }
    let schema: JSONFragment?
    switch request.output {
    case .text: return nil
    case .jsonObject: schema = nil
    case .jsonSchema(let format): schema = format.schema
    }
    losses.approximated(
      "response_format", "an instruction: the model takes no response type together with tools")
    return JSONAnswerTool.instruction(schema: schema)
  }

  private func stopSequences(
    _ losses: inout LossReport
  ) throws(TranslationError) -> [JSONText] {
    let most = 5
    if request.stopSequences.count > most {
      try drop(.stop, "Gemini takes at most \(most) stop sequences", &losses)
    }
    return Array(request.stopSequences.prefix(most))
  }

  /// One resolution goes for all pictures.
  private var mediaResolution: String? {
    var details: Set<String> = []
    func note(_ blocks: [Block]) {
      for block in blocks {
        switch block.content {
        case .image(let media): details.insert(media.detail?.plain ?? "auto")
        case .toolResult(let result): note(result.blocks)
        default: break
        }
      }
    }
    for message in request.messages { note(message.blocks) }
    switch details {
    case ["low"]: return "MEDIA_RESOLUTION_LOW"
    case ["high"]: return "MEDIA_RESOLUTION_HIGH"
    default: return nil
    }
  }

  // MARK: Thinking

  private func thinkingConfiguration(
    _ losses: inout LossReport
  ) throws(TranslationError) -> JSONFragment? {
    if let thinking = extras.thinking { return thinking }
    guard let reasoning = request.reasoning else { return nil }
    guard target.traits.thinks else {
      // To ask for no thoughts of a model that has none loses nothing.
      if let effort = reasoning.effort, effort != .none {
        try drop(.reasoningEffort, "the model does not think", &losses)
      }
      if let budget = reasoning.budgetTokens, budget != 0 {
        try drop(.reasoningBudget, "the model does not think", &losses)
      }
      return nil
    }
    var json = JSONBuilder()
    json.object {
      if target.traits.thinksByLevel {
        appendLevel(reasoning, to: &$0, &losses)
      } else {
        appendBudget(reasoning, to: &$0, &losses)
      }
    }
    return JSONFragment(validated: json.bytes[...])
  }

  private func appendLevel(
    _ reasoning: Reasoning, to json: inout JSONBuilder, _ losses: inout LossReport
  ) {
    // -1 leaves it to the model, as no level does.
    let byBudget = reasoning.budgetTokens.flatMap { $0 < 0 ? nil : $0 }
      .map { Reasoning.Effort(budgetTokens: $0) }
    if let effort = reasoning.effort ?? byBudget {
      let (level, isExact) = GeminiModels.level(for: effort, of: target.name)
      json.member("thinkingLevel", string: level.rawValue)
      if reasoning.effort == nil {
        losses.approximated(
          Parameter.reasoningBudget.rawValue, "the model thinks by level: \(level.rawValue)")
      } else if !isExact {
        losses.approximated(
          Parameter.reasoningEffort.rawValue, "the model's nearest level is \(level.rawValue)")
      }
    }
    let isAskedFor = reasoning.effort != Reasoning.Effort.none
    json.member("includeThoughts", bool: reasoning.includesThoughts ?? isAskedFor)
  }

  private func appendBudget(
    _ reasoning: Reasoning, to json: inout JSONBuilder, _ losses: inout LossReport
  ) {
    let wanted = reasoning.budgetTokens ?? reasoning.effort.map { $0.budgetTokens ?? 0 }
    guard let wanted, wanted >= 0 else {
      json.member("thinkingBudget", integer: wanted)
      json.member("includeThoughts", bool: reasoning.includesThoughts ?? true)
      return
    }
    let budget = GeminiModels.budget(wanted, of: target.name)
    json.member("thinkingBudget", integer: budget)
    json.member("includeThoughts", bool: reasoning.includesThoughts ?? (wanted > 0))
    guard budget != wanted else { return }
    let name = reasoning.budgetTokens == nil ? Parameter.reasoningEffort : .reasoningBudget
    losses.approximated(name.rawValue, "the model's nearest number of tokens is \(budget)")
  }

  // MARK: Service tier

  mutating func writeServiceTier(_ losses: inout LossReport) throws(TranslationError) {
    switch request.serviceTier?.plain {
    case nil, "auto": break
    case "default", "standard", "standard_only": json.member("serviceTier", literal: "standard")
    case "flex": json.member("serviceTier", literal: "flex")
    case "priority": json.member("serviceTier", literal: "priority")
    case .some(let tier): try drop(.serviceTier, "Gemini has no tier '\(tier)'", &losses)
    }
  }

  private func drop(
    _ parameter: Parameter, _ note: String, _ losses: inout LossReport
  ) throws(TranslationError) {
    try RequestCheck.drop(parameter, note, for: target, &losses)
  }
}

extension JSONBuilder {
  /// An array of strings; nothing where there are none.
  mutating func texts(_ name: StaticString, _ texts: [JSONText]) {
    guard !texts.isEmpty else { return }
    array(name) { json in
      for text in texts { json.string(text) }
    }
  }

  fileprivate mutating func others(_ others: [OtherParameter]) {
    for other in others {
      key(text: other.name)
      raw(other.value)
    }
  }
}
