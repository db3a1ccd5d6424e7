// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The `contents` of a request, held to what the real service demands of turns, of function calls
/// and their responses, and of thought signatures.
struct GeminiContents {
  private struct Content {
    var role: String
    var parts: [ProtoFields]

    func count(_ name: String) -> Int { parts.count { $0[name] != nil } }
  }

  /// The conversation in the terms that all wires share.
  private(set) var messages: [AnswerRequest.Message] = []
  private var contents: [Content] = []

  private static let partNames: Set<String> = [
    "codeExecutionResult", "executableCode", "fileData", "functionCall", "functionResponse",
    "inlineData", "mediaResolution", "partMetadata", "text", "thought", "thoughtSignature",
    "videoMetadata",
  ]
  private static let dataNames = [
    "codeExecutionResult", "executableCode", "fileData", "functionCall", "functionResponse",
    "inlineData", "text",
  ]

  init(_ value: JSONValue?, form: GeminiRequest.Form) throws(ProviderError) {
    guard let elements = value?.arrayValue, !elements.isEmpty else {
      throw .invalidRequest(
        "* GenerateContentRequest.contents: contents is not specified\n")
    }
    for (index, element) in elements.enumerated() { try add(element, "contents[\(index)]", form) }
    try checkOrder()
    try checkSignatures(form)
    for content in contents { note(content) }
  }

  // MARK: Reading

  private mutating func add(
    _ element: JSONValue, _ path: String, _ form: GeminiRequest.Form
  ) throws(ProviderError) {
    let fields = try ProtoFields(element, path: path, known: ["parts", "role"])
    // Vertex AI takes no turn without one.
    let role = fields["role"]?.stringValue ?? (form.isVertex ? "" : "user")
    guard ["user", "model", "function"].contains(role) else {
      throw .invalidRequest("Please use a valid role: user, model.")
    }
    let parts = fields["parts"]?.arrayValue ?? (fields["parts"].map { [$0] } ?? [])
    if parts.isEmpty {
      throw .invalidRequest(
        "* GenerateContentRequest.\(path).parts: contents.parts must not be empty.\n")
    }
    var read: [ProtoFields] = []
    for (index, part) in parts.enumerated() {
      read.append(try Self.part(part, "\(path).parts[\(index)]"))
    }
    // Google's SDK sends the end of a stream back as a turn of its own.
    if role == "model", read.allSatisfy(Self.isNothing) { return }
    contents.append(Content(role: role, parts: read))
  }

  private static func isNothing(_ part: ProtoFields) -> Bool {
    part["text"]?.stringValue?.isEmpty == true && part["thoughtSignature"] == nil
  }

  static func part(_ value: JSONValue, _ path: String) throws(ProviderError) -> ProtoFields {
    let part = try ProtoFields(value, path: path, known: partNames)
    let given = dataNames.filter { part[$0] != nil }
    if given.isEmpty {
      throw .invalidRequest(
        "* GenerateContentRequest.\(path).data: required oneof field 'data' must have one "
          + "initialized field")
    }
    if given.count > 1 {
      throw .invalidRequest(
        "Invalid value at '\(path)' (oneof), oneof field 'data' is already set. Cannot set "
          + "'\(ProtoFields.camelCase(given[1]))'")
    }
    if let response = part["functionResponse"] { try check(response: response, part) }
    if let call = part["functionCall"] {
      let fields = try ProtoFields(
        call, path: part.place("functionCall"),
        known: ["args", "id", "name", "partialArgs", "willContinue"])
      try checkName(fields)
      try checkStruct(fields, "args", isRequired: false)
    }
    if let data = part["inlineData"] {
      let fields = try ProtoFields(
        data, path: part.place("inlineData"), known: ["data", "displayName", "mimeType"])
      if fields["mimeType"] == nil {
        throw .invalidRequest(
          "Unable to process input image. Please retry or report in "
            + "https://developers.generativeai.google/guide/troubleshooting")
      }
    }
    return part
  }

  private static func check(
    response: JSONValue, _ part: ProtoFields
  ) throws(ProviderError) {
    let fields = try ProtoFields(
      response, path: part.place("functionResponse"),
      known: ["id", "name", "parts", "response", "scheduling", "willContinue"])
    try checkName(fields)
    try checkStruct(fields, "response", isRequired: true)
  }

  private static func checkName(_ fields: ProtoFields) throws(ProviderError) {
    if fields["name"]?.stringValue?.isEmpty ?? true {
      throw .invalidRequest(
        "* GenerateContentRequest.\(fields.path).name: Name cannot be empty.\n")
    }
  }

  private static func checkStruct(
    _ fields: ProtoFields, _ name: String, isRequired: Bool
  ) throws(ProviderError) {
    guard let value = fields[name] else {
      if !isRequired { return }
      throw .invalidRequest(
        "* GenerateContentRequest.\(fields.place(name)): required field is missing\n")
    }
    if value.objectMembers == nil {
      throw .invalidRequest(
        "Invalid value at '\(fields.place(name))' (type.googleapis.com/google.protobuf.Struct), "
          + value.text)
    }
  }

  // MARK: Function calls

  private func checkOrder() throws(ProviderError) {
    for (index, content) in contents.enumerated() {
      let calls = content.count("functionCall")
      let responses = content.count("functionResponse")
      if calls > 0, index == 0 || contents[index - 1].role == "model" {
        throw .invalidRequest(
          "Please ensure that function call turn comes immediately after a user turn or after a "
            + "function response turn.")
      }
      if responses > 0 {
        let called = index == 0 ? 0 : contents[index - 1].count("functionCall")
        if called == 0 {
          throw .invalidRequest(
            "Please ensure that function response turn comes immediately after a function call "
              + "turn.")
        }
        if called != responses {
          throw .invalidRequest(
            "Please ensure that the number of function response parts is equal to the number of "
              + "function call parts of the function call turn.")
        }
      } else if index > 0, contents[index - 1].count("functionCall") > 0 {
        throw .invalidRequest(
          "Please ensure that function response turn comes immediately after a function call turn.")
      }
    }
    if let last = contents.last, last.count("functionCall") > 0 {
      throw .invalidRequest(
        "Please ensure that function call turn comes immediately after a user turn or after a "
          + "function response turn.")
    }
  }

  // MARK: Thought signatures

  /// Within the current turn, which began with the last words of the user, the first call of each
  /// step has its signature; and whatever signature is there is one.
  private func checkSignatures(_ form: GeminiRequest.Form) throws(ProviderError) {
    for content in contents {
      for part in content.parts {
        guard let signature = part["thoughtSignature"] else { continue }
        if !ThoughtSignature.isValid(signature.stringValue ?? "") {
          throw .invalidRequest("Thought signature is not valid.")
        }
      }
    }
    guard form.model.requiresSignatures else { return }
    let start =
      contents.lastIndex { $0.role == "user" && $0.count("functionResponse") == 0 } ?? 0
    for (index, content) in contents.enumerated() where index > start && content.role == "model" {
      guard let first = content.parts.first(where: { $0["functionCall"] != nil }),
        first["thoughtSignature"] == nil
      else { continue }
      let name = first["functionCall"]?["name"]?.stringValue ?? ""
      throw .invalidRequest(Self.missingSignature(name, position: index + 1, form))
    }
  }

  private static func missingSignature(
    _ name: String, position: Int, _ form: GeminiRequest.Form
  ) -> String {
    if form.isVertex {
      return "Unable to submit request because function call `\(name)` in the \(position). content "
        + "block is missing a `thought_signature`. Learn more: "
        + "https://docs.cloud.google.com/vertex-ai/generative-ai/docs/thought-signatures"
    }
    return "Function call is missing a thought_signature in functionCall parts. This is required "
      + "for tools to work correctly, and missing thought_signature may lead to degraded model "
      + "performance. Additional data, function call `default_api:\(name)` , position \(position). "
      + "Please refer to https://ai.google.dev/gemini-api/docs/thought-signatures for more details."
  }

  // MARK: What the answer is made from

  private mutating func note(_ content: Content) {
    var message = AnswerRequest.Message(
      role: content.role == "model" ? "assistant" : "user", text: "")
    var isResponse = false
    for part in content.parts {
      if let response = part["functionResponse"] {
        isResponse = true
        messages.append(.init(role: "tool", text: Self.text(response["response"] ?? .null)))
      } else if let call = part["functionCall"] {
        message.toolCallText += call["name"]?.stringValue ?? ""
        message.toolCallText += call["args"]?.text ?? ""
      } else if part["inlineData"] != nil || part["fileData"] != nil {
        message.imageCount += 1
      } else if part["thought"] != true {
        message.text += part["text"]?.stringValue ?? ""
      }
    }
    if !isResponse || !message.text.isEmpty { messages.append(message) }
  }

  /// The words of a function's response: those of its one member, or all of it as JSON.
  private static func text(_ response: JSONValue) -> String {
    guard let members = response.objectMembers, members.count == 1,
      let text = members[0].value.stringValue
    else { return response.text }
    return text
  }
}
