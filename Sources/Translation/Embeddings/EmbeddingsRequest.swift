// SPDX-License-Identifier: MIT

public import JSON

/// A request for embeddings of texts, whatever API it came by.
public struct EmbeddingsRequest: Sendable {
  /// The model's name as the client wrote it; empty where it stands in the path.
  public var model = JSONText.empty
  public var inputs: [JSONText] = []
  public var dimensions: JSONFragment?
  /// OpenAI `encoding_format` is `base64`: numbers of 32 bits, the lowest byte first.
  public var wantsBase64 = false
  /// The client gave a list, if only of one; Gemini answers other than for a single text.
  public var isList = true
  public var user: JSONText?
  /// What no member above stands for, by its name in the client's API.
  public var others: [OtherParameter] = []

  public init() {}

  /// Takes the first of `names` out of `others`.
  mutating func takeOther(_ names: StaticString...) -> JSONFragment? {
    guard
      let index = others.firstIndex(where: { other in names.contains { other.name.equals($0) } })
    else { return nil }
    return others.remove(at: index).value
  }

  /// Names, or refuses, what is left in `others`.
  func dropOthers(
    for target: UpstreamModel, _ losses: inout LossReport
  ) throws(TranslationError) {
    for other in others {
      let (name, note) = (other.name.plain, "the provider's API has no such parameter")
      guard target.unsupported == .drop else { throw RequestCheck.refusal(name, note) }
      losses.dropped(name, note)
    }
  }
}

/// Embeddings, in the order of the texts.
public struct EmbeddingsResponse: Sendable {
  /// As the provider names it; empty when it does not say.
  public var model = JSONText.empty
  /// Arrays of numbers, as they were written.
  public var vectors: [JSONFragment] = []
  /// Nil when the provider does not say.
  public var inputTokens: UInt64?

  public init() {}
}

/// How a client's embeddings API is spoken.
public protocol EmbeddingsClientWire: Sendable {
  static var name: StaticString { get }

  /// - Throws: `invalidRequest`, `unsupportedParameter` for what is no text.
  static func readRequest(_ body: JSONNode) throws(TranslationError) -> EmbeddingsRequest

  static func writeResponse(
    _ response: EmbeddingsResponse, to request: EmbeddingsRequest, _ context: AnswerContext
  ) -> [UInt8]
}

/// How a provider's embeddings API is spoken.
public protocol EmbeddingsProviderWire: Sendable {
  static var name: StaticString { get }

  /// Texts that the provider takes at once.
  static func inputsMaximum(of target: UpstreamModel) -> Int

  /// The path below the base URL.
  static func requestPath(to target: UpstreamModel) -> String

  /// - Throws: `unsupportedParameter`.
  static func writeRequest(
    _ request: EmbeddingsRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8]

  /// - Throws: `malformedAnswer`.
  static func readResponse(
    _ body: JSONNode, to target: UpstreamModel
  ) throws(TranslationError) -> EmbeddingsResponse
}

extension EmbeddingsProviderWire {
  public static func inputsMaximum(of target: UpstreamModel) -> Int { .max }

  /// A provider that answers for fewer or more texts than it was given cannot be understood.
  public static func readResponse(
    _ body: JSONNode, to target: UpstreamModel, count: Int
  ) throws(TranslationError) -> EmbeddingsResponse {
    let response = try readResponse(body, to: target)
    guard response.vectors.count == count else {
      throw .malformed("The answer has \(response.vectors.count) embeddings for \(count) texts.")
    }
    return response
  }
}

/// Every embeddings API that is spoken.
public enum EmbeddingsWires {
  public static let providers: [any EmbeddingsProviderWire.Type] = [
    OpenAIEmbeddings.self, GeminiEmbeddings.self, OllamaEmbeddings.self,
  ]

  public static let clients: [any EmbeddingsClientWire.Type] = [
    OpenAIEmbeddings.self, GeminiEmbeddings.self,
  ]
}
