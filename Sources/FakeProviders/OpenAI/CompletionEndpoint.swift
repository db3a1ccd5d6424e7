// SPDX-License-Identifier: MIT

internal import ControlPlane

/// `/v1/completions`: the older text interface.
struct CompletionEndpoint {
  private struct Choice {
    var text: String
    var finishReason: String
    var tokenCount: Int
  }

  static let promptsMaximum = 2048
  /// The interface's own default, small as it is.
  static let tokensDefault = 16

  private var model = ""
  private var prompts: [TokenInput] = []
  private var choiceCount = 1
  private var stops: [String] = []
  private var tokensMaximum = Self.tokensDefault
  private var isStream = false
  private var includesUsage = false
  private var echoes = false
  private var logprobs: Int?
  private var seed: Int64 = 0

  init(_ body: JSONValue) throws(ProviderError) {
    var fields = FieldReader(body)
    model = fields.requiredString("model") ?? ""
    prompts = TokenInput.read(&fields, "prompt", limit: Self.promptsMaximum)
    choiceCount = Int(fields.integer("n", in: 1...128) ?? 1)
    stops = AnswerRequest.readStops(&fields)
    tokensMaximum = Int(
      fields.integer("max_tokens", in: 0...Int64(Int32.max)) ?? Int64(Self.tokensDefault))
    isStream = fields.boolean("stream") ?? false
    includesUsage = AnswerRequest.readIncludeUsage(&fields, isStream: isStream)
    echoes = fields.boolean("echo") ?? false
    logprobs = fields.integer("logprobs", in: 0...5).map { Int($0) }
    seed = fields.integer("seed") ?? 0
    if let problem = fields.problems.first { throw ProviderError(problem) }
  }

  func answer(script: Script, created: Int64) -> ProviderAnswer {
    var hash = StableHash()
    hash.combine(model)
    hash.combine(seed)
    for prompt in prompts { hash.combine(prompt.words) }
    let identifier = "cmpl-" + hash.digits
    var choices: [Choice] = []
    for prompt in prompts {
      for _ in 0..<choiceCount {
        var variant = hash
        variant.combine(Int64(choices.count))
        choices.append(choice(prompt, script, variant.value))
      }
    }
    let usage = usage(choices)
    if isStream {
      let frame = ChunkFrame(
        identifier: identifier, object: "text_completion", model: model, created: created,
        includesUsage: includesUsage && !script.omitsUsage)
      return .stream(events(choices, frame, usage, script))
    }
    var members: [JSONValue.Member] = [
      .init("id", .string(identifier)), .init("object", "text_completion"),
      .init("created", .integer(created)), .init("model", .string(model)),
      .init(
        "choices",
        .array(
          choices.enumerated().map { index, choice in
            object(index, choice.text[...], .string(choice.finishReason))
          })),
    ]
    if !script.omitsUsage { members.append(.init("usage", usage)) }
    members.append(.init("system_fingerprint", .string(ScriptedAnswer.fingerprint)))
    return .json(.object(members))
  }

  private func choice(_ prompt: TokenInput, _ script: Script, _ variant: UInt64) -> Choice {
    let words: String
    if let text = script.answerText {
      words = text
    } else if let count = script.answerTokens {
      words = AnswerText.filler(tokens: count, variant: variant)
    } else {
      words = AnswerText.continuation(of: prompt.words, model: model, variant: variant)
    }
    let (text, isCut) = TokenEstimate.prefix(AnswerText.cut(words, atFirstOf: stops), tokensMaximum)
    let ending = script.finish ?? (isCut ? .length : .stop)
    let reason = script.nativeFinish ?? ending.openAIName
    return Choice(
      text: echoes ? prompt.words + text : text, finishReason: reason,
      tokenCount: TokenEstimate.count(text))
  }

  private func usage(_ choices: [Choice]) -> JSONValue {
    let promptTokens = prompts.reduce(0) { $0 + $1.tokenCount }
    let completionTokens = choices.reduce(0) { $0 + $1.tokenCount }
    return [
      "prompt_tokens": JSONValue(promptTokens), "completion_tokens": JSONValue(completionTokens),
      "total_tokens": JSONValue(promptTokens + completionTokens),
    ]
  }

  private func events(
    _ choices: [Choice], _ frame: ChunkFrame, _ usage: JSONValue, _ script: Script
  ) -> [StreamEvent] {
    let queues = choices.map { pieces(TokenEstimate.split($0.text), script.chunkTokens) }
    var events: [StreamEvent] = []
    for turn in 0..<(queues.map(\.count).max() ?? 0) {
      for (index, queue) in queues.enumerated() where turn < queue.count {
        let text = queue[turn].joined()
        events.append(.chunk(frame.chunk(choice: object(index, text[...], .null))))
      }
    }
    for (index, choice) in choices.enumerated() {
      let last = object(index, "", .string(choice.finishReason))
      events.append(.finish(frame.chunk(choice: last)))
    }
    if frame.includesUsage { events.append(.usage(frame.usageChunk(usage))) }
    events.append(.done)
    return events
  }

  private func object(
    _ index: Int, _ text: Substring, _ finishReason: JSONValue
  ) -> JSONValue {
    [
      "index": JSONValue(index), "text": .string(String(text)),
      "logprobs": logprobs == nil || text.isEmpty ? .null : logprobs(text),
      "finish_reason": finishReason,
    ]
  }

  private func logprobs(_ text: Substring) -> JSONValue {
    let tokens = TokenEstimate.split(String(text))
    var offset: Int64 = 0
    var offsets: [JSONValue] = []
    for token in tokens {
      offsets.append(.integer(offset))
      offset += Int64(token.count)
    }
    let values = tokens.map { _ in JSONValue.number(-0.25) }
    return [
      "tokens": .array(tokens.map { .string(String($0)) }), "token_logprobs": .array(values),
      "top_logprobs": .array(tokens.map { .object([.init(String($0), .number(-0.25))]) }),
      "text_offset": .array(offsets),
    ]
  }
}
