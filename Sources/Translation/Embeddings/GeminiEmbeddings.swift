// SPDX-License-Identifier: MIT

public import JSON

/// Gemini's embeddings (`embedContent`, `batchEmbedContents`; "Embeddings", Gemini API reference),
/// both sides; on Vertex AI, as provider, `predict`.
public enum GeminiEmbeddings: EmbeddingsClientWire, EmbeddingsProviderWire {
  public static let name: StaticString = "gemini"

  // MARK: The client's side

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> EmbeddingsRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var request = EmbeddingsRequest()
    guard let list = body["requests"] else {
      request.isList = false
      try read(body, "", &request)
      return request
    }
    guard list.isArray else { throw .invalid("requests", "must be an array") }
    for (index, node) in list.elements.enumerated() {
      try read(node, "requests[\(index)].", &request)
    }
    guard !request.inputs.isEmpty else { throw .invalid("requests", "must not be empty") }
    return request
  }

  private static func read(
    _ node: JSONNode, _ path: String, _ request: inout EmbeddingsRequest
  ) throws(TranslationError) {
    let isFirst = request.inputs.isEmpty
    var dimensions: JSONFragment?
    var others: [OtherParameter] = []
    for member in node.members where member.value.kind != .null {
      let word = GeminiNames.camel(member.name)
      switch word {
      case "content": request.inputs.append(try text(member.value, "\(path)content"))
      case "outputDimensionality": dimensions = GeminiNames.number(member.value)
      case "model": if isFirst { request.model = GeminiNames.model(member.value) }
      default: others.append(OtherParameter(name: JSONText(word), value: member.value.fragment))
      }
    }
    guard node["content"] != nil else { throw .invalid("\(path)content", "is missing") }
    if isFirst {
      request.dimensions = dimensions
      request.others = others
    } else if request.dimensions != dimensions || !isSame(request.others, others) {
      throw RequestCheck.refusal("\(path)*", "all texts of a request must be asked for alike")
    }
  }

  private static func isSame(_ one: [OtherParameter], _ other: [OtherParameter]) -> Bool {
    one.elementsEqual(other) { $0.name == $1.name && $0.value == $1.value }
  }

  private static func text(
    _ content: JSONNode, _ path: String
  ) throws(TranslationError) -> JSONText {
    if let text = content.text { return text }
    var texts: [JSONText] = []
    for part in content["parts"]?.elements ?? JSONElements.none {
      guard let text = part["text"]?.text else {
        throw RequestCheck.refusal("\(path).parts", "only texts are embedded")
      }
      texts.append(text)
    }
    guard !texts.isEmpty else { throw .invalid("\(path).parts", "must have a text") }
    return .joined(texts, separator: "\n")
  }

  public static func writeResponse(
    _ response: EmbeddingsResponse, to request: EmbeddingsRequest, _ context: AnswerContext
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      if request.isList {
        json.array("embeddings") { json in
          for vector in response.vectors {
            json.object { $0.member("values", vector) }
          }
        }
      } else {
        json.object("embedding") { $0.member("values", response.vectors.first) }
      }
      guard let tokens = response.inputTokens else { return }
      json.object("usageMetadata") {
        $0.member("promptTokenCount", integer: Int64(clamping: tokens))
        $0.member("totalTokenCount", integer: Int64(clamping: tokens))
      }
    }
    return json.finish()
  }

  /// The path by which a client's own body goes on.
  public static func clientPath(to target: UpstreamModel, isSingle: Bool) -> String {
    Gemini.modelPath(to: target) + (isSingle ? ":embedContent" : ":batchEmbedContents")
  }

  // MARK: The provider's side

  /// Vertex AI takes 250 texts at once, but of Gemini's own models one ("Get text embeddings",
  /// Vertex AI documentation).
  public static func inputsMaximum(of target: UpstreamModel) -> Int {
    guard target.dialect == .vertex else { return 100 }
    return GeminiModels.baseName(target.name).hasPrefix("gemini-embedding") ? 1 : 250
  }

  public static func requestPath(to target: UpstreamModel) -> String {
    Gemini.modelPath(to: target)
      + (target.dialect == .vertex ? ":predict" : ":batchEmbedContents")
  }

  public static func writeRequest(
    _ request: EmbeddingsRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    var request = request
    let type = request.takeOther("taskType", "task_type")
    let title = request.takeOther("title")
    try request.dropOthers(for: target, &losses)
    if request.user != nil {
      try RequestCheck.drop(.user, "Gemini has no name for the end user", for: target, &losses)
    }
    var json = JSONBuilder()
    json.object { json in
      if target.dialect == .vertex {
        appendInstances(request, type, title, to: &json)
        return
      }
      json.array("requests") { json in
        for input in request.inputs {
          json.object {
            $0.member("model", string: String(Gemini.modelPath(to: target).dropFirst()))
            $0.object("content") {
              $0.array("parts") { $0.object { $0.member("text", input) } }
            }
            $0.member("taskType", type)
            $0.member("title", title)
            $0.member("outputDimensionality", request.dimensions)
          }
        }
      }
    }
    return json.finish()
  }

  private static func appendInstances(
    _ request: EmbeddingsRequest, _ type: JSONFragment?, _ title: JSONFragment?,
    to json: inout JSONBuilder
  ) {
    json.array("instances") { json in
      for input in request.inputs {
        json.object {
          $0.member("content", input)
          $0.member("task_type", type)
          $0.member("title", title)
        }
      }
    }
    if let dimensions = request.dimensions {
      json.object("parameters") { $0.member("outputDimensionality", dimensions) }
    }
  }

  public static func readResponse(
    _ body: JSONNode, to target: UpstreamModel
  ) throws(TranslationError) -> EmbeddingsResponse {
    var response = EmbeddingsResponse()
    if let predictions = body["predictions"] {
      try readPredictions(predictions, &response)
      return response
    }
    if let single = body["embedding"] {
      response.vectors = [try values(single)]
    } else {
      guard let list = body["embeddings"], list.isArray else {
        throw .malformed("The answer has no embeddings.")
      }
      for node in list.elements { response.vectors.append(try values(node)) }
    }
    let tokens = body["usageMetadata"]?["promptTokenCount"]?.integer
    response.inputTokens = tokens.map { UInt64(clamping: $0) }
    return response
  }

  private static func readPredictions(
    _ list: JSONNode, _ response: inout EmbeddingsResponse
  ) throws(TranslationError) {
    for node in list.elements {
      guard let embeddings = node["embeddings"] else {
        throw .malformed("A prediction has no embeddings.")
      }
      response.vectors.append(try values(embeddings))
      // Written as a number with a point.
      guard let tokens = embeddings["statistics"]?["token_count"]?.fragment.double,
        tokens >= 0, tokens < 1e12
      else { continue }
      response.inputTokens = (response.inputTokens ?? 0) &+ UInt64(tokens)
    }
  }

  private static func values(_ node: JSONNode) throws(TranslationError) -> JSONFragment {
    guard let values = node["values"] else { throw .malformed("An embedding has no values.") }
    return try EmbeddingVector.read(values)
  }
}
