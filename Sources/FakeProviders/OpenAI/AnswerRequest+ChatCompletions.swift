// SPDX-License-Identifier: MIT

internal import ControlPlane

extension AnswerRequest {
  private static let roles: Set<String> = [
    "developer", "system", "user", "assistant", "tool", "function",
  ]

  /// Reads and checks a chat completions body as the real API does, first mistake first.
  init(chatCompletions body: JSONValue) throws(ProviderError) {
    var fields = FieldReader(body)
    model = fields.requiredString("model") ?? ""
    readSampling(&fields)
    readStream(&fields)
    readMessages(&fields)
    readTools(&fields)
    readResponseFormat(&fields)
    user = fields.string("user") ?? ""
    if let problem = fields.problems.first { throw ProviderError(problem) }
  }

  private mutating func readSampling(_ fields: inout FieldReader) {
    choiceCount = Int(fields.integer("n", in: 1...128) ?? 1)
    seed = fields.integer("seed") ?? 0
    let tokens = 1...Int64(Int32.max)
    let legacyMaximum = fields.integer("max_tokens", in: tokens)
    tokensMaximum = (fields.integer("max_completion_tokens", in: tokens) ?? legacyMaximum).map {
      Int($0)
    }
    for (name, range) in [
      ("temperature", 0.0...2.0), ("top_p", 0.0...1.0), ("frequency_penalty", -2.0...2.0),
      ("presence_penalty", -2.0...2.0),
    ] {
      if let value = fields.number(name), !range.contains(value) {
        fields.refuse(name, "must be from \(range.lowerBound) to \(range.upperBound)")
      }
    }
    givesLogprobs = fields.boolean("logprobs") ?? false
    topLogprobs = Int(fields.integer("top_logprobs", in: 0...20) ?? 0)
    if topLogprobs > 0, !givesLogprobs { fields.refuse("top_logprobs", "needs `logprobs`") }
    stops = Self.readStops(&fields)
  }

  /// `stop` is a string or up to four.
  static func readStops(_ fields: inout FieldReader) -> [String] {
    guard let stop = fields.value("stop") else { return [] }
    if let text = stop.stringValue { return [text] }
    let texts = fields.strings("stop") ?? []
    if texts.count > 4 { fields.refuse("stop", "must have at most 4 elements") }
    return texts.filter { !$0.isEmpty }
  }

  private mutating func readStream(_ fields: inout FieldReader) {
    isStream = fields.boolean("stream") ?? false
    includesUsage = Self.readIncludeUsage(&fields, isStream: isStream)
  }

  static func readIncludeUsage(_ fields: inout FieldReader, isStream: Bool) -> Bool {
    guard let options = fields.object("stream_options") else { return false }
    if !isStream {
      fields.refuse("stream_options", "is only allowed when `stream` is true")
    }
    var nested = FieldReader(options, path: "stream_options")
    let includesUsage = nested.boolean("include_usage") ?? false
    fields.adopt(nested.problems)
    return includesUsage
  }

  private mutating func readMessages(_ fields: inout FieldReader) {
    guard let elements = fields.array("messages") else {
      if fields.problems.isEmpty { fields.refuse("messages", "is required") }
      return
    }
    if elements.isEmpty { fields.refuse("messages", "must have at least 1 element") }
    for (index, element) in elements.enumerated() {
      var message = FieldReader(element, path: "messages[\(index)]")
      let role = message.requiredString("role") ?? ""
      if !role.isEmpty, !Self.roles.contains(role) {
        message.refuse("role", "`\(role)` is not a role")
      }
      var result = Message(role: role, text: "")
      Self.readContent(&message, index, into: &result)
      for call in message.array("tool_calls") ?? [] {
        for kind in ["function", "custom"] {
          for name in ["name", "arguments", "input"] {
            result.toolCallText += call[kind]?[name]?.stringValue ?? ""
          }
        }
      }
      fields.adopt(message.problems)
      messages.append(result)
    }
  }

  private static func readContent(
    _ message: inout FieldReader, _ index: Int, into result: inout Message
  ) {
    guard let content = message.value("content") else {
      if result.role == "user" || result.role == "system" {
        message.refuse("content", "is required")
      }
      return
    }
    if let text = content.stringValue {
      result.text = text
      return
    }
    guard case .array(let parts) = content else {
      message.refuse("content", "expected a string or an array, found \(content.kindName)")
      return
    }
    for (partIndex, part) in parts.enumerated() {
      var fields = FieldReader(part, path: "messages[\(index)].content[\(partIndex)]")
      switch fields.requiredString("type") {
      case "text": result.text += fields.requiredString("text") ?? ""
      case "refusal": result.text += fields.requiredString("refusal") ?? ""
      case "image_url": result.imageCount += 1
      case "input_audio", "file", nil: break
      case .some(let type): fields.refuse("type", "`\(type)` is not a type of content")
      }
      message.adopt(fields.problems)
    }
  }

  /// xAI's, which it calls itself.
  static let ownTool = "live_search"

  private mutating func readTools(_ fields: inout FieldReader) {
    callsToolsInParallel = fields.boolean("parallel_tool_calls") ?? true
    for (index, element) in (fields.array("tools") ?? []).enumerated() {
      var tool = FieldReader(element, path: "tools[\(index)]")
      let kind = tool.requiredString("type") ?? ""
      if kind == "function" || kind == "custom" {
        let definition = tool.object(kind) ?? .object([])
        var named = FieldReader(definition, path: "tools[\(index)].\(kind)")
        tools.append(
          Tool(
            isCustom: kind == "custom", name: named.requiredString("name") ?? "",
            parameters: named.object("parameters") ?? .null, definitionText: definition.text))
        tool.adopt(named.problems)
      } else if !kind.isEmpty, kind != Self.ownTool {
        tool.refuse("type", "`\(kind)` is not a type of tool")
      }
      fields.adopt(tool.problems)
    }
    readToolChoice(&fields)
  }

  private mutating func readToolChoice(_ fields: inout FieldReader) {
    guard let choice = fields.value("tool_choice") else { return }
    if tools.isEmpty { fields.refuse("tool_choice", "is only allowed when `tools` are given") }
    switch choice.stringValue {
    case "none": toolChoice = .none
    case "auto": toolChoice = .automatic
    case "required": toolChoice = .required
    case .some(let other): fields.refuse("tool_choice", "`\(other)` is not a tool choice")
    case nil: readToolChoiceObject(choice, &fields)
    }
  }

  private mutating func readToolChoiceObject(_ choice: JSONValue, _ fields: inout FieldReader) {
    var reader = FieldReader(choice, path: "tool_choice")
    let type = reader.requiredString("type") ?? ""
    if type == "allowed_tools" {
      let allowed = (choice[type]?["tools"]?.arrayValue ?? []).compactMap {
        ($0["function"] ?? $0["custom"])?["name"]?.stringValue
      }
      tools.removeAll { !allowed.contains($0.name) }
      toolChoice = choice[type]?["mode"]?.stringValue == "required" ? .required : .automatic
    } else if let name = choice[type]?["name"]?.stringValue {
      if !tools.contains(where: { $0.name == name }) {
        reader.refuse("\(type).name", "`\(name)` is not among the tools")
      }
      toolChoice = .named(name)
    } else if reader.problems.isEmpty {
      reader.refuse(type, "must name a tool")
    }
    fields.adopt(reader.problems)
  }

  private mutating func readResponseFormat(_ fields: inout FieldReader) {
    guard let format = fields.object("response_format") else { return }
    var reader = FieldReader(format, path: "response_format")
    switch reader.requiredString("type") {
    case "text", nil: break
    case "json_object":
      responseFormat = .jsonObject
      if !messages.contains(where: { $0.text.lowercased().contains("json") }) {
        fields.refuse("messages", "must contain the word 'json' to use a JSON response format")
      }
    case "json_schema":
      if let schema = reader.object("json_schema")?["schema"], schema.objectMembers != nil {
        responseFormat = .jsonSchema(schema)
      } else {
        reader.refuse("json_schema.schema", "is required")
      }
    case .some(let type): reader.refuse("type", "`\(type)` is not a response format")
    }
    fields.adopt(reader.problems)
  }
}
