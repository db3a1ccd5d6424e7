// SPDX-License-Identifier: MIT

internal import ControlPlane

/// A `/v1/responses` request, read and checked as the real API does.
struct ResponsesRequest {
  private(set) var request = AnswerRequest()
  /// What the response repeats of the request.
  let body: JSONValue

  private static let roles: Set<String> = ["assistant", "developer", "system", "user"]
  private static let tokensMinimum: Int64 = 16

  /// - Parameter earlier: what was said up to an earlier response; nil for none of that id.
  init(
    _ body: JSONValue, earlier: (String) -> [AnswerRequest.Message]? = { _ in nil }
  ) throws(ProviderError) {
    self.body = body
    var fields = FieldReader(body)
    request.model = fields.requiredString("model") ?? ""
    request.isStream = fields.boolean("stream") ?? false
    request.tokensMaximum = fields.integer(
      "max_output_tokens", in: Self.tokensMinimum...Int64(Int32.max)
    ).map { Int($0) }
    for (name, range) in [("temperature", 0.0...2.0), ("top_p", 0.0...1.0)] {
      if let value = fields.number(name), !range.contains(value) {
        fields.refuse(name, "must be from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    if let instructions = fields.string("instructions") {
      request.messages.append(.init(role: "developer", text: instructions))
    }
    if let problem = fields.problems.first { throw ProviderError(problem) }
    if let previous = fields.string("previous_response_id") {
      guard let messages = earlier(previous) else {
        throw .invalidRequest(
          "Previous response with id '\(previous)' not found.", parameter: "previous_response_id",
          code: "previous_response_not_found")
      }
      request.messages = messages + request.messages
    }
    try readTools(body)
    try readFormat(body["text"]?["format"])
    let reasoning = body["reasoning"]
    request.wantsReasoning = (reasoning?["summary"] ?? .null) != .null
    try readInput(body["input"])
  }

  // MARK: Input

  private mutating func readInput(_ input: JSONValue?) throws(ProviderError) {
    guard let input, !input.isNull else {
      throw .invalidRequest(
        "Missing required parameter: 'input'.", parameter: "input",
        code: "missing_required_parameter")
    }
    if let text = input.stringValue {
      request.messages.append(.init(role: "user", text: text))
      return
    }
    guard let items = input.arrayValue else {
      throw Self.invalid("input", "expected a string or an array of items")
    }
    var open: [String] = []
    for (index, item) in items.enumerated() { try read(item, "input[\(index)]", &open) }
    if let call = open.first {
      throw .invalidRequest("No tool output found for function call \(call).", parameter: "input")
    }
  }

  private static func invalid(_ path: String, _ message: String) -> ProviderError {
    .invalidRequest(
      "Invalid value for '\(path)': \(message).", parameter: path, code: "invalid_value")
  }

  /// - Parameter open: identifiers of calls that have no output so far.
  private mutating func read(
    _ item: JSONValue, _ path: String, _ open: inout [String]
  ) throws(ProviderError) {
    switch item["type"]?.stringValue ?? "message" {
    case "message": try readMessage(item, path)
    case "function_call", "custom_tool_call":
      guard let identifier = item["call_id"]?.stringValue, let name = item["name"]?.stringValue
      else { throw Self.invalid(path, "call_id and name are required") }
      let arguments = (item["arguments"] ?? item["input"])?.stringValue
      guard let arguments else { throw Self.invalid(path + ".arguments", "expected a string") }
      open.append(identifier)
      request.messages.append(
        .init(role: "assistant", text: "", toolCallText: name + arguments))
    case "function_call_output", "custom_tool_call_output":
      let identifier = item["call_id"]?.stringValue ?? ""
      guard let place = open.firstIndex(of: identifier) else {
        throw .invalidRequest(
          "No tool call found for function call output with call_id \(identifier).",
          parameter: "input")
      }
      open.remove(at: place)
      let output = item["output"]
      let text =
        output?.stringValue
        ?? (output?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
      request.messages.append(.init(role: "tool", text: text))
    case "reasoning":
      guard item["id"]?.stringValue?.hasPrefix("rs_") == true else {
        throw Self.invalid(path + ".id", "expected an ID that begins with 'rs'")
      }
      let summary = (item["summary"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }
      request.messages.append(
        .init(role: "assistant", text: "", toolCallText: summary.joined()))
    case "item_reference": break
    case let type: throw Self.invalid(path + ".type", "'\(type)' is not known")
    }
  }

  private mutating func readMessage(_ item: JSONValue, _ path: String) throws(ProviderError) {
    let role = item["role"]?.stringValue ?? ""
    guard Self.roles.contains(role) else {
      throw Self.invalid(path + ".role", "'\(role)' is no role")
    }
    var message = AnswerRequest.Message(role: role, text: "")
    if let text = item["content"]?.stringValue {
      message.text = text
    } else if let parts = item["content"]?.arrayValue {
      // What a model said is output; everything else is input.
      let own = role == "assistant" ? ["output_text", "refusal"] : ["input_text"]
      for (index, part) in parts.enumerated() {
        let type = part["type"]?.stringValue ?? ""
        if own.contains(type) {
          message.text += (part["text"] ?? part["refusal"])?.stringValue ?? ""
        } else if role != "assistant", ["input_image", "input_file", "input_audio"].contains(type) {
          message.imageCount += 1
        } else {
          throw Self.invalid(
            "\(path).content[\(index)]",
            "'\(type)'. Supported values are: " + own.map { "'\($0)'" }.joined(separator: " and "))
        }
      }
    } else {
      throw Self.invalid(path + ".content", "expected a string or an array of parts")
    }
    request.messages.append(message)
  }

  // MARK: Tools and format

  private mutating func readTools(_ body: JSONValue) throws(ProviderError) {
    for (index, tool) in (body["tools"]?.arrayValue ?? []).enumerated() {
      let type = tool["type"]?.stringValue ?? ""
      guard type == "function" || type == "custom" else { continue }
      guard let name = tool["name"]?.stringValue else {
        throw .invalidRequest(
          "Missing required parameter: 'tools[\(index)].name'.",
          parameter: "tools[\(index)].name", code: "missing_required_parameter")
      }
      request.tools.append(
        AnswerRequest.Tool(
          isCustom: type == "custom", name: name, parameters: tool["parameters"] ?? .null,
          definitionText: tool.text))
    }
    request.callsToolsInParallel = body["parallel_tool_calls"] != false
    guard let choice = body["tool_choice"], !choice.isNull else { return }
    switch choice.stringValue {
    case "auto": return
    case "none": request.toolChoice = .none
    case "required": request.toolChoice = .required
    case .some(let other): throw Self.invalid("tool_choice", "'\(other)' is no tool choice")
    case nil: try readToolChoice(choice)
    }
  }

  private mutating func readToolChoice(_ choice: JSONValue) throws(ProviderError) {
    if choice["type"] == "allowed_tools" {
      let allowed = (choice["tools"]?.arrayValue ?? []).compactMap { $0["name"]?.stringValue }
      request.tools.removeAll { !allowed.contains($0.name) }
      request.toolChoice = choice["mode"] == "required" ? .required : .automatic
      return
    }
    let name = choice["name"]?.stringValue ?? ""
    guard request.tools.contains(where: { $0.name == name }) else {
      throw .invalidRequest(
        "Tool choice '\(name)' not found in 'tools' parameter.", parameter: "tool_choice")
    }
    request.toolChoice = .named(name)
  }

  private mutating func readFormat(_ format: JSONValue?) throws(ProviderError) {
    switch format?["type"]?.stringValue {
    case nil, "text": break
    case "json_object": request.responseFormat = .jsonObject
    case "json_schema":
      guard let schema = format?["schema"], format?["name"]?.stringValue != nil else {
        throw .invalidRequest(
          "Missing required parameter: 'text.format.schema'.", parameter: "text.format.schema",
          code: "missing_required_parameter")
      }
      try OpenAIHabits.checkRoot(
        schema, name: format?["name"], parameter: "text.format.schema")
      request.responseFormat = .jsonSchema(schema)
    case .some(let type): throw Self.invalid("text.format.type", "'\(type)' is not known")
    }
  }
}
