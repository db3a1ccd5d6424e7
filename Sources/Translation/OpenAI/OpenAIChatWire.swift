// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// A provider that speaks OpenAI's chat completions, or nearly.
public protocol OpenAIChatWire: ProviderWire {
  static var quirks: OpenAIQuirks { get }
}

/// Where servers that speak OpenAI's API differ from it.
public struct OpenAIQuirks: Sendable {
  /// The limit is called `max_completion_tokens`; elsewhere still `max_tokens`.
  public var namesCompletionTokens = false
  /// Thoughts of earlier turns go back in `reasoning_content`.
  public var replaysReasoning = false
  /// Messages' content must be a string.
  public var wantsPlainContent = false
  /// A JSON schema is put in words, beside `json_object`.
  public var describesSchema = false
  /// Models by OpenAI's names have OpenAI's restrictions.
  public var hasReasoningModels = false

  public init() {}
}

extension OpenAIChatWire {
  public static var framing: StreamFraming { .serverSentEvents }

  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    "/chat/completions"
  }

  public static func traits(of model: String) -> ModelTraits {
    quirks.hasReasoningModels ? OpenAIModels.traits(of: model) : ModelTraits()
  }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    if request.family != .openAI {
      let isOpenAI = request.family == .responses && quirks.hasReasoningModels
      try RequestCheck.dropOthers(
        of: &request, but: isOpenAI ? OpenAIModels.sharedWithResponses : [], target: target,
        losses: &losses)
    }
    if target.traits.isOpenAIReasoning {
      try OpenAIModels.restrict(&request, target: target, losses: &losses)
    }
    try settleReasoning(of: &request, target: target, losses: &losses)
    for message in request.messages { try checkAudio(message.blocks) }
    return OpenAIChatRequestWriter(request, target, quirks).write()
  }

  /// An effort is all that there is to say here. Where it is known that a model does not think it
  /// is left out, and a number of tokens wherever it is not known that one does.
  private static func settleReasoning(
    of request: inout ChatRequest, target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    let note = "the model does not think"
    if let budget = request.reasoning?.budgetTokens {
      if request.reasoning?.effort != nil {
        losses.approximated(Parameter.reasoningBudget.rawValue, "reasoning_effort says as much")
      } else if budget < 0 {
        // Gemini's way to leave it to the model, as nothing does here.
      } else if target.traits.thinks {
        let effort: Reasoning.Effort = budget <= 1_024 ? .low : budget <= 8_192 ? .medium : .high
        request.reasoning?.effort = effort
        losses.approximated(Parameter.reasoningBudget.rawValue, "as the nearest reasoning_effort")
      } else {
        try RequestCheck.drop(.reasoningBudget, note, for: target, &losses)
      }
      request.remove(.reasoningBudget)
    }
    guard quirks.hasReasoningModels, OpenAIModels.neverThinks(target.name),
      let effort = request.reasoning?.effort
    else { return }
    // To ask for no thoughts of a model that has none loses nothing.
    if effort != .none { try RequestCheck.drop(.reasoningEffort, note, for: target, &losses) }
    request.remove(.reasoningEffort)
  }

  /// OpenAI's API has sound by its data, as WAV or MP3.
  private static func checkAudio(_ blocks: [Block]) throws(TranslationError) {
    for block in blocks {
      switch block.content {
      case .audio(let media):
        guard case .base64 = media.source, OpenAIAudio.format(of: media) != nil else {
          throw RequestCheck.refusal(
            Parameter.audio.rawValue, "it is taken by its data and as WAV or MP3 only")
        }
      case .toolResult(let result): try checkAudio(result.blocks)
      default: break
      }
    }
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try OpenAIChatResponseReader.read(body)
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    OpenAIErrorReader.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { OpenAIChatStreamDecoder() }
}

/// What OpenAI's models by their names can do.
enum OpenAIModels {
  /// Parameters that chat completions and the Responses API have alike.
  static let sharedWithResponses: [StaticString] = [
    "metadata", "store", "verbosity", "prompt_cache_key", "prompt_cache_retention",
    "safety_identifier",
  ]

  static func traits(of model: String) -> ModelTraits {
    var traits = ModelTraits()
    // `o1`, `o3-mini`, `o4-mini`; `gpt-5`, `gpt-6-sol` and later, but not `gpt-5-chat-latest`.
    let isNumbered =
      model.first == "o" && model.dropFirst().first.map { $0.isNumber } ?? false
    let isReasoning = isNumbered || ((generation(of: model) ?? 0) >= 5 && !model.contains("chat"))
    traits.isOpenAIReasoning = isReasoning
    traits.thinks = isReasoning
    traits.takesSampling = !isReasoning
    traits.takesPrefill = false
    traits.takesLaterSystemMessages = true
    return traits
  }

  /// Whether a name is of a model that is known not to think. Others may be a deployment's, which
  /// say nothing.
  static func neverThinks(_ model: String) -> Bool {
    let base = model.hasPrefix("ft:") ? String(model.dropFirst(3)) : model
    if base.hasPrefix("chatgpt-") { return true }
    guard let generation = generation(of: base) else { return false }
    return generation < 5 || base.contains("chat")
  }

  /// 5 of `gpt-5.1-mini`; nil for other names.
  private static func generation(of model: String) -> Int? {
    guard model.hasPrefix("gpt-") else { return nil }
    return Int(model.dropFirst(4).prefix { $0.isASCII && $0.isNumber })
  }

  /// Takes out what OpenAI's reasoning models answer with a 400.
  static func restrict(
    _ request: inout ChatRequest, target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) {
    let note = "reasoning models of OpenAI do not take it"
    func drop(_ parameter: Parameter, _ isUsed: Bool) throws(TranslationError) {
      guard isUsed else { return }
      guard target.unsupported == .drop else {
        throw RequestCheck.refusal(parameter.rawValue, note)
      }
      losses.dropped(parameter.rawValue, note)
      request.remove(parameter)
    }
    // Their only temperature is 1, which may be said.
    try drop(.temperature, request.sampling.temperature.map { $0.double != 1 } ?? false)
    try drop(.topP, request.sampling.topP.map { $0.double != 1 } ?? false)
    try drop(.frequencyPenalty, request.sampling.frequencyPenalty != nil)
    try drop(.presencePenalty, request.sampling.presencePenalty != nil)
    try drop(.logitBias, request.sampling.logitBias != nil)
    try drop(.logProbabilities, request.wantsLogProbabilities == true)
    try drop(.topLogProbabilities, request.topLogProbabilities != nil)
  }
}
