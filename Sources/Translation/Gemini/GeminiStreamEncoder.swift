// SPDX-License-Identifier: MIT

internal import JSON

/// Writes a stream of `GenerateContentResponse`s: as events, or as one JSON array for clients that
/// do not ask for `alt=sse`. Calls come whole there, so their arguments are gathered.
struct GeminiStreamEncoder: StreamEncoder {
  private let context: AnswerContext
  /// Behind the candidates of every response.
  private var tail: [UInt8] = []
  private var choices: [Choice] = []
  private var usage: Usage?
  private var hasBegun = false

  private struct Choice {
    var calls: [Call] = []
    var finish: (reason: FinishReason, native: JSONText?)?
    var brokenCall: JSONText?
  }

  private struct Call {
    var index: Int
    var id: JSONText
    var name: JSONText
    var signature: JSONText?
    var arguments: [UInt8] = []
  }

  init(_ context: AnswerContext) {
    self.context = context
    start(id: nil, model: nil)
  }

  mutating func encode(_ event: StreamEvent, into output: inout [UInt8]) {
    switch event {
    case .start(let id, let model): start(id: id, model: model)
    case .text(let choice, let text), .refusal(let choice, let text):
      flush(choice, isEnd: false, &output)
      part(choice, &output) { $0.object { $0.member("text", text) } }
    case .reasoning(let choice, let text):
      flush(choice, isEnd: false, &output)
      thought(choice, ReasoningBlock(text: text), &output)
    case .reasoningSignature(let choice, let signature):
      thought(choice, ReasoningBlock(text: .empty, signature: signature), &output)
    case .encryptedReasoning(let choice, let data):
      thought(choice, ReasoningBlock(text: .empty, encrypted: data), &output)
    case .toolCallStart(let choice, let index, let id, let name, let signature):
      note(choice)
      choices[choice].calls.append(
        Call(index: index, id: id, name: name, signature: signature))
    case .toolCallArguments(let choice, let index, let text):
      note(choice)
      guard let position = choices[choice].calls.firstIndex(where: { $0.index == index }) else {
        return
      }
      choices[choice].calls[position].arguments += text.escaped
    case .logProbabilities(let choice, let value):
      let result = GeminiLogProbabilities.gemini(value.parsed)
      response(&output) { json in
        json.object {
          $0.member("index", integer: Int64(choice))
          $0.member("logprobsResult", result)
        }
      }
    case .finish(let choice, let reason, let native, _):
      flush(choice, isEnd: true, &output)
      choices[choice].finish = (reason, native)
    case .usage(let usage): self.usage = usage
    case .end: end(&output)
    case .failure: break
    }
  }

  mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    open(&output)
    var json = JSONBuilder()
    GeminiClient.append(error, to: &json)
    output += json.finish()
    close(&output)
    if context.wantsJSONArray { output += "]".utf8 }
  }

  // MARK: Frames

  private mutating func start(id: JSONText?, model: JSONText?) {
    var json = JSONBuilder()
    json.object {
      $0.member("modelVersion", model ?? context.model)
      $0.member("responseId", id ?? JSONText(context.requestID))
    }
    tail = [0x2c] + json.finish().dropFirst()
  }

  private mutating func open(_ output: inout [UInt8]) {
    if !context.wantsJSONArray {
      output += "data: ".utf8
    } else {
      output += hasBegun ? ",\r\n".utf8 : "[".utf8
    }
    hasBegun = true
  }

  private func close(_ output: inout [UInt8]) {
    if !context.wantsJSONArray { output += "\r\n\r\n".utf8 }
  }

  /// A response with candidates, and the usage if it is the last.
  private mutating func response(
    usage: Usage? = nil, _ output: inout [UInt8], _ candidates: (inout JSONBuilder) -> Void
  ) {
    open(&output)
    var json = JSONBuilder()
    json.beginObject()
    json.array("candidates", candidates)
    if let usage { GeminiResponseWriter.append(usage, to: &json) }
    output += json.finish()
    output += tail
    close(&output)
  }

  private mutating func part(
    _ choice: Int, _ output: inout [UInt8], _ body: (inout JSONBuilder) -> Void
  ) {
    response(&output) { json in
      json.object { json in
        json.object("content") {
          $0.array("parts", body)
          $0.member("role", literal: "model")
        }
        json.member("index", integer: Int64(choice))
      }
    }
  }

  private mutating func thought(
    _ choice: Int, _ thought: ReasoningBlock, _ output: inout [UInt8]
  ) {
    part(choice, &output) { GeminiResponseWriter.append(thought, to: &$0) }
  }

  // MARK: Calls

  private mutating func note(_ choice: Int) {
    while choices.count <= choice { choices.append(Choice()) }
  }

  /// Gives the calls that are whole; at the end, those are broken that are not.
  private mutating func flush(_ choice: Int, isEnd: Bool, _ output: inout [UInt8]) {
    note(choice)
    guard !choices[choice].calls.isEmpty else { return }
    var rest: [Call] = []
    for call in choices[choice].calls {
      let arguments = JSONText(escaped: call.arguments[...])
      // Arguments may still come where there are none yet.
      let isWhole = isEnd || !call.arguments.isEmpty
      guard isWhole, isEnd || rest.isEmpty,
        GeminiResponseWriter.arguments(arguments) != nil
      else {
        rest.append(call)
        continue
      }
      let whole = ToolCall(
        id: call.id, name: call.name, arguments: arguments, signature: call.signature)
      part(choice, &output) { GeminiResponseWriter.append(whole, to: &$0) }
    }
    if isEnd { choices[choice].brokenCall = rest.first?.name }
    choices[choice].calls = isEnd ? [] : rest
  }

  // MARK: End

  private mutating func end(_ output: inout [UInt8]) {
    let choices = choices
    response(usage: usage, &output) { json in
      for (index, choice) in choices.enumerated() {
        guard let finish = choice.finish else { continue }
        json.object { json in
          json.object("content") {
            $0.array("parts") { $0.object { $0.member("text", .empty as JSONText) } }
            $0.member("role", literal: "model")
          }
          GeminiResponseWriter.appendFinish(
            finish.reason, native: finish.native, broken: choice.brokenCall, to: &json)
          json.member("index", integer: Int64(index))
        }
      }
    }
    if context.wantsJSONArray { output += "]".utf8 }
  }
}
