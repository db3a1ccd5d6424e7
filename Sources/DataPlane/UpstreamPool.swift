// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import ModelCatalog
internal import Network
internal import Routing

/// Connections to upstreams: resolved, connected, lent to an exchange, kept idle, closed.
extension Worker {
  /// How long resolved addresses are used before they are asked for again.
  static let addressLifetimeMilliseconds: UInt64 = 30_000

  /// The endpoint for these coordinates, made on first use.
  func endpoint(
    host: ByteView, port: UInt16, isTLS: Bool, http2: HTTP2Use = .off
  ) -> UnsafeMutablePointer<EndpointPool> {
    let hostText = host.string
    for endpoint in endpoints
    where endpoint.pointee.port == port && endpoint.pointee.isTLS == isTLS
      && endpoint.pointee.host == hostText && endpoint.pointee.http2 == http2
    {
      return endpoint
    }
    let endpoint = UnsafeMutablePointer<EndpointPool>.allocate(capacity: 1)
    endpoint.initialize(
      to: EndpointPool(host: hostText, port: port, isTLS: isTLS, http2: http2))
    if isTLS, let clientTLS = http2 == .off ? clientTLS : shared.clientTLSWithHTTP2 {
      endpoint.pointee.tlsPeer = try? TLSPeer(context: clientTLS, name: hostText)
    }
    if let address = SocketAddress(host: hostText, port: port) {
      endpoint.pointee.addresses = [address]
      endpoint.pointee.addressExpiryMilliseconds = .max
    }
    endpoints.append(endpoint)
    return endpoint
  }

  /// The newest idle connection to `endpoint`, ready for a request; nil when there is none.
  @inline(__always)
  func takeIdle(_ endpoint: UnsafeMutablePointer<EndpointPool>) -> Upstream? {
    guard let upstream = endpoint.pointee.idle else { return nil }
    unlinkIdle(upstream)
    upstream.pointee.isReused = true
    return upstream
  }

  /// Starts a connection for `client`; `upstreamConnected` or `upstreamFailed` follows, or has been
  /// called already. Nil where there are as many as may be.
  func connect(_ client: Client, to pool: UnsafeMutablePointer<EndpointPool>) -> Upstream? {
    let isUpgrade =
      pool.pointee.http2 != .off && client.pointee.exchange.endpoint == .realtime
    let endpoint = isUpgrade ? endpointWithoutHTTP2(pool) : pool
    guard endpoint.pointee.openCount < Int(settings.limits.upstreamConnectionsMaximum) else {
      return nil
    }
    let upstream = makeUpstream(endpoint)
    upstream.pointee.client = client
    client.pointee.exchange.upstream = upstream
    if endpoint.pointee.http2 == .off || !awaitsStream(upstream) { beginConnect(upstream) }
    return upstream
  }

  /// Resolves, where that has to be, and connects.
  func beginConnect(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    if endpoint.pointee.addresses.isEmpty
      || loop.nowMilliseconds >= endpoint.pointee.addressExpiryMilliseconds
    {
      upstream.pointee.phase = .resolving
      upstream.pointee.next = endpoint.pointee.waiting
      endpoint.pointee.waiting?.pointee.previous = upstream
      endpoint.pointee.waiting = upstream
      resolve(endpoint)
    } else {
      startConnect(upstream)
    }
  }

  private func makeUpstream(_ endpoint: UnsafeMutablePointer<EndpointPool>) -> Upstream {
    let upstream: Upstream
    if let free = freeUpstreams {
      freeUpstreams = free.pointee.next
      upstream = free
    } else {
      upstream = .allocate(capacity: 1)
      upstream.initialize(
        to: UpstreamConnection(worker: .passUnretained(self), endpoint: endpoint))
    }
    upstream.pointee.endpoint = endpoint
    upstream.pointee.next = nil
    upstream.pointee.previous = nil
    upstream.pointee.isReused = false
    upstream.pointee.timer = TimerNode(owner: upstream) { owner in
      let upstream = owner!.assumingMemoryBound(to: UpstreamConnection.self)
      upstream.pointee.worker._withUnsafeGuaranteedRef { $0.closeUpstream(upstream) }
    }
    endpoint.pointee.openCount += 1
    return upstream
  }

  private func resolve(_ endpoint: UnsafeMutablePointer<EndpointPool>) {
    guard !endpoint.pointee.isResolving else { return }
    endpoint.pointee.isResolving = true
    pendingResolutionCount += 1
    Resolver.resolve(endpoint.pointee.host, port: endpoint.pointee.port, on: loop) {
      [unowned self] result in
      pendingResolutionCount -= 1
      resolved(endpoint, result)
      if isDraining { drainStep() }
    }
  }

  private func resolved(
    _ endpoint: UnsafeMutablePointer<EndpointPool>,
    _ result: Result<[SocketAddress], LoopError>
  ) {
    endpoint.pointee.isResolving = false
    switch result {
    case .success(let addresses):
      endpoint.pointee.addresses = addresses
      endpoint.pointee.addressIndex = 0
      endpoint.pointee.addressExpiryMilliseconds =
        loop.nowMilliseconds + Self.addressLifetimeMilliseconds
    case .failure:
      // Stale addresses beat none: the name service may be down while the upstream is not.
      endpoint.pointee.addressExpiryMilliseconds = loop.nowMilliseconds + 1_000
    }
    while let upstream = endpoint.pointee.waiting {
      unlinkWaiting(upstream)
      if endpoint.pointee.addresses.isEmpty {
        upstreamFailed(upstream, .unresolvable)
      } else {
        startConnect(upstream)
      }
    }
  }

  private func unlinkWaiting(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    upstream.pointee.next?.pointee.previous = upstream.pointee.previous
    if let previous = upstream.pointee.previous {
      previous.pointee.next = upstream.pointee.next
    } else {
      endpoint.pointee.waiting = upstream.pointee.next
    }
    upstream.pointee.next = nil
    upstream.pointee.previous = nil
  }

  private func startConnect(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    upstream.pointee.phase = .connecting
    let index = endpoint.pointee.addressIndex % endpoint.pointee.addresses.count
    do throws(LoopError) {
      upstream.pointee.transport = try openTransport(upstream, endpoint.pointee.addresses[index])
    } catch {
      upstream.pointee.transport = nil
      upstreamFailed(upstream, .unreachable)
    }
  }

  /// The next connect tries the next address of the host.
  func rotateAddress(_ endpoint: UnsafeMutablePointer<EndpointPool>) {
    endpoint.pointee.addressIndex &+= 1
    if endpoint.pointee.addressExpiryMilliseconds != .max {
      endpoint.pointee.addressExpiryMilliseconds = 0
    }
  }

  /// Puts a connection whose answer has been read to its end back into the pool.
  func keepIdle(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    guard upstream.pointee.keepAlive, upstream.pointee.isRequestSent,
      !upstream.pointee.transport!.isStream,
      endpoint.pointee.idleCount < Int(settings.limits.upstreamIdleConnectionsMaximum),
      !isDraining
    else {
      closeUpstream(upstream)
      return
    }
    if upstream.pointee.phase == .finishing { unlinkFinishing(upstream) }
    upstream.pointee.phase = .idle
    upstream.pointee.client = nil
    upstream.pointee.previous = nil
    upstream.pointee.next = endpoint.pointee.idle
    endpoint.pointee.idle?.pointee.previous = upstream
    endpoint.pointee.idle = upstream
    endpoint.pointee.idleCount += 1
    upstream.pointee.transport!.startReading()
    loop.arm(
      &upstream.pointee.timer, delayMilliseconds: UInt64(settings.timeouts.upstreamIdleMilliseconds)
    )
  }

  private func unlinkIdle(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    upstream.pointee.next?.pointee.previous = upstream.pointee.previous
    if let previous = upstream.pointee.previous {
      previous.pointee.next = upstream.pointee.next
    } else {
      endpoint.pointee.idle = upstream.pointee.next
    }
    endpoint.pointee.idleCount -= 1
    upstream.pointee.next = nil
    upstream.pointee.previous = nil
    loop.disarm(&upstream.pointee.timer)
  }

  /// Closes a connection in any phase; nothing of it is called back any more.
  func closeUpstream(_ upstream: Upstream) {
    switch upstream.pointee.phase {
    case .closed: return
    case .idle: unlinkIdle(upstream)
    case .resolving: unlinkWaiting(upstream)
    case .awaitingSession: unlinkAwaiting(upstream)
    case .finishing: unlinkFinishing(upstream)
    default: loop.disarm(&upstream.pointee.timer)
    }
    upstream.pointee.phase = .closed
    upstream.pointee.transport?.close()
    upstream.pointee.transport = nil
    if let partial = upstream.pointee.partialHead { loop.buffers.give(partial) }
    upstream.pointee.partialHead = nil
    if let client = upstream.pointee.client {
      if client.pointee.exchange.upstream == upstream {
        client.pointee.exchange.upstream = nil
      } else {
        forgetParked(client, upstream)
      }
      upstream.pointee.client = nil
    }
    upstream.pointee.endpoint.pointee.openCount -= 1
    if upstream.pointee.endpoint.pointee.leader == upstream { leaderLeft(upstream) }
    upstream.pointee.next = freeUpstreams
    freeUpstreams = upstream
  }

  /// Keeps a connection that still has the end of its answer's framing to read.
  func keepFinishing(_ upstream: Upstream) {
    upstream.pointee.phase = .finishing
    upstream.pointee.previous = nil
    upstream.pointee.next = finishingUpstreams
    finishingUpstreams?.pointee.previous = upstream
    finishingUpstreams = upstream
    upstream.pointee.transport!.startReading()
    loop.arm(&upstream.pointee.timer, delayMilliseconds: Self.finishingMilliseconds)
  }

  private func unlinkFinishing(_ upstream: Upstream) {
    upstream.pointee.next?.pointee.previous = upstream.pointee.previous
    if let previous = upstream.pointee.previous {
      previous.pointee.next = upstream.pointee.next
    } else {
      finishingUpstreams = upstream.pointee.next
    }
    upstream.pointee.next = nil
    upstream.pointee.previous = nil
    loop.disarm(&upstream.pointee.timer)
  }

  /// Closes every connection without a client, at the end of a drain.
  func closeIdleUpstreams() {
    while let upstream = finishingUpstreams { closeUpstream(upstream) }
    for endpoint in endpoints {
      while let upstream = endpoint.pointee.idle { closeUpstream(upstream) }
      closeUpstreamSessions(endpoint)
    }
  }
}
