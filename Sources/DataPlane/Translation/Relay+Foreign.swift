// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Providers
internal import Routing
internal import Telemetry
internal import Translation

/// Stage 10 for calls between different APIs, or in one that is not OpenAI's.
extension Worker {
  /// Whether an answer with this head is a stream, and its frames are to be read as such.
  func isForeignStream(_ client: Client, _ headBytes: ByteView) -> Bool {
    guard let type = responseFields.value(of: .contentType, in: headBytes) else { return false }
    return type.isEventStream || type.starts(with: "application/x-ndjson")
      || type.starts(with: "application/vnd.amazon.eventstream")
  }

  // MARK: Streams

  func relayForeign(
    _ client: Client, _ call: ForeignCall, _ upstream: Upstream, _ payload: ByteView,
    isComplete: Bool
  ) {
    let framesBefore = call.stream!.state.frameCount
    noteElapsed(client, call)
    do throws(TranslationError) {
      try call.stream!.feed(payload, into: &call.output)
      if isComplete { try call.stream!.end(into: &call.output) }
    } catch {
      attemptFailed(upstream, isComplete ? .ended : .malformedBody)
      return
    }
    let state = call.stream!.state
    if let usage = state.usage { note(usage, client) }
    client.pointee.exchange.answerByteCount = state.contentByteCount
    if state.hasFailed {
      call.providerError = call.stream!.progress.failure
      if call.isPassing && client.pointee.exchange.isCommitted {
        client.pointee.exchange.hasSeenError = true
        guard call.output.isEmpty || sendOutput(client, call, isDone: false) else { return }
      }
      attemptFailed(upstream, .errorEvent)
      return
    }
    if call.output.count > Int(settings.limits.streamEventBytesMaximum), !state.hasContent {
      attemptFailed(upstream, .malformedBody)
      return
    }
    guard forward(client, call, state, isAlive: state.frameCount != framesBefore) else { return }
    if state.isComplete {
      client.pointee.exchange.hasSeenDone = true
      closeStream(client)
      releaseUpstream(client)
      finishExchange(client)
    } else {
      watchQueue(client, upstream)
    }
  }

  /// Sends what there is; false when the exchange has ended meanwhile.
  ///
  /// - Parameter isAlive: whole frames have come, if only such as mean nothing to the client.
  private func forward(
    _ client: Client, _ call: ForeignCall, _ state: StreamState, isAlive: Bool
  ) -> Bool {
    if !client.pointee.exchange.isCommitted {
      // A beginning without content would only forbid a failover.
      guard state.hasContent || state.isComplete else { return true }
      noteFirstEvent(client)
      keepPlace(client, call, call.stream!.progress.id)
      commitForeignStream(client, call)
    }
    measureChunks(client, call.output.isEmpty ? 0 : 1, now: loop.nowMilliseconds)
    if state.isComplete {
      let progress = call.stream!.progress
      noteAnswer(client, progress.id, progress.model, progress.finish.map { [$0] } ?? [])
      keep(call.stream!.replay, call, client)
      endAttempt(client, .success, .success)
    } else if isAlive {
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
    }
    return sendOutput(client, call, isDone: state.isComplete)
  }

  private func sendOutput(_ client: Client, _ call: ForeignCall, isDone: Bool) -> Bool {
    var findings = EventFindings()
    findings.isDone = isDone
    let isSent = call.output.withUnsafeBufferPointer { buffer in
      let bytes = buffer.baseAddress.map { ByteView(base: $0, count: buffer.count) } ?? .empty
      findings.end = bytes.count
      return send(client, events: bytes, findings)
    }
    call.output.removeAll(keepingCapacity: true)
    return isSent
  }

  private func commitForeignStream(_ client: Client, _ call: ForeignCall) {
    if commitsBehindHead(client) { return }
    var head = beginHead(client, 200)
    openStream(client)
    appendPassedFields(client, to: &head)
    appendClientFraming(client, to: &head)
    head.append("content-type: ")
    head.append(call.streamContentType)
    head.append("\r\n")
    if !client.pointee.exchange.hasCacheControl { head.append("cache-control: no-cache\r\n") }
    head.append("x-accel-buffering: no\r\n")
    endHead(client, &head)
    pendingHead = head.written
  }

  private func keep(_ replay: ReplayCollector, _ call: ForeignCall, _ client: Client) {
    guard !call.isPassing else { return }
    shared.replays.keep(
      replay, of: call.owner, tenant: tenant(client),
      nowMilliseconds: nowMilliseconds)
  }

  private func note(_ usage: Usage, _ client: Client) {
    client.pointee.exchange.hasUsage = true
    client.pointee.exchange.usage.promptTokens = usage.inputTokens
    client.pointee.exchange.usage.completionTokens = usage.outputTokens
    client.pointee.exchange.usage.totalTokens = usage.totalTokens
    client.pointee.exchange.usage.cachedTokens = usage.cacheReadTokens
    client.pointee.exchange.usage.reasoningTokens = usage.reasoningTokens
    client.pointee.exchange.usage.cacheWriteTokens = usage.cacheWriteTokens
    client.pointee.exchange.usage.cacheWriteHourTokens = usage.cacheWriteHourTokens
    client.pointee.exchange.usage.audioInputTokens = usage.audioInputTokens
    client.pointee.exchange.usage.audioOutputTokens = usage.audioOutputTokens
  }

  /// Ends a client's stream with an error in its own API's form.
  func breakForeignStream(
    _ client: Client, _ call: ForeignCall, _ error: GatewayError, by side: StreamSide = .upstream
  ) {
    closeStream(client, brokenBy: side)
    client.pointee.exchange.failure = error.kind
    // What came in the same read before it broke is still to be sent.
    if !client.pointee.exchange.hasSeenError {
      let said = call.providerError.map { ProviderError(error, saying: $0) }
      call.stream!.fail(said ?? ProviderError(error), into: &call.output)
    }
    let isSent = call.output.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress, buffer.count > 0 else { return true }
      return sendChunk(client, ByteView(base: base, count: buffer.count))
    }
    if isSent && sendLastChunk(client) { finishExchange(client) }
  }

  /// Answers of Converse alone tell how long they took.
  private func noteElapsed(_ client: Client, _ call: ForeignCall) {
    guard !call.isPassing, client.pointee.exchange.endpoint.api == .bedrock else { return }
    let nanoseconds = Loop.nanoseconds - client.pointee.exchange.startNanoseconds
    call.context.elapsedMilliseconds = Int64(nanoseconds / 1_000_000)
    call.stream?.note(elapsedMilliseconds: call.context.elapsedMilliseconds)
  }

  // MARK: Whole answers

  func foreignAnswerArrived(
    _ client: Client, _ call: ForeignCall, _ upstream: Upstream, _ whole: ByteView
  ) {
    let status = client.pointee.exchange.upstreamStatus
    guard status >= 200 && status < 300 else {
      foreignErrorArrived(client, call, status, whole)
      return
    }
    noteElapsed(client, call)
    do throws(TranslationError) {
      let answer = try call.answer(whole, asStream: client.pointee.exchange.wantsStream)
      client.pointee.exchange.hasUsage = false
      if let usage = answer.usage { note(usage, client) }
      if answer.isPart {
        sendNextPart(client, upstream, whole.count)
        return
      }
      client.pointee.exchange.answerByteCount += whole.count
      noteAnswer(client, answer.id, answer.model, answer.finishes)
      keepPlace(client, call, answer.id)
      keep(answer.replay, call, client)
      endAttempt(client, .success, .success)
      sendAnswer(client, call, answer)
    } catch {
      if let said = error.providerError { return foreignErrorArrived(client, call, said) }
      let failure: UpstreamFailure = error.kind == .failedAnswer ? .serverError : .notJSON
      call.providerError = ProviderError(.server, error.message)
      if retry(client, after: failure) { return }
      releaseUpstream(client)
      refuse(client, self.error(for: failure, client))
    }
  }

  /// The attempt goes on with its call's next question: the same deployment, often the same
  /// connection. What all answers come to is bounded as one answer is.
  private func sendNextPart(_ client: Client, _ upstream: Upstream, _ count: Int) {
    client.pointee.exchange.answerByteCount += count
    guard client.pointee.exchange.answerByteCount <= settings.translatedResponseBytesMaximum else {
      attemptFailed(upstream, .malformedBody)
      return
    }
    releaseUpstream(client)
    if let fields = client.pointee.exchange.fields { loop.buffers.give(fields) }
    if let held = client.pointee.exchange.held { loop.buffers.give(held) }
    client.pointee.exchange.fields = nil
    client.pointee.exchange.held = nil
    open(client, currentDeployment(client).pointee.endpoint)
  }

  private func foreignErrorArrived(
    _ client: Client, _ call: ForeignCall, _ status: UInt16, _ whole: ByteView
  ) {
    let wait = client.pointee.exchange.retryAfterMilliseconds
    let headers = ErrorHeaders(
      amazonErrorType: call.amazonErrorType, retryAfterMilliseconds: wait < 0 ? nil : wait)
    var error = call.provider.readError(status: status, headers: headers, body: whole)
    if error.message.isEmpty {
      if status == 404 { report(client, .nothingThere) }
      // A page of some proxy in between, or an answer that was cut short.
      error.message = "The provider answered with status \(status) and without words."
    }
    if let wait = error.retryAfterMilliseconds {
      client.pointee.exchange.retryAfterMilliseconds = wait
    }
    foreignErrorArrived(client, call, error)
  }

  /// What follows from an error, whatever the status that it came with.
  private func foreignErrorArrived(
    _ client: Client, _ call: ForeignCall, _ error: ProviderError
  ) {
    guard let failure = Self.failure(error) else {
      endAttempt(client, .ignored, .clientError)
      if call.isUncounted(error) {
        releaseUpstream(client)
        return answerEstimate(client, call)
      }
      answerError(client, call, error)
      return
    }
    if retry(client, after: failure) { return }
    if failure.hasAnswer {
      answerError(client, call, error)
    } else {
      releaseUpstream(client)
      refuse(client, self.error(for: failure, client))
    }
  }

  /// What kind of failure of the upstream an error is; nil when the request itself is at fault.
  private static func failure(_ error: ProviderError) -> UpstreamFailure? {
    switch error.kind {
    case .authentication, .permission: .authentication
    case .rateLimit, .quota: .rateLimited
    case .overloaded, .server, .timeout: .serverError
    case .invalidRequest, .contextLengthExceeded, .contentFilter, .notFound, .requestTooLarge: nil
    }
  }

  private func answerError(_ client: Client, _ call: ForeignCall, _ error: ProviderError) {
    client.pointee.exchange.failure = .upstreamRefused
    if client.pointee.exchange.hasEarlyHead { return failEarlyStream(client, error) }
    sendForeign(
      client, error.status, call.client.writeError(error, call.context),
      contentType: "application/json", fields: call.client.errorHeaderFields(for: error))
  }

  private func sendAnswer(_ client: Client, _ call: ForeignCall, _ answer: ForeignCall.WholeAnswer)
  {
    if !client.pointee.exchange.hasEarlyHead {
      sendForeign(
        client, 200, answer.bytes,
        contentType: answer.isStream ? call.streamContentType : "application/json",
        fields: answer.tellsEstimate ? [("x-gateway-token-count", "estimate")] : [])
    } else if answer.isStream {
      endEarlyStream(client, answer.bytes, isBroken: false)
    } else {
      refuseWithinStream(client, Self.wholeForStream)
    }
  }

  private func sendForeign(
    _ client: Client, _ status: UInt16, _ bytes: [UInt8], contentType: StaticString,
    fields: [(name: StaticString, value: StaticString)] = []
  ) {
    var head = beginHead(client, status)
    appendPassedFields(client, to: &head)
    append(fields, to: &head)
    head.append("content-type: ")
    head.append(contentType)
    head.append("\r\n")
    ResponseHeadWriter.appendContentLength(UInt64(bytes.count), to: &head)
    endHead(client, &head)
    let isSent = bytes.withUnsafeBufferPointer { buffer in
      withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 2) { segments in
        segments[0] = head.written
        segments[1] =
          buffer.baseAddress.map { ByteView(base: $0, count: buffer.count) } ?? .empty
        return send(client, UnsafeBufferPointer(segments))
      }
    }
    releaseUpstream(client)
    if isSent { finishExchange(client) }
  }
}

extension ProviderError {
  /// The gateway's own error, as an API other than OpenAI's has to say it.
  init(_ error: GatewayError) {
    let kind: Kind =
      switch error.kind {
      case .missingKey, .invalidKey: .authentication
      case .keyNotAllowed, .forbiddenByPolicy: .permission
      case .modelNotFound, .routeNotFound, .responseNotFound: .notFound
      case .bodyTooLarge: .requestTooLarge
      case .concurrencyLimited, .upstreamRateLimited: .rateLimit
      case .noHealthyDeployment, .overloaded, .draining: .overloaded
      case .requestTimeout, .upstreamTimeout, .streamStalled, .streamTimeout: .timeout
      default: error.kind.fault == .client ? .invalidRequest : .server
      }
    self.init(
      kind, error.message, nativeType: "\(error.kind.code)",
      retryAfterMilliseconds: error.retryAfterSeconds.map { Int64(clamping: $0) * 1_000 })
    isCallers = kind == .authentication
  }

  /// The same with the provider's own words.
  init(_ error: GatewayError, saying said: ProviderError) {
    self.init(error)
    message += " It said: \(said.message)"
  }
}
