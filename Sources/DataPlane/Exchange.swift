// SPDX-License-Identifier: MIT

internal import Accounts
internal import Bytes
internal import Clocks
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry

/// What an exchange waits for: which of the timeouts runs.
enum ExchangeWait: UInt8 {
  case nothing
  /// The gateway's credential is being fetched.
  case credential
  case connect
  case firstHeader
  case firstToken
  case betweenTokens
  case backoff
  /// Every deployment is full.
  case place
  case clientWrite
  /// The body's next piece is decoded at the next turn.
  case decoding
}

/// How the upstream's body goes to the client.
enum ResponseMode: UInt8 {
  /// Gathered whole and checked before the first byte goes out → `streamed` when it grows too
  /// large.
  case buffered
  /// Server-sent events, forwarded whole.
  case events
  /// Bytes as they come; a break can only be shown by a reset.
  case streamed
}

/// One request and its answer, from the end of the request's head to the end of the answer. It
/// lives inside its client connection: HTTP/1.1 has one exchange at a time.
struct Exchange {
  var endpoint = APIEndpoint.notFound
  var key = KeyIndex(rawValue: 0)
  var facts = ChatRequestFacts()
  var startNanoseconds: UInt64 = 0
  var totalDeadlineMilliseconds: UInt64 = 0
  var decoding: UnsafeMutablePointer<BodyDecoding>?
  /// Where client and upstream do not both speak OpenAI's API; owned.
  var foreign: Unmanaged<ForeignCall>?

  var waitsFor = ExchangeWait.nothing
  /// Of the body as it stands in the client's input; `identity` once it is decoded.
  var coding = ContentCoding.identity
  /// What was read of a request that is not scanned as OpenAI's.
  var foreignWantsStream = false
  var foreignHasTools = false
  var foreignHasImages = false

  /// What the client was told went wrong.
  var failure: GatewayErrorKind?
  /// The client left before the answer's end.
  var isAbandoned = false
  /// A deployment of the plan had no place when its turn came.
  var hasMetLimit = false

  // Routing.
  var lease: UnsafeMutablePointer<SnapshotLease>?
  var plan = RoutePlan()
  var decision = DecisionID()
  /// Where it stands in its trace; nil where nothing is traced. Owned.
  var tracing: UnsafeMutablePointer<ExchangeTrace>?

  /// Of a request that may have a second attempt beside its first; owned.
  var hedge: UnsafeMutablePointer<Hedge>?
  /// Of a stream whose client gets signs of life; owned.
  var keepAlive: UnsafeMutablePointer<KeepAlive>?

  // The attempt under way. Of two, the one that is at hand: `ParkedAttempt` has what is its own.
  var upstream: Upstream?
  var step = 0
  var attemptCount = 0
  /// How often the request went out again because an upstream had not looked at it.
  var resentCount: UInt8 = 0
  var hasAdmission = false
  /// Places held, at the first of the gates of the step's deployment.
  var placeCount: UInt8 = 0
  /// It had to wait for a place: `Worker.waitingRequests` has the rest.
  var hasWaited = false
  var admission = Admission.refused(untilMilliseconds: 0)
  var attemptStartNanoseconds: UInt64 = 0
  /// Which credential the request was sent with.
  var credentialGeneration: UInt32 = 0
  /// It was refused, and a newer one is waited for.
  var isCredentialRefused = false
  var hasShownCredentialAgain = false
  /// With which correction of the clock it was signed.
  var credentialSkew = Interval.zero
  var firstByteNanoseconds: UInt64 = 0

  // The answer.
  var mode = ResponseMode.buffered
  var upstreamStatus: UInt16 = 0
  /// The status the client was sent; 0 before.
  var status: UInt16 = 0
  /// The answer is this attempt's: no retry any more, and errors go into the body.
  var isCommitted = false
  /// The head of a stream is out and its end is not: it is counted as open.
  var isStreamOpen = false
  var isClientChunked = false
  var splitter = ServerSentEventSplitter()
  /// Fields of the upstream's head that go to the client, kept until the answer is committed.
  var fields: PooledBuffer?
  /// The beginning of an event, or of an answer that is gathered.
  var held: PooledBuffer?
  /// `Retry-After` of the attempt's answer; negative when there was none.
  var retryAfterMilliseconds: Int64 = -1
  /// The Date field of the attempt's answer, where a signature may depend on it; 0 for none.
  var upstreamDateSeconds: Int64 = 0
  var lastFailure = UpstreamFailure.unreachable
  /// The upstream's own `cache-control` goes to the client.
  var hasCacheControl = false
  /// The upstream's own `x-request-id` goes to the client.
  var hasRequestID = false
  var asksForUsage = false
  /// What the request asked for. Providers that serve it otherwise charge less, not more.
  var serviceTier = ServiceTier.standard
  /// Tokens out that the client asked for; negative when it did not say.
  var wantedOutputTokens: Int64 = -1
  /// A cap on tokens out that replaces the client's; negative for none.
  var outputTokensMaximum: Int64 = -1
  /// The client's queue when its timer was armed last.
  var queuedByteCount = 0
  /// Where the frames of a WebSocket's upstream stand.
  var frames = WebSocketFrames()
  var hasSeenEvent = false
  var hasSeenDone = false
  var hasSeenError = false
  /// The gateway asked for the usage chunk, not the client.
  var stripsUsage = false
  var hasUsage = false
  /// The request's body is a form.
  var isForm = false
  var usage = TokenUsage()
  /// Milliseconds of audio, or searches, that the answer tells of; below zero: bytes of the files
  /// sent, to guess from.
  var units: Int64 = 0
  /// Bytes of the attempt's answer, where it is no stream of events.
  var answerByteCount = 0
  /// Events of the attempt's stream with data so far.
  var chunkCount: UInt32 = 0
  /// Where the time between them is counted; nil before the first.
  var chunkSeries: HistogramSeries?
  /// When the last of them came, on the loop's clock.
  var lastChunkMilliseconds: UInt64 = 0
  /// Of the attempt that ended last.
  var bill = Bill()
  /// Of all attempts.
  var totalCost = Money.zero

  /// What `tracing` points to; all zero where nothing is traced, which stays so.
  @inline(__always)
  var trace: ExchangeTrace {
    get { tracing?.pointee ?? ExchangeTrace() }
    set { tracing?.pointee = newValue }
  }

  /// The answer's head went out with a sign of life, before any content: another upstream may
  /// still be asked, and an error goes into the body.
  @inline(__always)
  var hasEarlyHead: Bool { isStreamOpen && !isCommitted }

  @inline(__always)
  var wantsStream: Bool { facts.wantsStream || foreignWantsStream }
}

extension Worker {
  /// A fresh exchange for the request whose head has just been parsed.
  func beginExchange(_ client: Client) {
    client.pointee.phase = .body
    // A copy of one that is ready costs a third of making one.
    withUnsafeMutablePointer(to: &client.pointee.exchange) {
      $0.update(from: freshExchange, count: 1)
    }
    client.pointee.exchange.startNanoseconds = Loop.nanoseconds
    client.pointee.exchange.totalDeadlineMilliseconds =
      loop.nowMilliseconds + UInt64(settings.timeouts.totalMilliseconds)
    client.pointee.exchange.lease = holdSnapshot()
    if let tracer { beginTrace(client, tracer) }
    metrics.requestStarted()
  }

  /// Waits for `wait`, at most `limitMilliseconds` and never beyond the request's total time.
  func waitFor(
    _ client: Client, _ wait: ExchangeWait, _ limitMilliseconds: Int64
  ) {
    waitFor(client, wait, limitMilliseconds, now: loop.nowMilliseconds)
  }

  @inline(__always)
  func waitFor(
    _ client: Client, _ wait: ExchangeWait, _ limitMilliseconds: Int64, now: UInt64
  ) {
    client.pointee.exchange.waitsFor = wait
    let deadline = min(
      now + UInt64(max(limitMilliseconds, 0)), client.pointee.exchange.totalDeadlineMilliseconds)
    if let hedge = client.pointee.exchange.hedge {
      armHedged(client, hedge, deadlineMilliseconds: deadline)
    } else {
      loop.arm(&client.pointee.timer, deadlineMilliseconds: deadline)
    }
  }

  /// The answer is out to its last byte: settle, then make way for the next request.
  func finishExchange(_ client: Client) {
    settle(client)
    releaseExchange(client)
    guard client.pointee.head.keepAlive, !isDraining else {
      linger(client)
      return
    }
    consumeRequest(client)
    client.pointee.phase = .idle
    // Of an upstream that is gone: the next one is to be held back anew.
    client.pointee.isUpstreamPaused = false
    client.pointee.isHeadTimed = false
    if client.pointee.isReadingPaused {
      client.pointee.isReadingPaused = false
      client.pointee.transport.startReading()
    }
    if client.pointee.input == nil {
      setDeadline(client, settings.timeouts.clientIdleMilliseconds)
    } else {
      process(client)
    }
  }

  /// Gives back the request's bytes once its answer has begun and it is not sent again, unless
  /// something is to be told about them at the end: a stream may last for minutes, and its memory
  /// is what it holds then.
  func releaseRequest(_ client: Client, _ upstream: Upstream) {
    guard accessLines == nil, tracer == nil, upstream.pointee.isRequestSent,
      let input = client.pointee.input, input.count == client.pointee.requestLength
    else { return }
    loop.buffers.give(input)
    client.pointee.input = nil
    client.pointee.requestLength = 0
    client.pointee.bodyStart = 0
    client.pointee.bodyLength = 0
    client.pointee.head.length = 0
  }

  /// Drops the answered request from the input; what was pipelined behind it moves to the front.
  private func consumeRequest(_ client: Client) {
    guard let input = client.pointee.input else { return }
    let rest = input.count - client.pointee.requestLength
    if rest == 0 {
      releaseInput(client)
    } else {
      input.base.update(from: input.base + client.pointee.requestLength, count: rest)
      client.pointee.input!.count = rest
    }
    client.pointee.requestLength = 0
  }

  /// Gives back what the exchange holds.
  func releaseExchange(_ client: Client) {
    if let fields = client.pointee.exchange.fields { loop.buffers.give(fields) }
    if let held = client.pointee.exchange.held { loop.buffers.give(held) }
    client.pointee.exchange.fields = nil
    client.pointee.exchange.held = nil
    leavePlaces(client)
    if let tracer { releaseTrace(client, tracer) }
    if client.pointee.exchange.decoding != nil { endDecoding(client) }
    if client.pointee.exchange.foreign != nil { releaseForeignCall(client) }
    if client.pointee.exchange.hedge != nil { releaseHedge(client) }
    if client.pointee.exchange.keepAlive != nil { endKeepAlive(client) }
    if let lease = client.pointee.exchange.lease { release(lease) }
    client.pointee.exchange.lease = nil
  }

  /// The client is gone: the upstream is cancelled at once, and what was seen is settled.
  func abandonExchange(_ client: Client) {
    if client.pointee.exchange.hedge != nil { endHedge(client, .ignored, .cancelled) }
    endAttempt(client, .ignored, .cancelled)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    client.pointee.exchange.isAbandoned = true
    closeStream(client, brokenBy: .client)
    if client.pointee.exchange.status == 0 { client.pointee.exchange.status = 499 }
    settle(client)
    releaseExchange(client)
  }
}
