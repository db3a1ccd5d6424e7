// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Routing

/// Stage 10, the upstream's side: its head, its framing, and which way its body goes.
extension Worker {
  func upstreamBytesArrived(_ upstream: Upstream, _ bytes: ByteView) {
    select(upstream)
    switch upstream.pointee.phase {
    case .awaitingHead: readResponseHead(upstream, bytes)
    case .relaying, .finishing: readResponseBody(upstream, bytes)
    // Bytes that nobody asked for: the connection cannot be trusted with a request.
    case .idle: closeUpstream(upstream)
    case .tunneling: tunnelFromUpstream(upstream, upstream.pointee.client!, bytes)
    case .resolving, .awaitingSession, .connecting, .closed: break
    }
  }

  // MARK: Head

  private func readResponseHead(_ upstream: Upstream, _ bytes: ByteView) {
    upstream.pointee.hasResponseByte = true
    var view = bytes
    if upstream.pointee.partialHead != nil {
      append(bytes, to: &upstream.pointee.partialHead)
      view = self.view(of: upstream.pointee.partialHead)
    }
    while true {
      let result = upstream.pointee.headParser.parse(
        view, limits: responseHeadLimits, table: &responseFields, memo: &responseMemo)
      switch result {
      case .needMore:
        keepPartialHead(upstream, view, isPartial: upstream.pointee.partialHead != nil)
        return
      case .failure:
        attemptFailed(upstream, .malformedHead)
        return
      case .complete(let head):
        let rest = view.dropFirst(Int(head.length))
        if head.isInterim && head.status != 101 {
          view = rest
          continue
        }
        responseHeadArrived(upstream, head, view.prefix(Int(head.length)), rest)
        return
      }
    }
  }

  private static let partialHeadBytesFirst = 4096

  private func keepPartialHead(_ upstream: Upstream, _ view: ByteView, isPartial: Bool) {
    if isPartial && view.count == upstream.pointee.partialHead!.count { return }
    var buffer = loop.buffers.take(max(view.count, Self.partialHeadBytesFirst))
    buffer.base.update(from: view.base, count: view.count)
    buffer.count = view.count
    if let old = upstream.pointee.partialHead { loop.buffers.give(old) }
    upstream.pointee.partialHead = buffer
  }

  private func responseHeadArrived(
    _ upstream: Upstream, _ head: ResponseHead, _ headBytes: ByteView, _ rest: ByteView
  ) {
    guard let client = upstream.pointee.client, head.status != 101 else {
      if let client = upstream.pointee.client, client.pointee.exchange.endpoint == .realtime {
        return beginTunnel(upstream, client, head, headBytes, rest)
      }
      attemptFailed(upstream, .malformedHead)
      return
    }
    upstream.pointee.phase = .relaying
    upstream.pointee.framing = head.framing
    upstream.pointee.keepAlive = head.keepAlive
    upstream.pointee.chunked = ChunkedDecoder()
    if case .length(let length) = head.framing { upstream.pointee.bodyRemaining = length }
    client.pointee.exchange.firstByteNanoseconds = Loop.nanoseconds
    client.pointee.exchange.upstreamStatus = head.status
    let isEvents =
      head.status < 300
      && (responseFields.value(of: .contentType, in: headBytes)?.isEventStream == true
        || client.pointee.exchange.foreign != nil && isForeignStream(client, headBytes))
    client.pointee.exchange.mode = isEvents ? .events : .buffered
    if !isEvents, head.status < 300, let hedge = client.pointee.exchange.hedge {
      hedgeDelivers(client, hedge)
    }
    let isMedia = client.pointee.exchange.endpoint.task == .media
    if isEvents, isMedia {
      makeForeignCall(client).beginMediaStream()
    } else if isEvents, let call = foreignCall(client) {
      call.beginStream()
    }
    waitFor(
      client, isEvents ? .firstToken : .betweenTokens,
      isEvents
        ? settings.timeouts.firstTokenMilliseconds : settings.timeouts.betweenTokensMilliseconds)
    noteHead(client, headBytes)
    passedFields =
      foreignCall(client).map { writeForeignFields(head, headBytes, $0) }
      ?? writePassedFields(head, headBytes)
    if isMedia, !isEvents, head.status < 300, isBinary(headBytes) {
      startStreaming(client, upstream, .empty)
      guard upstream.pointee.phase == .relaying, upstream.pointee.client == client else { return }
    }
    readResponseBody(upstream, rest)
    // Unless all of the answer was in the same read, its fields must outlive this call.
    if upstream.pointee.phase == .relaying, upstream.pointee.client == client,
      !client.pointee.exchange.isCommitted, client.pointee.exchange.fields == nil
    {
      // Also where there are none: `passedFields` will be another answer's by then.
      client.pointee.exchange.fields = loop.buffers.take(max(passedFields.count, 1))
      append(passedFields, to: &client.pointee.exchange.fields)
    }
    if let partial = upstream.pointee.partialHead, upstream.pointee.phase != .closed {
      loop.buffers.give(partial)
      upstream.pointee.partialHead = nil
    }
  }

  // MARK: Body

  /// What a piece of the upstream's body decoded to.
  private enum DecodedBody {
    case more(ByteView)
    case complete(ByteView)
    case broken
  }

  private func readResponseBody(_ upstream: Upstream, _ bytes: ByteView) {
    // Nearly every read of a stream. The framing decides first: only a chunked body has a decoder.
    if case .chunked = upstream.pointee.framing, let client = upstream.pointee.client,
      let payload = upstream.pointee.chunked.wholeChunk(in: bytes)
    {
      relay(client, upstream, payload, isComplete: false)
      return
    }
    switch decodeBody(upstream, bytes) {
    case .broken: attemptFailed(upstream, .malformedBody)
    case .more(let payload):
      guard !payload.isEmpty, let client = upstream.pointee.client else { return }
      relay(client, upstream, payload, isComplete: false)
    case .complete(let payload):
      upstream.pointee.isBodyComplete = true
      guard let client = upstream.pointee.client else {
        keepIdle(upstream)
        return
      }
      relay(client, upstream, payload, isComplete: true)
    }
  }

  private func decodeBody(_ upstream: Upstream, _ bytes: ByteView) -> DecodedBody {
    switch upstream.pointee.framing {
    case .none:
      if !bytes.isEmpty { upstream.pointee.keepAlive = false }
      return .complete(.empty)
    case .untilClose: return .more(bytes)
    case .length:
      let remaining = upstream.pointee.bodyRemaining
      guard UInt64(bytes.count) >= remaining else {
        upstream.pointee.bodyRemaining = remaining - UInt64(bytes.count)
        return .more(bytes)
      }
      upstream.pointee.bodyRemaining = 0
      if bytes.count > Int(remaining) { upstream.pointee.keepAlive = false }
      return .complete(bytes.prefix(Int(remaining)))
    case .chunked: return decodeChunkedBody(upstream, bytes)
    }
  }

  /// Takes the chunk framing out. Several chunks in one read are moved together in place, so that
  /// what follows sees one run of bytes.
  private func decodeChunkedBody(_ upstream: Upstream, _ bytes: ByteView) -> DecodedBody {
    var offset = 0
    var payload = ByteView.empty
    while true {
      switch upstream.pointee.chunked.next(in: bytes, offset: &offset) {
      case .payload(let piece):
        if payload.isEmpty {
          payload = piece
        } else {
          // SAFETY: the bytes are in a read buffer of ours, and `piece` lies behind `payload` in
          // it.
          let end = UnsafeMutablePointer(mutating: payload.base + payload.count)
          end.update(from: piece.base, count: piece.count)
          payload = ByteView(base: payload.base, count: payload.count + piece.count)
        }
      case .needMore: return .more(payload)
      case .complete:
        if offset < bytes.count { upstream.pointee.keepAlive = false }
        return .complete(payload)
      case .failure: return .broken
      }
    }
  }

  private func relay(
    _ client: Client, _ upstream: Upstream, _ payload: ByteView, isComplete: Bool
  ) {
    switch client.pointee.exchange.mode {
    case .buffered: gather(client, upstream, payload, isComplete: isComplete)
    case .events:
      if let call = foreignCall(client) {
        relayForeign(client, call, upstream, payload, isComplete: isComplete)
      } else {
        relayEvents(client, upstream, payload, isComplete: isComplete)
      }
    case .streamed: relayBytes(client, upstream, payload, isComplete: isComplete)
    }
  }

  // MARK: Ends

  /// FIN from the upstream.
  func upstreamEnded(_ upstream: Upstream) {
    select(upstream)
    switch upstream.pointee.phase {
    case .idle, .finishing: closeUpstream(upstream)
    case .tunneling: endTunnel(upstream.pointee.client!)
    case .relaying where upstream.pointee.framing == .untilClose:
      upstream.pointee.keepAlive = false
      upstream.pointee.isBodyComplete = true
      guard let client = upstream.pointee.client else {
        closeUpstream(upstream)
        return
      }
      relay(client, upstream, .empty, isComplete: true)
    default: attemptFailed(upstream, .ended)
    }
  }

  /// The client has its whole answer; the upstream connection goes back to its pool, at once or
  /// when the end of its framing has come.
  func releaseUpstream(_ client: Client) {
    guard let upstream = client.pointee.exchange.upstream else { return }
    client.pointee.exchange.upstream = nil
    upstream.pointee.client = nil
    if upstream.pointee.isBodyComplete {
      keepIdle(upstream)
    } else if upstream.pointee.keepAlive && upstream.pointee.framing != .untilClose {
      keepFinishing(upstream)
    } else {
      closeUpstream(upstream)
    }
  }

  /// How long an upstream may take to end the framing of an answer that is complete.
  static let finishingMilliseconds: UInt64 = 2_000

  // MARK: Buffers

  @inline(__always)
  func view(of buffer: PooledBuffer?) -> ByteView {
    guard let buffer else { return .empty }
    return ByteView(base: buffer.base, count: buffer.count)
  }

  /// Copies `bytes` to the end of `buffer`, taking one from the pool when there is none.
  func append(_ bytes: ByteView, to buffer: inout PooledBuffer?) {
    guard !bytes.isEmpty else { return }
    var target = buffer ?? loop.buffers.take(bytes.count)
    loop.buffers.reserve(&target, bytes.count)
    (target.base + target.count).update(from: bytes.base, count: bytes.count)
    target.count += bytes.count
    buffer = target
  }
}
