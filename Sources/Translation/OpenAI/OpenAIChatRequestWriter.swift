// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a chat completion request.
struct OpenAIChatRequestWriter {
  private let request: ChatRequest
  private let target: UpstreamModel
  private let quirks: OpenAIQuirks
  private var json = JSONBuilder()

  init(_ request: ChatRequest, _ target: UpstreamModel, _ quirks: OpenAIQuirks) {
    self.request = request
    self.target = target
    self.quirks = quirks
  }

  consuming func write() -> [UInt8] {
    json.beginObject()
    json.member("model", string: target.name)
    json.key("messages")
    json.beginArray()
    writeSchemaInstruction()
    for message in request.messages { write(message) }
    json.endArray()
    OpenAITools.append(request, to: &json)
    writeOutput()
    writeScalars()
    for other in request.others {
      json.key(text: other.name)
      json.raw(other.value)
    }
    json.endObject()
    return json.finish()
  }

  // MARK: Scalars

  private mutating func writeScalars() {
    let isNewName = quirks.namesCompletionTokens || target.traits.isOpenAIReasoning
    json.member(
      isNewName ? "max_completion_tokens" : "max_tokens", request.maximumOutputTokens)
    json.member("temperature", request.sampling.temperature)
    json.member("top_p", request.sampling.topP)
    json.member("top_k", request.sampling.topK)
    json.member("seed", request.sampling.seed)
    json.member("frequency_penalty", request.sampling.frequencyPenalty)
    json.member("presence_penalty", request.sampling.presencePenalty)
    json.member("logit_bias", request.sampling.logitBias)
    json.member("logprobs", bool: request.wantsLogProbabilities)
    json.member("top_logprobs", request.topLogProbabilities)
    json.member("n", integer: request.choiceCount.map(Int64.init))
    json.member("user", request.user)
    json.member("service_tier", request.serviceTier)
    writeReasoning()
    if !request.stopSequences.isEmpty {
      json.array("stop") { json in
        for text in request.stopSequences { json.string(text) }
      }
    }
    guard request.wantsStream else { return }
    json.member("stream", bool: true)
    // Always asked for: the gateway accounts by it.
    json.object("stream_options") { $0.member("include_usage", bool: true) }
  }

  private mutating func writeReasoning() {
    guard let reasoning = request.reasoning else { return }
    let isOff = reasoning.effort == Reasoning.Effort.none
    if quirks.switchesThinking, reasoning.effort != nil || reasoning.includesThoughts == true {
      json.object("thinking") { $0.member("type", literal: isOff ? "disabled" : "enabled") }
      if isOff { return }
    }
    json.member("reasoning_effort", string: reasoning.effort?.rawValue)
  }

  private mutating func writeOutput() {
    switch request.output {
    case .text: break
    case .jsonObject: json.object("response_format") { $0.member("type", literal: "json_object") }
    case .jsonSchema where quirks.describesSchema:
      json.object("response_format") { $0.member("type", literal: "json_object") }
    case .jsonSchema(let format):
      json.object("response_format") {
        $0.member("type", literal: "json_schema")
        $0.object("json_schema") {
          $0.member("name", format.name ?? "answer")
          $0.member("description", format.description)
          $0.member("schema", format.schema)
          $0.member("strict", bool: format.isStrict)
        }
      }
    }
  }

  private mutating func writeSchemaInstruction() {
    guard quirks.describesSchema, case .jsonSchema(let format) = request.output else { return }
    var text = Array("Answer with one JSON object that matches this JSON schema, and ".utf8)
    text += "nothing else: ".utf8
    text += format.schema.bytes
    json.object {
      $0.member("role", literal: "system")
      $0.member("content", string: String(decoding: text, as: UTF8.self))
    }
  }

  // MARK: Messages

  private mutating func write(_ message: Message) {
    switch message.role {
    case .system:
      let role: StaticString = target.traits.isOpenAIReasoning ? "developer" : "system"
      writeTurn(role, message.blocks, message.name)
    case .assistant: writeAssistant(message)
    case .user: writeUser(message)
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
      let text = Self.joined(result.blocks, separator: "\n")
      json.object {
        $0.member("role", literal: "tool")
        $0.member("tool_call_id", result.id)
        $0.member("content", text)
      }
      rest += result.blocks.filter { if case .text = $0.content { false } else { true } }
    }
    guard !rest.isEmpty || message.blocks.isEmpty else { return }
    writeTurn("user", rest, message.name)
  }

  private mutating func writeTurn(_ role: StaticString, _ blocks: [Block], _ name: JSONText?) {
    json.beginObject()
    json.member("role", literal: role)
    json.member("name", name)
    if blocks.count == 1, case .text(let text) = blocks[0].content {
      json.member("content", text)
    } else if quirks.wantsPlainContent {
      json.member("content", Self.joined(blocks, separator: "\n"))
    } else {
      json.key("content")
      json.beginArray()
      for block in blocks { writePart(block) }
      json.endArray()
    }
    json.endObject()
  }

  private mutating func writePart(_ block: Block) {
    switch block.content {
    case .text(let text):
      json.object {
        $0.member("type", literal: "text")
        $0.member("text", text)
      }
    case .image(let media):
      guard let url = media.dataURL else { return }
      json.object {
        $0.member("type", literal: "image_url")
        $0.object("image_url") {
          $0.member("url", url)
          $0.member("detail", media.detail)
        }
      }
    case .audio(let media): writeAudio(media)
    case .file(let media): writeFile(media)
    case .toolCall, .toolResult, .reasoning, .refusal: break
    }
  }

  private mutating func writeAudio(_ media: Media) {
    guard case .base64(let data) = media.source, let format = OpenAIAudio.format(of: media)
    else { return }
    json.object {
      $0.member("type", literal: "input_audio")
      $0.object("input_audio") {
        $0.member("data", data)
        $0.member("format", literal: format)
      }
    }
  }

  private mutating func writeFile(_ media: Media) {
    json.object {
      $0.member("type", literal: "file")
      $0.object("file") {
        if case .file(let id) = media.source {
          $0.member("file_id", id)
        } else {
          $0.member("filename", media.name ?? "file")
          $0.member("file_data", media.dataURL)
        }
      }
    }
  }

  private mutating func writeAssistant(_ message: Message) {
    var texts: [Block] = []
    var calls: [ToolCall] = []
    var thoughts: [Block] = []
    var refusal: JSONText?
    for block in message.blocks {
      switch block.content {
      case .text: texts.append(block)
      case .toolCall(let call): calls.append(call)
      case .reasoning(let thought): thoughts.append(Block(.text(thought.text)))
      case .refusal(let said): refusal = said
      default: break
      }
    }
    json.beginObject()
    json.member("role", literal: "assistant")
    json.member("name", message.name)
    if texts.isEmpty && (!calls.isEmpty || refusal != nil) {
      json.nullMember("content")
    } else {
      json.member("content", Self.joined(texts, separator: ""))
    }
    json.member("refusal", refusal)
    // A model that can be switched asks for the thoughts behind its calls, be they empty.
    let isAskedFor = quirks.switchesThinking && !calls.isEmpty
    if quirks.replaysReasoning && (!thoughts.isEmpty || isAskedFor) {
      json.member("reasoning_content", Self.joined(thoughts, separator: ""))
    }
    if !calls.isEmpty {
      json.array("tool_calls") { json in
        for call in calls {
          // The signature is Google's, and no OpenAI server's.
          let plain = ToolCall(
            id: call.id, name: call.name,
            arguments: call.arguments.isEmpty ? "{}" : call.arguments)
          json.object { OpenAIChatResponseWriter.append(plain, to: &$0) }
        }
      }
    }
    if quirks.takesPrefix, message.isPrefix { json.member("prefix", bool: true) }
    json.endObject()
  }

  /// The texts among `blocks`.
  private static func joined(_ blocks: [Block], separator: String) -> JSONText {
    var bytes: [UInt8] = []
    var isFirst = true
    for block in blocks {
      guard case .text(let text) = block.content else { continue }
      if !isFirst { JSONText.escape(separator.utf8, into: &bytes) }
      isFirst = false
      bytes += text.escaped
    }
    return JSONText(escaped: bytes[...])
  }
}
