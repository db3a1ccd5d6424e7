// SPDX-License-Identifier: MIT

internal import ControlPlane

/// A `generateContent` request, read and checked as the real service does.
struct GeminiRequest {
  /// What the path says of the request.
  struct Form {
    var model: GeminiModel
    var isVertex = false
    var isStream = false
  }

  private(set) var request = AnswerRequest()
  private let form: Form

  private static let members: Set<String> = [
    "cachedContent", "contents", "generationConfig", "labels", "model", "safetySettings",
    "serviceTier", "store", "systemInstruction", "toolConfig", "tools",
  ]
  private static let configurationMembers: Set<String> = [
    "audioTimestamp", "candidateCount", "enableAffectiveDialog", "enableEnhancedCivicAnswers",
    "frequencyPenalty", "imageConfig", "logprobs", "maxOutputTokens", "mediaResolution",
    "presencePenalty", "responseFormat", "responseJsonSchema", "responseLogprobs",
    "responseMimeType", "responseModalities", "responseSchema", "routingConfig", "seed",
    "speechConfig", "stopSequences", "temperature", "thinkingConfig", "topK", "topP",
  ]
  private static let stopsMaximum = 5

  init(_ body: JSONValue, form: Form) throws(ProviderError) {
    self.form = form
    let fields = try ProtoFields(body, path: "", known: Self.members)
    request.model = form.model.name
    request.isStream = form.isStream
    if let system = fields["systemInstruction"] { try readSystem(system) }
    try readConfiguration(fields["generationConfig"])
    request.tools = try GeminiTools.read(fields["tools"], isVertex: form.isVertex)
    try readToolConfiguration(fields["toolConfig"])
    request.messages += try GeminiContents(fields["contents"], form: form).messages
  }

  private mutating func readSystem(_ system: JSONValue) throws(ProviderError) {
    if let text = system.stringValue {
      throw .invalidRequest(
        "Invalid value at 'system_instruction' (type.googleapis.com/google.ai.generativelanguage."
          + "v1beta.Content), \"\(text)\"")
    }
    let fields = try ProtoFields(system, path: "system_instruction", known: ["parts", "role"])
    let parts = fields["parts"]?.arrayValue ?? (fields["parts"].map { [$0] } ?? [])
    var text = ""
    for (index, part) in parts.enumerated() {
      let read = try GeminiContents.part(part, "system_instruction.parts[\(index)]")
      text += read["text"]?.stringValue ?? ""
    }
    request.messages.append(.init(role: "system", text: text))
  }

  // MARK: Generation

  private mutating func readConfiguration(_ given: JSONValue?) throws(ProviderError) {
    guard let given else { return }
    let fields = try ProtoFields(
      given, path: "generation_config", known: Self.configurationMembers)
    _ = try fields.number("temperature", in: 0...2)
    _ = try fields.number("topP", in: 0...1)
    _ = try fields.number("topK", in: 0...1_000)
    _ = try fields.number("presencePenalty", in: -2...2)
    _ = try fields.number("frequencyPenalty", in: -2...2)
    if let seed = try fields.number(
      "seed", in: Double(Int32.min)...Double(Int32.max), type: "TYPE_INT32")
    {
      request.seed = Int64(seed)
    }
    if let count = try fields.number("candidateCount", in: 1...8, type: "TYPE_INT32") {
      request.choiceCount = Int(count)
    }
    if let limit = try fields.number(
      "maxOutputTokens", in: 1...Double(Int32.max), type: "TYPE_INT32")
    {
      request.tokensMaximum = Int(limit)
    }
    request.stops = (fields["stopSequences"]?.arrayValue ?? []).compactMap(\.stringValue)
    if request.stops.count > Self.stopsMaximum {
      throw .invalidRequest(
        "* GenerateContentRequest.generation_config.stop_sequences: at most 5 stop sequences")
    }
    try readFormat(fields)
    try readThinking(fields["thinkingConfig"])
  }

  private mutating func readFormat(_ fields: ProtoFields) throws(ProviderError) {
    let type = fields["responseMimeType"]?.stringValue ?? "text/plain"
    guard ["text/plain", "application/json", "text/x.enum"].contains(type) else {
      throw .invalidRequest(
        "* GenerateContentRequest.generation_config.response_mime_type: allowed mimetypes are "
          + "`text/plain`, `application/json`, `application/xml`, `application/yaml` and "
          + "`text/x.enum`.\n")
    }
    let classic = fields["responseSchema"]
    if let classic {
      try GeminiTools.check(
        schema: classic, "generation_config.response_schema", isVertex: form.isVertex)
    }
    let schema = classic ?? fields["responseJsonSchema"]
    if schema != nil, type == "text/plain" {
      throw .invalidRequest(
        "* GenerateContentRequest.generation_config.response_schema: only allowed when "
          + "response_mime_type is `application/json` or `text/x.enum`\n")
    }
    if type == "application/json" {
      request.responseFormat = schema.map { .jsonSchema(GeminiTools.plain($0)) } ?? .jsonObject
    } else if type == "text/x.enum" {
      request.responseFormat = try Self.word(schema)
    }
  }

  private static func word(
    _ schema: JSONValue?
  ) throws(ProviderError) -> AnswerRequest.ResponseFormat {
    guard let word = schema?["enum"]?.arrayValue?.first?.stringValue else {
      throw .invalidRequest(
        "* GenerateContentRequest.generation_config.response_schema: an enum is required when "
          + "response_mime_type is `text/x.enum`\n")
    }
    return .word(word)
  }

  private mutating func readThinking(_ given: JSONValue?) throws(ProviderError) {
    guard let given else { return }
    let fields = try ProtoFields(
      given, path: "generation_config.thinking_config",
      known: ["includeThoughts", "thinkingBudget", "thinkingLevel"])
    let budget = try fields.number("thinkingBudget", in: -1...65_536, type: "TYPE_INT32")
    if let level = fields["thinkingLevel"]?.stringValue {
      if budget != nil {
        throw .invalidRequest("You can only set only one of thinking budget and thinking level.")
      }
      if !form.model.hasLevels {
        throw .invalidRequest("Thinking level is not supported for this model.")
      }
      if !["minimal", "low", "medium", "high", "xhigh"].contains(level.lowercased()) {
        throw .invalidRequest(
          "Invalid value at '\(fields.place("thinkingLevel"))' (type.googleapis.com/google.ai."
            + "generativelanguage.v1beta.ThinkingConfig.ThinkingLevel), \"\(level)\"")
      }
    }
    request.wantsReasoning = fields["includeThoughts"] == true && budget != 0
  }

  // MARK: Tools

  private mutating func readToolConfiguration(_ given: JSONValue?) throws(ProviderError) {
    guard let given else { return }
    let fields = try ProtoFields(
      given, path: "tool_config",
      known: ["functionCallingConfig", "includeServerSideToolInvocations", "retrievalConfig"])
    guard let calling = fields["functionCallingConfig"] else { return }
    let config = try ProtoFields(
      calling, path: "tool_config.function_calling_config",
      known: ["allowedFunctionNames", "mode", "streamFunctionCallArguments"])
    if request.tools.isEmpty {
      throw .invalidRequest("Function calling config is set without function_declarations.")
    }
    let allowed = (config["allowedFunctionNames"]?.arrayValue ?? []).compactMap(\.stringValue)
    switch config["mode"]?.stringValue?.uppercased() {
    case nil, "AUTO", "MODE_UNSPECIFIED": break
    case "NONE": request.toolChoice = .none
    case "ANY", "VALIDATED":
      request.toolChoice = config["mode"] == "VALIDATED" ? .automatic : .required
      if !allowed.isEmpty {
        if let unknown = allowed.first(where: { name in
          !request.tools.contains { $0.name == name }
        }) {
          throw .invalidRequest(
            "allowed_function_names should be a subset of function_declarations: \(unknown)")
        }
        request.tools.removeAll { !allowed.contains($0.name) }
      }
      return
    case .some(let mode):
      throw .invalidRequest(
        "Invalid value at 'tool_config.function_calling_config.mode' (type.googleapis.com/google."
          + "ai.generativelanguage.v1beta.FunctionCallingConfig.Mode), \"\(mode)\"")
    }
    if !allowed.isEmpty {
      throw .invalidRequest(
        "Allowed function names can only be set when the function calling mode is ANY.")
    }
  }
}

/// What a model of Google's does, by its name.
struct GeminiModel {
  let name: String

  /// Gemini 3 and later.
  private var isThird: Bool {
    guard name.hasPrefix("gemini-"), let digit = name.dropFirst(7).first?.wholeNumberValue else {
      return false
    }
    return digit >= 3
  }

  /// Calls must come back with their thought signatures.
  var requiresSignatures: Bool { isThird }
  /// Thinking has levels, and not only a budget.
  var hasLevels: Bool { isThird }
  /// Calls have identifiers of their own.
  var namesCalls: Bool { isThird }
}
