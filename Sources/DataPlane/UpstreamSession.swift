// SPDX-License-Identifier: MIT

internal import EventLoop
internal import ModelCatalog
internal import Network
internal import Routing

/// An HTTP/2 connection to an upstream; each request has a stream of it as its transport.
typealias UpstreamSession = UnsafeMutablePointer<HTTP2UpstreamSession>

/// One of an endpoint's HTTP/2 connections.
///
/// SAFETY: allocated for the connection, which has it as its owner, and freed when that has ended.
struct HTTP2UpstreamSession {
  var worker: Unmanaged<Worker>
  var endpoint: UnsafeMutablePointer<EndpointPool>
  var connection: HTTP2Connection?
  var next: UpstreamSession?
  var previous: UpstreamSession?
}

/// HTTP/2 to upstreams. A request takes a stream of a connection that has one to give. Where none
/// has, the first to come makes a connection as ever, and those after it wait for what it becomes:
/// more streams, or, where TLS settles on HTTP/1.1, one connection each.
extension Worker {
  nonisolated(unsafe) static let upstreamSessionCallbacks: UnsafePointer<HTTP2ConnectionCallbacks> =
    {
      let table = UnsafeMutablePointer<HTTP2ConnectionCallbacks>.allocate(capacity: 1)
      table.initialize(
        to: HTTP2ConnectionCallbacks(
          // An upstream opens no streams: push is switched off.
          onStream: { _, _, _ in },
          onClosed: { owner, _ in
            let session = owner.assumingMemoryBound(to: HTTP2UpstreamSession.self)
            session.pointee.worker._withUnsafeGuaranteedRef { $0.upstreamSessionClosed(session) }
          }))
      return UnsafePointer(table)
    }()

  /// Sends a request's stream on its way, or lets it wait for one; false when it is to connect.
  func awaitsStream(_ upstream: Upstream) -> Bool {
    let endpoint = upstream.pointee.endpoint
    if takeStream(upstream) {
      upstreamConnected(upstream)
      return true
    }
    if endpoint.pointee.speaksHTTP1Only { return false }
    guard endpoint.pointee.leader != nil || endpoint.pointee.isLeaderWanted else {
      endpoint.pointee.leader = upstream
      return false
    }
    upstream.pointee.phase = .awaitingSession
    upstream.pointee.next = endpoint.pointee.awaitingSession
    endpoint.pointee.awaitingSession?.pointee.previous = upstream
    endpoint.pointee.awaitingSession = upstream
    return true
  }

  /// Gives an upstream a stream of a connection with room.
  private func takeStream(_ upstream: Upstream) -> Bool {
    var next = upstream.pointee.endpoint.pointee.sessions
    while let session = next {
      next = session.pointee.next
      guard
        let stream = session.pointee.connection?.openStream(
          owner: upstream, callbacks: Self.upstreamCallbacks)
      else { continue }
      upstream.pointee.phase = .connecting
      upstream.pointee.transport = stream
      return true
    }
    return false
  }

  func unlinkAwaiting(_ upstream: Upstream) {
    upstream.pointee.next?.pointee.previous = upstream.pointee.previous
    if let previous = upstream.pointee.previous {
      previous.pointee.next = upstream.pointee.next
    } else {
      upstream.pointee.endpoint.pointee.awaitingSession = upstream.pointee.next
    }
    upstream.pointee.next = nil
    upstream.pointee.previous = nil
  }

  // MARK: Connections made

  /// TCP, and TLS where it is spoken, are up.
  func transportConnected(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    guard endpoint.pointee.http2 != .off, upstream.pointee.phase == .connecting else {
      upstreamConnected(upstream)
      return
    }
    let isHTTP2 =
      upstream.pointee.transport!.applicationProtocol == .http2
      || endpoint.pointee.http2 == .priorKnowledge
    endpoint.pointee.speaksHTTP1Only = !isHTTP2
    let hasSession = isHTTP2 && beginSession(upstream)
    if endpoint.pointee.leader == upstream { leaderLeft(upstream) }
    if isHTTP2 && !hasSession {
      upstreamFailed(upstream, .unreachable)
    } else {
      upstreamConnected(upstream)
    }
  }

  /// Makes an HTTP/2 connection of an upstream's transport, and gives it the first stream.
  private func beginSession(_ upstream: Upstream) -> Bool {
    let endpoint = upstream.pointee.endpoint
    let session = UpstreamSession.allocate(capacity: 1)
    session.initialize(
      to: HTTP2UpstreamSession(worker: .passUnretained(self), endpoint: endpoint))
    guard
      let connection = try? HTTP2Connection.open(
        upstream.pointee.transport!, isServer: false, on: loop, in: http2,
        limits: upstreamSessionLimits, owner: session, callbacks: Self.upstreamSessionCallbacks)
    else {
      session.deallocate()
      return false
    }
    session.pointee.connection = connection
    session.pointee.next = endpoint.pointee.sessions
    endpoint.pointee.sessions?.pointee.previous = session
    endpoint.pointee.sessions = session
    upstream.pointee.transport = connection.openStream(
      owner: upstream, callbacks: Self.upstreamCallbacks)
    return upstream.pointee.transport != nil
  }

  private var upstreamSessionLimits: HTTP2Limits {
    HTTP2Limits(
      concurrentStreamsMaximum: UInt32(clamping: settings.limits.upstreamStreamsMaximum),
      fieldSectionBytesMaximum: Int(settings.limits.responseHeadBytesMaximum),
      connectionWindowBytes: 16 << 20,
      idleMilliseconds: UInt64(clamping: settings.timeouts.upstreamIdleMilliseconds),
      settingsMilliseconds: UInt64(clamping: settings.timeouts.connectMilliseconds),
      writeMilliseconds: UInt64(clamping: settings.timeouts.firstHeaderMilliseconds))
  }

  private func upstreamSessionClosed(_ session: UpstreamSession) {
    session.pointee.next?.pointee.previous = session.pointee.previous
    if let previous = session.pointee.previous {
      previous.pointee.next = session.pointee.next
    } else {
      session.pointee.endpoint.pointee.sessions = session.pointee.next
    }
    session.deinitialize(count: 1)
    session.deallocate()
  }

  func closeUpstreamSessions(_ endpoint: UnsafeMutablePointer<EndpointPool>) {
    var next = endpoint.pointee.sessions
    while let session = next {
      next = session.pointee.next
      session.pointee.connection?.close()
    }
  }

  // MARK: Those who wait

  /// The one that made a connection has it, or has failed. Those who wait are seen to at the next
  /// turn: this is called while the leader's own fate is being decided.
  func leaderLeft(_ upstream: Upstream) {
    let endpoint = upstream.pointee.endpoint
    endpoint.pointee.leader = nil
    guard endpoint.pointee.awaitingSession != nil, !endpoint.pointee.isLeaderWanted else { return }
    endpoint.pointee.isLeaderWanted = true
    let reference = EndpointReference(worker: self, endpoint: endpoint)
    loop.execute { reference.serve() }
  }

  /// Gives streams to those who wait; where none are left the next one makes another connection.
  fileprivate func serveAwaiting(_ endpoint: UnsafeMutablePointer<EndpointPool>) {
    endpoint.pointee.isLeaderWanted = false
    while let upstream = endpoint.pointee.awaitingSession {
      unlinkAwaiting(upstream)
      if takeStream(upstream) {
        upstreamConnected(upstream)
        continue
      }
      upstream.pointee.phase = .resolving
      let isLeader = !endpoint.pointee.speaksHTTP1Only
      if isLeader { endpoint.pointee.leader = upstream }
      beginConnect(upstream)
      // What waits goes on waiting for this one; had it failed at once, for a turn of its own.
      if isLeader { return }
    }
  }

  /// The upstream says that it has not looked at the request (GOAWAY, REFUSED_STREAM), so it may
  /// go out again, as after an idle connection that was closed; but not for ever.
  func noteNotProcessed(_ upstream: Upstream) {
    guard let client = upstream.pointee.client, !upstream.pointee.hasResponseByte,
      client.pointee.exchange.resentCount < Self.resendsMaximum
    else { return }
    client.pointee.exchange.resentCount += 1
    upstream.pointee.isReused = true
  }

  static let resendsMaximum: UInt8 = 3
}

/// An endpoint as scheduled work remembers it.
///
/// SAFETY: only used on the worker's thread; endpoints live as long as their worker.
private struct EndpointReference: @unchecked Sendable {
  let worker: Worker
  let endpoint: UnsafeMutablePointer<EndpointPool>

  func serve() { worker.serveAwaiting(endpoint) }
}
