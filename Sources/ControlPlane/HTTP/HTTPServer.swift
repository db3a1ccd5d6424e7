// SPDX-License-Identifier: MIT

import Bytes
import Clocks
public import EventLoop
import HTTPWire
public import Network

/// Answers a request. Runs on the server's loop between socket events, so it must not block;
/// `Loop.runOnThreadPool` is for what does.
public typealias HTTPHandler = @Sendable (HTTPRequest) async -> HTTPResponse

/// An HTTP/1.1 server for control-plane APIs: async handlers on a loop, with limits on everything.
///
/// SAFETY: `@unchecked Sendable` because all mutable state is used on the loop's thread only; the
/// public calls for other threads go there first.
public final class HTTPServer: @unchecked Sendable {
  public let loop: Loop
  /// The address bound, with the port the system chose where 0 was asked for.
  public private(set) var address: SocketAddress
  let configuration: HTTPServerConfiguration
  let handler: HTTPHandler
  let tls: TLSContextSlot?
  let workspace = TLSWorkspace()
  private var listener: TCPListener?
  private var connections: [ObjectIdentifier: HTTPConnection] = [:]
  private(set) var isDraining = false
  private var drainWaiters: [CheckedContinuation<Void, Never>] = []
  private var isWorkspaceDestroyed = false
  private var cachedDate = ""
  private var cachedDateSeconds: Int64 = -1

  /// Binds and listens. To be called on the loop's thread, or before the loop runs.
  ///
  /// - Parameter tls: certificates; nil serves plain HTTP.
  /// - Throws: address in use, not available, or not permitted.
  public init(
    on loop: Loop, address: SocketAddress,
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
    tls: TLSContextSlot? = nil, handler: @escaping HTTPHandler
  ) throws(LoopError) {
    self.loop = loop
    self.configuration = configuration
    self.tls = tls
    self.handler = handler
    self.address = address
    let listener = try TCPListener(
      on: loop, address: address, callbacks: HTTPConnection.callbacks
    ) { [unowned self] socket in accept(socket) }
    self.listener = listener
    self.address = listener.address
  }

  /// The same from any thread: binds on the loop.
  public static func start(
    on loop: Loop, address: SocketAddress,
    configuration: HTTPServerConfiguration = HTTPServerConfiguration(),
    tls: TLSContextSlot? = nil, handler: @escaping HTTPHandler
  ) async throws -> HTTPServer {
    try await withCheckedThrowingContinuation { done in
      loop.execute {
        done.resume(
          with: Result {
            try HTTPServer(
              on: loop, address: address, configuration: configuration, tls: tls, handler: handler)
          })
      }
    }
  }

  private func accept(_ socket: TCPSocket) {
    if connections.count >= configuration.connectionsMaximum { return socket.reset() }
    let connection = HTTPConnection(self)
    connections[ObjectIdentifier(connection)] = connection
    connection.start(socket)
  }

  func forget(_ connection: HTTPConnection) {
    connections[ObjectIdentifier(connection)] = nil
    if connections.isEmpty { resumeDrainWaiters() }
    destroyWorkspaceIfEnded()
  }

  /// Open connections; to be asked on the loop.
  public var connectionCount: Int { connections.count }

  /// The value of a Date field sent at this time (RFC 9110 §6.6.1), made once a second.
  var date: String {
    let seconds = WallClock.system.now().secondsSinceEpoch
    if seconds != cachedDateSeconds && seconds >= 0 {
      cachedDateSeconds = seconds
      cachedDate = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: HTTPDate.byteCount) {
        var writer = ByteWriter(base: $0.baseAddress!, capacity: $0.count)
        HTTPDate.append(secondsSince1970: seconds, to: &writer)
        return writer.written.string
      }
    }
    return cachedDate
  }

  // MARK: Ending

  /// Stops listening, lets responses under way finish (their connections close after them), closes
  /// idle connections, and resets what is left after `limitMilliseconds`. From any thread.
  ///
  /// - Returns: true if nothing had to be reset.
  @discardableResult
  public func drain(limitMilliseconds: Int) async -> Bool {
    await withCheckedContinuation { done in
      loop.execute { [self] in
        beginDraining()
        done.resume()
      }
    }
    let limit = Task {
      try await Task.sleep(for: .milliseconds(limitMilliseconds))
      return await self.closeAll()
    }
    await withCheckedContinuation { done in
      loop.execute { [self] in
        connections.isEmpty ? done.resume() : drainWaiters.append(done)
      }
    }
    limit.cancel()
    return (try? await limit.value) ?? 0 == 0
  }

  private func beginDraining() {
    isDraining = true
    listener?.close()
    listener = nil
    for connection in Array(connections.values) where connection.phase == .idle {
      connection.close()
    }
    destroyWorkspaceIfEnded()
  }

  /// Stops listening and closes every connection at once. From any thread.
  ///
  /// - Returns: how many connections were open.
  @discardableResult
  public func closeAll() async -> Int {
    await withCheckedContinuation { done in
      loop.execute { [self] in
        let open = Array(connections.values)
        beginDraining()
        for connection in open { connection.close(isReset: true) }
        done.resume(returning: open.count)
      }
    }
  }

  private func resumeDrainWaiters() {
    for waiter in drainWaiters { waiter.resume() }
    drainWaiters = []
  }

  /// Frees the TLS buffers once nothing uses them: behind what the transports may have queued.
  private func destroyWorkspaceIfEnded() {
    guard isDraining, connections.isEmpty, !isWorkspaceDestroyed else { return }
    isWorkspaceDestroyed = true
    loop.execute { [workspace] in workspace.destroy() }
  }
}
