// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// The spans of an exchange: one of the request, below it one for each attempt. They are written
/// as they end, into the worker's ring.
///
/// What was sampled is written. What was not is written from the first failure on, so that an
/// error always leaves its spans: the request's own comes last, and so does not miss any.
extension Worker {
  // MARK: Attempts

  func writeAttemptSpan(
    _ client: Client, _ tracer: Tracer, _ outcome: Telemetry.AttemptOutcome, end: UInt64
  ) {
    defer { releaseNotes(client) }
    let isFailure = outcome != .success && outcome != .hedged
    if isFailure && outcome != .cancelled {
      client.pointee.exchange.trace.isRecording = true
    }
    guard client.pointee.exchange.trace.isRecording else { return }
    let context = client.pointee.exchange.trace.context
    var head = SpanHead()
    head.role = .attempt
    head.operation = client.pointee.exchange.endpoint.metric
    head.flags = context.flags
    head.isError = isFailure
    head.traceHigh = context.traceHigh
    head.traceLow = context.traceLow
    head.spanID = client.pointee.exchange.trace.attemptSpanID
    head.parentSpanID = context.spanID
    head.startNanoseconds = client.pointee.exchange.attemptStartNanoseconds
    head.endNanoseconds = max(end, head.startNanoseconds)
    var span = SpanWriter(
      head, ByteWriter(base: tracer.scratch, capacity: tracer.scratchCapacity))
    span.add(.traceState, view(of: client.pointee.exchange.trace.state), maximum: .max)
    addDeployment(client, &span)
    addParameters(client, &span)
    span.append(view(of: client.pointee.exchange.trace.answer))
    addAnswer(client, &span)
    if isFailure { span.add(.errorType, outcome.name) }
    if outcome == .hedged { span.add(.hedge, "overtaken") }
    if tracer.settings.capturesContent { addContent(client, tracer, &span) }
    let record = span.finish()
    if !record.isEmpty { tracer.ring.append(record) }
  }

  private func addDeployment(_ client: Client, _ span: inout SpanWriter) {
    let deployment = currentDeployment(client)
    let catalog = client.pointee.exchange.lease!.pointee.snapshot.catalog
    let model = catalog.model(deployment.pointee.deployment.model)
    span.add(.providerName, catalog.provider(model.provider).name)
    span.add(.requestModel, shownName(client, model))
    span.add(.serverAddress, deployment.pointee.deployment.endpoint.host)
    span.add(.serverPort, integer: Int64(deployment.pointee.deployment.endpoint.port))
    span.add(.gateway, deployment.pointee.deployment.gatewayName)
    let number =
      client.pointee.exchange.hedge?.pointee.number ?? client.pointee.exchange.attemptCount
    span.add(.attempt, integer: Int64(number))
  }

  /// What the request asks of the model. The cap that the gateway sets is what the provider sees.
  private func addParameters(_ client: Client, _ span: inout SpanWriter) {
    let facts = client.pointee.exchange.facts
    let body = body(of: client)
    let cap = client.pointee.exchange.outputTokensMaximum
    let tokens = cap >= 0 ? cap : client.pointee.exchange.wantedOutputTokens
    if tokens >= 0 { span.add(.requestMaximumTokens, integer: tokens) }
    if client.pointee.exchange.wantsStream { span.add(.requestIsStream, truth: true) }
    if facts.n.isPresent, let count = facts.n.integer(in: body), count != 1 {
      span.add(.requestChoiceCount, integer: count)
    }
    if facts.responseFormat.isPresent {
      let isJSON = body[facts.responseFormat.range].firstIndex(of: "\"json_") != nil
      span.add(.outputType, isJSON ? "json" : "text")
    }
    if facts.serviceTier.kind == .string {
      span.add(.requestServiceTier, body[facts.serviceTier.contents])
    }
    guard body.count <= Tracer.scannedBodyBytesMaximum else { return }
    let parameters = ModelParameters(scanning: body)
    func number(_ attribute: SpanAttribute, _ value: JSONSpan) {
      if value.kind == .number { span.add(attribute, number: body[value.range]) }
    }
    number(.requestTemperature, parameters.temperature)
    number(.requestTopP, parameters.topP)
    number(.requestTopK, parameters.topK)
    number(.requestFrequencyPenalty, parameters.frequencyPenalty)
    number(.requestPresencePenalty, parameters.presencePenalty)
    if let seed = parameters.seed.integer(in: body) { span.add(.requestSeed, integer: seed) }
    if let count = parameters.dimensions.integer(in: body) {
      span.add(.embeddingsDimensionCount, integer: count)
    }
    parameters.stop.forEachString(in: body) {
      span.add(.requestStopSequences, element: unescaped($0, in: body))
    }
    if parameters.encodingFormat.kind == .string {
      span.add(.requestEncodingFormats, element: body[parameters.encodingFormat.contents])
    }
  }

  /// The text of a string; in scratch memory when it had escapes.
  private func unescaped(_ span: JSONSpan, in text: ByteView) -> ByteView {
    guard span.hasEscapes else { return text[span.contents] }
    var writer = ByteWriter(base: fieldScratch, capacity: Self.headScratchCapacity)
    JSONString.unescape(text[span.contents], into: &writer)
    return writer.written
  }

  private func addAnswer(_ client: Client, _ span: inout SpanWriter) {
    let exchange = client.pointee.exchange
    if exchange.upstreamStatus > 0 {
      span.add(.httpResponseStatusCode, integer: Int64(exchange.upstreamStatus))
    }
    let start = exchange.attemptStartNanoseconds
    if exchange.mode == .events, exchange.firstByteNanoseconds > start {
      span.add(.responseTimeToFirstChunk, seconds: exchange.firstByteNanoseconds - start)
    }
    let bill = exchange.bill
    guard bill.isCharged else { return }
    if exchange.endpoint.task != .media || bill.tokens != TokenBuckets() {
      span.add(.inputTokens, integer: bill.tokens.totalInput)
      span.add(.outputTokens, integer: bill.tokens.totalOutput)
    }
    func part(_ attribute: SpanAttribute, _ count: Int64) {
      if count > 0 { span.add(attribute, integer: count) }
    }
    part(.cacheReadTokens, bill.tokens.cacheRead)
    part(.cacheWriteTokens, bill.tokens.cacheWriteShort &+ bill.tokens.cacheWriteHour)
    part(.reasoningTokens, bill.tokens.reasoning)
    part(.inputAudioTokens, bill.tokens.audioInput)
    part(.outputAudioTokens, bill.tokens.audioOutput)
    span.add(.cost, dollars: bill.cost.picodollars)
    if bill.isEstimated { span.add(.usageIsEstimated, truth: true) }
  }

  // MARK: Requests

  func writeRequestSpan(_ client: Client, _ tracer: Tracer, end: UInt64) {
    let failure = client.pointee.exchange.failure
    let status = client.pointee.exchange.status
    let isError = status >= 500 || (status == 200 && failure != nil)
    guard isError || client.pointee.exchange.trace.isRecording,
      isError || client.pointee.exchange.endpoint.isTraced
    else { return }
    let context = client.pointee.exchange.trace.context
    var head = SpanHead()
    head.operation = client.pointee.exchange.endpoint.metric
    head.flags = context.flags
    head.isError = isError
    head.traceHigh = context.traceHigh
    head.traceLow = context.traceLow
    head.spanID = context.spanID
    head.parentSpanID = client.pointee.exchange.trace.parentSpanID
    head.startNanoseconds = client.pointee.exchange.startNanoseconds
    head.endNanoseconds = max(end, head.startNanoseconds)
    var span = SpanWriter(
      head, ByteWriter(base: tracer.scratch, capacity: tracer.scratchCapacity))
    span.add(.traceState, view(of: client.pointee.exchange.trace.state), maximum: .max)
    addHTTP(client, &span)
    if isError { addErrorType(failure, status, &span) }
    addCaller(client, &span)
    let record = span.finish()
    if !record.isEmpty { tracer.ring.append(record) }
  }

  private func addHTTP(_ client: Client, _ span: inout SpanWriter) {
    let bytes = headBytes(client)
    let head = client.pointee.head
    if !bytes.isEmpty {
      let isKnown = head.method != .other
      span.add(.httpRequestMethod, isKnown ? bytes[head.methodRange] : Self.otherMethod)
      span.add(.urlPath, bytes[head.path], maximum: AccessLines.pathBytesMaximum)
    }
    if let route = client.pointee.exchange.endpoint.route { span.add(.httpRoute, route) }
    span.add(.urlScheme, client.pointee.transport.isTLS ? "https" : "http")
    if client.pointee.exchange.status > 0 {
      span.add(.httpResponseStatusCode, integer: Int64(client.pointee.exchange.status))
    }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 40) { memory in
      var address = ByteWriter(base: memory.baseAddress!, capacity: 40)
      client.pointee.sourceAddress.append(to: &address)
      span.add(.clientAddress, address.written)
    }
  }

  /// What the HTTP conventions say for a method that is not known.
  private static let otherMethod = ByteView(base: ("_OTHER" as StaticString).utf8Start, count: 6)

  private func addErrorType(
    _ failure: GatewayErrorKind?, _ status: UInt16, _ span: inout SpanWriter
  ) {
    if let failure { return span.add(.errorType, failure.code) }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 8) { memory in
      var text = ByteWriter(base: memory.baseAddress!, capacity: 8)
      text.append(decimal: UInt64(status))
      span.add(.errorType, text.written)
    }
  }

  private func addCaller(_ client: Client, _ span: inout SpanWriter) {
    let exchange = client.pointee.exchange
    if isKeyKnown(client), let lease = exchange.lease {
      let record = lease.pointee.snapshot.keys.record(exchange.key)
      span.add(.key, record.name)
      span.add(.user, record.user)
      span.add(.team, record.team)
    }
    let name = namedModel(client)
    if !name.isEmpty { span.add(.requestedModel, name) }
    if exchange.attemptCount > 0 {
      span.add(.attemptCount, integer: Int64(exchange.attemptCount))
      span.add(.cost, dollars: exchange.totalCost.picodollars)
    }
    if let result = hedgeResult(client) { span.add(.hedge, result.name) }
    guard exchange.decision != DecisionID() else { return }
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: DecisionID.textCount) { memory in
      var text = ByteWriter(base: memory.baseAddress!, capacity: DecisionID.textCount)
      exchange.decision.append(to: &text)
      span.add(.decision, text.written)
    }
  }
}

extension APIEndpoint {
  /// Probes and scrapes leave spans when they fail only.
  var isTraced: Bool {
    switch self {
    case .health, .liveness, .readiness, .metrics: false
    default: true
    }
  }

  /// `http.route`: the path with what varies as a variable.
  var route: StaticString? {
    switch self {
    case .chatCompletions: "/v1/chat/completions"
    case .completions: "/v1/completions"
    case .embeddings: "/v1/embeddings"
    case .messages: "/v1/messages"
    case .countTokens: "/v1/messages/count_tokens"
    case .responses: "/v1/responses"
    case .responseTokens: "/v1/responses/input_tokens"
    case .response: "/v1/responses/{response}"
    case .responseCancel: "/v1/responses/{response}/cancel"
    case .responseItems: "/v1/responses/{response}/input_items"
    case .geminiGenerate: "/v1beta/models/{model}:generateContent"
    case .geminiStream: "/v1beta/models/{model}:streamGenerateContent"
    case .geminiCount: "/v1beta/models/{model}:countTokens"
    case .geminiEmbed: "/v1beta/models/{model}:embedContent"
    case .geminiBatchEmbed: "/v1beta/models/{model}:batchEmbedContents"
    case .bedrockConverse: "/model/{model}/converse"
    case .bedrockStream: "/model/{model}/converse-stream"
    case .rerank: "/v1/rerank"
    case .imageGenerations: "/v1/images/generations"
    case .imageEdits: "/v1/images/edits"
    case .imageVariations: "/v1/images/variations"
    case .transcriptions: "/v1/audio/transcriptions"
    case .audioTranslations: "/v1/audio/translations"
    case .speech: "/v1/audio/speech"
    case .moderations: "/v1/moderations"
    case .realtime: "/v1/realtime"
    case .models: "/v1/models"
    case .model: "/v1/models/{model}"
    case .health: "/health"
    case .liveness: "/health/liveness"
    case .readiness: "/health/readiness"
    case .metrics: "/metrics"
    case .notFound, .methodNotAllowed: nil
    }
  }
}
