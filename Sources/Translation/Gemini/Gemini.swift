// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// Google's Gemini API (`generateContent`), on Google AI and, with the dialect `.vertex`, on Vertex
/// AI, whose base URL ends with the project and location.
public enum Gemini: ProviderWire {
  public static let name: StaticString = "gemini"
  public static let framing = StreamFraming.serverSentEvents
  public static let takesAnySchema = true

  public static func takesTextDocument(_ mediaType: String) -> Bool { mediaType.hasPrefix("text/") }

  public static func traits(of model: String) -> ModelTraits { GeminiModels.traits(of: model) }

  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    modelPath(to: target)
      + (isStream ? ":streamGenerateContent?alt=sse" : ":generateContent")
  }

  /// Where the model is, without the method.
  static func modelPath(to target: UpstreamModel) -> String {
    // Names of models may have several segments.
    let name = PathSegments.encoded(target.name, but: "@/")
    let folders = ["models/", "tunedModels/", "publishers/", "endpoints/"]
    if folders.contains(where: { name.hasPrefix($0) }) { return "/" + name }
    return (target.dialect == .vertex ? "/publishers/google/models/" : "/models/") + name
  }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    let extras = GeminiExtras(takingFrom: &request)
    try RequestCheck.dropOthers(of: &request, target: target, losses: &losses)
    var writer = GeminiRequestWriter(request, target, extras)
    let bytes = try writer.write(&losses)
    return bytes
  }

  /// What of a client's own body goes to Vertex AI.
  @frozen
  public enum VertexBody: Equatable, Sendable {
    case asItCame
    /// All of it, with roles that Vertex AI takes. Google AI takes turns without any.
    case withRoles([UInt8])
    /// It has turns that Vertex AI does not know, and is to be translated.
    case unfit
  }

  /// Vertex AI wants `user` or `model` in each turn ("Content", Vertex AI API reference).
  public static func vertexBody(_ body: JSONNode) -> VertexBody {
    guard let contents = body["contents"], contents.kind == .array else { return .unfit }
    var isChanged = false
    for content in contents.elements {
      guard content.isObject, let role = vertexRole(of: content) else { return .unfit }
      if content["role"]?.string != role { isChanged = true }
    }
    guard isChanged else { return .asItCame }
    var json = JSONBuilder()
    json.object { json in
      for member in body.members {
        json.key(text: member.name)
        if member.name.equals("contents") {
          json.array { json in contents.elements.forEach { append($0, to: &json) } }
        } else {
          json.raw(member.value.fragment)
        }
      }
    }
    return .withRoles(json.finish())
  }

  private static func append(_ content: JSONNode, to json: inout JSONBuilder) {
    json.object { json in
      json.member("role", string: vertexRole(of: content) ?? "user")
      for member in content.members where !member.name.equals("role") {
        json.key(text: member.name)
        json.raw(member.value.fragment)
      }
    }
  }

  private static func vertexRole(of content: JSONNode) -> String? {
    guard let role = content["role"], role.kind != .null else { return "user" }
    switch role.string {
    case "user", "function", "tool", "": return "user"
    case "model", "assistant": return "model"
    default: return nil
    }
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try GeminiResponseReader.read(body)
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    GeminiErrorReader.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { GeminiStreamDecoder() }

  public static let parameters = ParameterTable([
    .translated(.maximumOutputTokens, "generationConfig.maxOutputTokens"),
    .translated(.temperature, "generationConfig.temperature"),
    .translated(.topP, "generationConfig.topP"),
    .translated(.topK, "generationConfig.topK"),
    .translated(.seed, "generationConfig.seed"),
    .translated(.frequencyPenalty, "generationConfig.frequencyPenalty"),
    .translated(.presencePenalty, "generationConfig.presencePenalty"),
    .dropped(.logitBias, "Gemini has no bias by token"),
    .translated(.logProbabilities, "generationConfig.responseLogprobs"),
    .translated(.topLogProbabilities, "generationConfig.logprobs"),
    .translated(.choiceCount, "generationConfig.candidateCount"),
    .translated(.stop, "generationConfig.stopSequences, at most five"),
    .dropped(.user, "Gemini has no name for the end user"),
    .translated(.serviceTier, "serviceTier; words that Gemini does not have are dropped"),
    .translated(.jsonObject, "generationConfig.responseMimeType"),
    .translated(.jsonSchema, "generationConfig.responseJsonSchema"),
    .translated(.tools, "tools.functionDeclarations.parametersJsonSchema"),
    .approximated(.strictTools, "toolConfig mode VALIDATED, for all tools"),
    .translated(.toolChoiceAuto, "toolConfig mode AUTO"),
    .translated(.toolChoiceNone, "toolConfig mode NONE"),
    .translated(.toolChoiceRequired, "toolConfig mode ANY"),
    .translated(.toolChoiceNamed, "toolConfig mode ANY with allowedFunctionNames"),
    .translated(.toolChoiceAllowed, "toolConfig mode ANY or VALIDATED with allowedFunctionNames"),
    .translated(.parallelToolCalls, "true is what Gemini does; false is dropped"),
    .translated(.reasoningEffort, "thinkingConfig.thinkingLevel, before Gemini 3 thinkingBudget"),
    .translated(.reasoningBudget, "thinkingConfig.thinkingBudget, since Gemini 3 thinkingLevel"),
    .translated(.imageData, "inlineData"),
    .translated(.imageURL, "fileData"),
    .translated(.imageFile, "fileData; refused if it is no file of Google's"),
    .approximated(.imageDetail, "generationConfig.mediaResolution, if it is the same for all"),
    .translated(.audio, "inlineData"),
    .translated(.fileData, "inlineData"),
    .translated(.fileURL, "fileData"),
    .translated(.fileID, "fileData; refused if it is no file of Google's"),
    .dropped(.messageName, "Gemini's turns have no names"),
    .approximated(.laterSystemMessages, "marked as such in the user's turn"),
    .approximated(.reasoningReplay, "signatures are sent back, thoughts are not"),
    .translated(.toolResultError, "functionResponse.response.error"),
    .translated(.toolResultImages, "functionResponse.parts, before Gemini 3 beside it"),
    .dropped(.cacheControl, "Gemini caches by itself, or by cachedContent"),
  ])
}
