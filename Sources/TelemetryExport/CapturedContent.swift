// SPDX-License-Identifier: MIT

public import Bytes
internal import ControlPlane
public import Telemetry

/// What was asked and answered, from the wire's shape (OpenAI's chat API) to that of the semantic
/// conventions: `[{"role": …, "parts": [{"type": "text", "content": …}], "finish_reason": …}]`
/// (gen-ai-input-messages.json and gen-ai-output-messages.json of the conventions).
public enum CapturedContent {
  /// Nil where the document cannot be read.
  public static func rewrite(_ attribute: SpanAttribute, _ document: ByteView) -> String? {
    let bytes = (0..<document.count).map { document[$0] }
    switch attribute {
    case .inputMessages: return input(bytes)?.text
    case .outputMessages: return output(bytes)?.text
    case .toolDefinitions: return tools(bytes)?.text
    default: return nil
    }
  }

  // MARK: In

  /// `messages`, or the `prompt` of a text completion.
  private static func input(_ bytes: [UInt8]) -> JSONValue? {
    guard let value = try? JSONValue(parsing: bytes) else { return nil }
    switch value {
    case .string: return [message("user", content(value))]
    case .array(let elements):
      return .array(
        elements.map { element in
          element.stringValue != nil
            ? message("user", content(element)) : Self.message(of: element)
        })
    default: return nil
    }
  }

  private static func message(of wire: JSONValue) -> JSONValue {
    let role = wire["role"]?.stringValue ?? "user"
    var parts: [JSONValue] = []
    if role == "tool" {
      parts.append([
        "type": "tool_call_response", "id": wire["tool_call_id"] ?? .null,
        "response": wire["content"] ?? .null,
      ])
    } else {
      parts = reasoning(wire) + content(wire["content"] ?? .null)
    }
    parts += toolCalls(wire["tool_calls"])
    return message(role, parts)
  }

  private static func message(_ role: String, _ parts: [JSONValue]) -> JSONValue {
    ["role": .string(role), "parts": .array(parts)]
  }

  /// A text, or a list of parts.
  private static func content(_ value: JSONValue) -> [JSONValue] {
    switch value {
    case .string(let text): return [["type": "text", "content": .string(text)]]
    case .array(let parts): return parts.map(part)
    default: return []
    }
  }

  /// What is neither text nor a known kind of media is passed on as it is.
  private static func part(_ wire: JSONValue) -> JSONValue {
    if let text = wire["text"]?.stringValue ?? wire["refusal"]?.stringValue {
      return ["type": "text", "content": .string(text)]
    }
    if let address = wire["image_url"]?["url"]?.stringValue {
      return media(address, modality: "image")
    }
    if let sound = wire["input_audio"], let data = sound["data"] {
      let format = sound["format"]?.stringValue ?? "wav"
      return [
        "type": "blob", "modality": "audio", "mime_type": .string("audio/\(format)"),
        "content": data,
      ]
    }
    if let id = wire["file"]?["file_id"] {
      return ["type": "file", "modality": "document", "file_id": id]
    }
    if let data = wire["file"]?["file_data"]?.stringValue {
      return media(data, modality: "document")
    }
    return wire
  }

  /// Data within a `data:` address, or what stands at any other.
  private static func media(_ address: String, modality: String) -> JSONValue {
    let head = address.prefix { $0 != "," }
    guard head.hasPrefix("data:"), head.hasSuffix(";base64"), head.count < address.count else {
      return ["type": "uri", "modality": .string(modality), "uri": .string(address)]
    }
    return [
      "type": "blob", "modality": .string(modality),
      "mime_type": .string(String(head.dropFirst(5).prefix { $0 != ";" })),
      "content": .string(String(address.dropFirst(head.count + 1))),
    ]
  }

  /// Functions; a tool of another kind is passed on as it is.
  private static func tools(_ bytes: [UInt8]) -> JSONValue? {
    guard let tools = (try? JSONValue(parsing: bytes))?.arrayValue else { return nil }
    return .array(
      tools.map { tool in
        guard let function = tool["function"] else { return tool }
        var members: [JSONValue.Member] = [.init("type", "function")]
        for name in ["name", "description", "parameters"] {
          if let value = function[name] { members.append(.init(name, value)) }
        }
        return .object(members)
      })
  }

  private static func toolCalls(_ value: JSONValue?) -> [JSONValue] {
    (value?.arrayValue ?? []).map { call in
      [
        "type": "tool_call", "id": call["id"] ?? .null,
        "name": call["function"]?["name"] ?? .null,
        "arguments": arguments(call["function"]?["arguments"]?.stringValue ?? ""),
      ]
    }
  }

  /// JSON within a string on the wire; what is no JSON stays a string.
  private static func arguments(_ text: String) -> JSONValue {
    (try? JSONValue(parsing: Array(text.utf8))) ?? .string(text)
  }

  // MARK: Out

  /// A whole answer, or the events of a stream with a line feed after each.
  private static func output(_ bytes: [UInt8]) -> JSONValue? {
    if let whole = try? JSONValue(parsing: bytes), let choices = whole["choices"]?.arrayValue,
      !choices.contains(where: { $0["delta"] != nil })
    {
      return .array(choices.map(answer))
    }
    var choices: [StreamedChoice] = []
    for line in bytes.split(separator: 0x0a) {
      guard let event = try? JSONValue(parsing: Array(line)) else { continue }
      for choice in event["choices"]?.arrayValue ?? [] {
        let index = Int(clamping: choice["index"]?.integerValue ?? 0)
        guard (0..<StreamedChoice.countMaximum).contains(index) else { continue }
        while choices.count <= index { choices.append(StreamedChoice()) }
        choices[index].add(choice)
      }
    }
    return choices.isEmpty ? nil : .array(choices.map(\.message))
  }

  private static func answer(_ choice: JSONValue) -> JSONValue {
    let wire = choice["message"] ?? ["content": choice["text"] ?? .null]
    var parts = reasoning(wire) + content(wire["content"] ?? .null)
    if let refusal = wire["refusal"]?.stringValue {
      parts.append(["type": "text", "content": .string(refusal)])
    }
    parts += toolCalls(wire["tool_calls"])
    return [
      "role": "assistant", "parts": .array(parts),
      "finish_reason": finishReason(choice["finish_reason"]),
    ]
  }

  /// Thoughts, by the names that servers give them.
  private static func reasoning(_ wire: JSONValue) -> [JSONValue] {
    guard let text = thought(of: wire), !text.isEmpty else { return [] }
    return [["type": "reasoning", "content": .string(text)]]
  }

  fileprivate static func thought(of wire: JSONValue?) -> String? {
    wire?["reasoning_content"]?.stringValue ?? wire?["reasoning"]?.stringValue
  }

  /// In the conventions a single call has its name.
  fileprivate static func finishReason(_ value: JSONValue?) -> JSONValue {
    switch value?.stringValue {
    case "tool_calls", "function_call": "tool_call"
    default: value ?? .null
    }
  }
}

/// One choice of a stream, put together from its deltas.
private struct StreamedChoice {
  static let countMaximum = 128

  private struct Call {
    var id = ""
    var name = ""
    var arguments = ""
  }

  private var thoughts = ""
  private var text = ""
  private var calls: [Call] = []
  private var finishReason: JSONValue = .null

  mutating func add(_ choice: JSONValue) {
    let delta = choice["delta"]
    thoughts += CapturedContent.thought(of: delta) ?? ""
    text += delta?["content"]?.stringValue ?? choice["text"]?.stringValue ?? ""
    text += delta?["refusal"]?.stringValue ?? ""
    if let reason = choice["finish_reason"], !reason.isNull {
      finishReason = CapturedContent.finishReason(reason)
    }
    for call in delta?["tool_calls"]?.arrayValue ?? [] {
      let index = Int(clamping: call["index"]?.integerValue ?? 0)
      guard (0..<Self.countMaximum).contains(index) else { continue }
      while calls.count <= index { calls.append(Call()) }
      calls[index].id += call["id"]?.stringValue ?? ""
      calls[index].name += call["function"]?["name"]?.stringValue ?? ""
      calls[index].arguments += call["function"]?["arguments"]?.stringValue ?? ""
    }
  }

  var message: JSONValue {
    var parts: [JSONValue] = []
    if !thoughts.isEmpty { parts.append(["type": "reasoning", "content": .string(thoughts)]) }
    if !text.isEmpty { parts.append(["type": "text", "content": .string(text)]) }
    parts += calls.map { call in
      [
        "type": "tool_call", "id": .string(call.id), "name": .string(call.name),
        "arguments": (try? JSONValue(parsing: Array(call.arguments.utf8)))
          ?? .string(call.arguments),
      ]
    }
    return ["role": "assistant", "parts": .array(parts), "finish_reason": finishReason]
  }
}
