// SPDX-License-Identifier: MIT

public import JSON

/// Ollama's own embeddings (`/api/embed`; Ollama documentation, "API", "Generate Embeddings").
public enum OllamaEmbeddings: EmbeddingsProviderWire {
  public static let name: StaticString = "ollama"

  public static func requestPath(to target: UpstreamModel) -> String { "/api/embed" }

  public static func writeRequest(
    _ request: EmbeddingsRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    let keepAlive = request.takeOther("keep_alive")
    let options = request.takeOther("options")
    let truncate = request.takeOther("truncate")
    try request.dropOthers(for: target, &losses)
    if request.user != nil {
      try RequestCheck.drop(.user, "Ollama has no name for the end user", for: target, &losses)
    }
    var json = JSONBuilder()
    json.object {
      $0.member("model", string: target.name)
      $0.texts("input", request.inputs)
      $0.member("dimensions", request.dimensions)
      $0.member("truncate", truncate)
      $0.member("keep_alive", keepAlive)
      $0.member("options", options)
    }
    return json.finish()
  }

  public static func readResponse(
    _ body: JSONNode, to target: UpstreamModel
  ) throws(TranslationError) -> EmbeddingsResponse {
    guard let list = body["embeddings"], list.isArray else {
      throw .malformed("The answer has no embeddings.")
    }
    var response = EmbeddingsResponse()
    for node in list.elements { response.vectors.append(try EmbeddingVector.read(node)) }
    response.model = body["model"]?.text ?? .empty
    response.inputTokens = body["prompt_eval_count"]?.integer.map { UInt64(clamping: $0) }
    return response
  }
}
