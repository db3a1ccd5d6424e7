// SPDX-License-Identifier: MIT

public import JSON

/// How a client's chat API is spoken.
public protocol ClientWire: Sendable {
  static var name: StaticString { get }

  /// The MIME type of streams.
  static var streamContentType: StaticString { get }

  /// - Throws: `invalidRequest`, naming the member at fault.
  static func readRequest(_ body: JSONNode) throws(TranslationError) -> ChatRequest

  /// As much of a request as says what was asked: for telemetry, also of requests that pass as they
  /// are and say more than `readRequest` takes.
  static func readContent(_ body: JSONNode) throws(TranslationError) -> ChatRequest

  /// What answers repeat of a request's body, for `AnswerContext.echo`; nil for nothing.
  static func echo(of body: JSONNode) -> JSONFragment?

  static func writeResponse(_ response: ChatResponse, _ context: AnswerContext) -> [UInt8]

  /// The body of an error answer, and the status to send it with.
  static func writeError(_ error: ProviderError, _ context: AnswerContext) -> [UInt8]

  /// Header fields of an error answer besides content type and length.
  static func errorHeaderFields(
    for error: ProviderError
  ) -> [(name: StaticString, value: StaticString)]

  static func makeStreamEncoder(_ context: AnswerContext) -> any StreamEncoder
}

extension ClientWire {
  public static func readContent(_ body: JSONNode) throws(TranslationError) -> ChatRequest {
    try readRequest(body)
  }

  public static func errorHeaderFields(
    for error: ProviderError
  ) -> [(name: StaticString, value: StaticString)] { [] }

  public static func echo(of body: JSONNode) -> JSONFragment? { nil }
}

/// What an answer tells of its request.
public struct AnswerContext: Sendable {
  /// Unique; for ids that the provider did not give. Letters and digits.
  public var requestID: String
  /// Seconds since 1970.
  public var createdSeconds: Int64
  /// The model's name for the client where the provider gives none.
  public var model: JSONText
  /// OpenAI: the client asked for the usage chunk.
  public var wantsStreamUsage: Bool
  /// Gemini: a stream without `alt=sse` is one JSON array.
  public var wantsJSONArray: Bool
  /// Responses API: members of the request that its answers repeat, as an object; by
  /// `ClientWire.echo(of:)`.
  public var echo: JSONFragment?
  /// Of the request.
  public var form = AnswerForm.usual
  /// Responses API: names of the request's tools that take a text (`Tool.isCustom`).
  public var customTools: [JSONText] = []
  /// Anthropic: the request's stop sequence where it has one alone, for providers that say no more
  /// than that the model stopped at one.
  public var onlyStopSequence: JSONText?
  /// Bedrock: how long the whole answer took since the request began; what a stream took,
  /// `StreamTranslator.note(elapsedMilliseconds:)` tells.
  public var elapsedMilliseconds: Int64
  /// OpenAI's embeddings, whose usage is required: what the texts come to where the provider does
  /// not say.
  public var estimatedInputTokens: Int64 = 0

  public init(
    requestID: String, createdSeconds: Int64, model: JSONText, wantsStreamUsage: Bool = false,
    wantsJSONArray: Bool = false, echo: JSONFragment? = nil, onlyStopSequence: JSONText? = nil,
    elapsedMilliseconds: Int64 = 0
  ) {
    self.requestID = requestID
    self.createdSeconds = createdSeconds
    self.model = model
    self.wantsStreamUsage = wantsStreamUsage
    self.wantsJSONArray = wantsJSONArray
    self.echo = echo
    self.onlyStopSequence = onlyStopSequence
    self.elapsedMilliseconds = elapsedMilliseconds
  }
}

/// Writes one stream to a client. Each call appends whole frames of the client's protocol, so that
/// nothing is held back.
public protocol StreamEncoder {
  mutating func encode(_ event: StreamEvent, into output: inout [UInt8])

  /// How long ago the request began; told before each piece to those whose protocol says so.
  mutating func note(elapsedMilliseconds: Int64)

  /// The stream breaks: an error frame, and nothing that a client could take for a good end.
  mutating func fail(_ error: ProviderError, into output: inout [UInt8])
}

extension StreamEncoder {
  public mutating func note(elapsedMilliseconds: Int64) {}
}
