// SPDX-License-Identifier: MIT

internal import ControlPlane
internal import FoundationEssentials

/// A `/api/chat` request, read as Go's decoder reads it: unknown members are passed over, a member
/// of the wrong type is an error.
struct OllamaRequest {
  private(set) var request = AnswerRequest()

  private static let roles: Set<String> = ["assistant", "system", "tool", "user"]

  init(_ body: JSONValue, model: String) throws(ProviderError) {
    request.model = model
    if let stream = body["stream"], !stream.isNull {
      guard let value = stream.booleanValue else { throw Self.mismatch(stream, "stream", "bool") }
      request.isStream = value
    } else {
      request.isStream = true
    }
    try readOptions(body["options"])
    try readFormat(body["format"])
    if let think = body["think"], !think.isNull {
      request.wantsReasoning = think != false
    }
    for tool in body["tools"]?.arrayValue ?? [] {
      let function = tool["function"]
      request.tools.append(
        AnswerRequest.Tool(
          name: function?["name"]?.stringValue ?? "", parameters: function?["parameters"] ?? .null,
          definitionText: tool.text))
    }
    if let messages = body["messages"], !messages.isNull {
      guard let elements = messages.arrayValue else {
        throw Self.mismatch(messages, "messages", "[]api.Message")
      }
      for element in elements { try readMessage(element) }
    }
  }

  /// What Go says of a member whose type is another.
  private static func mismatch(
    _ value: JSONValue, _ name: String, _ type: String
  ) -> ProviderError {
    let kind =
      switch value {
      case .null: "null"
      case .boolean: "bool"
      case .integer, .number, .digits: "number"
      case .string: "string"
      case .array: "array"
      case .object: "object"
      }
    return .invalidRequest(
      "json: cannot unmarshal \(kind) into Go struct field ChatRequest.\(name) of type \(type)")
  }

  private mutating func readOptions(_ options: JSONValue?) throws(ProviderError) {
    guard let options, !options.isNull else { return }
    if let limit = options["num_predict"], !limit.isNull {
      guard let count = limit.integerValue else {
        throw .invalidRequest("option \"num_predict\" must be of type integer")
      }
      // Negative is without a limit.
      if count >= 0 { request.tokensMaximum = Int(count) }
    }
    for name in ["temperature", "top_p", "presence_penalty", "frequency_penalty"] {
      if let value = options[name], !value.isNull, value.numberValue == nil {
        throw .invalidRequest("option \"\(name)\" must be of type float32")
      }
    }
    if let stops = options["stop"], !stops.isNull {
      guard let texts = stops.arrayValue else {
        throw .invalidRequest("option \"stop\" must be of type array")
      }
      request.stops = texts.compactMap(\.stringValue).filter { !$0.isEmpty }
    }
    request.seed = options["seed"]?.integerValue ?? 0
  }

  private mutating func readFormat(_ format: JSONValue?) throws(ProviderError) {
    switch format {
    case nil, .null, "": break
    case "json": request.responseFormat = .jsonObject
    case .object: request.responseFormat = .jsonSchema(format ?? .null)
    case .some(let other):
      throw .invalidRequest(
        "invalid format: \(other.text); expected \"json\" or a valid JSON Schema object")
    }
  }

  private mutating func readMessage(_ element: JSONValue) throws(ProviderError) {
    let role = element["role"]?.stringValue ?? ""
    guard Self.roles.contains(role) else {
      throw .invalidRequest(
        "invalid role: \"\(role)\", must be one of [system, user, assistant, tool]")
    }
    var message = AnswerRequest.Message(role: role, text: "")
    if let content = element["content"], !content.isNull {
      guard let text = content.stringValue else {
        throw Self.mismatch(content, "messages.content", "string")
      }
      message.text = text
    }
    for image in element["images"]?.arrayValue ?? [] {
      guard let text = image.stringValue, Data(base64Encoded: text) != nil else {
        throw .invalidRequest("illegal base64 data at input byte 4")
      }
      message.imageCount += 1
    }
    for call in element["tool_calls"]?.arrayValue ?? [] {
      let arguments = call["function"]?["arguments"] ?? .object([])
      if arguments.objectMembers == nil {
        throw Self.mismatch(
          arguments, "messages.tool_calls.function.arguments", "api.ToolCallFunctionArguments")
      }
      message.toolCallText += call["function"]?["name"]?.stringValue ?? ""
      message.toolCallText += arguments.text
    }
    request.messages.append(message)
  }
}
