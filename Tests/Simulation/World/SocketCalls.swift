// SPDX-License-Identifier: MIT

internal import CUV
internal import Clocks

#if canImport(Glibc)
  internal import Glibc
#endif

// The calls of libuv about TCP. See LibraryCalls.swift.

@_cdecl("uv_tcp_init")
func simulatedSocketInit(
  _ loop: UnsafeMutablePointer<uv_loop_t>?, _ socket: UnsafeMutablePointer<uv_tcp_t>?
) -> Int32 {
  let raw = UnsafeMutableRawPointer(socket!).assumingMemoryBound(to: uv_handle_t.self)
  World.current.add { SimulatedStream(number: $0, raw: raw) }
  return 0
}

/// The listener's own descriptor, bound to a port that the system chose, is not needed.
@_cdecl("uv_tcp_open")
func simulatedSocketOpen(_ socket: UnsafeMutablePointer<uv_tcp_t>?, _ descriptor: Int32) -> Int32 {
  Glibc.close(descriptor)
  return 0
}

@_cdecl("uv_tcp_nodelay")
func simulatedNoDelay(_ socket: UnsafeMutablePointer<uv_tcp_t>?, _ enable: Int32) -> Int32 { 0 }

@_cdecl("uv_listen")
func simulatedListen(
  _ stream: UnsafeMutablePointer<uv_stream_t>?, _ backlog: Int32, _ callback: uv_connection_cb?
) -> Int32 {
  let world = World.current!
  let listener = world.stream(stream)
  listener.connectionCallback = callback
  world.listener = listener
  return 0
}

@_cdecl("uv_accept")
func simulatedAccept(
  _ server: UnsafeMutablePointer<uv_stream_t>?, _ client: UnsafeMutablePointer<uv_stream_t>?
) -> Int32 {
  let world = World.current!
  let listener = world.stream(server)
  guard !listener.backlog.isEmpty else { return Int32(UV_EAGAIN.rawValue) }
  let link = listener.backlog.removeFirst()
  let stream = world.stream(client)
  stream.link = link
  link.stream = stream
  world.note("accept", link.number, 0)
  return 0
}

@_cdecl("uv_tcp_connect")
func simulatedConnect(
  _ request: UnsafeMutablePointer<uv_connect_t>?, _ socket: UnsafeMutablePointer<uv_tcp_t>?,
  _ address: UnsafePointer<sockaddr>?, _ callback: uv_connect_cb?
) -> Int32 {
  let world = World.current!
  let stream = world.stream(socket)
  request!.pointee.handle = stream.stream
  stream.connectRequest = request
  stream.connectCallback = callback
  stream.connect = .pending
  let (word, port) = address!.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
    (UInt32(bigEndian: $0.pointee.sin_addr.s_addr), UInt16(bigEndian: $0.pointee.sin_port))
  }
  world.note("connect-out", Int(port), Int(word & 0xff))
  world.finish(stream, world.onConnect(word, port))
  return 0
}

extension World {
  fileprivate func finish(_ stream: SimulatedStream, _ outcome: ConnectOutcome) {
    func done(after interval: Interval, _ status: Int32, _ make: @escaping () -> Link?) {
      self.after(interval) {
        guard stream.connectRequest != nil, !stream.isClosing else { return }
        stream.connect = .done(status: status, make())
      }
    }
    switch outcome {
    case .refused:
      done(after: .milliseconds(1), Int32(UV_ECONNREFUSED.rawValue)) { nil }
    case .silence:
      done(after: .seconds(127), Int32(UV_ETIMEDOUT.rawValue)) { nil }
    case .accepted(let party, let conditions):
      done(after: conditions.latency + conditions.latency, 0) { [self] in
        let link = makeLink(party, conditions)
        link.open()
        return link
      }
    case .resetAtOnce(let conditions):
      done(after: conditions.latency, 0) { [self] in
        let link = makeLink(SilentParty.shared, conditions)
        link.reset()
        return link
      }
    }
  }

  private func makeLink(_ party: any LinkParty, _ conditions: LinkConditions) -> Link {
    linkCount += 1
    return Link(number: linkCount, world: self, party: party, conditions: conditions)
  }
}

/// Has nothing to say.
private final class SilentParty: LinkParty {
  nonisolated(unsafe) static let shared = SilentParty()
  func linkOpened(_ link: Link) {}
  func linkReceived(_ link: Link, _ bytes: [UInt8]) {}
  func linkEnded(_ link: Link) {}
  func linkBroken(_ link: Link) {}
  func linkAccepted(_ link: Link, _ bytes: UnsafeBufferPointer<UInt8>) {}
}

// MARK: Reading and writing

@_cdecl("uv_read_start")
func simulatedReadStart(
  _ stream: UnsafeMutablePointer<uv_stream_t>?, _ allocate: uv_alloc_cb?, _ read: uv_read_cb?
) -> Int32 {
  let stream = World.current.stream(stream)
  if stream.isClosing { return Int32(UV_EINVAL.rawValue) }
  stream.isReading = true
  stream.allocateCallback = allocate
  stream.readCallback = read
  return 0
}

@_cdecl("uv_read_stop")
func simulatedReadStop(_ stream: UnsafeMutablePointer<uv_stream_t>?) -> Int32 {
  World.current.stream(stream).isReading = false
  return 0
}

@_cdecl("uv_try_write")
func simulatedTryWrite(
  _ stream: UnsafeMutablePointer<uv_stream_t>?, _ buffers: UnsafePointer<uv_buf_t>?,
  _ count: UInt32
) -> Int32 {
  let world = World.current!
  let stream = world.stream(stream)
  if stream.connect != nil || !stream.writes.isEmpty { return Int32(UV_EAGAIN.rawValue) }
  guard let link = stream.link, !stream.isShutDown else { return Int32(UV_EPIPE.rawValue) }
  var total = 0
  for index in 0..<Int(count) {
    let buffer = buffers![index]
    if buffer.len == 0 { continue }
    let base = UnsafeRawPointer(buffer.base!).assumingMemoryBound(to: UInt8.self)
    guard let taken = link.accept(UnsafeBufferPointer(start: base, count: Int(buffer.len))) else {
      world.note("write", link.number, -1)
      return Int32(UV_ECONNRESET.rawValue)
    }
    total += taken
    if taken < Int(buffer.len) { break }
  }
  world.note("write", link.number, total)
  world.spend()
  return total == 0 ? Int32(UV_EAGAIN.rawValue) : Int32(total)
}

@_cdecl("uv_write")
func simulatedWrite(
  _ request: UnsafeMutablePointer<uv_write_t>?, _ stream: UnsafeMutablePointer<uv_stream_t>?,
  _ buffers: UnsafePointer<uv_buf_t>?, _ count: UInt32, _ callback: uv_write_cb?
) -> Int32 {
  let world = World.current!
  let handle = world.stream(stream)
  guard handle.link != nil, !handle.isShutDown else { return Int32(UV_EPIPE.rawValue) }
  if count != 1 { world.misuses.append("a queued write of \(count) buffers is not simulated") }
  request!.pointee.handle = stream
  let base = UnsafeMutableRawPointer(buffers![0].base!).assumingMemoryBound(to: UInt8.self)
  handle.writes.append(
    SimulatedStream.Write(
      request: request!, bytes: base, count: Int(buffers![0].len), callback: callback))
  return 0
}

@_cdecl("uv_shutdown")
func simulatedShutdown(
  _ request: UnsafeMutablePointer<uv_shutdown_t>?, _ stream: UnsafeMutablePointer<uv_stream_t>?,
  _ callback: uv_shutdown_cb?
) -> Int32 {
  let handle = World.current.stream(stream)
  guard handle.link != nil, !handle.isShutDown, !handle.isClosing else {
    return Int32(UV_ENOTCONN.rawValue)
  }
  handle.isShutDown = true
  handle.shutdown = (request!, callback)
  return 0
}

// MARK: Addresses

@_cdecl("uv_tcp_getsockname")
func simulatedSocketName(
  _ socket: UnsafePointer<uv_tcp_t>?, _ name: UnsafeMutablePointer<sockaddr>?,
  _ length: UnsafeMutablePointer<Int32>?
) -> Int32 { fill(name, length, 0x7f00_0001, 9_000) }

@_cdecl("uv_tcp_getpeername")
func simulatedPeerName(
  _ socket: UnsafePointer<uv_tcp_t>?, _ name: UnsafeMutablePointer<sockaddr>?,
  _ length: UnsafeMutablePointer<Int32>?
) -> Int32 { fill(name, length, 0x7f00_0001, 40_000) }

private func fill(
  _ name: UnsafeMutablePointer<sockaddr>?, _ length: UnsafeMutablePointer<Int32>?,
  _ word: UInt32, _ port: UInt16
) -> Int32 {
  var address = sockaddr_in()
  address.sin_family = sa_family_t(AF_INET)
  address.sin_addr.s_addr = word.bigEndian
  address.sin_port = port.bigEndian
  UnsafeMutableRawPointer(name!).copyMemory(
    from: &address, byteCount: MemoryLayout<sockaddr_in>.size)
  length!.pointee = Int32(MemoryLayout<sockaddr_in>.size)
  return 0
}
