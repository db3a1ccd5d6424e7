// SPDX-License-Identifier: MIT

public import JSON

/// OpenAI's embeddings (OpenAI API reference, "Embeddings"), both sides.
public enum OpenAIEmbeddings: EmbeddingsClientWire, EmbeddingsProviderWire {
  public static let name: StaticString = "openai"
  /// OpenAI takes so many texts at once.
  static let inputsMaximum = 2_048

  // MARK: The client's side

  public static func readRequest(_ body: JSONNode) throws(TranslationError) -> EmbeddingsRequest {
    guard body.isObject else { throw .invalid("body", "must be an object") }
    var request = EmbeddingsRequest()
    for member in body.members where member.value.kind != .null {
      switch member.name.plain {
      case "model": request.model = try OpenAIChatRequestReader.text(member.value, "model")
      case "input": try readInput(member.value, &request)
      case "dimensions": request.dimensions = member.value.fragment
      case "user": request.user = try OpenAIChatRequestReader.text(member.value, "user")
      case "encoding_format":
        guard member.value.equals("float") || member.value.equals("base64") else {
          throw .invalid("encoding_format", "must be float or base64")
        }
        request.wantsBase64 = member.value.equals("base64")
      default:
        request.others.append(
          OtherParameter(name: member.name, value: member.value.fragment))
      }
    }
    guard !request.model.isEmpty else { throw .invalid("model", "is missing") }
    guard !request.inputs.isEmpty else { throw .invalid("input", "is missing or empty") }
    return request
  }

  private static func readInput(
    _ node: JSONNode, _ request: inout EmbeddingsRequest
  ) throws(TranslationError) {
    if let text = node.text {
      request.inputs = [text]
      request.isList = false
    } else {
      guard node.isArray else { throw .invalid("input", "must be a string or an array") }
      for (index, element) in node.elements.enumerated() {
        guard element.kind != .number, !element.isArray else {
          throw RequestCheck.refusal(
            "input", "numbers of tokens mean nothing to a model with another vocabulary")
        }
        guard let text = element.text else { throw .invalid("input[\(index)]", "must be a string") }
        request.inputs.append(text)
      }
    }
    guard request.inputs.count <= inputsMaximum else {
      throw .invalid("input", "must have at most \(inputsMaximum) texts")
    }
    if let index = request.inputs.firstIndex(where: \.isEmpty) {
      throw .invalid("input[\(index)]", "must not be empty")
    }
  }

  public static func writeResponse(
    _ response: EmbeddingsResponse, to request: EmbeddingsRequest, _ context: AnswerContext
  ) -> [UInt8] {
    var json = JSONBuilder()
    json.object { json in
      json.member("object", literal: "list")
      json.array("data") { json in
        for (index, vector) in response.vectors.enumerated() {
          json.object {
            $0.member("object", literal: "embedding")
            $0.member("index", integer: Int64(index))
            if request.wantsBase64 {
              $0.member("embedding", EmbeddingVector.base64(vector))
            } else {
              $0.member("embedding", vector)
            }
          }
        }
      }
      json.member("model", response.model.isEmpty ? context.model : response.model)
      json.object("usage") {
        let tokens =
          response.inputTokens.map { Int64(clamping: $0) } ?? context.estimatedInputTokens
        $0.member("prompt_tokens", integer: tokens)
        $0.member("total_tokens", integer: tokens)
      }
    }
    return json.finish()
  }

  // MARK: The provider's side

  public static func requestPath(to target: UpstreamModel) -> String { "/embeddings" }

  /// Numbers are always asked for as text, which every client's form can be made of.
  public static func writeRequest(
    _ request: EmbeddingsRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8] {
    try request.dropOthers(for: target, &losses)
    var json = JSONBuilder()
    json.object { json in
      json.member("model", string: target.name)
      json.texts("input", request.inputs)
      json.member("dimensions", request.dimensions)
      json.member("user", request.user)
      json.member("encoding_format", literal: "float")
    }
    return json.finish()
  }

  public static func readResponse(
    _ body: JSONNode, to target: UpstreamModel
  ) throws(TranslationError) -> EmbeddingsResponse {
    guard let data = body["data"], data.isArray else { throw .malformed("The answer has no data.") }
    var response = EmbeddingsResponse()
    var vectors: [(index: Int64, vector: JSONFragment)] = []
    for (position, node) in data.elements.enumerated() {
      guard let embedding = node["embedding"] else {
        throw .malformed("An embedding is missing.")
      }
      let vector = try EmbeddingVector.read(embedding)
      vectors.append((node["index"]?.integer ?? Int64(position), vector))
    }
    response.vectors = vectors.sorted { $0.index < $1.index }.map(\.vector)
    response.model = body["model"]?.text ?? .empty
    // Some (Voyage, Jina) tell a total only.
    let usage = body["usage"]
    let tokens = (usage?["prompt_tokens"] ?? usage?["total_tokens"])?.integer
    response.inputTokens = tokens.map { UInt64(clamping: $0) }
    return response
  }
}

/// The numbers of an embedding.
enum EmbeddingVector {
  /// An array of numbers, or base64 of numbers of 32 bits.
  static func read(_ node: JSONNode) throws(TranslationError) -> JSONFragment {
    guard let text = node.text else {
      guard node.isArray, node.elements.allSatisfy({ $0.kind == .number }) else {
        throw .malformed("An embedding is not an array of numbers.")
      }
      return node.fragment.compacted
    }
    guard let bytes = Base64.decode(text.plainBytes), bytes.count % 4 == 0 else {
      throw .malformed("An embedding is not base64 of numbers of 32 bits.")
    }
    var numbers: [String] = []
    for start in stride(from: 0, to: bytes.count, by: 4) {
      let bits = (0..<4).reduce(UInt32(0)) { $0 | UInt32(bytes[start + $1]) << UInt32(8 * $1) }
      let number = Float(bitPattern: bits)
      guard number.isFinite else { throw .malformed("An embedding has a number without an end.") }
      numbers.append("\(number)")
    }
    return JSONFragment(validated: ArraySlice("[\(numbers.joined(separator: ","))]".utf8))
  }

  static func base64(_ vector: JSONFragment) -> JSONText {
    var bytes: [UInt8] = []
    for node in vector.parsed.elements {
      let bits = Float(node.fragment.double ?? 0).bitPattern
      for shift in [UInt32(0), 8, 16, 24] {
        bytes.append(UInt8(truncatingIfNeeded: bits >> shift))
      }
    }
    return JSONText(escaped: Base64.encode(bytes)[...])
  }
}
