// SPDX-License-Identifier: MIT

internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Routing
internal import Telemetry

/// Stage 9: attempts at the deployments of the route plan, one after another, while nothing has
/// gone to the client.
extension Worker {
  /// Starts the attempt at the exchange's current step, or at the next one whose circuit lets it
  /// through; answers the client when none does.
  func attempt(_ client: Client) {
    var fullStep = -1
    while client.pointee.exchange.step < client.pointee.exchange.plan.attemptCount {
      let deployment = currentDeployment(client)
      guard prepareAttempt(client, deployment) else {
        // Answered already, or the next provider may be able to take it.
        guard client.pointee.phase == .exchange,
          client.pointee.exchange.foreign != nil || client.pointee.exchange.endpoint == .realtime
        else {
          return
        }
        givePlaces(client)
        client.pointee.exchange.step += 1
        continue
      }
      if !takePlaces(client, deployment) {
        client.pointee.exchange.hasMetLimit = true
        if fullStep < 0 { fullStep = client.pointee.exchange.step }
        client.pointee.exchange.step += 1
        continue
      }
      let admission = deployment.pointee.health.begin(
        nowMilliseconds: nowMilliseconds, settings: circuitSettings)
      if case .refused = admission {
        givePlaces(client)
        client.pointee.exchange.step += 1
        continue
      }
      begin(client, admission)
      return
    }
    if fullStep >= 0 {
      awaitPlace(client, step: fullStep)
    } else if client.pointee.exchange.attemptCount == 0 {
      if client.pointee.exchange.endpoint == .realtime {
        refuseRealtime(client)
      } else if client.pointee.exchange.endpoint.task == .tokenCount {
        answerTokenCount(client)
      } else if let failure = foreignCall(client)?.failure {
        refuse(client, gatewayError(failure))
      } else {
        refuseUnhealthy(client)
      }
    } else {
      refuse(client, lastFailure(client))
    }
  }

  /// Begins the attempt that the current step's deployment has admitted.
  @inline(__always)
  func begin(_ client: Client, _ admission: Admission) {
    client.pointee.exchange.admission = admission
    client.pointee.exchange.hasAdmission = true
    client.pointee.exchange.attemptCount += 1
    // The first attempt begins with the end of the decision, which was timed.
    if client.pointee.exchange.attemptCount > 1 {
      client.pointee.exchange.attemptStartNanoseconds = Loop.nanoseconds
    }
    beginAttemptTrace(client)
    client.pointee.exchange.splitter = ServerSentEventSplitter()
    client.pointee.exchange.hasSeenEvent = false
    if client.pointee.exchange.plan.obligations.hedge.isOn { beginHedge(client) }
    open(client, currentDeployment(client).pointee.endpoint)
  }

  func open(_ client: Client, _ endpoint: UnsafeMutablePointer<EndpointPool>) {
    guard hasCredential(client) else { return }
    if let upstream = takeIdle(endpoint) {
      upstream.pointee.client = client
      client.pointee.exchange.upstream = upstream
      sendRequest(upstream)
      return
    }
    guard let upstream = connect(client, to: endpoint) else {
      failed(client, .overCapacity)
      return
    }
    // A connect may have failed within the call, and the client been answered, or the other attempt
    // of a hedge be the one at hand.
    if client.pointee.phase == .exchange, client.pointee.exchange.upstream == upstream,
      client.pointee.exchange.waitsFor != .firstHeader
    {
      waitFor(
        client, .connect,
        settings.timeouts.connectMilliseconds
          + (endpoint.pointee.isTLS ? settings.timeouts.tlsMilliseconds : 0))
    }
  }

  // MARK: Events of the connection

  func upstreamConnected(_ upstream: Upstream) {
    select(upstream)
    guard upstream.pointee.phase == .connecting else { return }
    guard upstream.pointee.client != nil else {
      closeUpstream(upstream)
      return
    }
    upstream.pointee.transport!.startReading()
    sendRequest(upstream)
  }

  func upstreamFailed(_ upstream: Upstream, _ failure: UpstreamFailure) {
    select(upstream)
    switch upstream.pointee.phase {
    case .idle, .finishing: closeUpstream(upstream)
    case .resolving, .connecting:
      rotateAddress(upstream.pointee.endpoint)
      attemptFailed(upstream, failure)
    default: attemptFailed(upstream, failure)
    }
  }

  /// An attempt broke off. Before the first byte to the client that is a retry or an error answer;
  /// after it, the stream says so.
  func attemptFailed(_ upstream: Upstream, _ failure: UpstreamFailure) {
    guard let client = upstream.pointee.client else {
      closeUpstream(upstream)
      return
    }
    let wasIdleBefore = upstream.pointee.isReused && !upstream.pointee.hasResponseByte
    closeUpstream(upstream)
    if wasIdleBefore && (failure == .reset || failure == .ended) {
      resend(client)
    } else {
      failed(client, failure)
    }
  }

  /// The upstream closed a pooled connection just as the request went out: that is nobody's
  /// failure, and the request goes out again on a new connection (RFC 9112 section 9.3.1 lets a
  /// client retry when it knows that nothing was processed; no response byte is the sign here).
  private func resend(_ client: Client) {
    let endpoint = currentDeployment(client).pointee.endpoint
    // What idles longest is most likely closed too: start afresh.
    while let idle = endpoint.pointee.idle { closeUpstream(idle) }
    open(client, endpoint)
  }

  func failed(_ client: Client, _ failure: UpstreamFailure) {
    if client.pointee.exchange.isCommitted {
      report(client, failure)
      endAttempt(client, .failure, failure.metric)
      breakOff(client, error(for: failure, client), by: .upstream)
    } else if !retry(client, after: failure) {
      refuse(client, error(for: failure, client))
    }
  }

  /// Ends an exchange that outlasted the drain: an error event within a stream, a 503 before an
  /// answer, a reset within one.
  func endExchangeForDrain(_ client: Client) {
    let error = GatewayError(.draining, "The gateway is shutting down.", retryAfterSeconds: 1)
    if client.pointee.exchange.hedge != nil { endHedge(client, .ignored, .cancelled) }
    endAttempt(client, .ignored, .cancelled)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    if !client.pointee.exchange.isCommitted {
      refuse(client, error)
    } else if client.pointee.exchange.mode == .events {
      breakStream(client, error)
    } else {
      client.pointee.transport.reset()
      closeClient(client)
    }
  }

  /// An answer that is partly out is broken.
  private func breakOff(_ client: Client, _ error: GatewayError, by side: StreamSide) {
    if client.pointee.exchange.mode == .events {
      breakStream(client, error, by: side)
    } else {
      // Only a reset keeps a client from taking half a document for a whole one.
      client.pointee.transport.reset()
      closeClient(client)
    }
  }

  // MARK: Retry

  /// Ends the failed attempt and starts another if one is allowed. False when the client must be
  /// told; the attempt has ended either way.
  func retry(_ client: Client, after failure: UpstreamFailure) -> Bool {
    report(client, failure)
    let retryAfter = client.pointee.exchange.retryAfterMilliseconds
    // A provider that says when to come back is left alone until then: with 429, and with 503.
    let isToldToWait =
      failure == .rateLimited
      || failure == .serverError && retryAfter >= 0 && client.pointee.exchange.upstreamStatus == 503
    endAttempt(
      client,
      isToldToWait
        ? .rateLimited(retryAfterMilliseconds: retryAfter)
        : failure.isOurs ? .ignored : .failure, failure.metric)
    client.pointee.exchange.lastFailure = failure
    if let hedge = client.pointee.exchange.hedge, hedgeGoesOn(client, hedge) { return true }
    guard failure != .totalTimeout,
      client.pointee.exchange.attemptCount < Int(settings.retries.attemptsMaximum),
      loop.nowMilliseconds < client.pointee.exchange.totalDeadlineMilliseconds
    else { return false }
    let hasNext = nextStep(client)
    let delay = hasNext ? 0 : backoff(client, failure, retryAfter)
    guard let delay, retryBudget.take(nowMilliseconds: nowMilliseconds) else { return false }
    releaseUpstream(client)
    clearAnswer(client)
    if delay == 0 {
      attempt(client)
    } else {
      waitFor(client, .backoff, delay)
    }
    return true
  }

  /// Moves to the next step whose circuit would let an attempt through; false when there is none
  /// and the same deployment is left.
  private func nextStep(_ client: Client) -> Bool {
    var step = client.pointee.exchange.step + 1
    if let hedge = client.pointee.exchange.hedge {
      step = max(step, hedge.pointee.furthestStep + 1)
    }
    while step < client.pointee.exchange.plan.attemptCount {
      if deployment(client, step: step).pointee.health.wouldAdmit(
        nowMilliseconds: nowMilliseconds, settings: circuitSettings)
      {
        client.pointee.exchange.step = step
        return true
      }
      step += 1
    }
    return false
  }

  /// How long to wait before the same deployment is asked again; nil for not at all.
  private func backoff(
    _ client: Client, _ failure: UpstreamFailure, _ retryAfter: Int64
  ) -> Int64? {
    if failure == .authentication || failure.isOurs { return nil }
    if retryAfter >= 0 {
      let limit = settings.retries.backoffMaximumMilliseconds
      return retryAfter > limit ? nil : max(retryAfter, 1)
    }
    guard
      currentDeployment(client).pointee.health.wouldAdmit(
        nowMilliseconds: nowMilliseconds, settings: circuitSettings)
    else { return nil }
    let doublings = Int64(min(client.pointee.exchange.attemptCount - 1, 10))
    let base = min(
      settings.retries.backoffMilliseconds << doublings,
      settings.retries.backoffMaximumMilliseconds)
    // Full jitter, so that clients that failed together do not come back together.
    return 1 + Int64(random.next(below: UInt32(clamping: max(base, 1))))
  }

  /// Nothing of one attempt's answer leaks into the next.
  func clearAnswer(_ client: Client) {
    if let fields = client.pointee.exchange.fields { loop.buffers.give(fields) }
    if let held = client.pointee.exchange.held { loop.buffers.give(held) }
    client.pointee.exchange.fields = nil
    client.pointee.exchange.held = nil
    client.pointee.exchange.upstreamStatus = 0
    client.pointee.exchange.retryAfterMilliseconds = -1
    client.pointee.exchange.hasUsage = false
    client.pointee.exchange.usage = TokenUsage()
    client.pointee.exchange.answerByteCount = 0
    client.pointee.exchange.firstByteNanoseconds = 0
    client.pointee.exchange.chunkCount = 0
    client.pointee.exchange.chunkSeries = nil
  }

  // MARK: Time

  func exchangeTimerFired(_ client: Client) {
    if let hedge = client.pointee.exchange.hedge, hedgeTimerFired(client, hedge) { return }
    let now = loop.nowMilliseconds
    let isOver = now >= client.pointee.exchange.totalDeadlineMilliseconds
    let failure: UpstreamFailure
    switch client.pointee.exchange.waitsFor {
    case .backoff where !isOver:
      attempt(client)
      return
    case .place:
      placeTimerFired(client)
      return
    case .clientWrite:
      if isOver { clientOutlastedTotal(client) } else { clientWriteTimerFired(client) }
      return
    case .betweenTokens where !isOver && hasLaterChunk(client, now): return
    case .decoding:
      decodingTimerFired(client, isOver: isOver)
      return
    case .credential:
      let isRefused = client.pointee.exchange.isCredentialRefused
      failure = isOver ? .totalTimeout : isRefused ? .authentication : .noCredential
    case .connect: failure = isOver ? .totalTimeout : .connectTimeout
    case .firstHeader: failure = isOver ? .totalTimeout : .firstHeaderTimeout
    case .firstToken: failure = isOver ? .totalTimeout : .firstTokenTimeout
    case .betweenTokens: failure = isOver ? .totalTimeout : .stalled
    case .nothing, .backoff: failure = .totalTimeout
    }
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    failed(client, failure)
  }

  /// A chunk has come since the timer was armed, which it did not move: it runs on from there.
  private func hasLaterChunk(_ client: Client, _ now: UInt64) -> Bool {
    guard client.pointee.exchange.chunkSeries != nil else { return false }
    let limit = UInt64(max(settings.timeouts.betweenTokensMilliseconds, 0))
    let due = client.pointee.exchange.lastChunkMilliseconds + limit
    guard due > now else { return false }
    waitFor(client, .betweenTokens, Int64(due - now), now: now)
    return true
  }

  /// A client that takes nothing for too long is gone; one that takes a little goes on.
  private func clientWriteTimerFired(_ client: Client) {
    let queued = client.pointee.transport.queuedByteCount
    if queued < client.pointee.exchange.queuedByteCount {
      client.pointee.exchange.queuedByteCount = queued
      waitFor(client, .clientWrite, settings.timeouts.clientWriteMilliseconds)
      return
    }
    closeClient(client)
  }

  /// The total time is over while the client has yet to take what has come: no failure of the
  /// upstream's.
  private func clientOutlastedTotal(_ client: Client) {
    endAttempt(client, .ignored, .cancelled)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    let error = GatewayError(
      .streamTimeout,
      "The request's total time is over; its answer was taken more slowly than it came.")
    breakOff(client, error, by: .client)
  }

  // MARK: Bookkeeping

  /// Exactly one end for each admitted attempt, whatever ends it.
  func endAttempt(
    _ client: Client, _ outcome: Routing.AttemptOutcome, _ metric: Telemetry.AttemptOutcome
  ) {
    guard client.pointee.exchange.hasAdmission else { return }
    client.pointee.exchange.hasAdmission = false
    let deployment = currentDeployment(client)
    // An answer that came whole in one read ended when it began.
    let isOneRead =
      outcome == .success && client.pointee.exchange.mode == .buffered
      && client.pointee.exchange.held == nil
    let now = isOneRead ? client.pointee.exchange.firstByteNanoseconds : Loop.nanoseconds
    deployment.pointee.health.end(
      outcome, admission: client.pointee.exchange.admission, nowMilliseconds: nowMilliseconds,
      random: random.next(), settings: circuitSettings)
    if client.pointee.exchange.placeCount > 0 { tellGatesOfEnd(client, outcome, metric, now) }
    // A WebSocket keeps its places to its end.
    if outcome != .success || client.pointee.exchange.endpoint != .realtime { givePlaces(client) }
    if outcome == .success { measure(client, deployment.pointee.health, now) }
    charge(client, metric, now)
    recordAttempt(
      client, metric, nanoseconds: now - client.pointee.exchange.attemptStartNanoseconds)
    if let tracer { writeAttemptSpan(client, tracer, metric, end: now) }
  }
}
