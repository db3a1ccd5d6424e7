// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing

/// Writing to a client: heads, chunks, back-pressure.
extension Worker {
  static let endOfChunk = staticBytes("\r\n")
  static let endOfBody = staticBytes("0\r\n\r\n")
  static let endOfChunkAndBody = staticBytes("\r\n0\r\n\r\n")

  private static func staticBytes(_ text: StaticString) -> ByteView {
    ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
  }

  /// Sends, or closes the connection of a client that cannot be written to. False when it is gone.
  func send(_ client: Client, _ segments: UnsafeBufferPointer<ByteView>) -> Bool {
    switch client.pointee.transport.write(segments) {
    case .sent, .queued: return true
    case .failed:
      closeClient(client)
      return false
    }
  }

  func send(_ client: Client, _ bytes: ByteView) -> Bool {
    withUnsafePointer(to: bytes) {
      send(client, UnsafeBufferPointer(start: $0, count: 1))
    }
  }

  /// One chunk of the answer's body, or its bare bytes for a client that takes none.
  func sendChunk(_ client: Client, _ bytes: ByteView) -> Bool {
    guard client.pointee.exchange.isClientChunked else { return send(client, bytes) }
    return withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 3) { segments in
      segments[0] = sizeLine(bytes.count)
      segments[1] = bytes
      segments[2] = Self.endOfChunk
      return send(client, UnsafeBufferPointer(segments))
    }
  }

  /// The end of the answer's body. A client without chunks is told by the end of the connection.
  func sendLastChunk(_ client: Client) -> Bool {
    if client.pointee.exchange.isClientChunked { return send(client, Self.endOfBody) }
    client.pointee.head.keepAlive = false
    return true
  }

  /// The size line of a chunk, in memory of the worker that the next call overwrites. The chunks of
  /// a stream are often of one size.
  @inline(__always)
  func sizeLine(_ size: Int) -> ByteView {
    if size != sizeOfLine { writeSizeLine(size) }
    return ByteView(base: sizeLineScratch, count: sizeLineCount)
  }

  private func writeSizeLine(_ size: Int) {
    var writer = ByteWriter(base: sizeLineScratch, capacity: ChunkedEncoder.sizeLineBytesMax)
    ChunkedEncoder.appendSizeLine(size, to: &writer)
    sizeOfLine = size
    sizeLineCount = writer.count
  }

  /// Stops reading an upstream whose client does not keep up; `clientDrained` goes on.
  @inline(__always)
  func watchQueue(_ client: Client, _ upstream: Upstream) {
    let isQueueLong =
      client.pointee.transport.queuedByteCount > Int(settings.limits.relayBufferBytesMaximum)
    if isQueueLong { pauseUpstream(client, upstream) }
  }

  private func pauseUpstream(_ client: Client, _ upstream: Upstream) {
    // What is queued before that is of an earlier answer on the connection.
    guard client.pointee.exchange.isCommitted, upstream.pointee.client == client,
      !client.pointee.isUpstreamPaused
    else { return }
    client.pointee.isUpstreamPaused = true
    client.pointee.exchange.queuedByteCount = client.pointee.transport.queuedByteCount
    upstream.pointee.transport!.stopReading()
    waitFor(client, .clientWrite, settings.timeouts.clientWriteMilliseconds)
  }

  // MARK: Heads

  /// Starts the answer's head in the worker's scratch memory.
  func beginHead(_ client: Client, _ status: UInt16) -> ByteWriter {
    commit(client)
    return startHead(client, status)
  }

  /// The attempt at hand is the one that answers.
  @inline(__always)
  func commit(_ client: Client) {
    if let hedge = client.pointee.exchange.hedge { hedgeDelivers(client, hedge) }
    client.pointee.exchange.isCommitted = true
  }

  /// As `beginHead`, for an answer that no attempt gives yet.
  @inline(__always)
  func startHead(_ client: Client, _ status: UInt16) -> ByteWriter {
    client.pointee.exchange.status = status
    headHasRequestID = false
    var head = ByteWriter(base: headScratch, capacity: Self.headScratchCapacity)
    ResponseHeadWriter.appendStatusLine(status, to: &head)
    return head
  }

  /// How a body of unknown length is framed for this client.
  func appendClientFraming(_ client: Client, to head: inout ByteWriter) {
    client.pointee.exchange.isClientChunked = client.pointee.head.minorVersion >= 1
    if client.pointee.exchange.isClientChunked {
      head.append("transfer-encoding: chunked\r\n")
    } else {
      client.pointee.head.keepAlive = false
    }
  }

  /// The decision's headers, and whether the connection goes on; then the empty line.
  func endHead(_ client: Client, _ head: inout ByteWriter) {
    appendDecisionFields(client, to: &head)
    endHeadAlone(client, &head)
  }

  /// The same, where what there is to say of the decision has been said.
  @inline(__always)
  func endHeadAlone(_ client: Client, _ head: inout ByteWriter) {
    appendIdentity(client, to: &head)
    if !client.pointee.head.keepAlive || isDraining {
      client.pointee.head.keepAlive = false
      head.append("connection: close\r\n")
    } else if client.pointee.head.minorVersion == 0 {
      head.append("connection: keep-alive\r\n")
    }
    ResponseHeadWriter.appendEnd(to: &head)
    assert(!head.overflowed, "the answer's head is bounded by the response head's limit")
  }
}
