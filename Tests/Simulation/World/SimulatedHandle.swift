// SPDX-License-Identifier: MIT

internal import CUV

/// A handle of libuv as the world knows it. The memory belongs to the gateway; its number stands
/// where libuv keeps a descriptor.
class SimulatedHandle {
  let number: Int
  let raw: UnsafeMutablePointer<uv_handle_t>
  var isClosing = false
  var closeCallback: uv_close_cb?
  var kind: String { "handle" }

  init(number: Int, raw: UnsafeMutablePointer<uv_handle_t>) {
    self.number = number
    self.raw = raw
  }

  /// Whether something of it is ready to be seen to.
  var isReady: Bool { false }
  func process(_ world: World) {}
  /// At the end of the turn in which it was closed.
  func finishClosing(_ world: World) { closeCallback?(raw) }
}

final class SimulatedTimer: SimulatedHandle {
  var callback: uv_timer_cb?
  var dueMilliseconds: UInt64?
  var repeatMilliseconds: UInt64 = 0
  var sequence: UInt64 = 0
  override var kind: String { "timer" }

  var timer: UnsafeMutablePointer<uv_timer_t> {
    UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_timer_t.self)
  }
}

final class SimulatedAsync: SimulatedHandle {
  var callback: uv_async_cb?
  var isPending = false
  override var kind: String { "async" }
  override var isReady: Bool { isPending && !isClosing }

  override func process(_ world: World) {
    isPending = false
    callback?(UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_async_t.self))
  }
}

/// A TCP handle: new, listening, connecting, connected or shut down.
final class SimulatedStream: SimulatedHandle {
  struct Write {
    let request: UnsafeMutablePointer<uv_write_t>
    var bytes: UnsafeMutablePointer<UInt8>
    var count: Int
    let callback: uv_write_cb?
  }

  enum Connect {
    case pending
    case done(status: Int32, Link?)
  }

  var link: Link?
  // Listening.
  var connectionCallback: uv_connection_cb?
  var backlog: [Link] = []
  // Connecting.
  var connect: Connect?
  var connectRequest: UnsafeMutablePointer<uv_connect_t>?
  var connectCallback: uv_connect_cb?
  // Reading.
  var isReading = false
  var allocateCallback: uv_alloc_cb?
  var readCallback: uv_read_cb?
  // Writing.
  var writes: [Write] = []
  var isShutDown = false
  var shutdown: (UnsafeMutablePointer<uv_shutdown_t>, uv_shutdown_cb?)?
  var lingersZero = false

  override var kind: String { connectionCallback == nil ? "tcp" : "listener" }

  var stream: UnsafeMutablePointer<uv_stream_t> {
    UnsafeMutableRawPointer(raw).assumingMemoryBound(to: uv_stream_t.self)
  }

  override var isReady: Bool {
    if isClosing { return false }
    if connectionCallback != nil { return !backlog.isEmpty }
    if let connect {
      if case .done = connect { return true }
      return false
    }
    guard let link else { return false }
    if isReading && link.isReadable { return true }
    return (!writes.isEmpty || shutdown != nil) && link.isWritable
  }

  override func process(_ world: World) {
    if connectionCallback != nil { return acceptAll(world) }
    if connect != nil { return finishConnect(world) }
    if isReading { read(world) }
    if !isClosing, !writes.isEmpty || shutdown != nil { write(world) }
  }

  private func acceptAll(_ world: World) {
    while !backlog.isEmpty, !isClosing {
      let before = backlog.count
      world.spend()
      connectionCallback?(stream, 0)
      if backlog.count == before {
        world.misuses.append("a connection was not accepted in its callback")
        return
      }
    }
  }

  private func finishConnect(_ world: World) {
    guard case .done(let status, let link) = connect, let request = connectRequest else { return }
    connect = nil
    connectRequest = nil
    self.link = link
    link?.stream = self
    world.note("connected", link?.number ?? 0, Int(status))
    world.spend()
    connectCallback?(request, status)
  }

  /// As `uv__read`: as long as buffers are filled, at most 32 times.
  private func read(_ world: World) {
    for _ in 0..<32 {
      guard isReading, !isClosing, let link else { return }
      var buffer = uv_buf_t()
      allocateCallback?(raw, 65_536, &buffer)
      guard let base = buffer.base, buffer.len > 0 else {
        readCallback?(stream, Int(UV_ENOBUFS.rawValue), &buffer)
        return
      }
      let count = link.read(
        into: UnsafeMutableRawBufferPointer(start: base, count: Int(buffer.len)))
      world.spend()
      if count > 0 {
        world.note("read", link.number, count)
        readCallback?(stream, count, &buffer)
        if count < Int(buffer.len) { return }
        continue
      }
      return readEnd(world, link, &buffer)
    }
  }

  private func readEnd(_ world: World, _ link: Link, _ buffer: inout uv_buf_t) {
    if link.hasResetArrived || link.hasEndArrived {
      let code = link.hasResetArrived ? UV_ECONNRESET.rawValue : UV_EOF.rawValue
      isReading = false
      world.note("read-end", link.number, Int(code))
      world.onEndRead(link)
      readCallback?(stream, Int(code), &buffer)
    } else {
      readCallback?(stream, 0, &buffer)
    }
  }

  private func write(_ world: World) {
    while let first = writes.first, let link {
      let accepted = link.accept(UnsafeBufferPointer(start: first.bytes, count: first.count))
      world.note("write", link.number, accepted ?? -1)
      guard let accepted else {
        finishFirst(world, status: Int32(UV_EPIPE.rawValue))
        continue
      }
      writes[0].bytes += accepted
      writes[0].count -= accepted
      if writes[0].count > 0 { return }
      finishFirst(world, status: 0)
      if isClosing { return }
    }
    if writes.isEmpty, let (request, callback) = shutdown {
      shutdown = nil
      link?.finishFromGateway()
      callback?(request, 0)
    }
  }

  private func finishFirst(_ world: World, status: Int32) {
    let write = writes.removeFirst()
    world.spend()
    write.callback?(write.request, status)
  }

  func close(_ world: World) {
    isReading = false
    for link in backlog { link.isStreamClosed = true; link.resetFromGateway() }
    backlog = []
    guard let link else { return }
    link.isStreamClosed = true
    let isReset = lingersZero || link.hasUnread
    world.note("closed", link.number, isReset ? 1 : 0)
    if isReset { link.resetFromGateway() } else if !isShutDown { link.finishFromGateway() }
  }

  override func finishClosing(_ world: World) {
    let canceled = Int32(UV_ECANCELED.rawValue)
    if let request = connectRequest {
      connectRequest = nil
      connect = nil
      connectCallback?(request, canceled)
    }
    while !writes.isEmpty { finishFirst(world, status: canceled) }
    if let (request, callback) = shutdown {
      shutdown = nil
      callback?(request, canceled)
    }
    super.finishClosing(world)
  }
}
