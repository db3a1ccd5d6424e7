// SPDX-License-Identifier: MIT

internal import CUV

/// A listening socket on a loop. Each worker has its own on the same port (`SO_REUSEPORT`), so the
/// kernel spreads connections and no lock is shared.
public final class TCPListener {
  public typealias Accept = (TCPSocket) -> Void

  private let handle: UnsafeMutablePointer<uv_tcp_t>
  private let loop: Loop
  private let accept: Accept
  private let callbacks: UnsafePointer<SocketCallbacks>
  private var isOpen = true
  /// The address bound, with the port the system chose where 0 was asked for.
  public let address: SocketAddress

  /// Binds and listens. `accept` is called on the loop with each new connection, which its owner
  /// then takes by `TCPSocket.adopt`.
  ///
  /// - Throws: `LoopError`: address in use, not available, or not permitted.
  public init(
    on loop: Loop, address: SocketAddress, sharesPort: Bool = false, backlogMax: Int32 = 4096,
    callbacks: UnsafePointer<SocketCallbacks>, accept: @escaping Accept
  ) throws(LoopError) {
    let handle = UnsafeMutablePointer<uv_tcp_t>.allocate(capacity: 1)
    uv_tcp_init(loop.uv, handle)
    var status = address.withPointer {
      cuv_tcp_bind(handle, $0, address.length, sharesPort ? 1 : 0)
    }
    if status == 0 { status = uv_listen(cuv_stream(handle), backlogMax, connectionCallback) }
    let bound = SocketAddress { storage, length in uv_tcp_getsockname(handle, storage, length) }
    guard status == 0, let bound else {
      uv_close(cuv_handle(handle)) { closed in closed!.deallocate() }
      throw LoopError(code: status == 0 ? LoopError.invalidArgument.code : status)
    }
    self.handle = handle
    self.loop = loop
    self.accept = accept
    self.callbacks = callbacks
    self.address = bound
    loop.openHandleCount += 1
    handle.pointee.data = Unmanaged.passUnretained(self).toOpaque()
  }

  deinit { assert(!isOpen, "a listener was dropped without close()") }

  /// Throws when something listens on `address` already, also where it would share the port:
  /// workers share theirs, and a second process must not take half of the first one's clients.
  public static func checkFree(_ address: SocketAddress) throws(LoopError) {
    try LoopError.check(address.withPointer { cuv_address_is_free($0, address.length) })
  }

  /// Stops listening. Connections accepted before live on.
  public func close() {
    guard isOpen else { return }
    isOpen = false
    loop.openHandleCount -= 1
    uv_close(cuv_handle(handle)) { closed in
      UnsafeMutableRawPointer(closed!).assumingMemoryBound(to: uv_tcp_t.self).deallocate()
    }
  }

  fileprivate func connectionArrived(status: Int32) {
    guard status == 0, isOpen else { return }
    let socket = TCPSocket.make(on: loop, owner: nil, callbacks: callbacks)
    guard uv_accept(cuv_stream(handle), cuv_stream(socket.state)) == 0 else {
      socket.close()
      return
    }
    // Small writes are whole events here: never wait to fill a segment.
    uv_tcp_nodelay(&socket.state.pointee.handle, 1)
    accept(socket)
  }
}

private func connectionCallback(_ stream: UnsafeMutablePointer<uv_stream_t>?, _ status: Int32) {
  Unmanaged<TCPListener>.fromOpaque(stream!.pointee.data).takeUnretainedValue()
    .connectionArrived(status: status)
}
