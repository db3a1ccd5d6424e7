// SPDX-License-Identifier: MIT

internal import EventLoop
internal import Synchronization

/// What the server's loop thread owns: the listener and the connections.
///
/// SAFETY: `@unchecked Sendable` because it is made before its thread starts and used on that
/// thread only; what others read stands behind the two mutexes.
final class ProviderServerCore: @unchecked Sendable {
  let loop: Loop
  let provider: ScriptedProvider
  let bodyBytesMaximum: Int
  let recordedRequestsMaximum: Int
  let activity = Mutex(ScriptedProviderServer.Activity())
  let recorded = Mutex<[ReceivedRequest]>([])
  /// Lives as long as the loop, because sockets point to it.
  let callbacks: UnsafeMutablePointer<SocketCallbacks>
  private var listener: TCPListener?
  private var connections: [ObjectIdentifier: ProviderConnection] = [:]
  /// Connections closed within a callback of theirs, freed on the loop's next turn.
  private var closed: [ProviderConnection] = []

  init(
    _ provider: ScriptedProvider, address: SocketAddress, bodyBytesMaximum: Int,
    recordedRequestsMaximum: Int
  ) throws(LoopError) {
    loop = try Loop()
    self.provider = provider
    self.bodyBytesMaximum = bodyBytesMaximum
    self.recordedRequestsMaximum = recordedRequestsMaximum
    callbacks = .allocate(capacity: 1)
    callbacks.initialize(to: connectionCallbacks)
    do {
      listener = try TCPListener(on: loop, address: address, callbacks: callbacks) {
        [unowned self] in accepted($0)
      }
    } catch {
      loop.close()
      throw error
    }
  }

  deinit { callbacks.deallocate() }

  var port: UInt16 { listener?.address.port ?? 0 }

  private func accepted(_ socket: TCPSocket) {
    activity.withLock {
      $0.connections += 1
      $0.openConnections += 1
    }
    let connection = ProviderConnection(socket, core: self)
    connections[ObjectIdentifier(connection)] = connection
    connection.start()
  }

  func forget(_ connection: ProviderConnection) {
    guard let kept = connections.removeValue(forKey: ObjectIdentifier(connection)) else { return }
    activity.withLock { $0.openConnections -= 1 }
    if closed.isEmpty { loop.execute { [self] in closed.removeAll() } }
    closed.append(kept)
  }

  func note(_ request: ReceivedRequest) {
    activity.withLock { $0.requests += 1 }
    guard recordedRequestsMaximum > 0 else { return }
    recorded.withLock { requests in
      if requests.count == recordedRequestsMaximum { requests.removeFirst() }
      requests.append(request)
    }
  }

  /// Runs until ``closeAll()``.
  func run() {
    loop.run()
    closed.removeAll()
    loop.close()
  }

  /// Ends everything. On the loop's thread.
  func closeAll() {
    listener?.close()
    listener = nil
    for connection in Array(connections.values) { connection.close() }
    loop.stop()
  }
}

// Global functions, because a C callback written as a closure could inherit an actor context.

private func connection(_ owner: UnsafeMutableRawPointer) -> ProviderConnection {
  Unmanaged<ProviderConnection>.fromOpaque(owner).takeUnretainedValue()
}

private func connectionConnected(_ owner: UnsafeMutableRawPointer) {}

private func connectionRead(
  _ owner: UnsafeMutableRawPointer, _ bytes: UnsafePointer<UInt8>, _ count: Int
) {
  connection(owner).received(UnsafeBufferPointer(start: bytes, count: count))
}

private func connectionEnded(_ owner: UnsafeMutableRawPointer) { connection(owner).close() }

private func connectionFailed(_ owner: UnsafeMutableRawPointer, _ code: Int32) {
  connection(owner).close()
}

private func connectionDrained(_ owner: UnsafeMutableRawPointer) { connection(owner).drained() }

private let connectionCallbacks = SocketCallbacks(
  onConnected: connectionConnected, onAllocate: nil, onRead: connectionRead,
  onEnd: connectionEnded, onFailure: connectionFailed, onDrained: connectionDrained)
