// SPDX-License-Identifier: MIT

internal import ControlPlane

/// `embedContent`, `batchEmbedContents` and Vertex' `predict`: the vectors of
/// ``EmbeddingEndpoint``, in Google's shapes.
enum GeminiEmbeddings {
  private static let dimensionsMaximum: Int64 = 3_072
  private static let requestsMaximum = 100
  private static let members: Set<String> = [
    "content", "embedContentConfig", "model", "outputDimensionality", "taskType", "title",
  ]

  static func single(_ body: JSONValue) throws(ProviderError) -> JSONValue {
    ["embedding": ["values": try values(body, path: "")]]
  }

  static func batch(_ body: JSONValue) throws(ProviderError) -> JSONValue {
    let fields = try ProtoFields(body, path: "", known: ["requests"])
    let requests = fields["requests"]?.arrayValue ?? []
    if requests.isEmpty || requests.count > requestsMaximum {
      throw .invalidRequest(
        "* BatchEmbedContentsRequest.requests: at most \(requestsMaximum) requests can be in one "
          + "batch\n")
    }
    var embeddings: [JSONValue] = []
    for (index, request) in requests.enumerated() {
      embeddings.append(["values": try values(request, path: "requests[\(index)]")])
    }
    return ["embeddings": .array(embeddings)]
  }

  /// - Parameter model: Gemini's own models take one text at a time, others 250.
  static func predict(_ body: JSONValue, model: String) throws(ProviderError) -> JSONValue {
    let most = model.hasPrefix("gemini-embedding") ? 1 : 250
    let count = body["instances"]?.arrayValue?.count ?? 0
    guard (1...most).contains(count) else {
      throw .invalidRequest("\(count) instance(s) is not in the allowed range of 1 to \(most).")
    }
    let dimensions = try dimensions(body["parameters"]?["outputDimensionality"])
    var predictions: [JSONValue] = []
    for instance in body["instances"]?.arrayValue ?? [] {
      guard let text = instance["content"]?.stringValue, !text.isEmpty else {
        throw .invalidRequest("The text content is empty.")
      }
      predictions.append([
        "embeddings": [
          "values": vector(text, dimensions),
          "statistics": [
            "truncated": false, "token_count": JSONValue(TokenEstimate.count(text)),
          ],
        ]
      ])
    }
    return ["predictions": .array(predictions)]
  }

  private static func values(
    _ request: JSONValue, path: String
  ) throws(ProviderError) -> JSONValue {
    let fields = try ProtoFields(request, path: path, known: members)
    guard let content = fields["content"] else {
      throw .invalidRequest("* EmbedContentRequest.content: contents is not specified\n")
    }
    let text = (content["parts"]?.arrayValue ?? []).compactMap { $0["text"]?.stringValue }.joined()
    if text.isEmpty {
      throw .invalidRequest("* EmbedContentRequest.content: content is empty\n")
    }
    let given =
      fields["outputDimensionality"] ?? fields["embedContentConfig"]?["outputDimensionality"]
    return vector(text, try dimensions(given))
  }

  private static func dimensions(_ given: JSONValue?) throws(ProviderError) -> Int {
    guard let given else { return Int(dimensionsMaximum) }
    guard let count = given.integerValue, (1...dimensionsMaximum).contains(count) else {
      throw .invalidRequest(
        "* EmbedContentRequest.output_dimensionality: must be from 1 to \(dimensionsMaximum)\n")
    }
    return Int(count)
  }

  private static func vector(_ text: String, _ dimensions: Int) -> JSONValue {
    .array(
      EmbeddingEndpoint.vector(for: .text(text), dimensions: dimensions).map {
        .number(Double($0))
      })
  }
}
