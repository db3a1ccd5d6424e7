// SPDX-License-Identifier: MIT

internal import JSON

/// Writes one body of Converse.
struct BedrockRequestWriter {
  var request: ChatRequest
  let target: UpstreamModel
  let family: BedrockModels.Family
  var losses: LossReport
  var json = JSONBuilder()
  var documentNames = Set<String>()
  let identifiers = ToolIdentifiers(punctuation: "_.:-")
  /// Parameters of Converse itself that the client named, with the last value of each.
  private var passed: [(name: JSONText, value: JSONFragment)] = []

  init(_ request: ChatRequest, to target: UpstreamModel, losses: LossReport) {
    self.request = request
    self.target = target
    family = BedrockModels.family(of: target.name)
    self.losses = losses
  }

  mutating func write() throws(TranslationError) {
    try takeOthers()
    removeUnsignedReasoning()
    let turns = try Turns(of: request, for: target.traits, losses: &losses)
    let tools = BedrockToolPlan(request, turns: turns.turns, traits: target.traits, &losses)
    let thinking = BedrockThinking(
      request, family: family, traits: target.traits, isForced: tools.choice.isForced,
      turns: turns.turns, &losses)
    json.beginObject()
    writeSystem(turns.system, instruction: tools.instruction)
    try writeMessages(turns.turns)
    writeInference(thinking)
    writeTools(tools)
    writeOutput(thinking, hasSchema: tools.hasNativeSchema)
    writeServiceTier()
    writeAdditionalFields(thinking)
    for member in passed where !member.name.equals("additionalModelRequestFields") {
      json.key(text: member.name)
      json.raw(member.value)
    }
    json.endObject()
  }

  /// A prompt cache is kept for Claude and Nova only; others refuse its marks.
  var takesCachePoints: Bool {
    switch family {
    case .claude, .nova, .unknown: true
    default: false
    }
  }

  // MARK: Others

  private static let passedNames: [StaticString] = [
    "additionalModelRequestFields", "additionalModelResponseFieldPaths", "guardrailConfig",
    "performanceConfig", "promptVariables", "requestMetadata",
  ]

  private mutating func takeOthers() throws(TranslationError) {
    try RequestCheck.dropOthers(
      of: &request, but: Self.passedNames, target: target, losses: &losses)
    for other in request.others {
      passed.removeAll { $0.name == other.name }
      passed.append((other.name, other.value))
    }
  }

  /// What the model is given beyond Converse's own parameters: the client's word counts most.
  private mutating func writeAdditionalFields(_ thinking: BedrockThinking) {
    var fields = thinking.fields
    if let topK = request.sampling.topK, allowsTopK(thinking) {
      if let field = topKField(topK) {
        fields.append(field)
      } else {
        losses.dropped(Parameter.topK.rawValue, "the model has none")
      }
    }
    var names: [JSONText] = []
    let client = passed.first { $0.name.equals("additionalModelRequestFields") }?.value.parsed
    guard client != nil || !fields.isEmpty else { return }
    json.key("additionalModelRequestFields")
    json.beginObject()
    if let client {
      for member in client.members {
        json.key(text: member.name)
        json.raw(member.value.fragment)
        names.append(member.name)
      }
    }
    for field in fields where !names.contains(where: { $0.equals(field.name) }) {
      json.key(field.name)
      json.raw(field.value)
    }
    json.endObject()
  }

  private func topKField(_ topK: JSONFragment) -> BedrockField? {
    switch family {
    case .claude, .mistral, .qwen, .unknown: BedrockField(name: "top_k", value: topK)
    case .cohere: BedrockField(name: "k", value: topK)
    case .nova:
      BedrockField(
        name: "inferenceConfig",
        value: .object { $0.member("topK", topK) })
    case .llama, .deepSeek, .gptOSS, .other: nil
    }
  }

  // MARK: Sampling

  private mutating func allowsTopK(_ thinking: BedrockThinking) -> Bool {
    guard target.traits.takesSampling else {
      losses.dropped(Parameter.topK.rawValue, "the model takes none")
      return false
    }
    guard !thinking.fixesSampling else {
      losses.dropped(Parameter.topK.rawValue, "not while the model thinks")
      return false
    }
    return true
  }

  private mutating func writeInference(_ thinking: BedrockThinking) {
    let temperature = temperature(thinking)
    let topP = topP(thinking, hasTemperature: temperature != nil)
    let stops = stopSequences()
    let maximum = request.maximumOutputTokens
    guard temperature != nil || topP != nil || !stops.isEmpty || maximum != nil else { return }
    json.object("inferenceConfig") { json in
      json.member("maxTokens", maximum)
      json.member("temperature", temperature)
      json.member("topP", topP)
      guard !stops.isEmpty else { return }
      json.array("stopSequences") { json in for stop in stops { json.string(stop) } }
    }
  }

  private mutating func temperature(_ thinking: BedrockThinking) -> JSONFragment? {
    guard let temperature = request.sampling.temperature else { return nil }
    guard target.traits.takesSampling else {
      losses.dropped(Parameter.temperature.rawValue, "the model takes none")
      return nil
    }
    guard let value = temperature.double else { return temperature }
    if thinking.fixesSampling, value != 1 {
      losses.dropped(Parameter.temperature.rawValue, "not while the model thinks")
      return nil
    }
    guard value > 1 else { return temperature }
    losses.approximated(Parameter.temperature.rawValue, "1 is the most that Converse takes")
    return JSONFragment(literal: "1")
  }

  private mutating func topP(
    _ thinking: BedrockThinking, hasTemperature: Bool
  ) -> JSONFragment? {
    guard let topP = request.sampling.topP else { return nil }
    guard target.traits.takesSampling else {
      losses.dropped(Parameter.topP.rawValue, "the model takes none")
      return nil
    }
    if thinking.fixesSampling, (topP.double ?? 0) < 0.95 {
      losses.dropped(Parameter.topP.rawValue, "not while the model thinks")
      return nil
    }
    if hasTemperature, !target.traits.takesTemperatureWithTopP {
      losses.dropped(Parameter.topP.rawValue, "the model does not take it beside temperature")
      return nil
    }
    return topP
  }

  private mutating func stopSequences() -> [JSONText] {
    let kept = request.stopSequences.filter { !$0.isBlank }
    if kept.count < request.stopSequences.count {
      losses.dropped(Parameter.stop.rawValue, "sequences of nothing but white space")
    }
    return kept
  }

  // MARK: Output

  private mutating func writeOutput(_ thinking: BedrockThinking, hasSchema: Bool) {
    guard hasSchema || thinking.outputEffort != nil else { return }
    let output = request.output
    json.object("outputConfig") { json in
      if hasSchema, case .jsonSchema(let format) = output {
        json.object("textFormat") { json in
          json.member("type", literal: "json_schema")
          json.object("structure") { json in
            json.object("jsonSchema") { json in
              json.member("schema", format.schema.quoted)
              json.member("name", format.name)
              json.member("description", format.description)
            }
          }
        }
      }
      json.member("effort", string: thinking.outputEffort)
    }
  }

  private mutating func writeServiceTier() {
    guard let tier = request.serviceTier, !tier.equals("auto") else { return }
    let known: [StaticString] = ["default", "flex", "priority", "reserved"]
    if known.contains(where: { tier.equals($0) }) {
      json.object("serviceTier") { $0.member("type", tier) }
    } else if tier.equals("standard_only") {
      json.object("serviceTier") { $0.member("type", literal: "default") }
    } else {
      losses.dropped(Parameter.serviceTier.rawValue, "Bedrock has no tier '\(tier.plain)'")
    }
  }
}

/// A member of `additionalModelRequestFields`.
struct BedrockField {
  var name: StaticString
  var value: JSONFragment
}
