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
    return OpenAIChatRequestWriter(request, target, quirks).write()
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
    // `o1`, `o3-mini`, `o4-mini`; `gpt-5` and its family, but not `gpt-5-chat-latest`.
    let isNumbered =
      model.first == "o" && model.dropFirst().first.map { $0.isNumber } ?? false
    let isReasoning = isNumbered || (model.hasPrefix("gpt-5") && !model.contains("chat"))
    traits.isOpenAIReasoning = isReasoning
    traits.thinks = isReasoning
    traits.takesSampling = !isReasoning
    traits.takesPrefill = false
    traits.takesLaterSystemMessages = true
    return traits
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
