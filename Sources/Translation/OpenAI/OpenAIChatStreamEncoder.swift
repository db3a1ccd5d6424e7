// SPDX-License-Identifier: MIT

internal import JSON

/// Writes `chat.completion.chunk` events and `[DONE]`.
struct OpenAIChatStreamEncoder: StreamEncoder {
  private let context: AnswerContext
  /// Every chunk up to the value of `index` in its only choice.
  private var opening: [UInt8] = []
  /// Up to the value of `choices`.
  private var head: [UInt8] = []
  /// A chunk with text in the first choice, which nearly all are: what stands before the text and
  /// what behind it.
  private var textOpening: [UInt8] = []
  private var textClosing: [UInt8] = []
  /// The usual choice, and the only one of most streams, is known without a look into the set.
  private var hasFirstRole = false
  private var hasRole: Set<Int> = []
  private var usage: Usage?
  /// By choice; empty where the model does not think.
  private var thoughts: [Int: OpenAIStreamedThoughts] = [:]

  init(_ context: AnswerContext) {
    self.context = context
    begin(id: nil, model: nil)
  }

  private mutating func begin(id: JSONText?, model: JSONText?) {
    var json = JSONBuilder(Array("data: ".utf8))
    json.beginObject()
    json.member("id", id ?? OpenAIChatResponseWriter.fallbackID(context))
    json.member("object", literal: "chat.completion.chunk")
    json.member("created", integer: context.createdSeconds)
    json.member("model", model ?? context.model)
    json.key("choices")
    head = json.finish()
    opening = head + "[{\"index\":".utf8
    textOpening = opening + "0,\"delta\":{\"content\":\"".utf8
    var closing = Array("\"},\"logprobs\":null".utf8)
    close("null", &closing)
    textClosing = closing
  }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    switch event {
    case .start(let id, let model):
      if id != nil || model != nil { begin(id: id, model: model) }
      appendRole(0, to: &output)
    case .text(0, let text):
      if !hasFirstRole { appendRole(0, to: &output) }
      output += textOpening
      output += text.escaped
      output += textClosing
    case .text(let choice, let text): delta(choice, "{\"content\":\"", text, &output)
    case .refusal(let choice, let text): delta(choice, "{\"refusal\":\"", text, &output)
    case .reasoning(let choice, let text):
      thoughts[choice, default: .init()].append(text)
      delta(choice, "{\"reasoning_content\":\"", text, &output)
    case .reasoningSignature(let choice, let signature):
      thought(choice, &output) { $0.close(signature: signature) }
    case .encryptedReasoning(let choice, let data):
      thought(choice, &output) { $0.close(encrypted: data) }
    case .toolCallStart(let choice, let index, let id, let name, let signature):
      toolCall(choice, index, id, name, signature, &output)
    case .toolCallArguments(let choice, let index, let text):
      arguments(choice, index, text, &output)
    case .logProbabilities(let choice, let value):
      open(choice, &output)
      output += ",\"delta\":{},\"logprobs\":".utf8
      output += value.bytes
      close("null", &output)
    case .finish(let choice, let reason, let native, _): finish(choice, reason, native, &output)
    case .usage(let usage): self.usage = usage
    case .end: end(&output)
    case .failure: break
    }
  }

  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    var json = JSONBuilder(output + "data: ".utf8)
    OpenAIChatClient.append(error, to: &json)
    output = json.finish()
    output += "\n\n".utf8
  }

  // MARK: Chunks

  private mutating func open(_ choice: Int, _ output: inout [UInt8]) {
    let isBegun = choice == 0 ? hasFirstRole : hasRole.contains(choice)
    if !isBegun { appendRole(choice, to: &output) }
    output += opening
    output += String(choice).utf8
  }

  private func close(_ finishReason: StaticString, _ output: inout [UInt8]) {
    output += ",\"finish_reason\":".utf8
    append(finishReason, &output)
    closeAfterFinish(&output)
  }

  private func closeAfterFinish(_ output: inout [UInt8]) {
    output += context.wantsStreamUsage ? "}],\"usage\":null}\n\n".utf8 : "}]}\n\n".utf8
  }

  private mutating func appendRole(_ choice: Int, to output: inout [UInt8]) {
    guard hasRole.insert(choice).inserted else { return }
    hasFirstRole = hasFirstRole || choice == 0
    output += opening
    output += String(choice).utf8
    output += ",\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null".utf8
    close("null", &output)
  }

  private mutating func delta(
    _ choice: Int, _ start: StaticString, _ text: JSONText, _ output: inout [UInt8]
  ) {
    open(choice, &output)
    output += ",\"delta\":".utf8
    append(start, &output)
    output += text.escaped
    output += "\"},\"logprobs\":null".utf8
    close("null", &output)
  }

  /// SDKs merge the entries of a delta's array by `index`, and the texts within by joining them: a
  /// block that comes whole is whole in the message that they make of the stream.
  private mutating func thought(
    _ choice: Int, _ output: inout [UInt8],
    _ finish: (inout OpenAIStreamedThoughts) -> (index: Int, block: ReasoningBlock)
  ) {
    let (index, block) = finish(&thoughts[choice, default: .init()])
    open(choice, &output)
    output += ",\"delta\":".utf8
    var json = JSONBuilder()
    json.object {
      $0.array("thinking_blocks") {
        OpenAIChatResponseWriter.append(block, index: index, to: &$0)
      }
    }
    output += json.finish()
    output += ",\"logprobs\":null".utf8
    close("null", &output)
  }

  private mutating func toolCall(
    _ choice: Int, _ index: Int, _ id: JSONText, _ name: JSONText, _ signature: JSONText?,
    _ output: inout [UInt8]
  ) {
    if !thoughts.isEmpty { thoughts[choice]?.forget() }
    guard context.form != .functionCall else {
      return functionCall(choice, index, name, &output)
    }
    open(choice, &output)
    output += ",\"delta\":".utf8
    var json = JSONBuilder()
    json.object {
      $0.array("tool_calls") {
        $0.object {
          $0.member("index", integer: Int64(index))
          let call = ToolCall(id: id, name: name, arguments: .empty, signature: signature)
          OpenAIChatResponseWriter.append(call, to: &$0)
        }
      }
    }
    output += json.finish()
    output += ",\"logprobs\":null".utf8
    close("null", &output)
  }

  /// The older form has one call, the first.
  private mutating func functionCall(
    _ choice: Int, _ index: Int, _ name: JSONText, _ output: inout [UInt8]
  ) {
    guard index == 0 else { return }
    open(choice, &output)
    output += ",\"delta\":{\"function_call\":{\"name\":\"".utf8
    output += name.escaped
    output += "\",\"arguments\":\"\"}},\"logprobs\":null".utf8
    close("null", &output)
  }

  private mutating func arguments(
    _ choice: Int, _ index: Int, _ text: JSONText, _ output: inout [UInt8]
  ) {
    if context.form == .functionCall {
      guard index == 0 else { return }
      open(choice, &output)
      output += ",\"delta\":{\"function_call\":{\"arguments\":\"".utf8
      output += text.escaped
      output += "\"}},\"logprobs\":null".utf8
      return close("null", &output)
    }
    open(choice, &output)
    output += ",\"delta\":{\"tool_calls\":[{\"index\":".utf8
    output += String(index).utf8
    output += ",\"function\":{\"arguments\":\"".utf8
    output += text.escaped
    output += "\"}}]},\"logprobs\":null".utf8
    close("null", &output)
  }

  private mutating func finish(
    _ choice: Int, _ reason: FinishReason, _ native: JSONText?, _ output: inout [UInt8]
  ) {
    open(choice, &output)
    output += ",\"delta\":{},\"logprobs\":null,\"finish_reason\":\"".utf8
    append(reason.openAI(context.form), &output)
    output += "\"".utf8
    if let native {
      output += ",\"native_finish_reason\":\"".utf8
      output += native.escaped
      output += "\"".utf8
    }
    closeAfterFinish(&output)
  }

  private func end(_ output: inout [UInt8]) {
    if context.wantsStreamUsage, let usage {
      var json = JSONBuilder()
      json.beginObject()
      usage.appendOpenAI(to: &json)
      output += head
      output += "[],".utf8
      output += json.finish().dropFirst()
      output += "}\n\n".utf8
    }
    output += "data: [DONE]\n\n".utf8
  }

  private func append(_ text: StaticString, _ output: inout [UInt8]) {
    unsafe output.append(
      contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
  }
}
