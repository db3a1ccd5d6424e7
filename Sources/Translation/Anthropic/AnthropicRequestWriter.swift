// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a request to the Messages API. What depends on other parts of the request is decided
/// first, then everything is written in one go.
struct AnthropicRequestWriter {
  var request: ChatRequest
  let target: UpstreamModel
  var losses: LossReport
  var json = JSONBuilder()
  let identifiers = ToolIdentifiers()

  var system: [Block] = []
  var turns: [Message] = []
  var thinking = Thinking.unsaid
  var effort: Reasoning.Effort?
  var maximumTokens: Int64 = 0
  /// A schema for `output_config.format`.
  var schema: JSONFragment?
  /// Tools that Anthropic runs, as an Anthropic client wrote them.
  var serverTools: [JSONFragment] = []
  /// Members of the request that an Anthropic client wrote and the model has no place for.
  var passed: [OtherParameter] = []

  enum Thinking: Equatable {
    case unsaid
    case off
    case betweenTools
    case adaptive
    case budget(Int64)

    var isOn: Bool {
      switch self {
      case .adaptive, .budget: true
      case .unsaid, .off, .betweenTools: false
      }
    }
  }

  init(_ request: ChatRequest, _ target: UpstreamModel, _ losses: LossReport) {
    self.request = request
    self.target = target
    self.losses = losses
  }

  mutating func write() throws(TranslationError) -> [UInt8] {
    try takeOthers()
    let conversation = try Turns(of: request, for: target.traits, losses: &losses)
    system = conversation.system
    try takeTurns(conversation.turns)
    maximumTokens = try outputTokens()
    reduceToAllowedTools()
    try planThinking()
    planOutput()
    planToolChoice()
    try planSampling()
    try writeBody()
    return json.finish()
  }

  /// Leaves something out, or refuses it, as the configuration says.
  mutating func leaveOut(_ parameter: String, _ note: String) throws(TranslationError) {
    guard target.unsupported == .drop else { throw RequestCheck.refusal(parameter, note) }
    losses.dropped(parameter, note)
  }

  // MARK: What else there is

  private static let passedNames: Set<String> = [
    "container", "context_management", "mcp_servers", "inference_geo", "speed", "cache_control",
    "diagnostics", "fallbacks",
  ]

  private mutating func takeOthers() throws(TranslationError) {
    if request.family == .anthropic {
      for other in request.others {
        let name = other.name.plain
        if name.hasPrefix("tools."), other.value.parsed["type"] != nil {
          serverTools.append(other.value)
        } else if Self.passedNames.contains(name) {
          passed.append(other)
        } else {
          try leaveOut(name, "it has no place in a translated request")
        }
      }
      request.others = []
    }
    try RequestCheck.dropOthers(of: &request, target: target, losses: &losses)
  }

  private mutating func outputTokens() throws(TranslationError) -> Int64 {
    guard let given = request.maximumOutputTokens else {
      return target.maximumOutputTokens ?? AnthropicMessages.outputTokensDefault
    }
    guard let count = given.integer, count >= 0 else {
      throw .invalid(Parameter.maximumOutputTokens.rawValue, "must be a whole number")
    }
    if let most = target.maximumOutputTokens, count > most {
      losses.approximated(Parameter.maximumOutputTokens.rawValue, "\(most) is the model's limit")
      return most
    }
    return count
  }

  // MARK: Body

  private mutating func writeBody() throws(TranslationError) {
    json.beginObject()
    if target.dialect == .vertex {
      json.member("anthropic_version", literal: AnthropicMessages.vertexVersion)
    } else {
      json.member("model", JSONText(target.name))
    }
    json.member("max_tokens", integer: maximumTokens)
    try writeSystem()
    try writeMessages()
    writeTools()
    writeThinking()
    json.member("temperature", request.sampling.temperature)
    json.member("top_p", request.sampling.topP)
    json.member("top_k", request.sampling.topK)
    try writeStop()
    if let user = request.user {
      json.object("metadata") { $0.member("user_id", user) }
    }
    try writeServiceTier()
    if request.wantsStream { json.member("stream", bool: true) }
    for other in passed {
      json.key(text: other.name)
      json.raw(other.value)
    }
    json.endObject()
  }

  private mutating func writeSystem() throws(TranslationError) {
    guard !system.isEmpty else { return }
    json.key("system")
    json.beginArray()
    for block in system {
      guard case .text(let text) = block.content else {
        try leaveOut("messages", "the system prompt is text only")
        continue
      }
      writeText(text, block.cacheControl)
    }
    json.endArray()
  }

  private mutating func writeThinking() {
    switch thinking {
    case .unsaid: break
    case .off: json.object("thinking") { $0.member("type", literal: "disabled") }
    case .betweenTools: json.object("thinking") { $0.member("type", literal: "between_tools") }
    case .adaptive:
      let isHidden = request.reasoning?.includesThoughts == false
      json.object("thinking") {
        $0.member("type", literal: "adaptive")
        $0.member("display", literal: isHidden ? "omitted" : "summarized")
      }
    case .budget(let tokens):
      let isHidden = request.reasoning?.includesThoughts == false
      json.object("thinking") {
        $0.member("type", literal: "enabled")
        $0.member("budget_tokens", integer: tokens)
        if isHidden { $0.member("display", literal: "omitted") }
      }
    }
    guard effort != nil || schema != nil else { return }
    json.object("output_config") { [effort, schema] json in
      json.member("effort", string: effort?.rawValue)
      if let schema {
        json.object("format") {
          $0.member("type", literal: "json_schema")
          $0.member("schema", schema)
        }
      }
    }
  }

  private mutating func writeStop() throws(TranslationError) {
    let sequences = request.stopSequences.filter { !$0.isBlank }
    if request.stopSequences.contains(where: { !$0.isEmpty && $0.isBlank }) {
      try leaveOut(Parameter.stop.rawValue, "sequences of nothing but white space")
    }
    guard !sequences.isEmpty else { return }
    json.array("stop_sequences") { for sequence in sequences { $0.string(sequence) } }
  }

  private mutating func writeServiceTier() throws(TranslationError) {
    guard let tier = request.serviceTier else { return }
    switch tier.plain {
    case "auto", "priority": json.member("service_tier", literal: "auto")
    case "default", "standard", "standard_only":
      json.member("service_tier", literal: "standard_only")
    case let other: try leaveOut("service_tier", "Anthropic has no tier '\(other)'")
    }
  }
}
