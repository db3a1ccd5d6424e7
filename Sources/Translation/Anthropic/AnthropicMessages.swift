// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// Anthropic's Messages API (API reference, "Messages"; API version 2023-06-01), as Anthropic
/// itself, Google's cloud (dialect `vertex`) and many other servers speak it.
public enum AnthropicMessages: ProviderWire {
  public static let name: StaticString = "anthropic"
  public static let parameters = ParameterTable(AnthropicRules.all)
  public static let framing = StreamFraming.serverSentEvents

  /// The version whose shapes are read and written here. Later ones have fewer parameters.
  static let version: StaticString = "2023-06-01"
  static let vertexVersion: StaticString = "vertex-2023-10-16"

  /// What is asked for where neither the client nor the catalogue has a limit: the API wants one.
  static let outputTokensDefault: Int64 = 4_096

  public static func takesTextDocument(_ mediaType: String) -> Bool { true }

  public static func traits(of model: String) -> ModelTraits { AnthropicModels.traits(of: model) }

  /// Below `…/v1`; on Google's cloud below `…/v1/projects/PROJECT/locations/LOCATION`.
  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String {
    guard target.dialect == .vertex else { return "/messages" }
    let method = isStream ? "streamRawPredict" : "rawPredict"
    return "/publishers/anthropic/models/\(PathSegments.encoded(target.name, but: "@")):\(method)"
  }

  public static func headerFields(
    for target: UpstreamModel
  ) -> [(name: StaticString, value: String)] {
    if target.dialect == .vertex { return [] }
    return [(name: "anthropic-version", value: "\(version)")]
  }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var writer = AnthropicRequestWriter(request, target, losses)
    defer { losses = writer.losses }
    return try writer.write()
  }

  /// A client's own body for Google's cloud, where the model stands in the path and the version in
  /// the body. All else stays as it was written.
  public static func vertexBody(_ body: JSONNode) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      json.member("anthropic_version", literal: vertexVersion)
      for member in body.members
      where !member.name.equals("model") && !member.name.equals("anthropic_version") {
        json.key(text: member.name)
        json.raw(member.value.fragment)
      }
    }
    return json.finish()
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try AnthropicResponseReader.read(body)
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    AnthropicErrorReader.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { AnthropicStreamDecoder() }
}

/// What becomes of each parameter.
enum AnthropicRules {
  static let all: [ParameterRule] = [
    .translated(.maximumOutputTokens, "max_tokens; the model's own limit where none is given"),
    .translated(.temperature, "temperature, at most 1; left out where the model has none"),
    .translated(.topP, "top_p; left out where the model has none"),
    .translated(.topK, "top_k; left out where the model has none"),
    .dropped(.seed, "no such parameter"),
    .dropped(.frequencyPenalty, "no such parameter"),
    .dropped(.presencePenalty, "no such parameter"),
    .dropped(.logitBias, "no such parameter"),
    .dropped(.logProbabilities, "no such parameter"),
    .dropped(.topLogProbabilities, "no such parameter"),
    .refused(.choiceCount, "one answer only"),
    .translated(.stop, "stop_sequences, but for those of nothing but white space"),
    .translated(.user, "metadata.user_id"),
    .translated(.serviceTier, "service_tier; default becomes standard_only"),
    .approximated(.jsonObject, "asked for in the system prompt"),
    .translated(.jsonSchema, "output_config.format; a forced tool at models before 4.5"),
    .translated(.tools, "tools[]"),
    .translated(.strictTools, "tools[].strict, from 4.5 on"),
    .translated(.toolChoiceAuto, "tool_choice.type = auto"),
    .translated(.toolChoiceNone, "tool_choice.type = none"),
    .translated(
      .toolChoiceRequired, "tool_choice.type = any; in words where the model thinks or forbids it"),
    .translated(
      .toolChoiceNamed, "tool_choice.type = tool; in words where the model thinks or forbids it"),
    .translated(.toolChoiceAllowed, "tools[] without the others"),
    .translated(.parallelToolCalls, "tool_choice.disable_parallel_tool_use"),
    .translated(
      .reasoningEffort, "output_config.effort with adaptive thinking; a budget before 4.6"),
    .translated(.reasoningBudget, "thinking.budget_tokens; the nearest effort from 4.7 on"),
    .translated(.imageData, "content[].source.type = base64"),
    .translated(.imageURL, "content[].source.type = url"),
    .translated(.imageFile, "content[].source.type = file, with an id of Anthropic's"),
    .dropped(.imageDetail, "the model takes images as they are"),
    .refused(.audio, "no such input"),
    .translated(.fileData, "content[].type = document: PDF and text"),
    .translated(.fileURL, "content[].type = document, source.type = url"),
    .translated(.fileID, "content[].type = document, with an id of Anthropic's"),
    .dropped(.messageName, "no such member"),
    .translated(
      .laterSystemMessages, "messages[].role = system where the model takes it, else marked"),
    .translated(
      .reasoningReplay, "content[].type = thinking, redacted_thinking; dropped without signature"),
    .translated(.toolResultError, "content[].is_error"),
    .translated(.toolResultImages, "content[].content[].type = image"),
    .translated(.cacheControl, "cache_control"),
  ]
}
