// SPDX-License-Identifier: MIT

public import Bytes
internal import CUV

/// A TCP connection on a loop: a pointer-sized handle to pooled memory.
///
/// A socket is used only on its loop, and not after `close()`: closing moves the generation on, and
/// every call asserts that its handle is of the current one.
///
/// SAFETY: `state` points into the loop's socket pool, which frees nothing before the loop is
/// closed; a stale handle therefore reads valid memory and fails the generation check.
public struct TCPSocket {
  let state: UnsafeMutablePointer<SocketState>
  let generation: UInt32

  /// What became of a `write`.
  public enum WriteResult: Equatable {
    /// All bytes are with the kernel.
    case sent
    /// Bytes wait in the socket's queue; `onDrained` follows when it is empty.
    case queued
    /// The connection is broken; `onFailure` is not called for it.
    case failed(LoopError)
  }

  /// Most byte runs of one write.
  public static let segmentCountMax = 16

  var isCurrent: Bool { state.pointee.generation == generation && state.pointee.isOpen }

  private var stream: UnsafeMutablePointer<uv_stream_t> { cuv_stream(state) }

  /// False once `close()` was called through this or any copy of the handle.
  public var isOpen: Bool { isCurrent }

  // MARK: Opening

  /// A socket that connects to `address`; `onConnected` or `onFailure` follows, never before this
  /// returns.
  public static func connect(
    on loop: Loop, to address: SocketAddress, owner: UnsafeMutableRawPointer,
    callbacks: UnsafePointer<SocketCallbacks>
  ) throws(LoopError) -> TCPSocket {
    let socket = make(on: loop, owner: owner, callbacks: callbacks)
    uv_tcp_nodelay(&socket.state.pointee.handle, 1)
    let status = address.withPointer { pointer in
      uv_tcp_connect(
        &socket.state.pointee.request.connect, &socket.state.pointee.handle, pointer,
        connectCallback)
    }
    if status < 0 {
      socket.close()
      throw LoopError(code: status)
    }
    return socket
  }

  static func make(
    on loop: Loop, owner: UnsafeMutableRawPointer?, callbacks: UnsafePointer<SocketCallbacks>
  ) -> TCPSocket {
    let state = loop.sockets.take(loop: loop, owner: owner, callbacks: callbacks)
    let status = uv_tcp_init(loop.uv, &state.pointee.handle)
    precondition(status == 0, "uv_tcp_init only fails on a bad argument")
    loop.openHandleCount += 1
    return TCPSocket(state: state, generation: state.pointee.generation)
  }

  /// Gives the socket to another owner with other callbacks (an accepted socket to its connection,
  /// an idle upstream connection to its next request).
  public func adopt(owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>) {
    assert(isCurrent, "socket used after close")
    state.pointee.owner = owner
    state.pointee.callbacks = callbacks
  }

  // MARK: Reading

  /// Bytes are delivered from now on, until `stopReading()`.
  public func startReading() {
    assert(isCurrent, "socket used after close")
    guard !state.pointee.isReading else { return }
    state.pointee.isReading = true
    uv_read_start(stream, allocateCallback, readCallback)
  }

  /// Nothing is delivered from now on: the kernel's buffer fills and the peer is slowed down.
  public func stopReading() {
    assert(isCurrent, "socket used after close")
    guard state.pointee.isReading else { return }
    state.pointee.isReading = false
    uv_read_stop(stream)
  }

  public var isReading: Bool { state.pointee.isReading }

  // MARK: Writing

  /// Bytes written and not yet taken by the kernel.
  public var queuedByteCount: Int {
    (state.pointee.writing?.count ?? 0) + (state.pointee.waiting?.count ?? 0)
  }

  /// Writes the segments in order: what the kernel takes at once is not copied, the rest is queued.
  public func write(_ segments: UnsafeBufferPointer<ByteView>) -> WriteResult {
    assert(isCurrent, "socket used after close")
    assert(segments.count <= Self.segmentCountMax)
    var sent = 0
    if !state.pointee.isWriting, let base = segments.baseAddress {
      // SAFETY: `uv_buf_t` on Unix is a pointer and a size, laid out as `ByteView` is; the kernel
      // only reads through it.
      let status = UnsafeMutableRawPointer(mutating: base).withMemoryRebound(
        to: uv_buf_t.self, capacity: segments.count
      ) { uv_try_write(stream, $0, UInt32(truncatingIfNeeded: segments.count)) }
      if status >= 0 {
        sent = Int(status)
      } else if status != UV_EAGAIN.rawValue {
        return .failed(LoopError(code: status))
      }
    }
    return queue(segments, skipping: sent)
  }

  public func write(_ bytes: ByteView) -> WriteResult {
    withUnsafePointer(to: bytes) { write(UnsafeBufferPointer(start: $0, count: 1)) }
  }

  @inline(__always)
  private func queue(_ segments: UnsafeBufferPointer<ByteView>, skipping sent: Int) -> WriteResult {
    var total = 0
    for segment in segments { total &+= segment.count }
    if sent == total && !state.pointee.isWriting { return .sent }
    return queueRest(segments, skipping: sent)
  }

  private func queueRest(
    _ segments: UnsafeBufferPointer<ByteView>, skipping sent: Int
  ) -> WriteResult {
    var skip = sent
    var queuedAny = false
    for segment in segments {
      if skip >= segment.count {
        skip -= segment.count
        continue
      }
      append(segment.dropFirst(skip))
      skip = 0
      queuedAny = true
    }
    guard queuedAny else { return state.pointee.isWriting ? .queued : .sent }
    return state.pointee.isWriting ? .queued : startQueuedWrite()
  }

  private func append(_ bytes: ByteView) {
    let loop = state.pointee.loop.takeUnretainedValue()
    var buffer = state.pointee.waiting ?? loop.buffers.take(bytes.count)
    loop.buffers.reserve(&buffer, bytes.count)
    (buffer.base + buffer.count).update(from: bytes.base, count: bytes.count)
    buffer.count += bytes.count
    state.pointee.waiting = buffer
  }

  private func startQueuedWrite() -> WriteResult {
    guard let buffer = state.pointee.waiting else { return .sent }
    state.pointee.waiting = nil
    state.pointee.writing = buffer
    state.pointee.isWriting = true
    var vector = uv_buf_t()
    vector.base = UnsafeMutableRawPointer(buffer.base).assumingMemoryBound(to: CChar.self)
    vector.len = buffer.count
    let status = uv_write(&state.pointee.request.write, stream, &vector, 1, writeCallback)
    if status < 0 {
      state.pointee.isWriting = false
      return .failed(LoopError(code: status))
    }
    return .queued
  }

  /// Sends FIN once what was written is out. Reading goes on.
  public func shutdown() {
    assert(isCurrent, "socket used after close")
    if state.pointee.isWriting {
      state.pointee.shutdownAfterWrites = true
    } else {
      startShutdown()
    }
  }

  private func startShutdown() {
    state.pointee.shutdownAfterWrites = false
    // A peer that is already gone makes this fail, which changes nothing.
    uv_shutdown(&state.pointee.request.shutdown, stream) { _, _ in }
  }

  // MARK: Closing

  /// Closes the connection; nothing is called back any more. Calling it again does nothing.
  public func close() {
    guard isCurrent else { return }
    state.pointee.isOpen = false
    state.pointee.generation &+= 1
    uv_close(cuv_handle(state), closeCallback)
  }

  /// Closes with RST, so that the peer cannot take what it got for a whole message.
  public func reset() {
    guard isCurrent else { return }
    cuv_tcp_linger_zero(&state.pointee.handle)
    close()
  }

  // MARK: Addresses

  /// The other end, or nil when the connection is gone.
  public var peerAddress: SocketAddress? {
    SocketAddress { storage, length in uv_tcp_getpeername(&state.pointee.handle, storage, length) }
  }

  // MARK: Events

  fileprivate func writeFinished(status: Int32) {
    let loop = state.pointee.loop.takeUnretainedValue()
    if let buffer = state.pointee.writing { loop.buffers.give(buffer) }
    state.pointee.writing = nil
    state.pointee.isWriting = false
    guard state.pointee.isOpen, let owner = state.pointee.owner else { return }
    if status < 0 {
      state.pointee.callbacks.pointee.onFailure(owner, status)
      return
    }
    switch startQueuedWrite() {
    case .queued: return
    case .failed(let error): state.pointee.callbacks.pointee.onFailure(owner, error.code)
    case .sent:
      if state.pointee.shutdownAfterWrites { startShutdown() }
      state.pointee.callbacks.pointee.onDrained(owner)
    }
  }
}

private func socketState(_ handle: UnsafeMutableRawPointer) -> UnsafeMutablePointer<SocketState> {
  // SAFETY: the handle is the first member of its state, so the addresses are equal.
  handle.assumingMemoryBound(to: SocketState.self)
}

private func connectCallback(_ request: UnsafeMutablePointer<uv_connect_t>?, _ status: Int32) {
  let state = socketState(request!.pointee.handle)
  guard state.pointee.isOpen, let owner = state.pointee.owner else { return }
  if status < 0 {
    state.pointee.callbacks.pointee.onFailure(owner, status)
  } else {
    state.pointee.callbacks.pointee.onConnected(owner)
  }
}

private func allocateCallback(
  _ handle: UnsafeMutablePointer<uv_handle_t>?, _ suggested: Int,
  _ buffer: UnsafeMutablePointer<uv_buf_t>?
) {
  let state = socketState(handle!)
  var base: UnsafeMutablePointer<UInt8>?
  var count = 0
  if let allocate = state.pointee.callbacks.pointee.onAllocate, let owner = state.pointee.owner {
    allocate(owner, &base, &count)
  }
  if count == 0 {
    // SAFETY: the loop outlives its sockets.
    base = state.pointee.loop._withUnsafeGuaranteedRef { $0.scratch }
    count = Loop.scratchCapacity
  }
  buffer!.pointee.base = UnsafeMutableRawPointer(base!).assumingMemoryBound(to: CChar.self)
  buffer!.pointee.len = count
}

private func readCallback(
  _ stream: UnsafeMutablePointer<uv_stream_t>?, _ count: Int,
  _ buffer: UnsafePointer<uv_buf_t>?
) {
  guard count != 0 else { return }
  let state = socketState(stream!)
  guard state.pointee.isOpen, let owner = state.pointee.owner else { return }
  if count > 0 {
    let base = UnsafeRawPointer(buffer!.pointee.base!).assumingMemoryBound(to: UInt8.self)
    state.pointee.callbacks.pointee.onRead(owner, base, count)
    return
  }
  state.pointee.isReading = false
  uv_read_stop(stream)
  if count == Int(UV_EOF.rawValue) {
    state.pointee.callbacks.pointee.onEnd(owner)
  } else {
    state.pointee.callbacks.pointee.onFailure(owner, Int32(truncatingIfNeeded: count))
  }
}

private func writeCallback(_ request: UnsafeMutablePointer<uv_write_t>?, _ status: Int32) {
  let state = socketState(request!.pointee.handle)
  TCPSocket(state: state, generation: state.pointee.generation).writeFinished(status: status)
}

private func closeCallback(_ handle: UnsafeMutablePointer<uv_handle_t>?) {
  let state = socketState(handle!)
  let loop = state.pointee.loop.takeUnretainedValue()
  if let waiting = state.pointee.waiting { loop.buffers.give(waiting) }
  if let writing = state.pointee.writing { loop.buffers.give(writing) }
  state.pointee.waiting = nil
  state.pointee.writing = nil
  state.pointee.owner = nil
  loop.openHandleCount -= 1
  loop.sockets.give(state)
}
