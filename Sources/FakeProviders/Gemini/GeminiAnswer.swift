// SPDX-License-Identifier: MIT

internal import ControlPlane

/// An answer as `generateContent` gives it: one response, or a stream of them.
struct GeminiAnswer {
  let answer: ScriptedAnswer
  let model: GeminiModel
  let script: Script
  /// Whether the request asked to see thoughts: their signatures come then, too.
  let showsThoughts: Bool

  // MARK: Whole

  var body: JSONValue {
    if script.blocksPrompt { return blocked }
    let candidates = answer.choices.enumerated().map { index, choice in
      candidate(
        index, parts(choice).map(\.whole), finish: finishReason(choice), choice: choice)
    }
    return response(candidates, outputTokens: answer.completionTokens)
  }

  /// The answer to a prompt that the filter refuses: no candidates at all.
  private var blocked: JSONValue {
    var members: [JSONValue.Member] = [
      .init("promptFeedback", ["blockReason": "PROHIBITED_CONTENT"])
    ]
    if !script.omitsUsage {
      members.append(
        .init(
          "usageMetadata",
          [
            "promptTokenCount": JSONValue(answer.promptTokens),
            "totalTokenCount": JSONValue(answer.promptTokens),
          ]))
    }
    return .object(members + versions)
  }

  private var versions: [JSONValue.Member] {
    [.init("modelVersion", .string(answer.model)), .init("responseId", .string(answer.digits))]
  }

  private func response(
    _ candidates: [JSONValue], outputTokens: Int
  ) -> JSONValue {
    var members: [JSONValue.Member] = [.init("candidates", .array(candidates))]
    if !script.omitsUsage {
      members.append(.init("usageMetadata", usage(outputTokens)))
    }
    return .object(members + versions)
  }

  private func candidate(
    _ index: Int, _ parts: [JSONValue], finish: JSONValue?, choice: ScriptedAnswer.Choice
  ) -> JSONValue {
    var content: [JSONValue.Member] = []
    if !parts.isEmpty { content.append(.init("parts", .array(parts))) }
    content.append(.init("role", "model"))
    var members: [JSONValue.Member] = [.init("content", .object(content))]
    if let finish {
      members.append(.init("finishReason", finish))
      if choice.ending == .malformedCall {
        members.append(.init("finishMessage", "Malformed function call: print(default_api."))
      }
    }
    members.append(.init("index", JSONValue(index)))
    return .object(members)
  }

  private func finishReason(_ choice: ScriptedAnswer.Choice) -> JSONValue {
    if let native = answer.nativeFinish { return .string(native) }
    return switch choice.ending {
    case .stop, .stopSequence, .toolCalls, .functionCall: "STOP"
    case .length, .contextWindow: "MAX_TOKENS"
    case .contentFilter, .refusal: "SAFETY"
    case .malformedCall: "MALFORMED_FUNCTION_CALL"
    case .pause: "OTHER"
    }
  }

  /// Running counts; reasoning is not part of the candidates' tokens.
  private func usage(_ outputTokens: Int) -> JSONValue {
    let thoughts = min(answer.reasoningTokens, outputTokens)
    var members: [JSONValue.Member] = [
      .init("promptTokenCount", JSONValue(answer.promptTokens))
    ]
    if outputTokens > thoughts {
      members.append(.init("candidatesTokenCount", JSONValue(outputTokens - thoughts)))
    }
    members.append(.init("totalTokenCount", JSONValue(answer.promptTokens + outputTokens)))
    if answer.cachedTokens > 0 {
      members.append(.init("cachedContentTokenCount", JSONValue(answer.cachedTokens)))
    }
    members.append(
      .init(
        "promptTokensDetails",
        [["modality": "TEXT", "tokenCount": JSONValue(answer.promptTokens)]]))
    if thoughts > 0 { members.append(.init("thoughtsTokenCount", JSONValue(thoughts))) }
    return .object(members)
  }

  // MARK: Parts

  private struct Part {
    var whole: JSONValue
    /// What a stream says in its place; the signature of words comes in a part of its own.
    var pieces: [(part: JSONValue, tokens: Int)]
  }

  private var signs: Bool { model.requiresSignatures || showsThoughts }

  private func parts(_ choice: ScriptedAnswer.Choice) -> [Part] {
    // An answer that was filtered shows nothing, and a call that cannot be read is not there.
    if choice.ending == .refusal || choice.ending == .malformedCall { return [] }
    var isSigned = false
    var parts: [Part] = []
    for block in choice.blocks {
      switch block {
      case .hiddenReasoning: break
      case .reasoning(let text): parts += words(text, isThought: true)
      case .text(let text): parts += words(text, isThought: false)
      case .call(let call):
        // Of calls in parallel only the first is signed.
        parts.append(functionCall(call, isSigned: signs && !isSigned))
        isSigned = true
      }
    }
    if model.requiresSignatures, !isSigned, !parts.isEmpty { sign(&parts[parts.count - 1]) }
    return parts
  }

  private func words(_ text: String, isThought: Bool) -> [Part] {
    if text.isEmpty { return [] }
    func part(_ text: String) -> JSONValue {
      isThought ? ["text": .string(text), "thought": true] : ["text": .string(text)]
    }
    let fragments = pieces(TokenEstimate.split(text), script.chunkTokens).map { piece in
      (part: part(piece.joined()), tokens: piece.count)
    }
    return [Part(whole: part(text), pieces: fragments)]
  }

  private func functionCall(_ call: ScriptedAnswer.ToolCall, isSigned: Bool) -> Part {
    var members: [JSONValue.Member] = [
      .init("name", .string(call.name)),
      .init("args", (try? JSONValue(parsing: Array(call.arguments.utf8))) ?? .object([])),
    ]
    if model.namesCalls { members.append(.init("id", .string(String(call.digits.prefix(8))))) }
    var part: [JSONValue.Member] = [.init("functionCall", .object(members))]
    if isSigned {
      part.append(.init("thoughtSignature", .string(ThoughtSignature.make(call.digits))))
    }
    return Part(whole: .object(part), pieces: [(.object(part), call.tokenCount)])
  }

  private func sign(_ part: inout Part) {
    let signature = JSONValue.Member(
      "thoughtSignature", .string(ThoughtSignature.make(answer.digits)))
    if case .object(let members) = part.whole { part.whole = .object(members + [signature]) }
    part.pieces.append((.object([.init("text", ""), signature]), 0))
  }

  // MARK: Stream

  /// One response for each piece, usage on every one; the last has the finish reason.
  func events(isArray: Bool) -> [StreamEvent] {
    var events: [StreamEvent] = []
    if script.blocksPrompt {
      events = [.finish(blocked)]
    } else {
      var tokens = 0
      for (index, choice) in answer.choices.enumerated() {
        let pieces = parts(choice).flatMap(\.pieces)
        for piece in pieces {
          tokens += piece.tokens
          events.append(
            .chunk(
              response(
                [candidate(index, [piece.part], finish: nil, choice: choice)],
                outputTokens: tokens)))
        }
      }
      for (index, choice) in answer.choices.enumerated() {
        let isShown = choice.ending != .refusal && choice.ending != .malformedCall
        let last = candidate(
          index, isShown ? [["text": ""]] : [], finish: finishReason(choice), choice: choice)
        events.append(
          .finish(response([last], outputTokens: answer.completionTokens)))
      }
    }
    if isArray { events.append(StreamEvent(kind: .done, data: [])) }
    return events
  }
}
