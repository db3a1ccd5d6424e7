// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// How a provider's chat API is spoken: the one protocol to implement for a new provider. All pure;
/// heads, credentials and sockets are the data plane's. See docs/howto/add-a-provider.md.
public protocol ProviderWire: Sendable {
  /// As in configuration and the reference.
  static var name: StaticString { get }

  /// What becomes of each parameter; the reference is generated from it, and
  /// `RequestCheck` drops and refuses by it before `writeRequest` is called.
  static var parameters: ParameterTable { get }

  /// How the provider's streams are divided into frames.
  static var framing: StreamFraming { get }

  /// Whether an answer's JSON schema may be of anything at its root. Elsewhere one that is no
  /// object's is put into an object, and the answer taken out of it (`JSONAnswerWrapper`).
  static var takesAnySchema: Bool { get }

  /// Whether documents may be text of a media type (in lower case, without parameters). Others are
  /// said as texts of the message.
  static func takesTextDocument(_ mediaType: String) -> Bool

  /// What a model can do, by its name.
  static func traits(of model: String) -> ModelTraits

  /// The path (and query) below the base URL.
  static func requestPath(to target: UpstreamModel, isStream: Bool) -> String

  /// Header fields besides the credential, content type and length.
  static func headerFields(for target: UpstreamModel) -> [(name: StaticString, value: String)]

  /// The body.
  ///
  /// - Parameter losses: what is left out or said otherwise is named here.
  /// - Throws: `unsupportedParameter` or `invalidRequest`.
  static func writeRequest(
    _ request: ChatRequest, to target: UpstreamModel, losses: inout LossReport
  ) throws(TranslationError) -> [UInt8]

  /// - Throws: `malformedAnswer`, or `failedAnswer` where the provider says that the model failed.
  static func readResponse(_ body: JSONNode) throws(TranslationError) -> ChatResponse

  /// An error by its status and body, which may be anything.
  static func readError(status: UInt16, headers: ErrorHeaders, body: ByteView) -> ProviderError

  static func makeStreamDecoder() -> any StreamDecoder
}

extension ProviderWire {
  public static var takesAnySchema: Bool { false }

  public static func takesTextDocument(_ mediaType: String) -> Bool { false }

  public static func traits(of model: String) -> ModelTraits { ModelTraits() }

  public static func headerFields(
    for target: UpstreamModel
  ) -> [(name: StaticString, value: String)] { [] }
}

/// Header fields of an error answer that some providers speak through.
public struct ErrorHeaders: Sendable {
  /// `x-amzn-errortype`
  public var amazonErrorType: String?
  /// By `retry-after` or `retry-after-ms`.
  public var retryAfterMilliseconds: Int64?

  public init(amazonErrorType: String? = nil, retryAfterMilliseconds: Int64? = nil) {
    self.amazonErrorType = amazonErrorType
    self.retryAfterMilliseconds = retryAfterMilliseconds
  }
}

/// How a stream is divided into frames.
public enum StreamFraming: UInt8, Sendable {
  /// WHATWG HTML, "Server-sent events".
  case serverSentEvents
  /// One JSON value a line.
  case jsonLines
  /// `application/vnd.amazon.eventstream`: binary, with checksums.
  case amazonEventStream
}

/// One frame of a provider's stream.
public struct StreamFrame {
  /// The `event` field of a server-sent event, `:event-type`, `:exception-type` or `:error-code` at
  /// Amazon; empty where there is none.
  public var name: ByteView
  /// The data lines, joined; the payload at Amazon, or `:error-message` where that is all.
  public var data: ByteView
  /// Amazon's `:message-type` is `exception` or `error`.
  public var isException: Bool

  public init(name: ByteView = .empty, data: ByteView, isException: Bool = false) {
    self.name = name
    self.data = data
    self.isException = isException
  }
}

extension StreamDecoder {
  public var isAtWork: Bool { false }
}

/// Reads one stream of a provider, frame by frame.
public protocol StreamDecoder {
  /// A frame has shown that the provider is at work on an answer, though it may have had no event:
  /// a tool of the provider's own runs. Streams that pass as they are begin with it.
  var isAtWork: Bool { get }

  /// Appends what the frame means. A frame of a kind that is not known is passed over.
  ///
  /// - Throws: `malformedAnswer` where the frame is not what the API promises.
  mutating func decode(
    _ frame: StreamFrame, into events: inout [StreamEvent]
  ) throws(TranslationError)

  /// The upstream ended its body in good order. Appends what only the end makes certain.
  ///
  /// - Throws: `malformedAnswer` if the stream has not come to its own end: it was cut.
  mutating func end(into events: inout [StreamEvent]) throws(TranslationError)
}
