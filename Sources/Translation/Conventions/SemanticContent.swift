// SPDX-License-Identifier: MIT

internal import JSON

/// What was asked, in the form of OpenTelemetry's semantic conventions for generative AI
/// (gen-ai-input-messages.json, gen-ai-system-instructions.json, gen-ai-tool-definitions.json),
/// whatever API it came by. For spans of whoever has turned the capture of content on.
public enum SemanticContent {
  /// `gen_ai.input.messages`: `[{"role": …, "parts": […]}]`. Results of tools are messages of their
  /// own, as in the conventions.
  public static func inputMessages(of request: ChatRequest) -> [UInt8] {
    var json = JSONBuilder()
    json.array { json in
      for message in request.messages.dropFirst(instructionCount(of: request)) {
        append(message, to: &json)
      }
    }
    return json.finish()
  }

  /// `gen_ai.system_instructions`: parts of what stands apart from the conversation; nil where the
  /// API has no such place, as OpenAI's chats, or nothing is there.
  public static func systemInstructions(of request: ChatRequest) -> [UInt8]? {
    let count = instructionCount(of: request)
    guard count > 0 else { return nil }
    var json = JSONBuilder()
    json.array { json in
      for message in request.messages.prefix(count) {
        for block in message.blocks { append(block, to: &json) }
      }
    }
    return json.finish()
  }

  /// `gen_ai.tool.definitions`; nil where there are none.
  public static func toolDefinitions(of request: ChatRequest) -> [UInt8]? {
    guard !request.tools.isEmpty else { return nil }
    var json = JSONBuilder()
    json.array { json in
      for tool in request.tools {
        json.object {
          $0.member("type", literal: "function")
          $0.member("name", tool.name)
          $0.member("description", tool.description)
          $0.member("parameters", tool.parameters)
        }
      }
    }
    return json.finish()
  }

  private static func instructionCount(of request: ChatRequest) -> Int {
    switch request.family {
    case .openAI, nil: return 0
    case .anthropic, .gemini, .bedrock, .responses:
      return request.messages.prefix { $0.role == .system }.count
    }
  }

  // MARK: Messages

  private static func append(_ message: Message, to json: inout JSONBuilder) {
    let results = message.blocks.filter(\.isToolResult)
    let rest = message.blocks.filter { !$0.isToolResult }
    if !results.isEmpty { append("tool", results, to: &json) }
    guard !rest.isEmpty || results.isEmpty else { return }
    switch message.role {
    case .system: append("system", rest, to: &json)
    case .user: append("user", rest, to: &json)
    case .assistant: append("assistant", rest, to: &json)
    }
  }

  private static func append(
    _ role: StaticString, _ blocks: [Block], to json: inout JSONBuilder
  ) {
    json.object { json in
      json.member("role", literal: role)
      json.array("parts") { json in
        for block in blocks { append(block, to: &json) }
      }
    }
  }

  /// Thoughts that only their provider can read are left out.
  private static func append(_ block: Block, to json: inout JSONBuilder) {
    switch block.content {
    case .text(let text), .refusal(let text): appendText(text, to: &json)
    case .reasoning(let thought):
      if !thought.text.isEmpty { appendReasoning(thought.text, to: &json) }
    case .image(let media): append(media, modality: "image", to: &json)
    case .audio(let media): append(media, modality: "audio", to: &json)
    case .file(let media):
      let isVideo = media.mediaType?.escaped.starts(with: "video/".utf8) ?? false
      append(media, modality: isVideo ? "video" : "document", to: &json)
    case .toolCall(let call): append(call, to: &json)
    case .toolResult(let result): append(result, to: &json)
    }
  }

  static func appendText(_ text: JSONText, to json: inout JSONBuilder) {
    json.object {
      $0.member("type", literal: "text")
      $0.member("content", text)
    }
  }

  static func appendReasoning(_ text: JSONText, to json: inout JSONBuilder) {
    json.object {
      $0.member("type", literal: "reasoning")
      $0.member("content", text)
    }
  }

  /// Arguments that are no JSON object stay a string.
  static func append(_ call: ToolCall, to json: inout JSONBuilder) {
    json.object {
      $0.member("type", literal: "tool_call")
      $0.member("id", call.id)
      $0.member("name", call.name)
      if let arguments = try? call.argumentsObject() {
        $0.member("arguments", arguments)
      } else {
        $0.member("arguments", call.arguments)
      }
    }
  }

  private static func append(_ result: ToolResult, to json: inout JSONBuilder) {
    json.object {
      $0.member("type", literal: "tool_call_response")
      $0.member("id", result.id)
      if result.blocks.count == 1, case .text(let text) = result.blocks[0].content {
        $0.member("response", text)
      } else {
        $0.array("response") { json in
          for block in result.blocks { append(block, to: &json) }
        }
      }
    }
  }

  private static func append(
    _ media: Media, modality: StaticString, to json: inout JSONBuilder
  ) {
    json.object {
      let (type, name, value): (StaticString, StaticString, JSONText) =
        switch media.source {
        case .base64(let data): ("blob", "content", data)
        case .url(let address): ("uri", "uri", address)
        case .file(let id): ("file", "file_id", id)
        }
      $0.member("type", literal: type)
      $0.member("modality", literal: modality)
      $0.member("mime_type", media.mediaType)
      $0.member(name, value)
    }
  }
}
