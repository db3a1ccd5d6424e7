// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import JSON
internal import ModelCatalog
internal import Network
internal import Routing
internal import Telemetry
internal import Translation

/// A stream whose client gets signs of life while its upstream is silent: what that needs beside
/// the exchange's fields.
///
/// SAFETY: allocated when the request has been routed, freed with its exchange; linked and used on
/// its worker's loop only.
struct KeepAlive {
  let client: Client
  /// How long the stream may be silent.
  let intervalMilliseconds: UInt64
  /// When the last sign went out, or the waiting began.
  var lastMilliseconds: UInt64
  /// Links of the worker's list.
  var next: UnsafeMutablePointer<KeepAlive>?
  var previous: UnsafeMutablePointer<KeepAlive>?
}

/// Signs of life in streams whose upstream is silent, where they are asked for: proxies and clients
/// that give up on a silent connection do not. They are told from time to time, by one timer for
/// all of a worker's streams.
extension Worker {
  private static let comment = staticText(": keep-alive\n\n")
  /// As Anthropic's own servers say it.
  private static let ping = staticText("event: ping\ndata: {\"type\": \"ping\"}\n\n")
  /// Google's client takes a line that is no data for the beginning of an error, a comment too; an
  /// empty line ends an event that has none, and says nothing to anyone.
  private static let emptyLine = staticText("\n")
  private static let tickMillisecondsMinimum: UInt64 = 20
  private static let tickMillisecondsMaximum: UInt64 = 1_000

  private static func staticText(_ text: StaticString) -> ByteView {
    ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  private static func sign(_ endpoint: APIEndpoint) -> ByteView {
    switch endpoint {
    case .messages: ping
    case .geminiStream: emptyLine
    default: comment
    }
  }

  // MARK: Beginning and end

  /// Where a stream is asked for: it may be silent for so long. Amazon's frames and an array of
  /// JSON have no place for what is no answer.
  @inline(never)
  func beginKeepAlive(_ client: Client, _ milliseconds: Int64) {
    guard client.pointee.exchange.wantsStream else { return }
    switch client.pointee.exchange.endpoint {
    case .chatCompletions, .completions, .messages, .responses: break
    case .geminiStream where asksForEvents(client): break
    default: return
    }
    let node = UnsafeMutablePointer<KeepAlive>.allocate(capacity: 1)
    node.initialize(
      to: KeepAlive(
        client: client, intervalMilliseconds: UInt64(milliseconds),
        lastMilliseconds: loop.nowMilliseconds, next: firstKeptAlive))
    firstKeptAlive?.pointee.previous = node
    firstKeptAlive = node
    client.pointee.exchange.keepAlive = node
    scheduleKeepAlive(UInt64(milliseconds))
  }

  @inline(never)
  func endKeepAlive(_ client: Client) {
    guard let node = client.pointee.exchange.keepAlive else { return }
    client.pointee.exchange.keepAlive = nil
    if nextKeptAlive == node { nextKeptAlive = node.pointee.next }
    node.pointee.next?.pointee.previous = node.pointee.previous
    if let previous = node.pointee.previous {
      previous.pointee.next = node.pointee.next
    } else {
      firstKeptAlive = node.pointee.next
    }
    node.deallocate()
  }

  func closeKeepAlive() {
    keepAliveTimer?.close()
    keepAliveTimer = nil
  }

  // MARK: Time

  /// Looks at all streams after a quarter of the shortest interval: so much later than asked for a
  /// sign may come.
  private func scheduleKeepAlive(_ shortest: UInt64) {
    let delay = min(
      max(shortest / 4, Self.tickMillisecondsMinimum), Self.tickMillisecondsMaximum)
    guard delay < keepAliveTickMilliseconds else { return }
    keepAliveTickMilliseconds = delay
    if keepAliveTimer == nil { keepAliveTimer = try? LoopTimer(on: loop) }
    keepAliveTimer?.start(delayMilliseconds: delay) { [unowned self] in keepAllAlive() }
  }

  private func keepAllAlive() {
    keepAliveTickMilliseconds = .max
    var shortest = UInt64.max
    nextKeptAlive = firstKeptAlive
    while let node = nextKeptAlive {
      // A client that cannot be written to is closed, and its node with it; a place that it held
      // may go to another one, which may end, too.
      nextKeptAlive = node.pointee.next
      shortest = min(shortest, node.pointee.intervalMilliseconds)
      keepAlive(node)
    }
    if firstKeptAlive != nil { scheduleKeepAlive(shortest) }
  }

  private func keepAlive(_ node: UnsafeMutablePointer<KeepAlive>) {
    let client = node.pointee.client
    let isCommitted = client.pointee.exchange.isCommitted
    let now = loop.nowMilliseconds
    let last =
      isCommitted
      ? max(node.pointee.lastMilliseconds, client.pointee.exchange.lastChunkMilliseconds)
      : node.pointee.lastMilliseconds
    guard now >= last + node.pointee.intervalMilliseconds,
      // A client that has not read what it was sent needs no more of it.
      client.pointee.transport.queuedByteCount == 0
    else { return }
    // Only whole events have gone out so far: a sign stands between two of them.
    if !client.pointee.exchange.isStreamOpen {
      // A document that passes in pieces has no place for one.
      if isCommitted { return }
      beginEarlyHead(client)
    }
    node.pointee.lastMilliseconds = now
    let sign = Self.sign(client.pointee.exchange.endpoint)
    var findings = EventFindings()
    findings.end = sign.count
    _ = send(client, events: sign, findings)
  }

  // MARK: The head

  /// Writes the head of an answer that nobody has begun to give: it commits to no upstream.
  private func beginEarlyHead(_ client: Client) {
    openStream(client)
    var head = startHead(client, 200)
    appendClientFraming(client, to: &head)
    head.append("content-type: ")
    head.append(client.pointee.exchange.endpoint.wire.streamContentType)
    head.append("\r\ncache-control: no-cache\r\nx-accel-buffering: no\r\n")
    appendEarlyDecisionFields(client, to: &head)
    endHeadAlone(client, &head)
    pendingHead = head.written
  }

  /// The decision, and what is sure of it already: no model is named that may not be the one to
  /// answer.
  private func appendEarlyDecisionFields(_ client: Client, to head: inout ByteWriter) {
    let count = client.pointee.exchange.plan.attemptCount
    let first = client.pointee.exchange.plan.attempt(0)
    for step in 1..<max(count, 1) {
      let other = client.pointee.exchange.plan.attempt(step)
      guard other.model == first.model, other.policy == first.policy else {
        appendDecisionID(client, to: &head)
        return
      }
    }
    appendDecisionFields(client, to: &head, namesLosses: count == 1)
  }

  /// Content comes behind a head that is out: from now on the stream is like any other. False where
  /// the head is still to be sent.
  @inline(__always)
  func commitsBehindHead(_ client: Client) -> Bool {
    guard client.pointee.exchange.hasEarlyHead else { return false }
    commit(client)
    return true
  }
}
