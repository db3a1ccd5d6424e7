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
  /// Models by xAI's names have xAI's restrictions.
  public var hasGrokModels = false
  /// `thinking.type` switches thoughts on and off; an effort says only how many.
  public var switchesThinking = false
  /// Answers are OpenAI's but for what `OpenAIAnswerMender` puts right.
  public var keepsAnswers = false
  /// An assistant's last message may be one to go on with: `prefix`.
  public var takesPrefix = false
  /// There are tools of other types than `function`.
  public var hasToolsOfItsOwn = false

  public init() {}
}

extension OpenAIChatWire {
  public static var framing: StreamFraming { .serverSentEvents }

  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    "/chat/completions"
  }

  public static func traits(of model: String) -> ModelTraits {
    if quirks.hasReasoningModels { return OpenAIModels.traits(of: model) }
    var traits = ModelTraits()
    traits.thinks = quirks.switchesThinking
    return traits
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
    if quirks.hasGrokModels {
      try XAIModels.restrict(&request, target: target, losses: &losses)
    }
    let efforts =
      quirks.hasReasoningModels
      ? ReasoningEfforts.ofOpenAI(target.name)
      : quirks.hasGrokModels ? ReasoningEfforts.ofXAI(target.name) : nil
    try OpenAIModels.settleReasoning(
      of: &request, isNamed: quirks.hasReasoningModels, efforts: efforts, target: target,
      losses: &losses)
    for message in request.messages { try checkAudio(message.blocks) }
    return OpenAIChatRequestWriter(request, target, quirks).write()
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
