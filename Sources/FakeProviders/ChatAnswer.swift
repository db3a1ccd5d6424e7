// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The whole answer to a chat request, before it is written as one body or as a stream.
struct ChatAnswer {
  struct ToolCall {
    var identifier: String
    var isCustom: Bool
    var name: String
    /// JSON text, or the free input of a custom tool.
    var arguments: String
    var tokenCount: Int { TokenEstimate.count(name) + TokenEstimate.count(arguments) }
  }

  struct Choice {
    var text: String?
    var toolCalls: [ToolCall] = []
    var finishReason: String
    var tokenCount: Int {
      toolCalls.reduce(text.map(TokenEstimate.count) ?? 0) { $0 + $1.tokenCount }
    }
  }

  var identifier: String
  var model: String
  var choices: [Choice]
  var promptTokens: Int
  var completionTokens: Int { choices.reduce(0) { $0 + $1.tokenCount } }

  init(_ request: ChatRequest, script: Script) {
    var hash = StableHash()
    hash.combine(request.model)
    hash.combine(request.seed)
    for message in request.messages {
      hash.combine(message.role)
      hash.combine(message.text)
    }
    identifier = "chatcmpl-" + hash.digits
    model = request.model
    promptTokens = request.promptTokens
    choices = (0..<request.choiceCount).map { index in
      var variant = hash
      variant.combine(Int64(index))
      return Self.choice(request, script, variant)
    }
  }

  private static func choice(
    _ request: ChatRequest, _ script: Script, _ hash: StableHash
  ) -> Choice {
    let called =
      script.answerText == nil && script.answerTokens == nil
      ? toolsToCall(request) : []
    var choice =
      called.isEmpty
      ? textChoice(request, script, hash.value) : toolChoice(request, called, hash)
    if let reason = script.finishReason { choice.finishReason = reason }
    return choice
  }

  // MARK: Words

  private static func textChoice(
    _ request: ChatRequest, _ script: Script, _ variant: UInt64
  ) -> Choice {
    let stopped = AnswerText.cut(words(request, script, variant), atFirstOf: request.stops)
    guard let limit = request.tokensMaximum else {
      return Choice(text: stopped, finishReason: "stop")
    }
    let (text, isCut) = TokenEstimate.prefix(stopped, limit)
    return Choice(text: text, finishReason: isCut ? "length" : "stop")
  }

  private static func words(
    _ request: ChatRequest, _ script: Script, _ variant: UInt64
  ) -> String {
    if let text = script.answerText { return text }
    if let count = script.answerTokens { return AnswerText.filler(tokens: count, variant: variant) }
    let prompt = request.lastUserText
    switch request.responseFormat {
    case .jsonObject:
      let reply = AnswerText.reply(to: prompt, model: request.model, variant: variant)
      return JSONValue.object([.init("answer", .string(reply))]).text
    case .jsonSchema(let schema):
      return SchemaSample.make(for: schema, words: prompt).text
    case .text: break
    }
    if let last = request.messages.last, last.role == "tool" || last.role == "function" {
      return "The tool answered: \(AnswerText.shortened(last.text))"
    }
    return AnswerText.reply(to: prompt, model: request.model, variant: variant)
  }

  // MARK: Tools

  /// The tools this answer calls: the named one, the first when one is required, else those that
  /// the last user message names, as long as their results are not there yet.
  private static func toolsToCall(_ request: ChatRequest) -> [ChatRequest.Tool] {
    switch request.toolChoice {
    case .none: return []
    case .named(let name): return request.tools.filter { $0.name == name }
    case .required, .automatic: break
    }
    let prompt = request.lastUserText.lowercased()
    let named =
      request.messages.last?.role == "user"
      ? request.tools.filter { isNamed($0.name.lowercased(), in: prompt) } : []
    let wanted =
      named.isEmpty && request.toolChoice == .required
      ? Array(request.tools.prefix(1)) : named
    return request.callsToolsInParallel ? wanted : Array(wanted.prefix(1))
  }

  private static func isNamed(_ tool: String, in prompt: String) -> Bool {
    if tool.isEmpty { return false }
    let spoken = String(tool.map { $0 == "_" || $0 == "-" ? " " : $0 })
    return prompt.contains(tool) || prompt.contains(spoken)
  }

  private static func toolChoice(
    _ request: ChatRequest, _ tools: [ChatRequest.Tool], _ hash: StableHash
  ) -> Choice {
    var budget = request.tokensMaximum ?? .max
    var calls: [ToolCall] = []
    var isCut = false
    for (index, tool) in tools.enumerated() {
      var own = hash
      own.combine(tool.name)
      own.combine(Int64(index))
      let prompt = request.lastUserText
      let arguments =
        tool.isCustom ? prompt : SchemaSample.make(for: tool.parameters, words: prompt).text
      var call = ToolCall(
        identifier: "call_" + own.digits, isCustom: tool.isCustom, name: tool.name,
        arguments: tool.parameters.isNull && !tool.isCustom ? "{}" : arguments)
      budget -= TokenEstimate.count(call.name)
      if budget < 0 {
        isCut = true
        break
      }
      (call.arguments, isCut) = TokenEstimate.prefix(call.arguments, budget)
      budget -= TokenEstimate.count(call.arguments)
      calls.append(call)
      if isCut { break }
    }
    return Choice(text: nil, toolCalls: calls, finishReason: isCut ? "length" : "tool_calls")
  }
}
