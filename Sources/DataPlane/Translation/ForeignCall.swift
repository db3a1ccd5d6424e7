// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Providers
internal import Translation

/// A request that is not one of an OpenAI client to an OpenAI server: what was read of it, and
/// what the attempt under way made of it. The request path proper knows nothing of APIs; it asks
/// here for bytes.
///
/// SAFETY: used on its worker's loop only. `bodyMemory` is the attempt's body, freed with it.
final class ForeignCall {
  let client: any ClientWire.Type
  var context: AnswerContext
  /// Nil as long as nothing but a body that passes as it is was wanted.
  private(set) var request: ChatRequest?

  /// The request, where embeddings are asked for instead of a chat.
  private var embeddings: EmbeddingsRequest?
  /// The attempt's questions and answers for it.
  private var batch: EmbeddingsBatch?
  private var embeddingsProvider: (any EmbeddingsProviderWire.Type)?
  private var embeddingsClient: any EmbeddingsClientWire.Type = OpenAIEmbeddings.self
  /// Who counts, where the number of tokens is asked for.
  private var counter: (any TokenCountProviderWire.Type)?
  private var target = UpstreamModel(name: "")

  // The attempt under way.
  private(set) var provider: any ProviderWire.Type = OpenAICompatibleChat.self
  /// Client and provider speak the same API: bodies pass as they are.
  private(set) var isPassing = false
  /// Client and provider speak nearly the same API: only the request is written anew.
  private(set) var isMending = false
  /// Under whose name the answer's state is kept: signatures are one model's alone.
  private(set) var owner = ""
  var path = ""
  private(set) var method = UpstreamMethod.post
  /// Where the response is kept that the request speaks of; no other deployment is asked.
  var place: ResponsePlace?
  /// The conversation that the request goes on with.
  var conversation: String?
  private(set) var headerFields: [(name: StaticString, value: String)] = []
  private(set) var losses = LossReport()
  private var shape = AnswerShape.usual
  private var bodyMemory: UnsafeMutableBufferPointer<UInt8>?
  /// Why the last provider cannot be asked for this.
  var failure: TranslationError?
  /// What the provider said went wrong.
  var providerError: ProviderError?
  /// `x-amzn-errortype` of the answer.
  private(set) var amazonErrorType: String?
  var stream: StreamTranslator?
  /// Bytes of what an answer says that are kept for its span; 0 for none.
  var contentBytesMaximum = 0
  private var wholeContent: SemanticAnswer?
  /// What goes to the client next; kept until the answer is committed.
  var output: [UInt8] = []

  init(client: any ClientWire.Type, context: AnswerContext) {
    self.client = client
    self.context = context
  }

  /// A call of its own for what another one has read.
  init(sameRequestAs other: ForeignCall) {
    client = other.client
    context = other.context
    request = other.request
    embeddings = other.embeddings
    place = other.place
    conversation = other.conversation
  }

  deinit { bodyMemory?.deallocate() }

  /// A request that has no body, whatever the client sent.
  var hasNoBody: Bool { !method.hasBody }

  /// The body that goes upstream; nil when it is the client's own, with its edits.
  var body: ByteView? {
    guard let memory = bodyMemory, let base = memory.baseAddress else { return nil }
    return ByteView(base: base, count: memory.count)
  }

  /// Reads the request once, for all attempts.
  ///
  /// - Parameter counts: the number of its tokens is asked for.
  /// - Throws: `invalidRequest`.
  func read(
    _ body: ByteView, counts: Bool, _ change: (inout ChatRequest) -> Void
  ) throws(TranslationError) {
    guard request == nil else { return }
    let root = try Self.parse(body)
    var request: ChatRequest
    if counts, let client = client as? any TokenCountClientWire.Type {
      request = try client.readTokenCountRequest(root)
    } else {
      request = try client.readRequest(root)
    }
    context.echo = client.echo(of: root)
    context.form = request.answerForm
    context.customTools = request.tools.filter(\.isCustom).map(\.name)
    if request.stopSequences.count == 1 { context.onlyStopSequence = request.stopSequences[0] }
    change(&request)
    self.request = request
  }

  private static func parse(_ body: ByteView) throws(TranslationError) -> JSONNode {
    do throws(JSONError) {
      return try JSONTree().parse(body)
    } catch {
      throw TranslationError(
        .invalidRequest, "\(error.sentence) (at byte \(error.offset) of the body)")
    }
  }

  /// Makes the attempt's request for a provider with another API.
  ///
  /// - Parameters:
  ///   - maximumOutputTokens: replaces the client's limit; negative for none.
  ///   - restore: puts back what the client has dropped of this owner's state.
  /// - Throws: `unsupportedParameter`, `invalidRequest`.
  func translate(
    for provider: any ProviderWire.Type, _ target: UpstreamModel, maximumOutputTokens: Int64,
    restore: (inout ChatRequest, _ owner: String) -> Void
  ) throws(TranslationError) {
    guard var request else { preconditionFailure("a request is read before it is translated") }
    if maximumOutputTokens >= 0 {
      request.maximumOutputTokens = JSONFragment(maximumOutputTokens)
    }
    owner = "\(provider.name)/\(target.name)"
    restore(&request, owner)
    let translated = try RequestTranslator(client: client, provider: provider)
      .translate(request, to: target)
    begin(provider)
    isMending = Wires.mendsAnswers(of: provider, for: client, in: context.form)
    keep(translated)
  }

  private func keep(_ translated: TranslatedRequest) {
    path = translated.path
    headerFields = translated.headerFields
    losses = translated.losses
    shape = translated.shape
    keepBody(translated.body)
  }

  /// Makes the attempt's question for the number of tokens.
  func translateTokenCount(
    for counter: any TokenCountProviderWire.Type, _ target: UpstreamModel
  ) throws(TranslationError) {
    guard let request else { preconditionFailure("a request is read before it is translated") }
    let translated = try TokenCount.translate(
      request, client: client, provider: counter, to: target)
    begin(counter)
    self.counter = counter
    keep(translated)
  }

  /// Makes the attempt's question for the number of tokens to a provider with the client's own API.
  func passTokenCount(
    to counter: any TokenCountProviderWire.Type, _ target: UpstreamModel,
    _ own: ForeignThoughts.Body
  ) {
    begin(counter)
    isPassing = true
    self.counter = counter
    path = counter.tokenCountPath(to: target)
    headerFields = counter.headerFields(for: target)
    keep(own)
  }

  /// Makes the attempt's request for embeddings.
  ///
  /// - Parameter provider: knows the provider's errors.
  func translateEmbeddings(
    _ body: ByteView, from client: any EmbeddingsClientWire.Type,
    for wire: any EmbeddingsProviderWire.Type, _ provider: any ProviderWire.Type,
    _ target: UpstreamModel
  ) throws(TranslationError) {
    embeddingsClient = client
    let request: EmbeddingsRequest
    if let embeddings {
      request = embeddings
    } else {
      request = try client.readRequest(try Self.parse(body))
      embeddings = request
    }
    let batch = try EmbeddingsBatch(request, most: wire.inputsMaximum(of: target), for: target)
    begin(provider)
    embeddingsProvider = wire
    self.target = target
    self.batch = batch
    try writePart(of: batch, wire)
    path = wire.requestPath(to: target)
  }

  /// Writes the question for the next texts.
  private func writePart(
    of batch: EmbeddingsBatch, _ wire: any EmbeddingsProviderWire.Type
  ) throws(TranslationError) {
    var losses = LossReport()
    let bytes = try wire.writeRequest(batch.next, to: target, losses: &losses)
    self.losses = losses
    keepBody(bytes)
  }

  /// Makes the attempt's request for embeddings for a provider with the client's own API.
  func passEmbeddings(to provider: any ProviderWire.Type, path: String) {
    begin(provider)
    isPassing = true
    embeddingsProvider = GeminiEmbeddings.self
    self.path = path
  }

  /// Makes the attempt's request for a provider with the client's own API.
  ///
  /// - Parameter own: what of the client's body goes there; not `unfit`.
  func pass(
    to provider: any ProviderWire.Type, _ target: UpstreamModel, isStream: Bool,
    _ own: ForeignThoughts.Body = .asItCame
  ) {
    begin(provider)
    isPassing = true
    path = provider.requestPath(to: target, isStream: isStream)
    headerFields = provider.headerFields(for: target)
    keep(own)
  }

  private func keep(_ own: ForeignThoughts.Body) {
    guard case .changed(let bytes, let hasLostThoughts) = own else { return }
    if hasLostThoughts { ForeignThoughts.note(in: &losses) }
    keepBody(bytes)
  }

  /// Makes the attempt's request to Google's cloud for a client with the API of the model's maker:
  /// its body passes but for what differs there.
  ///
  /// - Returns: whether it can pass; if not, it is to be translated.
  func passToVertex(
    _ body: ByteView, _ provider: any ProviderWire.Type, _ target: UpstreamModel,
    isStream: Bool, _ own: ForeignThoughts.Body
  ) throws(TranslationError) -> Bool {
    var root = try Self.parse(body)
    if case .changed(let bytes, _) = own { root = JSONFragment(validated: bytes[...]).parsed }
    if provider == AnthropicMessages.self {
      pass(to: provider, target, isStream: isStream, own)
      keepBody(AnthropicMessages.vertexBody(root))
      return true
    }
    switch Gemini.vertexBody(root) {
    case .unfit: return false
    case .asItCame: pass(to: provider, target, isStream: isStream, own)
    case .withRoles(let bytes):
      pass(to: provider, target, isStream: isStream, own)
      keepBody(bytes)
    }
    return true
  }

  /// Makes the attempt's request about a response that the provider keeps.
  func passStored(method: UpstreamMethod, path: String) {
    begin(OpenAIResponses.self)
    isPassing = true
    self.method = method
    self.path = path
  }

  /// Whether the provider says that it does not count the tokens that were asked for.
  func isUncounted(_ error: ProviderError) -> Bool { counter?.isUncounted(error) ?? false }

  private func begin(_ provider: any ProviderWire.Type) {
    self.provider = provider
    failure = nil
    providerError = nil
    isPassing = false
    isMending = false
    embeddingsProvider = nil
    batch = nil
    counter = nil
    headerFields = []
    losses = LossReport()
    shape = .usual
    output.removeAll(keepingCapacity: true)
    bodyMemory?.deallocate()
    bodyMemory = nil
    stream = nil
    wholeContent = nil
  }

  /// What was answered, for a span; nil where it is not kept or there is nothing.
  var answerContent: [UInt8]? { (stream?.content ?? wholeContent)?.messages }

  /// The request, for a span; read anew where it passes as it is.
  func requestContent(_ body: ByteView) -> ChatRequest? {
    if let request { return request }
    guard let root = try? Self.parse(body) else { return nil }
    return try? client.readContent(root)
  }

  private func keepContent(_ events: [StreamEvent]) {
    guard contentBytesMaximum > 0 else { return }
    var content = SemanticAnswer(bytesMaximum: contentBytesMaximum)
    for event in events { content.note(event) }
    wholeContent = content
  }

  private func keepBody(_ bytes: [UInt8]) {
    bodyMemory?.deallocate()
    let memory = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = memory.initialize(from: bytes)
    bodyMemory = memory
  }

  /// Of an answer that goes to the client as a stream: Google's may be an array of JSON.
  var streamContentType: StaticString {
    context.wantsJSONArray ? "application/json" : client.streamContentType
  }

  /// The provider answers with a stream.
  func beginStream() {
    output.removeAll(keepingCapacity: true)
    let encoder = client.makeStreamEncoder(context)
    stream =
      isMending
      ? StreamTranslator(mendsFor: context, encoder: encoder)
      : StreamTranslator(
        decoder: provider.makeStreamDecoder(), framing: provider.framing, encoder: encoder,
        passesFrames: isPassing, shape: shape)
    if contentBytesMaximum > 0 { stream?.keepContent(bytesMaximum: contentBytesMaximum) }
  }

  /// The provider answers with a stream of pictures or sounds, which passes as it is.
  func beginMediaStream() {
    begin(OpenAICompatibleChat.self)
    isPassing = true
    stream = StreamTranslator(
      decoder: MediaStreamDecoder(), framing: .serverSentEvents,
      encoder: client.makeStreamEncoder(context), passesFrames: true)
  }

  /// Fields of the answer's head that tell of errors.
  func note(_ fields: HeaderTable, _ head: ByteView) {
    amazonErrorType = nil
    for index in 0..<fields.count where fields[index].known == .other {
      if head[fields[index].name].equalsIgnoringCase("x-amzn-errortype") {
        amazonErrorType = head[fields[index].value].string
      }
    }
  }

  // MARK: Whole answers

  struct WholeAnswer {
    var bytes: [UInt8]
    var usage: Usage?
    var isStream = false
    /// The provider is to be asked for more before the client gets anything.
    var isPart = false
    /// Its usage is the gateway's guess.
    var tellsEstimate = false
    var id = JSONText.empty
    var model = JSONText.empty
    var finishes: [FinishReason] = []
    var replay = ReplayCollector()

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    init(
      _ bytes: [UInt8], of response: ChatResponse, _ replay: ReplayCollector, isStream: Bool
    ) {
      self.replay = replay
      self.bytes = bytes
      self.isStream = isStream
      usage = response.usage
      id = response.id
      model = response.model
      finishes = response.choices.map(\.finish)
    }
  }

  /// What the client is sent for the provider's whole answer.
  ///
  /// - Throws: `malformedAnswer`, `failedAnswer`.
  func answer(_ body: ByteView, asStream: Bool) throws(TranslationError) -> WholeAnswer {
    let root: JSONNode
    do throws(JSONError) {
      root = try JSONTree().parse(body)
    } catch { throw .malformed("The answer is not JSON: \(error.sentence)") }
    if let wire = embeddingsProvider { return try embeddingsAnswer(root, body, wire) }
    if let counter {
      let tokens = try counter.readTokenCount(root)
      let counting = client as? any TokenCountClientWire.Type
      return WholeAnswer(
        isPassing ? Self.copy(body) : counting?.writeTokenCount(tokens) ?? Self.copy(body))
    }
    if isPassing, provider == OpenAIResponses.self { return try passedResponse(root, body) }
    // xAI's word that the answer is to be fetched later has no choices.
    if isMending, root["choices"] == nil, root["request_id"]?.text != nil {
      return WholeAnswer(Self.copy(body))
    }
    var response = try provider.readResponse(root)
    shape.unwrap(&response)
    var replay = ReplayCollector()
    let events = response.events
    if !isPassing { for event in events { replay.note(event) } }
    keepContent(events)
    if asStream {
      var bytes: [UInt8] = []
      var encoder = client.makeStreamEncoder(context)
      for event in events { encoder.encode(event, into: &bytes) }
      return WholeAnswer(bytes, of: response, replay, isStream: true)
    }
    let bytes =
      isPassing
      ? Self.copy(body)
      : isMending ? OpenAIAnswerMender.mended(root) : client.writeResponse(response, context)
    return WholeAnswer(bytes, of: response, replay, isStream: false)
  }

  /// A response that has failed is still what was asked for where it is looked up.
  private func passedResponse(
    _ root: JSONNode, _ body: ByteView
  ) throws(TranslationError) -> WholeAnswer {
    var answer = WholeAnswer(Self.copy(body))
    do throws(TranslationError) {
      let summary = try OpenAIResponses.summary(of: root)
      answer.id = summary.id ?? .empty
      answer.model = summary.model ?? .empty
      answer.usage = summary.usage
      answer.finishes = [summary.finish]
      if contentBytesMaximum > 0, let response = try? provider.readResponse(root) {
        keepContent(response.events)
      }
    } catch {
      if place == nil || method.hasBody { throw error }
    }
    return answer
  }

  private static func copy(_ body: ByteView) -> [UInt8] {
    [UInt8](UnsafeBufferPointer(start: body.base, count: body.count))
  }

  private func embeddingsAnswer(
    _ root: JSONNode, _ body: ByteView, _ wire: any EmbeddingsProviderWire.Type
  ) throws(TranslationError) -> WholeAnswer {
    let response: EmbeddingsResponse
    var answer: WholeAnswer
    if var batch {
      batch.add(try wire.readResponse(root, to: target, count: batch.next.inputs.count))
      self.batch = batch
      response = batch.response
      if batch.isComplete {
        answer = WholeAnswer(embeddingsClient.writeResponse(response, to: batch.whole, context))
        answer.tellsEstimate =
          response.inputTokens == nil && embeddingsClient == OpenAIEmbeddings.self
      } else {
        try writePart(of: batch, wire)
        answer = WholeAnswer([])
        answer.isPart = true
      }
    } else {
      response = try wire.readResponse(root, to: target)
      answer = WholeAnswer(Self.copy(body))
    }
    if let tokens = response.inputTokens {
      var usage = Usage()
      usage.inputTokens = tokens
      answer.usage = usage
    }
    answer.model = response.model
    return answer
  }
}
