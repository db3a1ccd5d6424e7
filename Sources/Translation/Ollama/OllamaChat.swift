// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// Ollama's own chat API (`/api/chat`; Ollama documentation, "API", "Generate a chat message"),
/// which has what its OpenAI-compatible one leaves out: thinking, the context's length and
/// `keep_alive`.
public enum OllamaChat: ProviderWire {
  public static let name: StaticString = "ollama"
  public static let framing = StreamFraming.jsonLines
  public static let takesAnySchema = true

  public static func traits(of model: String) -> ModelTraits { OllamaModels.traits(of: model) }

  public static func requestPath(to target: UpstreamModel, isStream: Bool) -> String { "/api/chat" }

  public static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    let extras = OllamaExtras(takingFrom: &request)
    try RequestCheck.dropOthers(of: &request, target: target, losses: &losses)
    var writer = OllamaRequestWriter(request, target, extras)
    return try writer.write(&losses)
  }

  public static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse {
    try OllamaResponseReader.read(body)
  }

  public static func readError(
    status: UInt16, headers: ErrorHeaders, body: ByteView
  ) -> ProviderError {
    OllamaErrorReader.read(status: status, headers: headers, body: body)
  }

  public static func makeStreamDecoder() -> any StreamDecoder { OllamaStreamDecoder() }

  public static let parameters = ParameterTable([
    .translated(.maximumOutputTokens, "options.num_predict"),
    .translated(.temperature, "options.temperature"),
    .translated(.topP, "options.top_p"),
    .translated(.topK, "options.top_k"),
    .translated(.seed, "options.seed"),
    .translated(.frequencyPenalty, "options.frequency_penalty"),
    .translated(.presencePenalty, "options.presence_penalty"),
    .dropped(.logitBias, "Ollama has no bias by token"),
    .translated(.logProbabilities, "logprobs"),
    .translated(.topLogProbabilities, "top_logprobs"),
    .refused(.choiceCount, "Ollama gives one answer"),
    .translated(.stop, "options.stop"),
    .dropped(.user, "Ollama has no name for the end user"),
    .dropped(.serviceTier, "Ollama has one tier"),
    .translated(.jsonObject, "format json"),
    .translated(.jsonSchema, "format"),
    .translated(.tools, "tools"),
    .dropped(.strictTools, "Ollama does not hold calls to their schema"),
    .translated(.toolChoiceAuto, "what Ollama does"),
    .translated(.toolChoiceNone, "tools are left out"),
    .approximated(.toolChoiceRequired, "an instruction"),
    .approximated(.toolChoiceNamed, "only that tool, and an instruction"),
    .approximated(.toolChoiceAllowed, "only those tools"),
    .translated(.parallelToolCalls, "true is what Ollama does; false is dropped"),
    .translated(.reasoningEffort, "think; where the model knows no levels, true or false"),
    .approximated(.reasoningBudget, "think"),
    .translated(.imageData, "messages.images"),
    .refused(.imageURL, "Ollama takes pictures by their data only"),
    .refused(.imageFile, "Ollama has no file store"),
    .dropped(.imageDetail, "Ollama has no resolutions"),
    .refused(.audio, "Ollama takes text and pictures"),
    .refused(.fileData, "Ollama takes text and pictures"),
    .refused(.fileURL, "Ollama takes text and pictures"),
    .refused(.fileID, "Ollama has no file store"),
    .dropped(.messageName, "Ollama's messages have no names"),
    .translated(.laterSystemMessages, "messages, at their place"),
    .translated(.reasoningReplay, "messages.thinking; signatures are left out"),
    .approximated(.toolResultError, "the content says so"),
    .approximated(.toolResultImages, "a user's message behind the results"),
    .dropped(.cacheControl, "Ollama caches by itself"),
  ])
}

/// What Ollama's models can do, by their names (ollama.com/library); `name:tag`, perhaps below a
/// folder.
enum OllamaModels {
  static func traits(of name: String) -> ModelTraits {
    var traits = ModelTraits()
    traits.takesLaterSystemMessages = true
    let name = name.lowercased()
    traits.thinksByLevel = name.contains("gpt-oss")
    let families = [
      "gpt-oss", "qwen3", "deepseek-r1", "deepseek-v3.1", "deepseek-v3.2", "magistral", "cogito",
      "glm-4.", "glm-5", "minimax-m", "thinking", "reason",
    ]
    let others = ["instruct", "coder", "embed", "rerank", "non-thinking"]
    traits.thinks =
      families.contains { name.contains($0) } && !others.contains { name.contains($0) }
    return traits
  }
}
