// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Providers
internal import Routing
internal import Telemetry

/// A WebSocket that has been opened: bytes both ways as they come, each side paused while the other
/// does not keep up, ended by either side, by silence, or by the end of a drain.
extension Worker {
  /// The upstream has switched protocols: tell the client, and pass on what has come already.
  func beginTunnel(
    _ upstream: Upstream, _ client: Client, _ head: ResponseHead, _ headBytes: ByteView,
    _ rest: ByteView
  ) {
    guard WebSocketUpgrade.isAccepted(headBytes, table: responseFields) else {
      attemptFailed(upstream, .malformedHead)
      return
    }
    client.pointee.exchange.firstByteNanoseconds = Loop.nanoseconds
    endAttempt(client, .success, .success)
    upstream.pointee.phase = .tunneling
    upstream.pointee.keepAlive = false
    client.pointee.phase = .tunnel
    client.pointee.head.keepAlive = false
    client.pointee.exchange.mode = .streamed
    client.pointee.exchange.totalDeadlineMilliseconds = .max / 2
    noteHead(client, headBytes)
    passedFields = writePassedFields(head, headBytes)
    var answer = beginHead(client, 101)
    answer.append("upgrade: websocket\r\nconnection: Upgrade\r\n")
    appendPassedFields(client, to: &answer)
    appendDecisionFields(client, to: &answer)
    ResponseHeadWriter.appendEnd(to: &answer)
    let isSent = send(client, answer.written)
    if isSent { tunnelFromUpstream(upstream, client, rest) }
    if let partial = upstream.pointee.partialHead, upstream.pointee.phase != .closed {
      loop.buffers.give(partial)
      upstream.pointee.partialHead = nil
    }
    guard isSent, client.pointee.phase == .tunnel else { return }
    // Frames that a hasty client has sent behind its handshake.
    let early = input(of: client).dropFirst(client.pointee.requestLength)
    tunnelFromClient(client, early)
    // They may have been more than is read ahead; where they are queued, reading goes on behind.
    if client.pointee.exchange.upstream == upstream,
      upstream.pointee.transport?.queuedByteCount == 0
    {
      tunnelToUpstreamDrained(upstream)
    }
  }

  // MARK: Bytes

  func tunnelFromUpstream(_ upstream: Upstream, _ client: Client, _ bytes: ByteView) {
    guard !bytes.isEmpty else { return }
    client.pointee.exchange.frames.scan(bytes)
    guard send(client, bytes) else { return }
    tunnelMoved(client)
    if client.pointee.transport.queuedByteCount > Int(settings.limits.relayBufferBytesMaximum),
      !client.pointee.isUpstreamPaused
    {
      client.pointee.isUpstreamPaused = true
      upstream.pointee.transport!.stopReading()
    }
  }

  /// Bytes of the client, which are the last of its input: passed on, and the buffer given back.
  func tunnelFromClient(_ client: Client, _ bytes: ByteView) {
    defer { if client.pointee.phase != .closed { releaseInput(client) } }
    guard !bytes.isEmpty, let upstream = client.pointee.exchange.upstream else { return }
    if case .failed = upstream.pointee.transport!.write(bytes) {
      upstreamFailed(upstream, .reset)
      return
    }
    tunnelMoved(client)
    if upstream.pointee.transport!.queuedByteCount > Int(settings.limits.relayBufferBytesMaximum) {
      client.pointee.isReadingPaused = true
      client.pointee.transport.stopReading()
    }
  }

  private func tunnelMoved(_ client: Client) {
    guard !client.pointee.hasEnded else { return }
    waitFor(client, .nothing, settings.timeouts.realtimeIdleMilliseconds)
  }

  /// The upstream has taken what was queued for it.
  func tunnelToUpstreamDrained(_ upstream: Upstream) {
    guard let client = upstream.pointee.client, client.pointee.isReadingPaused else { return }
    client.pointee.isReadingPaused = false
    client.pointee.transport.startReading()
  }

  /// The client has taken what was queued for it.
  func tunnelToClientDrained(_ client: Client) {
    guard client.pointee.isUpstreamPaused, let upstream = client.pointee.exchange.upstream else {
      return
    }
    client.pointee.isUpstreamPaused = false
    upstream.pointee.transport!.startReading()
  }

  // MARK: Ends

  /// FIN from the client: the upstream is told, and may say its last words.
  func tunnelClientEnded(_ client: Client) {
    guard let upstream = client.pointee.exchange.upstream else {
      closeClient(client)
      return
    }
    upstream.pointee.transport!.shutdown()
    setDeadline(client, Self.lingerMilliseconds)
  }

  /// The upstream has ended; what it sent is on its way to the client.
  func endTunnel(_ client: Client) {
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    settle(client)
    releaseExchange(client)
    linger(client)
  }

  /// Nothing has moved for too long, or the gateway ends: the client is told in its own words where
  /// a frame may stand.
  func breakTunnel(_ client: Client) {
    let frames = client.pointee.exchange.frames
    if frames.isBetweenFrames && !frames.hasClosed && !client.pointee.hasEnded {
      // Close with status 1001, "going away" (RFC 6455 section 7.4.1).
      let bytes: InlineArray<4, UInt8> = [0x88, 0x02, 0x03, 0xe9]
      let isSent = bytes.span.withUnsafeBufferPointer {
        send(client, ByteView(base: $0.baseAddress!, count: $0.count))
      }
      guard isSent else { return }
    }
    endTunnel(client)
  }
}
