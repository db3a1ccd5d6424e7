// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a request of `/api/chat`.
struct OllamaRequestWriter {
  private let request: ChatRequest
  private let target: UpstreamModel
  private let extras: OllamaExtras
  private var json = JSONBuilder()
  /// The tool of each call so far, by the call's id.
  private var toolNames: [String: JSONText] = [:]

  init(_ request: ChatRequest, _ target: UpstreamModel, _ extras: OllamaExtras) {
    self.request = request
    self.target = target
    self.extras = extras
  }

  mutating func write(_ losses: inout LossReport) throws(TranslationError) -> [UInt8] {
    json.beginObject()
    json.member("model", string: target.name)
    json.key("messages")
    json.beginArray()
    for message in request.messages { try write(message) }
    if let instruction = toolInstruction { write(role: "system", content: instruction) }
    json.endArray()
    try writeTools(&losses)
    switch request.output {
    case .text: break
    case .jsonObject: json.member("format", literal: "json")
    case .jsonSchema(let format): json.member("format", format.schema)
    }
    json.member("think", try think(&losses))
    if request.wantsLogProbabilities == true { json.member("logprobs", bool: true) }
    json.member("top_logprobs", request.topLogProbabilities)
    // Left out, it would mean true.
    json.member("stream", bool: request.wantsStream)
    writeOptions()
    append(extras.root)
    json.endObject()
    return json.bytes
  }

  private mutating func append(_ others: [OtherParameter]) {
    for other in others {
      json.key(text: other.name)
      json.raw(other.value)
    }
  }

  // MARK: Messages

  private mutating func write(_ message: Message) throws(TranslationError) {
    switch message.role {
    case .system: write(role: "system", content: Self.text(of: message.blocks))
    case .user: writeUser(message)
    case .assistant: try writeAssistant(message)
    }
  }

  private mutating func write(
    role: StaticString, content: JSONText, images: [JSONText] = []
  ) {
    json.object {
      $0.member("role", literal: role)
      $0.member("content", content)
      $0.texts("images", images)
    }
  }

  /// Results of tools are messages of their own; pictures among them follow as the user's.
  private mutating func writeUser(_ message: Message) {
    var rest: [Block] = []
    for block in message.blocks {
      guard case .toolResult(let result) = block.content else {
        rest.append(block)
        continue
      }
      write(result)
      rest += result.blocks.filter { !$0.isText }
    }
    guard !rest.isEmpty || message.blocks.isEmpty else { return }
    write(role: "user", content: Self.text(of: rest), images: Self.images(of: rest))
  }

  private mutating func write(_ result: ToolResult) {
    let text = Self.text(of: result.blocks)
    let content = result.isError ? JSONText.joined(["Error: ", text], separator: "") : text
    let name = toolNames[result.id.plain]
    json.object {
      $0.member("role", literal: "tool")
      $0.member("content", content)
      $0.member("tool_name", name)
      $0.member("tool_call_id", result.id)
    }
  }

  private mutating func writeAssistant(_ message: Message) throws(TranslationError) {
    var thoughts: [JSONText] = []
    var calls: [(call: ToolCall, arguments: JSONFragment)] = []
    for block in message.blocks {
      switch block.content {
      case .reasoning(let thought) where !thought.text.isEmpty: thoughts.append(thought.text)
      case .toolCall(let call):
        toolNames[call.id.plain] = call.name
        calls.append((call, try call.argumentsObject()))
      default: break
      }
    }
    json.object { json in
      json.member("role", literal: "assistant")
      json.member("content", Self.text(of: message.blocks, separator: ""))
      if !thoughts.isEmpty { json.member("thinking", JSONText.joined(thoughts, separator: "")) }
      guard !calls.isEmpty else { return }
      json.array("tool_calls") { json in
        for (index, item) in calls.enumerated() {
          json.object {
            $0.member("id", item.call.id)
            $0.object("function") {
              $0.member("index", integer: Int64(index))
              $0.member("name", item.call.name)
              $0.member("arguments", item.arguments)
            }
          }
        }
      }
    }
  }

  private static func text(of blocks: [Block], separator: String = "\n") -> JSONText {
    .joined(
      blocks.compactMap { block in
        switch block.content {
        case .text(let text), .refusal(let text): text
        default: nil
        }
      }, separator: separator)
  }

  private static func images(of blocks: [Block]) -> [JSONText] {
    blocks.compactMap { block in
      guard case .image(let media) = block.content, case .base64(let data) = media.source else {
        return nil
      }
      return data
    }
  }

  // MARK: Tools

  /// Those that the choice leaves.
  private var tools: [Tool] {
    switch request.toolChoice {
    case .some(.none): []
    case .named(let name): request.tools.filter { $0.name == name }
    case .allowed(let names, _): request.tools.filter { names.contains($0.name) }
    case nil, .auto, .required: request.tools
    }
  }

  private mutating func writeTools(_ losses: inout LossReport) throws(TranslationError) {
    let tools = tools
    guard !tools.isEmpty else { return }
    if request.forbidsParallelToolCalls {
      try RequestCheck.drop(
        .parallelToolCalls, "Ollama's models may always call several tools", for: target, &losses)
    }
    json.array("tools") { json in
      for tool in tools {
        json.object {
          $0.member("type", literal: "function")
          $0.object("function") {
            $0.member("name", tool.name)
            $0.member("description", tool.description)
            $0.member("parameters", tool.parameters ?? Self.noParameters)
          }
        }
      }
    }
  }

  private static let noParameters = JSONFragment(literal: #"{"type":"object","properties":{}}"#)

  /// Ollama has no choice of tools: a sentence has to do.
  private var toolInstruction: JSONText? {
    guard !tools.isEmpty else { return nil }
    switch request.toolChoice {
    case .required, .allowed(_, isRequired: true): return "Answer by calling one of the tools."
    case .named(let name):
      return JSONText.joined(["Answer by calling the tool ", name, "."], separator: "")
    default: return nil
    }
  }

  // MARK: Thinking

  private func think(_ losses: inout LossReport) throws(TranslationError) -> JSONFragment? {
    if let think = extras.think { return think }
    guard let reasoning = request.reasoning else { return nil }
    let byBudget = reasoning.budgetTokens.map { Reasoning.Effort(budgetTokens: $0) }
    guard let effort = reasoning.effort ?? byBudget else {
      return target.traits.thinks && reasoning.includesThoughts == true ? JSONFragment(true) : nil
    }
    guard target.traits.thinks else {
      // Ollama refuses `think` for models that it does not know to think.
      if effort != .none {
        let parameter: Parameter =
          reasoning.effort == nil ? .reasoningBudget : .reasoningEffort
        try RequestCheck.drop(parameter, "the model does not think", for: target, &losses)
      }
      return nil
    }
    guard target.traits.thinksByLevel else { return JSONFragment(effort != .none) }
    switch effort {
    case .low: return JSONFragment(literal: #""low""#)
    case .medium: return JSONFragment(literal: #""medium""#)
    case .high: return JSONFragment(literal: #""high""#)
    case .none, .minimal:
      losses.approximated(Parameter.reasoningEffort.rawValue, "the model's least is low")
      return JSONFragment(literal: #""low""#)
    case .xhigh, .max:
      losses.approximated(Parameter.reasoningEffort.rawValue, "the model's most is high")
      return JSONFragment(literal: #""high""#)
    }
  }

  // MARK: Options

  private mutating func writeOptions() {
    var options = JSONBuilder()
    options.object { json in
      json.member("num_predict", request.maximumOutputTokens)
      json.member("temperature", request.sampling.temperature)
      json.member("top_p", request.sampling.topP)
      json.member("top_k", request.sampling.topK)
      json.member("seed", request.sampling.seed)
      json.member("frequency_penalty", request.sampling.frequencyPenalty)
      json.member("presence_penalty", request.sampling.presencePenalty)
      json.texts("stop", request.stopSequences)
      if !extras.hasOption("num_ctx") { json.member("num_ctx", integer: target.contextTokens) }
      for other in extras.options {
        json.key(text: other.name)
        json.raw(other.value)
      }
    }
    let isEmpty = options.bytes.count == 2
    if !isEmpty { json.member("options", JSONFragment(validated: options.bytes[...])) }
  }
}
