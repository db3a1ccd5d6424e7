// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing
internal import Telemetry

/// What happens on a client's socket, translated into steps of the request path.
extension Worker {
  func accept(_ socket: TCPSocket, _ certificates: TLSContextSlot?) {
    guard clientCount + sessionCount < clientConnectionsMaximum, !isDraining else {
      socket.close()
      return
    }
    let client = takeClientMemory()
    guard
      let transport = try? Transport.accept(
        socket, on: loop, tls: certificates?.current, in: tls, owner: client,
        callbacks: Self.clientCallbacks)
    else {
      client.pointee.next = freeClients
      freeClients = client
      return
    }
    begin(client, transport)
    noteAddress(client, socket.peerAddress)
    client.pointee.transport.startReading()
    metrics.clientConnected()
  }

  /// Memory for one client, not initialized.
  func takeClientMemory() -> Client {
    if freeClients == nil { recycleClosedClients() }
    guard let free = freeClients else { return .allocate(capacity: 1) }
    freeClients = free.pointee.next
    return free
  }

  /// Makes a client of `transport` in memory just taken, with the time for its head running.
  func begin(_ client: Client, _ transport: Transport) {
    // Every field is new: nothing of the connection that had this memory before is left.
    client.initialize(
      to: ClientConnection(transport: transport, worker: .passUnretained(self)))
    client.pointee.timer = TimerNode(owner: client) { owner in
      let client = owner!.assumingMemoryBound(to: ClientConnection.self)
      client.pointee.worker._withUnsafeGuaranteedRef { $0.clientTimerFired(client) }
    }
    client.pointee.next = firstClient
    firstClient?.pointee.previous = client
    firstClient = client
    clientCount += 1
    setDeadline(client, settings.timeouts.clientHeadMilliseconds)
  }

  private func noteAddress(_ client: Client, _ address: SocketAddress?) {
    guard let address else { return }
    client.pointee.isLoopback = address.isLoopback
    if let (high, low) = address.version6Words {
      client.pointee.sourceAddress = .version6(high: high, low: low)
    } else if let word = address.version4Word {
      client.pointee.sourceAddress = .version4(word)
    }
  }

  /// Where the next bytes of the client go: behind what has not been answered yet. What comes first
  /// goes to the loop's scratch buffer, so that a long request is read at once and a short one is
  /// kept in no more memory than it needs.
  func allocateInput(
    _ client: Client, _ base: UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>,
    _ count: UnsafeMutablePointer<Int>
  ) {
    // A lingering client's bytes go to the scratch buffer and are forgotten.
    guard client.pointee.phase != .lingering else { return }
    guard client.pointee.input != nil else { return }
    if client.pointee.input!.available == 0 { loop.buffers.reserve(&client.pointee.input!, 1) }
    let buffer = client.pointee.input!
    base.pointee = buffer.base + buffer.count
    count.pointee = buffer.available
  }

  func clientBytesArrived(_ client: Client, _ bytes: ByteView) {
    switch client.pointee.phase {
    case .idle, .head, .body:
      keepInput(client, bytes)
      process(client)
    case .exchange:
      keepInput(client, bytes)
      let ahead = client.pointee.input!.count - client.pointee.requestLength
      if ahead > pipelinedBytesMaximum {
        client.pointee.transport.stopReading()
        client.pointee.isReadingPaused = true
      }
    case .tunnel: tunnelFromClient(client, bytes)
    case .lingering, .closed: break
    }
  }

  /// Adds bytes to what is not answered yet: they lie behind it already, or in a borrowed buffer
  /// where there is nothing yet.
  @inline(__always)
  private func keepInput(_ client: Client, _ bytes: ByteView) {
    if client.pointee.input == nil {
      append(bytes, to: &client.pointee.input)
    } else {
      client.pointee.input!.count += bytes.count
    }
  }

  /// FIN from the client. With a request in flight that is a client that has left: its upstream is
  /// cancelled at once. (A client that only shuts down its sending side is not told apart from one
  /// that is gone; no HTTP client library does that.)
  func clientEnded(_ client: Client) {
    client.pointee.hasEnded = true
    if client.pointee.phase == .tunnel { return tunnelClientEnded(client) }
    closeClient(client)
  }

  func clientFailed(_ client: Client) { closeClient(client) }

  /// The queue to the client is empty again.
  func clientDrained(_ client: Client) {
    if client.pointee.phase == .tunnel { return tunnelToClientDrained(client) }
    if client.pointee.isUpstreamPaused, let upstream = client.pointee.exchange.upstream {
      client.pointee.isUpstreamPaused = false
      upstream.pointee.transport?.startReading()
      waitFor(client, .betweenTokens, settings.timeouts.betweenTokensMilliseconds)
    }
  }

  func clientTimerFired(_ client: Client) {
    switch client.pointee.phase {
    case .idle: closeClient(client)
    case .head:
      // The exchange before on this connection is over.
      client.pointee.head = RequestHead()
      beginExchange(client)
      refuse(client, Self.lateRequest)
    case .body: refuse(client, Self.lateRequest)
    case .exchange: exchangeTimerFired(client)
    case .tunnel: breakTunnel(client)
    case .lingering: closeClient(client)
    case .closed: break
    }
  }

  private static let lateRequest = GatewayError(
    .requestTimeout, "The request did not arrive in time.")

  /// Arms the client's one timer. A timer that is armed for later than asked is moved; one that
  /// would fire earlier is moved too, since the phase has changed.
  func setDeadline(_ client: Client, _ delayMilliseconds: Int64) {
    loop.arm(&client.pointee.timer, delayMilliseconds: UInt64(max(delayMilliseconds, 0)))
  }

  /// Ends the connection after its last answer: FIN, then what still comes is read and dropped for
  /// a moment, because closing with unread bytes would send a reset that can overtake the answer.
  func linger(_ client: Client) {
    guard client.pointee.phase != .closed else { return }
    client.pointee.phase = .lingering
    releaseInput(client)
    client.pointee.transport.shutdown()
    // A stream sends its answer to the end on its own.
    if client.pointee.transport.isStream { return closeClient(client) }
    client.pointee.transport.startReading()
    setDeadline(client, Self.lingerMilliseconds)
  }

  static let lingerMilliseconds: Int64 = 2_000

  func releaseInput(_ client: Client) {
    guard let input = client.pointee.input else { return }
    loop.buffers.give(input)
    client.pointee.input = nil
  }

  /// Closes a client in any phase and cancels what it had in flight.
  func closeClient(_ client: Client) {
    guard client.pointee.phase != .closed else { return }
    let hasExchange = client.pointee.phase.hasExchange
    client.pointee.phase = .closed
    client.pointee.transport.close()
    if hasExchange { abandonExchange(client) }
    if !client.pointee.transport.isStream { metrics.clientDisconnected() }
    forgetClient(client)
    // Not reused before this turn of the loop is over: callers up the stack may still look at its
    // phase.
    client.pointee.next = closedClients
    closedClients = client
    if isDraining { drainStep() }
  }

  /// Takes a client that is closed out of the worker's list.
  func forgetClient(_ client: Client) {
    loop.disarm(&client.pointee.timer)
    releaseInput(client)
    client.pointee.next?.pointee.previous = client.pointee.previous
    if let previous = client.pointee.previous {
      previous.pointee.next = client.pointee.next
    } else {
      firstClient = client.pointee.next
    }
    clientCount -= 1
    requestHeads.forget(client)
    client.pointee.previous = nil
  }
}
