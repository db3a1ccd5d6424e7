// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// What is known of a response without a look at its text.
public struct ResponseSummary: Sendable {
  public var id: JSONText?
  public var model: JSONText?
  /// Nil as long as the response is not finished.
  public var usage: Usage?
  public var finish: FinishReason
}

/// OpenAI's Responses API as upstream, for models that are only there. Nothing is kept by it:
/// `store` is false, and thoughts come back encrypted.
public enum OpenAIResponses: ProviderWire {
  public static let name: StaticString = "openai-responses"

  public static let framing = StreamFraming.serverSentEvents

  public static func takesTextDocument(_ mediaType: String) -> Bool { true }

  public static func traits(of model: String) -> ModelTraits { OpenAIModels.traits(of: model) }

  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    "/responses"
  }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    switch request.family {
    case .responses: break
    case .openAI:
      try RequestCheck.dropOthers(
        of: &request, but: OpenAIModels.sharedWithResponses, target: target, losses: &losses)
    default: try RequestCheck.dropOthers(of: &request, target: target, losses: &losses)
    }
    if target.traits.isOpenAIReasoning {
      try OpenAIModels.restrict(&request, target: target, losses: &losses)
    }
    // Accounts at xAI may have this API too.
    let efforts = ReasoningEfforts.ofOpenAI(target.name) ?? ReasoningEfforts.ofXAI(target.name)
    try OpenAIModels.settleReasoning(
      of: &request, isNamed: true, efforts: efforts, target: target, losses: &losses)
    var writer = ResponsesRequestWriter(request, to: target, losses: losses)
    let bytes = try writer.write()
    losses = writer.losses
    return bytes
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try ResponsesAnswer.read(body)
  }

  /// What is to be known of an answer that passes as it is: a response, or what is said of one.
  ///
  /// - Throws: `failedAnswer`.
  public static func summary(of body: JSONNode) throws(TranslationError) -> ResponseSummary {
    let isResponse = body["object"]?.equals("response") == true
    if isResponse, body["status"]?.equals("failed") == true {
      throw TranslationError(.failedAnswer, ResponsesAnswer.failure(body).message)
    }
    let calls = body["output"]?.elements.contains { $0["type"]?.equals("function_call") == true }
    return ResponseSummary(
      id: isResponse ? body["id"]?.text : nil, model: body["model"]?.text,
      usage: body["usage"].flatMap { $0.isObject ? ResponsesAnswer.usage($0) : nil },
      finish: ResponsesAnswer.finish(body, hasCalls: calls ?? false))
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    OpenAIErrorReader.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { ResponsesStreamDecoder() }

  public static let parameters = ParameterTable([
    .translated(.maximumOutputTokens, "max_output_tokens, 16 at least"),
    .translated(.temperature, "temperature"),
    .translated(.topP, "top_p"),
    .dropped(.topK, "the API has none"),
    .dropped(.seed, "the API has none"),
    .dropped(.frequencyPenalty, "the API has none"),
    .dropped(.presencePenalty, "the API has none"),
    .dropped(.logitBias, "the API has none"),
    .translated(.logProbabilities, "include: message.output_text.logprobs"),
    .translated(.topLogProbabilities, "top_logprobs"),
    .refused(.choiceCount, "the API gives one answer"),
    .dropped(.stop, "the API has none"),
    .translated(.user, "user"),
    .translated(.serviceTier, "service_tier"),
    .translated(.jsonObject, "text.format.json_object"),
    .translated(.jsonSchema, "text.format.json_schema"),
    .translated(.tools, "tools"),
    .translated(.strictTools, "tools.strict"),
    .translated(.toolChoiceAuto, "tool_choice"),
    .translated(.toolChoiceNone, "tool_choice"),
    .translated(.toolChoiceRequired, "tool_choice"),
    .translated(.toolChoiceNamed, "tool_choice.function"),
    .translated(.toolChoiceAllowed, "tool_choice.allowed_tools"),
    .translated(.parallelToolCalls, "parallel_tool_calls; dropped for the o-series"),
    .translated(.reasoningEffort, "reasoning.effort, the nearest that the model has"),
    .translated(
      .reasoningBudget, "the nearest reasoning.effort; dropped where the model does not think"),
    .translated(.imageData, "input_image.image_url"),
    .translated(.imageURL, "input_image.image_url"),
    .translated(.imageFile, "input_image.file_id"),
    .translated(.imageDetail, "input_image.detail"),
    .refused(.audio, "the API takes none"),
    .translated(.fileData, "input_file.file_data"),
    .translated(.fileURL, "input_file.file_url"),
    .translated(.fileID, "input_file.file_id"),
    .dropped(.messageName, "the API has none"),
    .translated(.laterSystemMessages, "kept in place"),
    .translated(.reasoningReplay, "reasoning items, if they are OpenAI's"),
    .dropped(.toolResultError, "the result itself has to say it"),
    .translated(.toolResultImages, "function_call_output.output"),
    .dropped(.cacheControl, "prompts are cached by themselves"),
  ])
}
