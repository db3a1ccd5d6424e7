// SPDX-License-Identifier: MIT

internal import JSON

/// Writes one request of the Responses API.
struct ResponsesRequestWriter {
  let request: ChatRequest
  let target: UpstreamModel
  private(set) var losses: LossReport
  private var json = JSONBuilder()

  init(_ request: ChatRequest, to target: UpstreamModel, losses: LossReport) {
    self.request = request
    self.target = target
    self.losses = losses
  }

  mutating func write() throws(TranslationError) -> [UInt8] {
    json.beginObject()
    json.member("model", string: target.name)
    json.key("input")
    json.beginArray()
    for message in request.messages {
      for item in Self.items(message) { try write(item, message.role) }
    }
    json.endArray()
    writeParameters()
    ResponsesTools.append(request, to: &json)
    writeText()
    writeReasoning()
    json.member("store", bool: false)
    if request.wantsStream { json.member("stream", bool: true) }
    for other in request.others where !isWritten(other.name) {
      json.key(text: other.name)
      json.raw(other.value)
    }
    json.endObject()
    let bytes = json.bytes
    return bytes
  }

  /// `verbosity` belongs into `text`; what the gateway itself says stands before.
  private func isWritten(_ name: JSONText) -> Bool {
    name.equals("verbosity") || name.equals("store") || name.escaped.starts(with: "include.".utf8)
  }

  /// OpenAI's least for `max_output_tokens` ("Create a model response", OpenAI API reference),
  /// of which other APIs' clients do not know: some ask for one token to see whether a model is
  /// there.
  static let outputTokensMinimum: Int64 = 16

  private mutating func writeParameters() {
    if let given = request.maximumOutputTokens?.integer, given > 0,
      given < Self.outputTokensMinimum
    {
      losses.approximated(
        Parameter.maximumOutputTokens.rawValue, "\(Self.outputTokensMinimum) is the least")
      json.member("max_output_tokens", integer: Self.outputTokensMinimum)
    } else {
      json.member("max_output_tokens", request.maximumOutputTokens)
    }
    json.member("temperature", request.sampling.temperature)
    json.member("top_p", request.sampling.topP)
    json.member("top_logprobs", request.topLogProbabilities)
    json.member("user", request.user)
    json.member("service_tier", request.serviceTier)
    let isReasoning = target.traits.isOpenAIReasoning
    let wantsLogProbabilities = request.wantsLogProbabilities == true
    guard isReasoning || wantsLogProbabilities else { return }
    json.array("include") { json in
      if isReasoning { json.string(literal: "reasoning.encrypted_content") }
      if wantsLogProbabilities { json.string(literal: "message.output_text.logprobs") }
    }
  }

  private mutating func writeText() {
    let verbosity = request.others.last { $0.name.equals("verbosity") }?.value
    let output = request.output
    if case .text = output, verbosity == nil { return }
    json.object("text") { json in
      switch output {
      case .text: break
      case .jsonObject: json.object("format") { $0.member("type", literal: "json_object") }
      case .jsonSchema(let format):
        json.object("format") { json in
          json.member("type", literal: "json_schema")
          json.member("name", format.name ?? "answer")
          json.member("description", format.description)
          json.member("schema", format.schema)
          json.member("strict", bool: format.isStrict)
        }
      }
      json.member("verbosity", verbosity)
    }
  }

  private mutating func writeReasoning() {
    guard let reasoning = request.reasoning else { return }
    let wantsSummary = reasoning.includesThoughts == true
    guard reasoning.effort != nil || wantsSummary else { return }
    json.object("reasoning") { json in
      json.member("effort", string: reasoning.effort?.rawValue)
      if wantsSummary { json.member("summary", literal: "auto") }
    }
  }

  // MARK: Items

  /// Blocks that make one item: texts and media go into one message.
  private static func items(_ message: Message) -> [[Block]] {
    var items: [[Block]] = []
    var isMessage = false
    for block in message.blocks {
      switch block.content {
      case .toolCall, .toolResult, .reasoning:
        items.append([block])
        isMessage = false
      case .text, .image, .audio, .file, .refusal:
        if isMessage { items[items.count - 1].append(block) } else { items.append([block]) }
        isMessage = true
      }
    }
    return items
  }

  private mutating func write(_ item: [Block], _ role: Role) throws(TranslationError) {
    switch item.first?.content {
    case .toolCall(let call):
      json.object { json in
        json.member("type", literal: "function_call")
        json.member("call_id", call.id)
        json.member("name", call.name)
        json.member("arguments", call.arguments.isBlank ? "{}" : call.arguments)
      }
    case .toolResult(let result): try write(result)
    case .reasoning(let reasoning): write(reasoning)
    default:
      json.beginObject()
      json.member("type", literal: "message")
      switch role {
      case .system: json.member("role", literal: "system")
      case .user: json.member("role", literal: "user")
      case .assistant: json.member("role", literal: "assistant")
      }
      json.key("content")
      try writeParts(item, isOutput: role == .assistant)
      json.endObject()
    }
  }

  private mutating func write(_ result: ToolResult) throws(TranslationError) {
    json.beginObject()
    json.member("type", literal: "function_call_output")
    json.member("call_id", result.id)
    json.key("output")
    if result.blocks.isEmpty {
      json.string(literal: "")
    } else if result.blocks.count == 1, case .text(let text) = result.blocks[0].content {
      json.string(text)
    } else {
      try writeParts(result.blocks, isOutput: false)
    }
    json.endObject()
  }

  /// Only OpenAI reads what it has encrypted itself.
  private mutating func write(_ reasoning: ReasoningBlock) {
    guard let own = reasoning.encrypted.flatMap(ResponsesReasoning.openAI) else {
      return losses.dropped(Parameter.reasoningReplay.rawValue, "thoughts that are not OpenAI's")
    }
    json.object { json in
      json.member("type", literal: "reasoning")
      json.member("id", own.id)
      json.array("summary") { json in
        guard !reasoning.text.isEmpty else { return }
        json.object { ResponsesItem.appendSummary(reasoning.text, to: &$0) }
      }
      json.member("encrypted_content", own.content)
    }
  }

  private mutating func writeParts(
    _ blocks: [Block], isOutput: Bool
  ) throws(TranslationError) {
    json.beginArray()
    for block in blocks {
      switch block.content {
      case .text(let text):
        json.object { json in
          json.member("type", literal: isOutput ? "output_text" : "input_text")
          json.member("text", text)
        }
      case .refusal(let text):
        json.object { json in
          json.member("type", literal: "refusal")
          json.member("refusal", text)
        }
      case .image(let media): write(image: media)
      case .file(let media): write(file: media)
      case .audio, .toolCall, .toolResult, .reasoning:
        throw RequestCheck.refusal("messages.content", "there is nothing for it in this place")
      }
    }
    json.endArray()
  }

  private mutating func write(image media: Media) {
    json.object { json in
      json.member("type", literal: "input_image")
      json.member("image_url", media.dataURL)
      if case .file(let id) = media.source { json.member("file_id", id) }
      json.member("detail", media.detail ?? "auto")
    }
  }

  private mutating func write(file media: Media) {
    json.object { json in
      json.member("type", literal: "input_file")
      json.member("filename", media.name)
      switch media.source {
      case .base64: json.member("file_data", media.dataURL)
      case .url(let address): json.member("file_url", address)
      case .file(let id): json.member("file_id", id)
      }
    }
  }
}
