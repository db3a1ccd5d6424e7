// SPDX-License-Identifier: MIT

import Bytes
import EventLoop
import Network

/// One client's connection: reads requests one after the other, answers each before the next.
///
/// SAFETY: `@unchecked Sendable` because every member is used on the server's loop only; other
/// threads come in through `onLoop`. The transport's owner pointer is this object, which the server
/// keeps until the transport is closed.
final class HTTPConnection: @unchecked Sendable {
  enum Phase {
    /// No request has begun → receiving, closed
    case idle
    /// A request is coming in → responding, lingering, closed
    case receiving
    /// A handler runs or a response is going out → idle, receiving, lingering, closed
    case responding
    /// Our side has ended; waits for the client's end → closed
    case lingering
    case closed
  }

  let server: HTTPServer
  let loop: Loop
  var transport: Transport!
  var assembler: HTTPRequestAssembler
  var phase = Phase.idle
  var response: HTTPResponseProgress?
  /// The client has sent its FIN, or the connection broke.
  var isClientGone = false
  private let timer: UnsafeMutablePointer<TimerNode>
  private var task: Task<Void, Never>?
  private var drainWaiter: CheckedContinuation<Void, Never>?
  /// The client's address, asked for once.
  private var client: (host: String, isLoopback: Bool)?

  init(_ server: HTTPServer) {
    self.server = server
    loop = server.loop
    assembler = HTTPRequestAssembler(server.configuration)
    timer = .allocate(capacity: 1)
    timer.initialize(to: TimerNode())
  }

  deinit {
    assert(!timer.pointee.isArmed)
    timer.deallocate()
  }

  func start(_ socket: TCPSocket) {
    let owner = Unmanaged.passUnretained(self).toOpaque()
    timer.pointee = TimerNode(owner: owner, callback: connectionTimedOut)
    do throws(LoopError) {
      transport = try Transport.accept(
        socket, on: loop, tls: server.tls?.current, in: server.workspace, owner: owner,
        callbacks: HTTPConnection.callbacks)
    } catch {
      phase = .closed
      server.forget(self)
      return
    }
    transport.startReading()
    arm(server.configuration.idleTimeoutMilliseconds)
  }

  // MARK: Receiving

  func received(_ bytes: ByteView) {
    if phase == .lingering || phase == .closed { return }
    assembler.append(bytes)
    if phase == .responding {
      let limit = server.configuration.pipelinedBytesMaximum
      if assembler.waitingByteCount > limit { transport.stopReading() }
      return
    }
    if phase == .idle {
      phase = .receiving
      arm(server.configuration.requestTimeoutMilliseconds)
    }
    advance()
  }

  /// Takes the next request out of what has been received, if there is a whole one.
  func advance() {
    while phase == .idle || phase == .receiving {
      switch assembler.next() {
      case .needMore:
        if isClientGone { return close() }
        if assembler.isBetweenRequests {
          phase = .idle
          arm(server.configuration.idleTimeoutMilliseconds)
        } else if phase == .idle {
          phase = .receiving
          arm(server.configuration.requestTimeoutMilliseconds)
        }
        if !transport.isReading { transport.startReading() }
        return
      case .sendContinue:
        send(Array("HTTP/1.1 100 Continue\r\n\r\n".utf8))
      case .request(let request): respond(to: request)
      case .failure(let status, let message): refuse(status, message)
      }
    }
  }

  private func respond(to received: HTTPRequest) {
    var request = received
    if client == nil {
      let address = transport.peerAddress
      client = (address?.host ?? "", address?.isLoopback ?? false)
    }
    request.clientHost = client?.host ?? ""
    request.isFromLoopback = client?.isLoopback ?? false
    phase = .responding
    disarm()
    response = HTTPResponseProgress(request)
    let handler = server.handler
    let filled = request
    task = Task(executorPreference: loop) {
      let response = await handler(filled)
      await self.answer(response)
    }
  }

  func refuse(_ status: Int, _ message: String) {
    phase = .responding
    disarm()
    let response = server.configuration.refusal(status, message)
    sendHead(response, closes: true, isChunked: false, isHead: false)
    linger()
  }

  // MARK: Ends

  /// The response is out. Serves the next request or closes.
  func finishResponse(keepsAlive: Bool) {
    task = nil
    response = nil
    if phase != .responding { return }
    guard keepsAlive && !server.isDraining && !(isClientGone && assembler.waitingByteCount == 0)
    else { return linger() }
    phase = .idle
    if transport.queuedByteCount == 0 { disarm() }
    advance()
  }

  /// Ends our side, then waits a little for the client's end: closing at once with unread input
  /// would be a reset, and the client would lose the response's end (RFC 9112 §9.6).
  func linger() {
    if isClientGone && transport.queuedByteCount == 0 { return close() }
    phase = .lingering
    transport.shutdown()
    if !isClientGone { transport.startReading() }
    arm(server.configuration.lingerTimeoutMilliseconds)
  }

  func ended() {
    isClientGone = true
    switch phase {
    case .idle, .receiving: close()
    case .responding:
      // A response of known length is still written: the client may have ended its side only.
      task?.cancel()
      resumeWaiter()
      if response?.isStalled == true { close() }
    case .lingering: if transport.queuedByteCount == 0 { close() }
    case .closed: return
    }
  }

  func close(isReset: Bool = false) {
    if phase == .closed { return }
    phase = .closed
    isClientGone = true
    disarm()
    isReset ? transport.reset() : transport.close()
    task?.cancel()
    task = nil
    resumeWaiter()
    server.forget(self)
  }

  func drained() {
    resumeWaiter()
    switch phase {
    case .responding: disarm()
    case .lingering: if isClientGone { close() }
    case .idle: arm(server.configuration.idleTimeoutMilliseconds)
    case .receiving, .closed: return
    }
  }

  fileprivate func timedOut() {
    switch phase {
    case .idle, .closed, .lingering: close()
    case .receiving: refuse(408, "The request did not arrive in time.")
    case .responding: close(isReset: true)
    }
  }

  // MARK: Waiting

  /// Runs `body` on the loop, at once if this is it.
  func onLoop<Result: Sendable>(
    _ body: @escaping @Sendable (HTTPConnection) -> Result
  ) async -> Result {
    if loop.isOnLoopThread { return body(self) }
    return await withCheckedContinuation { done in
      loop.execute { done.resume(returning: body(self)) }
    }
  }

  /// Returns when nothing waits for the client any more, or when it has gone.
  func waitUntilDrained() async {
    await withCheckedContinuation { continuation in
      let wait: @Sendable () -> Void = { [self] in
        resumeWaiter()
        if isClientGone || transport.queuedByteCount == 0 { return continuation.resume() }
        drainWaiter = continuation
      }
      loop.isOnLoopThread ? wait() : loop.execute(wait)
    }
  }

  private func resumeWaiter() {
    drainWaiter?.resume()
    drainWaiter = nil
  }

  func arm(_ delayMilliseconds: UInt64) { loop.arm(timer, delayMilliseconds: delayMilliseconds) }
  var isArmed: Bool { timer.pointee.isArmed }
  private func disarm() { loop.disarm(timer) }
}

private func connectionTimedOut(_ owner: UnsafeMutableRawPointer?) {
  guard let owner else { return }
  Unmanaged<HTTPConnection>.fromOpaque(owner).takeUnretainedValue().timedOut()
}
