// SPDX-License-Identifier: MIT

internal import ControlPlane

/// Decides what one choice says: by its script first, then by rules that depend on the request
/// alone.
struct AnswerComposer {
  let request: AnswerRequest
  let script: Script
  let hash: StableHash

  var choice: ScriptedAnswer.Choice {
    var blocks = reasoning
    if let text = script.textBeforeCalls { blocks.append(.text(text)) }
    var ending = ScriptedAnswer.Ending.stop
    var stopSequence: String?
    let calls = calls
    if calls.isEmpty {
      let words = script.endsWithRefusal ? "I can't help with that." : words
      let text = AnswerText.cut(words, atFirstOf: request.stops)
      if text.utf8.count < words.utf8.count {
        let rest = words.utf8.dropFirst(text.utf8.count)
        stopSequence = request.stops.first { rest.starts(with: $0.utf8) }
        ending = .stopSequence
      }
      blocks.append(.text(text))
    } else {
      blocks += calls.map { .call($0) }
      ending = .toolCalls
    }
    if let text = script.textAfterCalls { blocks.append(.text(text)) }
    if script.endsWithRefusal { ending = .refusal }
    var choice = ScriptedAnswer.Choice(
      blocks: blocks, ending: ending, stopSequence: stopSequence)
    if let limit = request.tokensMaximum { choice.cut(toTokens: limit) }
    if let ending = script.finish { choice.ending = ending }
    return choice
  }

  private var reasoning: [ScriptedAnswer.Block] {
    var blocks: [ScriptedAnswer.Block] = []
    if let text = script.reasoningText {
      blocks.append(.reasoning(text))
    } else if let count = script.reasoningTokens {
      blocks.append(.reasoning(AnswerText.filler(tokens: count, variant: hash.value)))
    } else if request.wantsReasoning {
      let prompt = AnswerText.shortened(request.lastUserText)
      blocks.append(.reasoning("The user said \"\(prompt)\". I think about it and answer."))
    }
    if let tokens = script.hiddenReasoningTokens { blocks.append(.hiddenReasoning(tokens: tokens)) }
    return blocks
  }

  // MARK: Words

  private var words: String {
    if let text = script.answerText { return text }
    if let count = script.answerTokens {
      return AnswerText.filler(tokens: count, variant: hash.value)
    }
    let prompt = request.lastUserText
    switch request.responseFormat {
    case .jsonObject:
      let reply = AnswerText.reply(to: prompt, model: request.model, variant: hash.value)
      return JSONValue.object([.init("answer", .string(reply))]).text
    case .jsonSchema(let schema):
      return SchemaSample.make(for: schema, words: prompt).text
    case .word(let word): return word
    case .text: break
    }
    if let last = request.messages.last, last.role == "tool" || last.role == "function" {
      return "The tool answered: \(AnswerText.shortened(last.text))"
    }
    return AnswerText.reply(to: prompt, model: request.model, variant: hash.value)
  }

  // MARK: Tools

  private var calls: [ScriptedAnswer.ToolCall] {
    if !script.calls.isEmpty {
      return script.calls.enumerated().map { index, call in
        let tool = request.tools.first { $0.name == call.name }
        let given = call.arguments.map { tool?.isCustom == true ? Self.input($0) : $0 }
        return ScriptedAnswer.ToolCall(
          digits: digits(call.name, index), isCustom: tool?.isCustom == true, name: call.name,
          arguments: given ?? arguments(tool))
      }
    }
    if script.answerText != nil || script.answerTokens != nil { return [] }
    return toolsToCall.enumerated().map { index, tool in
      ScriptedAnswer.ToolCall(
        digits: digits(tool.name, index), isCustom: tool.isCustom, name: tool.name,
        arguments: arguments(tool))
    }
  }

  /// What a tool without JSON gets of a script that is written for one with it.
  private static func input(_ arguments: String) -> String {
    (try? JSONValue(parsing: Array(arguments.utf8)))?["input"]?.stringValue ?? arguments
  }

  private func digits(_ name: String, _ index: Int) -> String {
    var own = hash
    own.combine(name)
    own.combine(Int64(index))
    return own.digits
  }

  private func arguments(_ tool: AnswerRequest.Tool?) -> String {
    guard let tool else { return "{}" }
    if tool.isCustom { return request.lastUserText }
    if tool.parameters.isNull { return "{}" }
    return SchemaSample.make(for: tool.parameters, words: request.lastUserText).text
  }

  /// The tools this answer calls: the named one, the first when one is required, else those that
  /// the last user message names, as long as their results are not there yet.
  private var toolsToCall: [AnswerRequest.Tool] {
    switch request.toolChoice {
    case .none: return []
    case .named(let name): return request.tools.filter { $0.name == name }
    case .required, .automatic: break
    }
    let prompt = request.lastUserText.lowercased()
    let named =
      request.messages.last { $0.role != "system" }?.role == "user"
      ? request.tools.filter { Self.isNamed($0.name.lowercased(), in: prompt) } : []
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
}

extension ScriptedAnswer.Choice {
  /// Ends the choice after `limit` tokens, in the middle of a block where need be.
  mutating func cut(toTokens limit: Int) {
    var budget = limit
    var kept: [ScriptedAnswer.Block] = []
    for block in blocks {
      let (part, isCut) = block.prefix(budget)
      if let part {
        kept.append(part)
        budget -= part.tokenCount
      }
      if isCut {
        ending = .length
        stopSequence = nil
        break
      }
    }
    blocks = kept
  }
}

extension ScriptedAnswer.Block {
  /// The first `limit` tokens, nil when nothing is left of it, and whether that is less than all.
  fileprivate func prefix(_ limit: Int) -> (block: ScriptedAnswer.Block?, isCut: Bool) {
    switch self {
    case .reasoning(let text):
      let (part, isCut) = TokenEstimate.prefix(text, limit)
      return (.reasoning(part), isCut)
    case .text(let text):
      let (part, isCut) = TokenEstimate.prefix(text, limit)
      return (.text(part), isCut)
    case .hiddenReasoning(let tokens):
      return (.hiddenReasoning(tokens: min(tokens, limit)), tokens > limit)
    case .call(var call):
      let rest = limit - TokenEstimate.count(call.name)
      if rest < 0 { return (nil, true) }
      let isCut: Bool
      (call.arguments, isCut) = TokenEstimate.prefix(call.arguments, rest)
      return (.call(call), isCut)
    }
  }
}
