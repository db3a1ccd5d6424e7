// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Routing
internal import Telemetry

/// Event streams: whole events go on the moment their last byte is there; the beginning of one is
/// held back, which costs no time (a client dispatches nothing before the empty line) and lets a
/// broken stream end with a clean error event instead of half an event.
extension Worker {
  /// What a run of whole events contains.
  struct EventFindings {
    var hasData = false
    /// Events with data, the terminator not among them.
    var dataCount = 0
    var isDone = false
    var hasError = false
    /// An event is not JSON; `end` is where it starts.
    var isMalformed = false
    /// Which bytes go on, but for those that are stripped.
    var start = 0
    var end = 0
    /// Where the bytes that must not go to the client stand; empty when all may.
    var stripped = ByteRange.empty
  }

  func relayEvents(_ client: Client, _ upstream: Upstream, _ payload: ByteView, isComplete: Bool) {
    if !isComplete && relaysPlainEvents(client, upstream, payload) { return }
    let isHolding = client.pointee.exchange.held != nil
    var view = payload
    let boundaryInPiece = client.pointee.exchange.splitter.scan(payload)
    var boundary = boundaryInPiece
    if isHolding {
      let before = client.pointee.exchange.held!.count
      append(payload, to: &client.pointee.exchange.held)
      view = self.view(of: client.pointee.exchange.held)
      boundary = boundaryInPiece > 0 ? before + boundaryInPiece : 0
    }
    var isDone = false
    if boundary > 0 {
      guard let done = forwardEvents(client, upstream, view[0..<boundary]) else { return }
      isDone = done
    }
    if isDone {
      endStream(client)
      return
    }
    guard holdTail(client, upstream, view.dropFirst(boundary), isHolding: isHolding) else { return }
    if isComplete {
      // The upstream's answer ended in good order but without its terminator: to an SDK that looks
      // like success, so it is said aloud.
      attemptFailed(upstream, .ended)
      return
    }
    watchQueue(client, upstream)
  }

  /// Sends events that there is nothing to see in, where the stream has begun and stands between
  /// two events: what most of every stream is. False when the bytes have to be looked at.
  @inline(__always)
  private func relaysPlainEvents(
    _ client: Client, _ upstream: Upstream, _ payload: ByteView
  ) -> Bool {
    guard client.pointee.exchange.hasSeenEvent, client.pointee.exchange.isCommitted,
      client.pointee.exchange.held == nil, client.pointee.exchange.splitter.isBetweenEvents,
      !client.pointee.exchange.trace.isRecording,
      let count = ResponseScanner.plainEvents(payload)
    else { return false }
    let now = loop.nowMilliseconds
    measureChunks(client, count, now: now)
    // A timer that runs already is not moved: when it is due it looks at the last chunk's time.
    if client.pointee.exchange.waitsFor != .betweenTokens {
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds, now: now)
    }
    if sendChunk(client, payload) { watchQueue(client, upstream) }
    return true
  }

  /// Sends whole events. Returns whether the terminator was among them, or nil when the exchange
  /// ended or failed over meanwhile.
  private func forwardEvents(
    _ client: Client, _ upstream: Upstream, _ events: ByteView
  ) -> Bool? {
    let findings = inspect(client, events)
    if findings.isMalformed && !findings.hasData {
      attemptFailed(upstream, .malformedBody)
      return nil
    }
    if !client.pointee.exchange.isCommitted {
      if findings.hasError {
        attemptFailed(upstream, .errorEvent)
        return nil
      }
      // Comments before the first event would only forbid a failover.
      guard findings.hasData else { return false }
      noteFirstEvent(client)
      commitStream(client)
      releaseRequest(client, upstream)
    }
    measureChunks(client, findings.dataCount, now: loop.nowMilliseconds)
    if findings.hasError { client.pointee.exchange.hasSeenError = true }
    if findings.isDone {
      client.pointee.exchange.hasSeenDone = true
      endAttempt(client, .success, .success)
    } else if !findings.hasData {
      return send(client, events: events, findings) ? false : nil
    } else {
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
    }
    guard send(client, events: events, findings) else { return nil }
    if findings.isMalformed {
      attemptFailed(upstream, .malformedBody)
      return nil
    }
    return findings.isDone
  }

  /// Looks at each event once: terminator, error, usage.
  private func inspect(_ client: Client, _ events: ByteView) -> EventFindings {
    var findings = EventFindings()
    findings.end = events.count
    var iterator = ServerSentEventIterator(
      events, isStreamStart: !client.pointee.exchange.hasSeenEvent)
    while let event = iterator.next() {
      guard event.dataLineCount > 0 else { continue }
      let goesOn =
        event.dataLineCount == 1
        ? inspect(client, event, events[event.data], &findings)
        : inspectJoined(client, event, events, &findings)
      if !goesOn { break }
    }
    if findings.hasData { client.pointee.exchange.hasSeenEvent = true }
    return findings
  }

  /// An event with its data in several lines, which together are one text (WHATWG HTML 9.2.6).
  private func inspectJoined(
    _ client: Client, _ event: ServerSentEvent, _ events: ByteView,
    _ findings: inout EventFindings
  ) -> Bool {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(event.range.count)) { buffer in
      let base = buffer.baseAddress!
      var count = 0
      var lines = ServerSentEventLines(events[event.range])
      while let line = lines.next() {
        guard line.field == .data, !line.isEnd else { continue }
        if count > 0 {
          base[count] = 0x0a
          count += 1
        }
        let value = events[event.range][line.value]
        (base + count).update(from: value.base, count: value.count)
        count += value.count
      }
      return inspect(client, event, ByteView(base: base, count: count), &findings)
    }
  }

  /// False where what follows is not looked at any more.
  @inline(__always)
  private func inspect(
    _ client: Client, _ event: ServerSentEvent, _ data: ByteView,
    _ findings: inout EventFindings
  ) -> Bool {
    let isTraced = tracer != nil && client.pointee.exchange.trace.isRecording
    let isFirst = !client.pointee.exchange.hasSeenEvent && !findings.hasData
    if data.equals("[DONE]") {
      findings.hasData = true
      findings.isDone = true
      return false
    }
    if !isFirst, ResponseScanner.isPlainChunk(data, mayFinish: !isTraced) {
      findings.hasData = true
      findings.dataCount += 1
      if isTraced { noteEvent(client, nil, data) }
      return true
    }
    var chunk = ResponseFacts()
    ResponseScanner.scan(data, into: &chunk)
    if !chunk.isValid, !chunk.error.isPresent {
      findings.isMalformed = true
      findings.end = Int(event.range.lowerBound)
      return false
    }
    if isFirst, chunk.isPromptChunk {
      // Azure's word on the prompt: no part of the answer, and clients index `choices[0]`.
      findings.start = Int(event.range.upperBound)
      return true
    }
    findings.hasData = true
    findings.dataCount += 1
    if isTraced { noteEvent(client, chunk, data) }
    note(chunk, event, client, &findings)
    return true
  }

  private func note(
    _ chunk: ResponseFacts, _ event: ServerSentEvent, _ client: Client,
    _ findings: inout EventFindings
  ) {
    if chunk.error.isPresent { findings.hasError = true }
    guard chunk.hasUsage else { return }
    client.pointee.exchange.usage = chunk.usage
    client.pointee.exchange.usage.settle()
    client.pointee.exchange.hasUsage = true
    if chunk.isUsageChunk && client.pointee.exchange.stripsUsage {
      findings.stripped = event.range
    }
  }

  func noteFirstEvent(_ client: Client) {
    let now = Loop.nanoseconds
    client.pointee.exchange.firstByteNanoseconds = now
    measureFirstToken(client, now)
    if client.pointee.exchange.placeCount > 0 { tellGatesOfFirstEvent(client, now) }
  }

  private func commitStream(_ client: Client) {
    if commitsBehindHead(client) { return }
    var head = beginHead(client, client.pointee.exchange.upstreamStatus)
    openStream(client)
    appendPassedFields(client, to: &head)
    appendClientFraming(client, to: &head)
    if !client.pointee.exchange.hasCacheControl { head.append("cache-control: no-cache\r\n") }
    head.append("x-accel-buffering: no\r\n")
    endHead(client, &head)
    pendingHead = head.written
  }

  /// One chunk: the stream's head if it is not out yet, the size line, the events without what is
  /// stripped, and the end of the whole body when the terminator is among them.
  func send(_ client: Client, events: ByteView, _ findings: EventFindings) -> Bool {
    let isChunked = client.pointee.exchange.isClientChunked
    return withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 6) { segments in
      var count = 0
      func add(_ bytes: ByteView) {
        guard !bytes.isEmpty else { return }
        segments[count] = bytes
        count += 1
      }
      add(pendingHead)
      pendingHead = .empty
      let isStripping = !findings.stripped.isEmpty
      let before = events[
        findings.start..<(isStripping ? findings.stripped.lowerBound : findings.end)]
      let after = isStripping ? events[findings.stripped.upperBound..<findings.end] : .empty
      let size = before.count + after.count
      if size > 0 {
        if isChunked { add(sizeLine(size)) }
        add(before)
        add(after)
        if isChunked { add(findings.isDone ? Self.endOfChunkAndBody : Self.endOfChunk) }
      } else if findings.isDone && isChunked {
        add(Self.endOfBody)
      }
      return count == 0
        || send(client, UnsafeBufferPointer(start: segments.baseAddress, count: count))
    }
  }

  private func endStream(_ client: Client) {
    closeStream(client)
    releaseUpstream(client)
    finishExchange(client)
  }

  /// Keeps the beginning of an event for later. False when it grew over the limit.
  private func holdTail(
    _ client: Client, _ upstream: Upstream, _ tail: ByteView, isHolding: Bool
  ) -> Bool {
    guard tail.count <= Int(settings.limits.streamEventBytesMaximum) else {
      attemptFailed(upstream, .malformedBody)
      return false
    }
    if isHolding {
      let held = client.pointee.exchange.held!
      if tail.isEmpty {
        loop.buffers.give(held)
        client.pointee.exchange.held = nil
      } else if tail.count < held.count {
        held.base.update(from: tail.base, count: tail.count)
        client.pointee.exchange.held!.count = tail.count
      }
    } else if !tail.isEmpty {
      append(tail, to: &client.pointee.exchange.held)
    }
    return true
  }

  /// Says in the stream that it broke: an error event, then the end of the body. The official SDKs
  /// raise an error on it; without it the end would look like success.
  func breakStream(_ client: Client, _ error: GatewayError, by side: StreamSide = .upstream) {
    if let call = foreignCall(client) {
      breakForeignStream(client, call, error, by: side)
      return
    }
    closeStream(client, brokenBy: side)
    client.pointee.exchange.failure = error.kind
    if client.pointee.exchange.hasSeenError {
      // The upstream has said so itself; only the end is missing.
      if sendLastChunk(client) { finishExchange(client) }
      return
    }
    let text = "data: \(error.body)\n\n"
    let isSent = text.withByteView { sendChunk(client, $0) && sendLastChunk(client) }
    if isSent { finishExchange(client) }
  }
}
