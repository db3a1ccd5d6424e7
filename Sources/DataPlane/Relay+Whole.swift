// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Providers
internal import Routing
internal import Telemetry

/// Answers that are not event streams. They are gathered and checked before their first byte goes
/// to the client: a JSON document is of no use to it in part, and a broken one can still be asked
/// for elsewhere.
extension Worker {
  func gather(_ client: Client, _ upstream: Upstream, _ payload: ByteView, isComplete: Bool) {
    if isComplete && client.pointee.exchange.held == nil {
      wholeAnswerArrived(client, upstream, payload)
      return
    }
    append(payload, to: &client.pointee.exchange.held)
    let held = view(of: client.pointee.exchange.held)
    if isComplete {
      wholeAnswerArrived(client, upstream, held)
    } else if held.count > bufferedBytesMaximum(client) {
      startStreaming(client, upstream, held)
    } else {
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
    }
  }

  @inline(__always)
  private func bufferedBytesMaximum(_ client: Client) -> Int {
    client.pointee.exchange.foreign == nil
      ? settings.bufferedResponseBytesMaximum : settings.translatedResponseBytesMaximum
  }

  private func wholeAnswerArrived(_ client: Client, _ upstream: Upstream, _ whole: ByteView) {
    if showsCredentialAgain(client, whole) { return }
    if let call = foreignCall(client) {
      foreignAnswerArrived(client, call, upstream, whole)
      return
    }
    let status = client.pointee.exchange.upstreamStatus
    var facts = ResponseFacts()
    let answer = UpstreamAnswer.judge(
      status: status, body: whole, facts: &facts,
      shape: upstream.pointee.endpoint.pointee.usageShape)
    if answer.isSuccess {
      facts.usage.settle()
      client.pointee.exchange.usage = facts.usage
      client.pointee.exchange.hasUsage = facts.hasUsage
      client.pointee.exchange.answerByteCount = whole.count
      if client.pointee.exchange.endpoint.task == .media { noteUnits(client, whole) }
      noteAnswer(client, whole)
      endAttempt(client, .success, .success)
      sendWhole(client, status, whole)
    } else if let failure = failure(answer, received: status) {
      if retry(client, after: failure) { return }
      answerFailure(client, failure, answer, whole)
    } else {
      if answer.status == 404, answer.kind != .errorObject { report(client, .nothingThere) }
      endAttempt(client, .ignored, .clientError)
      passError(client, answer, whole)
    }
  }

  /// What kind of failure of the upstream an answer is; nil when the request itself is at fault.
  private func failure(_ answer: UpstreamAnswer, received: UInt16) -> UpstreamFailure? {
    switch answer.kind {
    case .success: return nil
    case .htmlPage, .notJSON, .empty:
      if received < 400 { return .notJSON }
    case .errorObject, .flatError:
      if received < 400 { return answer.isRetryable ? .errorObject : nil }
    }
    switch answer.status {
    case 401, 403: return .authentication
    case 429: return .rateLimited
    default:
      let isListed = settings.retries.statuses.contains(Int(answer.status))
      return answer.status >= 500 || isListed ? .serverError : nil
    }
  }

  /// No attempt is left: the upstream's own words where it has any for the client, else the
  /// gateway's.
  private func answerFailure(
    _ client: Client, _ failure: UpstreamFailure, _ answer: UpstreamAnswer, _ whole: ByteView
  ) {
    if failure.hasAnswer {
      passError(client, answer, whole)
    } else {
      releaseUpstream(client)
      refuse(client, error(for: failure, client))
    }
  }

  /// Passes an upstream's error on: as it is when it is an OpenAI error object, else its message in
  /// one.
  private func passError(_ client: Client, _ answer: UpstreamAnswer, _ whole: ByteView) {
    if answer.kind == .errorObject, answer.code.kind != .absent || answer.type.kind == .string {
      sendWhole(client, answer.status, whole)
      return
    }
    let said = answer.message.kind == .string ? whole[answer.message.contents].string : ""
    let status = answer.status
    let error = GatewayError(
      status >= 500 ? .upstreamError : status == 429 ? .upstreamRateLimited : .upstreamRefused,
      said.isEmpty
        ? "The provider answered with status \(status) and no message."
        : Self.unescaped(said), statusOverride: status,
      retryAfterSeconds: retryAfterSeconds(client))
    releaseUpstream(client)
    refuse(client, error)
  }

  private static func unescaped(_ text: String) -> String {
    text.withByteView { contents in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: contents.count + 1) { memory in
        var writer = ByteWriter(base: memory.baseAddress!, capacity: memory.count)
        JSONString.unescape(contents, into: &writer)
        return writer.written.string
      }
    }
  }

  /// Head and body in one write.
  private func sendWhole(_ client: Client, _ status: UInt16, _ whole: ByteView) {
    if client.pointee.exchange.hasEarlyHead { return endEarlyStream(client, status, whole) }
    var head = beginHead(client, status)
    appendPassedFields(client, to: &head)
    ResponseHeadWriter.appendContentLength(UInt64(whole.count), to: &head)
    endHead(client, &head)
    let isSent = withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 2) { segments in
      segments[0] = head.written
      segments[1] = whole
      return send(client, UnsafeBufferPointer(segments))
    }
    releaseUpstream(client)
    if isSent { finishExchange(client) }
  }

  // MARK: Larger than what is gathered

  func startStreaming(_ client: Client, _ upstream: Upstream, _ held: ByteView) {
    guard client.pointee.exchange.upstreamStatus < 400, client.pointee.exchange.foreign == nil,
      !client.pointee.exchange.hasEarlyHead
    else {
      attemptFailed(upstream, .malformedBody)
      return
    }
    client.pointee.exchange.mode = .streamed
    client.pointee.exchange.answerByteCount = held.count
    var head = beginHead(client, client.pointee.exchange.upstreamStatus)
    appendPassedFields(client, to: &head)
    appendClientFraming(client, to: &head)
    endHead(client, &head)
    guard send(client, head.written), held.isEmpty || sendChunk(client, held) else { return }
    let buffer = client.pointee.exchange.held
    client.pointee.exchange.held = nil
    // Sound is sent from its first byte on; what was held before is a document.
    if !held.isEmpty { keepTail(client, held) }
    // `held` is in it.
    if let buffer { loop.buffers.give(buffer) }
    waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
    watchQueue(client, upstream)
  }

  /// So much of a document's end is kept, where providers write the usage.
  private static let tailBytesMaximum = 4_096

  /// Keeps the last bytes of a document that passes in pieces.
  private func keepTail(_ client: Client, _ piece: ByteView) {
    let limit = Self.tailBytesMaximum
    var tail = client.pointee.exchange.held ?? loop.buffers.take(limit)
    let added = piece.dropFirst(max(piece.count - limit, 0))
    let kept = min(tail.count, limit - added.count)
    // SAFETY: `kept` bytes from the tail's end are moved to its start, and `added` has room behind
    // them: together they are at most `limit`, which the buffer holds.
    tail.base.update(from: tail.base + (tail.count - kept), count: kept)
    (tail.base + kept).update(from: added.base, count: added.count)
    tail.count = kept + added.count
    client.pointee.exchange.held = tail
  }

  /// The usage in the end of a document that was too large to be held.
  private func noteTail(_ client: Client) {
    guard !client.pointee.exchange.hasUsage,
      var usage = ResponseScanner.usage(in: view(of: client.pointee.exchange.held))
    else { return }
    usage.settle()
    client.pointee.exchange.usage = usage
    client.pointee.exchange.hasUsage = true
  }

  func relayBytes(_ client: Client, _ upstream: Upstream, _ payload: ByteView, isComplete: Bool) {
    client.pointee.exchange.answerByteCount += payload.count
    guard payload.isEmpty || sendChunk(client, payload) else { return }
    if client.pointee.exchange.held != nil { keepTail(client, payload) }
    if isComplete {
      if client.pointee.exchange.held != nil { noteTail(client) }
      endAttempt(client, .success, .success)
      guard sendLastChunk(client) else { return }
      releaseUpstream(client)
      finishExchange(client)
    } else {
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
      watchQueue(client, upstream)
    }
  }
}
