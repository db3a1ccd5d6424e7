// SPDX-License-Identifier: MIT

public import Bytes
public import JSON

/// A stream on its way from a provider's protocol to a client's. Bytes in, bytes out; what came is
/// passed on at once, and nothing is given as a good end but the provider's own.
public struct StreamTranslator {
  private var reader: FrameReader
  private var core: Core

  /// - Parameters:
  ///   - passesFrames: client and provider speak the same API: whole frames pass as they are, and
  ///     are only watched for the stream's end, its errors and its usage.
  ///   - shape: of the answer; in frames that pass it stays.
  public init(
    decoder: any StreamDecoder, framing: StreamFraming, encoder: any StreamEncoder,
    passesFrames: Bool = false, shape: AnswerShape = .usual
  ) {
    reader = FrameReader(framing)
    core = Core(decoder: decoder, encoder: encoder, passesFrames: passesFrames)
    if !passesFrames, shape != .usual { core.unwrapper = StreamUnwrapper(shape) }
  }

  /// A stream of a server whose chats are OpenAI's but for little, to a client of OpenAI's
  /// (`Wires.mendsAnswers`): each frame is passed on, and mended where it has to be.
  ///
  /// - Parameter encoder: writes how the stream fails.
  public init(mendsFor context: AnswerContext, encoder: any StreamEncoder) {
    self.init(
      decoder: OpenAIChatStreamDecoder(), framing: .serverSentEvents, encoder: encoder)
    core.mender = OpenAIAnswerMender(wantsUsage: context.wantsStreamUsage)
  }

  public var progress: StreamProgress { core.progress }

  /// What is asked around every piece. Mutating, so that a translator within a class is not copied
  /// out of it: that would count up every reference it holds.
  public var state: StreamState { mutating get { core.progress.state } }

  /// What the provider will want back of this answer.
  public var replay: ReplayCollector { core.replay }

  /// What the answer says so far, for telemetry; nil unless `keepContent` was called.
  public var content: SemanticAnswer? { core.content }

  /// Keeps what the answer says, up to so many bytes.
  public mutating func keepContent(bytesMaximum: Int) {
    core.content = SemanticAnswer(bytesMaximum: bytesMaximum)
  }

  /// How long ago the request began, for protocols whose last event says so.
  public mutating func note(elapsedMilliseconds: Int64) {
    core.encoder.note(elapsedMilliseconds: elapsedMilliseconds)
  }

  /// Translates a piece of the provider's stream.
  ///
  /// - Parameter output: the client's bytes are appended.
  /// - Throws: `malformedAnswer`; the stream is to be ended with `fail` then, or asked for
  ///   elsewhere while `progress.hasContent` is false.
  public mutating func feed(
    _ piece: ByteView, into output: inout [UInt8]
  ) throws(TranslationError) {
    swap(&core.output, &output)
    defer { swap(&core.output, &output) }
    try reader.feed(piece, to: &core)
  }

  /// The provider ended its body in good order.
  ///
  /// - Throws: `malformedAnswer` if its stream was not whole.
  public mutating func end(into output: inout [UInt8]) throws(TranslationError) {
    guard !core.isOver else { return }
    swap(&core.output, &output)
    defer { swap(&core.output, &output) }
    try reader.end(to: &core)
    try core.end()
  }

  /// Ends the client's stream with an error.
  public mutating func fail(_ error: ProviderError, into output: inout [UInt8]) {
    core.encoder.fail(error, into: &output)
  }

  /// From frames to the client's bytes.
  private struct Core: FrameSink {
    var decoder: any StreamDecoder
    var encoder: any StreamEncoder
    let passesFrames: Bool
    var mender: OpenAIAnswerMender?
    var unwrapper: StreamUnwrapper?
    var events: [StreamEvent] = []
    var progress = StreamProgress()
    var replay = ReplayCollector()
    var content: SemanticAnswer?
    /// The caller's memory, while it is here.
    var output: [UInt8] = []

    init(decoder: any StreamDecoder, encoder: any StreamEncoder, passesFrames: Bool) {
      self.decoder = decoder
      self.encoder = encoder
      self.passesFrames = passesFrames
    }

    var isOver: Bool { progress.state.isComplete || progress.state.hasFailed }

    mutating func take(_ frame: StreamFrame) throws(TranslationError) {
      guard !isOver else { return }
      progress.state.frameCount &+= 1
      try decoder.decode(frame, into: &events)
      mender?.take(frame, events, into: &output)
      passEvents()
      if passesFrames, decoder.isAtWork { progress.state.hasContent = true }
    }

    mutating func end() throws(TranslationError) {
      guard !isOver else { return }
      try decoder.end(into: &events)
      passEvents()
      guard isOver else {
        throw .malformed("The stream ended before the answer was complete.")
      }
    }

    private mutating func passEvents() {
      unwrapper?.apply(to: &events)
      for event in events where !isOver {
        progress.note(event)
        if !passesFrames { replay.note(event) }
        content?.note(event)
        // The caller decides what becomes of a failure: another attempt, or `fail`.
        if progress.state.hasFailed || passesFrames || mender != nil { continue }
        encoder.encode(event, into: &output)
      }
      events.removeAll(keepingCapacity: true)
    }

    mutating func pass(_ bytes: ByteView) {
      guard passesFrames else { return }
      unsafe output.append(contentsOf: UnsafeBufferPointer(start: bytes.base, count: bytes.count))
    }
  }
}

/// Where a stream is, in plain numbers.
public struct StreamState: Sendable {
  /// Something of the answer itself has been passed on: no other attempt may start now.
  public internal(set) var hasContent = false
  /// The provider's own end was seen.
  public internal(set) var isComplete = false
  /// `StreamProgress.failure` says why.
  public internal(set) var hasFailed = false
  public internal(set) var usage: Usage?
  /// Bytes of text, thoughts and arguments: for an estimate where no usage comes.
  public internal(set) var contentByteCount = 0
  /// Whole frames so far, whatever they mean: the provider is alive.
  public internal(set) var frameCount: UInt32 = 0

  public init() {}
}

/// What is known of a stream so far.
public struct StreamProgress: Sendable {
  public internal(set) var state = StreamState()
  public private(set) var failure: ProviderError?
  public private(set) var finish: FinishReason?
  /// Of the answer, as far as the provider has said.
  public private(set) var id: JSONText?
  public private(set) var model: JSONText?

  public init() {}

  public var isComplete: Bool { state.isComplete }
  public var usage: Usage? { state.usage }

  mutating func note(_ event: StreamEvent) {
    switch event {
    case .start(let id, let model):
      self.id = id ?? self.id
      self.model = model ?? self.model
    case .text(_, let text), .refusal(_, let text), .reasoning(_, let text),
      .toolCallArguments(_, _, let text), .encryptedReasoning(_, let text):
      state.contentByteCount += text.escaped.count
      state.hasContent = true
    case .toolCallStart, .reasoningSignature, .logProbabilities: state.hasContent = true
    case .finish(_, let reason, _, _):
      finish = reason
      state.hasContent = true
    case .usage(let usage): state.usage = usage
    case .failure(let error):
      failure = error
      state.hasFailed = true
    case .end: state.isComplete = true
    }
  }
}
