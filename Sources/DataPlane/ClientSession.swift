// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import Network
internal import Routing
internal import Telemetry

/// An HTTP/2 connection of a client. Each of its streams is a `ClientConnection` of its own.
typealias ClientSession = UnsafeMutablePointer<HTTP2ClientSession>

/// What the streams of one HTTP/2 connection have in common.
///
/// SAFETY: allocated for the connection, which has it as its owner, and freed when that has ended.
struct HTTP2ClientSession {
  var worker: Unmanaged<Worker>
  var connection: HTTP2Connection?
  var isLoopback: Bool
  var sourceAddress: SourceAddress
  /// Links of the worker's list.
  var next: ClientSession?
  var previous: ClientSession?
}

/// HTTP/2 from clients (RFC 9113): by ALPN, or by the preface on a connection without TLS.
extension Worker {
  nonisolated(unsafe) static let sessionCallbacks: UnsafePointer<HTTP2ConnectionCallbacks> = {
    let table = UnsafeMutablePointer<HTTP2ConnectionCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: HTTP2ConnectionCallbacks(
        onStream: { owner, connection, stream in
          let session = owner.assumingMemoryBound(to: HTTP2ClientSession.self)
          session.pointee.worker._withUnsafeGuaranteedRef {
            $0.streamArrived(session, connection, stream)
          }
        },
        onClosed: { owner, _ in
          let session = owner.assumingMemoryBound(to: HTTP2ClientSession.self)
          session.pointee.worker._withUnsafeGuaranteedRef { $0.sessionClosed(session) }
        }))
    return UnsafePointer(table)
  }()

  private static let preface: StaticString = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"

  /// A client's TLS handshake is done.
  func clientConnected(_ client: Client) {
    if client.pointee.transport.applicationProtocol == .http2 { startHTTP2(client) }
  }

  /// Whether the bytes that are no HTTP/1.1 request are the beginning of HTTP/2 (section 3.4). With
  /// TLS it has to be agreed upon beforehand.
  func beginsHTTP2(_ client: Client) -> Bool {
    // Only what the connection begins with: no exchange has been begun on it.
    guard !client.pointee.transport.isTLS, !client.pointee.transport.isStream,
      client.pointee.exchange.startNanoseconds == 0
    else { return false }
    let preface = ByteView(
      base: Self.preface.utf8Start, count: Self.preface.utf8CodeUnitCount)
    let start = input(of: client).prefix(preface.count)
    return start.count >= 3 && start.equals(preface.prefix(start.count))
  }

  /// Hands a client's connection over to HTTP/2; what has come goes with it.
  func startHTTP2(_ client: Client) {
    let session = ClientSession.allocate(capacity: 1)
    session.initialize(
      to: HTTP2ClientSession(
        worker: .passUnretained(self), connection: nil,
        isLoopback: client.pointee.isLoopback, sourceAddress: client.pointee.sourceAddress))
    guard
      let connection = try? HTTP2Connection.open(
        client.pointee.transport, isServer: true, on: loop, in: http2, limits: sessionLimits,
        owner: session, callbacks: Self.sessionCallbacks)
    else {
      session.deallocate()
      closeClient(client)
      return
    }
    session.pointee.connection = connection
    session.pointee.next = firstSession
    firstSession?.pointee.previous = session
    firstSession = session
    sessionCount += 1
    let input = client.pointee.input
    client.pointee.input = nil
    client.pointee.phase = .closed
    forgetClient(client)
    if isDraining { connection.drain() }
    if let input {
      connection.receive(ByteView(base: input.base, count: input.count))
      loop.buffers.give(input)
    }
    client.pointee.next = closedClients
    closedClients = client
  }

  private var sessionLimits: HTTP2Limits {
    HTTP2Limits(
      concurrentStreamsMaximum: UInt32(clamping: settings.limits.http2StreamsMaximum),
      fieldSectionBytesMaximum: Int(settings.limits.requestHeadBytesMaximum),
      idleMilliseconds: UInt64(clamping: settings.timeouts.clientIdleMilliseconds),
      settingsMilliseconds: UInt64(clamping: settings.timeouts.clientHeadMilliseconds),
      writeMilliseconds: UInt64(clamping: settings.timeouts.clientWriteMilliseconds))
  }

  /// A request has come on a stream; what is over the limit of clients is refused unseen.
  private func streamArrived(
    _ session: ClientSession, _ connection: UnsafeMutableRawPointer,
    _ stream: UnsafeMutableRawPointer
  ) {
    guard clientCount + sessionCount < clientConnectionsMaximum else { return }
    let client = takeClientMemory()
    begin(
      client,
      HTTP2Connection.adopt(
        connection, stream: stream, owner: client, callbacks: Self.clientCallbacks))
    client.pointee.isLoopback = session.pointee.isLoopback
    client.pointee.sourceAddress = session.pointee.sourceAddress
    client.pointee.transport.startReading()
  }

  private func sessionClosed(_ session: ClientSession) {
    session.pointee.next?.pointee.previous = session.pointee.previous
    if let previous = session.pointee.previous {
      previous.pointee.next = session.pointee.next
    } else {
      firstSession = session.pointee.next
    }
    sessionCount -= 1
    session.deinitialize(count: 1)
    session.deallocate()
    metrics.clientDisconnected()
    if isDraining { drainStep() }
  }

  // MARK: Draining

  /// GOAWAY to every client; what it has under way goes on.
  func drainSessions() {
    var next = firstSession
    while let session = next {
      next = session.pointee.next
      session.pointee.connection?.drain()
    }
  }

  func closeSessions() {
    var next = firstSession
    while let session = next {
      next = session.pointee.next
      session.pointee.connection?.close()
    }
  }
}
