// SPDX-License-Identifier: MIT

internal import ControlPlane

/// A Messages request, read and checked as the real API does, first mistake first.
struct AnthropicRequest {
  /// Where the request came in.
  struct Form {
    var version = AnthropicVersion.classic
    /// `count_tokens` takes no limit of tokens.
    var isCount = false
    /// The model of the path, at the clouds that serve these models: the version is in the body
    /// then.
    var cloudModel: String?
    /// The cloud's own name of the classic version.
    var cloudVersion: String?
    /// The path decides whether it is a stream.
    var cloudIsStream = false
  }

  enum Thinking {
    case disabled
    /// Asked for, and shown.
    case shown
    /// Asked for; only the signature is sent.
    case omitted
  }

  private(set) var request = AnswerRequest()
  private(set) var thinking = Thinking.disabled
  /// Of manual thinking, which must be replayed before tool calls.
  private var thinkingBudget: Int64?

  /// What the API knows; anything else is refused.
  private static let members: Set<String> = [
    "billing_policy", "cache_control", "compaction", "container", "context_management",
    "diagnostics", "fallback_credit_token", "fallbacks", "inference_geo", "max_tokens",
    "mcp_servers", "messages", "metadata", "model", "output_config", "output_format",
    "service_tier", "speed", "stop_sequences", "stream", "system", "temperature", "thinking",
    "thread", "tool_choice", "tools", "top_k", "top_p",
  ]
  private static let budgetMinimum: Int64 = 1_024

  init(_ body: JSONValue, form: Form) throws(ProviderError) {
    guard let given = body.objectMembers else {
      throw .invalidRequest("Input should be a valid dictionary")
    }
    var fields = FieldReader(body)
    let version = try readModel(&fields, given, form)
    if body["max_tokens"] == nil, !form.isCount {
      throw .invalidRequest("max_tokens: Field required")
    }
    if let tokens = try integer(&fields, "max_tokens", minimum: 1) {
      request.tokensMaximum = Int(tokens)
    }
    try readSampling(&fields, body, version)
    if let problem = fields.problems.first { throw Self.refusal(problem) }
    try readThinking(body)
    try readTools(body)
    try readOutput(body)
    if let system = body["system"] { try readSystem(system) }
    guard let messages = body["messages"] else {
      throw .invalidRequest("messages: Field required")
    }
    let turns = try AnthropicTurns(
      messages, model: AnthropicModel(name: request.model), version: version,
      requiresThinking: thinkingBudget != nil)
    request.messages += turns.messages
    request.wantsReasoning = thinking != .disabled
  }

  private mutating func readModel(
    _ fields: inout FieldReader, _ given: [JSONValue.Member], _ form: Form
  ) throws(ProviderError) -> AnthropicVersion {
    var known = Self.members
    var version = form.version
    if let model = form.cloudModel {
      request.model = model
      if !form.isCount { known.remove("model") }
      known.formUnion(["anthropic_beta", "anthropic_version"])
      version = try Self.cloudVersion(fields.string("anthropic_version"), form)
    } else {
      guard let model = fields.string("model"), !model.isEmpty else {
        throw .invalidRequest("model: Field required")
      }
      request.model = model
    }
    if let unknown = given.first(where: { !known.contains($0.name) }) {
      throw .invalidRequest("\(unknown.name): Extra inputs are not permitted")
    }
    request.isStream = form.cloudIsStream || fields.boolean("stream") ?? false
    return version
  }

  private static func cloudVersion(
    _ given: String?, _ form: Form
  ) throws(ProviderError) -> AnthropicVersion {
    guard let given else { throw .invalidRequest("anthropic_version: Field required") }
    if given == form.cloudVersion { return .classic }
    if given == AnthropicVersion.current.rawValue { return .current }
    throw .invalidRequest("anthropic_version: Input should be '\(form.cloudVersion ?? "")'")
  }

  private mutating func readSampling(
    _ fields: inout FieldReader, _ body: JSONValue, _ version: AnthropicVersion
  ) throws(ProviderError) {
    for name in ["temperature", "top_p", "top_k"] where fields.contains(name) {
      if version == .current {
        throw .invalidRequest("\(name): Extra inputs are not permitted")
      }
      if AnthropicModel(name: request.model).decidesItself {
        throw .invalidRequest("`\(name)` is deprecated for this model.")
      }
    }
    for name in ["temperature", "top_p"] {
      guard let value = fields.number(name) else { continue }
      if value < 0 {
        throw .invalidRequest("\(name): Input should be greater than or equal to 0")
      }
      if value > 1 { throw .invalidRequest("\(name): range: 0..1") }
    }
    _ = try integer(&fields, "top_k", minimum: 0)
    for (index, stop) in (fields.strings("stop_sequences") ?? []).enumerated() {
      if stop.allSatisfy(\.isWhitespace) {
        throw .invalidRequest(
          "stop_sequences.\(index): each stop sequence must contain non-whitespace")
      }
      request.stops.append(stop)
    }
    request.user = body["metadata"]?["user_id"]?.stringValue ?? ""
  }

  private func integer(
    _ fields: inout FieldReader, _ name: String, minimum: Int64
  ) throws(ProviderError) -> Int64? {
    guard let value = fields.integer(name) else { return nil }
    if value < minimum {
      throw .invalidRequest("\(name): Input should be greater than or equal to \(minimum)")
    }
    return value
  }

  private static func refusal(_ problem: FieldProblem) -> ProviderError {
    let words =
      problem.message.hasPrefix("expected")
      ? "Input should be a valid \(problem.message.split(separator: " ")[2].dropLast())"
      : problem.message
    return .invalidRequest("\(problem.path): \(words)")
  }

  // MARK: Thinking

  private mutating func readThinking(_ body: JSONValue) throws(ProviderError) {
    guard let given = body["thinking"], !given.isNull else { return }
    switch given["type"]?.stringValue {
    case "disabled": return
    case "adaptive", "between_tools": break
    case "enabled":
      if AnthropicModel(name: request.model).decidesItself {
        throw .invalidRequest(
          "\"thinking.type.enabled\" is not supported for this model. Use "
            + "\"thinking.type.adaptive\" and \"output_config.effort\" to control thinking "
            + "behavior.")
      }
      guard let budget = given["budget_tokens"]?.integerValue else {
        throw .invalidRequest("thinking.enabled.budget_tokens: Field required")
      }
      if budget < Self.budgetMinimum {
        throw .invalidRequest(
          "thinking.enabled.budget_tokens: Input should be greater than or equal to 1024")
      }
      if let limit = request.tokensMaximum, budget >= Int64(limit) {
        throw .invalidRequest(
          "`max_tokens` must be greater than `thinking.budget_tokens`. Please consult our "
            + "documentation at https://docs.claude.com/en/docs/build-with-claude/extended-thinking"
        )
      }
      thinkingBudget = budget
    default:
      throw .invalidRequest(
        "thinking: Input tag found using 'type' does not match any of the expected tags: "
          + "'adaptive', 'between_tools', 'disabled', 'enabled'")
    }
    thinking = given["display"]?.stringValue == "omitted" ? .omitted : .shown
    if let temperature = body["temperature"]?.numberValue, temperature != 1 {
      throw .invalidRequest("`temperature` may only be set to 1 when thinking is enabled.")
    }
    if let number = body["top_k"], !number.isNull {
      throw .invalidRequest("`top_k` must be unset when thinking is enabled.")
    }
    if let choice = body["tool_choice"]?["type"]?.stringValue, choice == "any" || choice == "tool" {
      throw .invalidRequest("Thinking may not be enabled when tool_choice forces tool use.")
    }
  }

  // MARK: Tools and output

  private mutating func readTools(_ body: JSONValue) throws(ProviderError) {
    for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
      guard let name = tool["name"]?.stringValue else {
        throw .invalidRequest("tools.\(index).custom.name: Field required")
      }
      if !Self.isName(name, lengthMaximum: 128) {
        throw .invalidRequest(
          "tools.\(index).custom.name: String should match pattern '^[a-zA-Z0-9_-]{1,128}$'")
      }
      if request.tools.contains(where: { $0.name == name }) {
        throw .invalidRequest("tools: Tool names must be unique.")
      }
      let isOwn = (tool["type"]?.stringValue ?? "custom") == "custom"
      let schema = tool["input_schema"] ?? .null
      if isOwn {
        if schema.isNull {
          throw .invalidRequest("tools.\(index).custom.input_schema: Field required")
        }
        if schema["type"] != "object" {
          throw .invalidRequest(
            "tools.\(index).custom.input_schema.type: Input should be 'object'")
        }
      }
      request.tools.append(
        AnswerRequest.Tool(name: name, parameters: schema, definitionText: tool.text))
    }
    try readToolChoice(body)
  }

  private mutating func readToolChoice(_ body: JSONValue) throws(ProviderError) {
    guard let choice = body["tool_choice"], !choice.isNull else { return }
    if request.tools.isEmpty {
      throw .invalidRequest("tool_choice may only be specified while providing tools")
    }
    switch choice["type"]?.stringValue {
    case "auto": request.toolChoice = .automatic
    case "any": request.toolChoice = .required
    case "none": request.toolChoice = .none
    case "tool":
      let name = choice["name"]?.stringValue ?? ""
      if !request.tools.contains(where: { $0.name == name }) {
        throw .invalidRequest("Tool '\(name)' not found in provided tools")
      }
      request.toolChoice = .named(name)
    default:
      throw .invalidRequest(
        "tool_choice: Input tag found using 'type' does not match any of the expected tags: "
          + "'auto', 'any', 'tool', 'none'")
    }
    request.callsToolsInParallel = choice["disable_parallel_tool_use"] != true
  }

  private mutating func readOutput(_ body: JSONValue) throws(ProviderError) {
    guard let format = body["output_config"]?["format"] ?? body["output_format"], !format.isNull
    else { return }
    guard format["type"] == "json_schema", let schema = format["schema"] else {
      throw .invalidRequest("output_config.format.type: Input should be 'json_schema'")
    }
    request.responseFormat = .jsonSchema(schema)
  }

  private mutating func readSystem(_ system: JSONValue) throws(ProviderError) {
    if let text = system.stringValue {
      request.messages.append(.init(role: "system", text: text))
      return
    }
    guard let blocks = system.arrayValue else {
      throw .invalidRequest("system: Input should be a valid list")
    }
    for (index, block) in blocks.enumerated() {
      guard block["type"] == "text", let text = block["text"]?.stringValue else {
        throw .invalidRequest("system.\(index).type: Input should be 'text'")
      }
      if text.isEmpty { throw .invalidRequest("system: text content blocks must be non-empty") }
      request.messages.append(.init(role: "system", text: text))
    }
  }

  static func isName(_ text: String, lengthMaximum: Int) -> Bool {
    (1...lengthMaximum).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
          true
        default: false
        }
      }
  }
}
