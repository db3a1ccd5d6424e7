// SPDX-License-Identifier: MIT

public import JSON

/// Clients of OpenAI's older completions (OpenAI API reference, "Completions") before providers of
/// chat: the prompt becomes a user's message, the answer's text the completion.
public enum CompletionsClient: ClientWire {
  public static let name: StaticString = "completions"
  public static let streamContentType: StaticString = "text/event-stream"

  /// Tokens of an answer where the request does not say.
  private static let maximumTokensDefault: Int64 = 16

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var reader = OpenAIChatRequestReader()
    var others: [OtherParameter] = []
    for member in body.members where member.value.kind != .null {
      switch member.name.plain {
      case "prompt":
        reader.add(Message(.user, [Block(.text(try prompt(member.value)))]))
      case "echo" where member.value.bool == false: break
      case "best_of" where member.value.integer == 1: break
      case "suffix" where member.value.equals(""): break
      case "model", "max_tokens", "stop", "n", "user", "stream", "stream_options", "temperature",
        "top_p", "seed", "frequency_penalty", "presence_penalty", "logit_bias":
        try reader.read(member.name, member.value)
      default: others.append(OtherParameter(name: member.name, value: member.value.fragment))
      }
    }
    guard body["prompt"] != nil else { throw .invalid("prompt", "is missing") }
    var request = try reader.finish()
    request.family = nil
    request.others = others
    if request.maximumOutputTokens == nil {
      request.maximumOutputTokens = JSONFragment(maximumTokensDefault)
    }
    return request
  }

  /// - Throws: for tokens, whose model is not known, and for several prompts at once.
  private static func prompt(_ node: JSONNode) throws(TranslationError) -> JSONText {
    if let text = node.text { return text }
    let elements = Array(node.elements)
    if elements.count == 1, let text = elements[0].text { return text }
    guard node.isArray else { throw .invalid("prompt", "must be a string") }
    if elements.contains(where: { $0.text == nil }) {
      throw RequestCheck.refusal("prompt", "it takes text, no tokens")
    }
    throw RequestCheck.refusal("prompt", "it takes one prompt a request")
  }

  // MARK: Answers

  public static func writeResponse(
    _ response: ChatResponse, _ context: AnswerContext
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      let id = response.id.isEmpty ? nil : response.id
      let model = response.model.isEmpty ? nil : response.model
      appendHead(id, model, context, &json)
      json.array("choices") { json in
        for (index, choice) in response.choices.enumerated() {
          let text = choice.blocks.reduce(into: ArraySlice<UInt8>()) { text, block in
            switch block.content {
            case .text(let piece), .refusal(let piece): text += piece.escaped
            default: break
            }
          }
          append(index, JSONText(escaped: text), choice.finish, &json)
        }
      }
      response.usage?.appendOpenAI(to: &json)
    }
    return json.finish()
  }

  public static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8] {
    OpenAIChatClient.writeError(error, context)
  }

  public static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder {
    CompletionsStreamEncoder(context)
  }

  static func appendHead(
    _ id: JSONText?, _ model: JSONText?, _ context: AnswerContext, _ json: inout JSONBuilder
  ) {
    json.member("id", id ?? JSONText("cmpl-\(context.requestID)"))
    json.member("object", literal: "text_completion")
    json.member("created", integer: context.createdSeconds)
    json.member("model", model ?? context.model)
  }

  static func append(
    _ index: Int, _ text: JSONText, _ finish: FinishReason?, _ json: inout JSONBuilder
  ) {
    json.object { json in
      json.member("text", text)
      json.member("index", integer: Int64(index))
      json.nullMember("logprobs")
      switch finish {
      case nil: json.nullMember("finish_reason")
      case .stop, .toolCalls: json.member("finish_reason", literal: "stop")
      case .length: json.member("finish_reason", literal: "length")
      case .contentFilter: json.member("finish_reason", literal: "content_filter")
      }
    }
  }
}

/// Writes `text_completion` events and `[DONE]`.
struct CompletionsStreamEncoder: StreamEncoder {
  private let context: AnswerContext
  private var id: JSONText?
  private var model: JSONText?
  private var usage: Usage?

  init(_ context: AnswerContext) { self.context = context }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    switch event {
    case .start(let id, let model):
      self.id = id
      self.model = model
    case .text(let choice, let text), .refusal(let choice, let text):
      append(&output) { CompletionsClient.append(choice, text, nil, &$0) }
    case .finish(let choice, let reason, _, _):
      append(&output) { CompletionsClient.append(choice, .empty, reason, &$0) }
    case .usage(let usage): self.usage = usage
    case .end:
      if context.wantsStreamUsage, let usage { append(&output, usage) { _ in } }
      output += "data: [DONE]\n\n".utf8
    case .reasoning, .reasoningSignature, .encryptedReasoning, .toolCallStart, .toolCallArguments,
      .logProbabilities, .failure:
      break
    }
  }

  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    output += "data: ".utf8
    output += CompletionsClient.writeError(error, context)
    output += "\n\n".utf8
  }

  private func append(
    _ output: inout [UInt8], _ usage: Usage? = nil, _ choices: (inout JSONBuilder) -> Void
  ) {
    var json = JSONBuilder()
    json.object { json in
      CompletionsClient.appendHead(id, model, context, &json)
      json.array("choices", choices)
      usage?.appendOpenAI(to: &json)
    }
    output += "data: ".utf8
    output += json.finish()
    output += "\n\n".utf8
  }
}
