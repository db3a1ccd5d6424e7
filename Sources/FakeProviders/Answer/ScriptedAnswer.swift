// SPDX-License-Identifier: MIT

internal import ControlPlane

/// The whole answer to a chat request in the terms that all wires share, before a wire writes it
/// as one body or as a stream.
struct ScriptedAnswer {
  struct ToolCall {
    /// Sixteen hexadecimal digits; each wire puts its own prefix before them.
    var digits: String
    var isCustom = false
    var name: String
    /// JSON text, or the free input of a custom tool.
    var arguments: String
    var tokenCount: Int { TokenEstimate.count(name) + TokenEstimate.count(arguments) }
  }

  enum Block {
    case reasoning(String)
    /// Reasoning that the provider keeps to itself: an opaque text of so many tokens.
    case hiddenReasoning(tokens: Int)
    case text(String)
    case call(ToolCall)

    var tokenCount: Int {
      switch self {
      case .reasoning(let text), .text(let text): TokenEstimate.count(text)
      case .hiddenReasoning(let tokens): tokens
      case .call(let call): call.tokenCount
      }
    }
  }

  /// Why an answer ended. The raw values are those of the script key `finish`.
  enum Ending: String, CaseIterable {
    case stop
    case stopSequence = "stop_sequence"
    case length
    /// The context of the model is full.
    case contextWindow = "context_window"
    case toolCalls = "tool_calls"
    case functionCall = "function_call"
    case contentFilter = "content_filter"
    /// The model refuses; the words of the answer, if any, are its refusal.
    case refusal
    /// The model's call of a tool cannot be read.
    case malformedCall = "malformed_call"
    /// The turn is paused and can be continued.
    case pause
  }

  struct Choice {
    var blocks: [Block]
    var ending: Ending
    /// The stop sequence that ended it.
    var stopSequence: String?

    /// All words; nil when there is no text block.
    var text: String? {
      let texts = blocks.compactMap { block -> String? in
        if case .text(let text) = block { return text }
        return nil
      }
      return texts.isEmpty ? nil : texts.joined()
    }

    /// All reasoning that is shown; nil when there is none.
    var reasoning: String? {
      let texts = blocks.compactMap { block -> String? in
        if case .reasoning(let text) = block { return text }
        return nil
      }
      return texts.isEmpty ? nil : texts.joined()
    }

    var toolCalls: [ToolCall] {
      blocks.compactMap { block in
        if case .call(let call) = block { return call }
        return nil
      }
    }

    var tokenCount: Int { blocks.reduce(0) { $0 + $1.tokenCount } }

    var reasoningTokenCount: Int {
      blocks.reduce(0) { count, block in
        switch block {
        case .reasoning, .hiddenReasoning: count + block.tokenCount
        case .text, .call: count
        }
      }
    }
  }

  /// Sixteen hexadecimal digits that depend on the request alone.
  var digits: String
  var model: String
  var choices: [Choice]
  /// All input, cached or not.
  var promptTokens: Int
  /// The part of the input that was read from, and written to, the provider's prompt cache.
  var cachedTokens: Int
  var cacheWriteTokens: Int
  /// In place of the ending's usual name on the wire.
  var nativeFinish: String?
  /// All output, reasoning included.
  var completionTokens: Int { choices.reduce(0) { $0 + $1.tokenCount } }
  var reasoningTokens: Int { choices.reduce(0) { $0 + $1.reasoningTokenCount } }

  init(_ request: AnswerRequest, script: Script) {
    var hash = StableHash()
    hash.combine(request.model)
    hash.combine(request.seed)
    for message in request.messages {
      hash.combine(message.role)
      hash.combine(message.words)
    }
    digits = hash.digits
    model = request.model
    promptTokens = request.promptTokens
    cachedTokens = min(script.cachedTokens, promptTokens)
    cacheWriteTokens = min(script.cacheWriteTokens, promptTokens - cachedTokens)
    nativeFinish = script.nativeFinish
    choices = (0..<request.choiceCount).map { index in
      var variant = hash
      variant.combine(Int64(index))
      return AnswerComposer(request: request, script: script, hash: variant).choice
    }
  }

  /// The first choice: wires without a count of choices have only this one.
  var choice: Choice { choices.first ?? Choice(blocks: [], ending: .stop) }
}
