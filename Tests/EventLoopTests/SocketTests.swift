// SPDX-License-Identifier: MIT

import Bytes
import EventLoop
import Testing

/// One end of a connection in these tests: counts what it gets, echoes if asked.
private final class Peer {
  var socket: TCPSocket?
  var received: [UInt8] = []
  var connected = 0
  var ended = 0
  var failures: [LoopError] = []
  var drained = 0
  var echoes = false
  var onChange: (Peer) -> Void = { _ in }

  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static func of(_ pointer: UnsafeMutableRawPointer) -> Peer {
    Unmanaged<Peer>.fromOpaque(pointer).takeUnretainedValue()
  }

  nonisolated(unsafe) static let callbacks: UnsafePointer<SocketCallbacks> = {
    let table = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: SocketCallbacks(
        onConnected: { pointer in
          Peer.of(pointer).connected += 1
          Peer.of(pointer).onChange(Peer.of(pointer))
        },
        onAllocate: nil,
        onRead: { pointer, base, count in
          let peer = Peer.of(pointer)
          peer.received.append(contentsOf: UnsafeBufferPointer(start: base, count: count))
          if peer.echoes { _ = peer.socket!.write(ByteView(base: base, count: count)) }
          peer.onChange(peer)
        },
        onEnd: { pointer in
          Peer.of(pointer).ended += 1
          Peer.of(pointer).onChange(Peer.of(pointer))
        },
        onFailure: { pointer, code in
          Peer.of(pointer).failures.append(LoopError(code: code))
          Peer.of(pointer).onChange(Peer.of(pointer))
        },
        onDrained: { pointer in
          Peer.of(pointer).drained += 1
          Peer.of(pointer).onChange(Peer.of(pointer))
        }))
    return UnsafePointer(table)
  }()
}

/// Runs `body` on a loop of its own and stops it after at most five seconds.
private func withLoop(_ body: (Loop) throws -> Void) throws {
  let loop = try Loop()
  let limit = try LoopTimer(on: loop)
  limit.start(delayMilliseconds: 5000) { loop.stop() }
  try body(loop)
  loop.run()
  limit.close()
  loop.close()
}

private let loopback = SocketAddress(host: "127.0.0.1", port: 0)!

@Suite struct SocketTests {
  @Test func echoesMoreThanTheKernelBuffers() throws {
    let client = Peer()
    let server = Peer()
    let payload = (0..<8_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    try withLoop { loop in
      server.echoes = true
      let listener = try TCPListener(on: loop, address: loopback, callbacks: Peer.callbacks) {
        server.socket = $0
        $0.adopt(owner: server.pointer, callbacks: Peer.callbacks)
        $0.startReading()
      }
      client.socket = try TCPSocket.connect(
        on: loop, to: listener.address, owner: client.pointer, callbacks: Peer.callbacks)
      // The server's end of file may come before or after the client's last byte.
      let finish = {
        guard client.received.count == payload.count, server.ended == 1 else { return }
        client.socket!.close()
        server.socket!.close()
        listener.close()
        loop.stop()
      }
      server.onChange = { _ in finish() }
      client.onChange = { peer in
        if peer.connected == 1 && peer.received.isEmpty && peer.drained == 0 {
          peer.socket!.startReading()
          let result = payload.withUnsafeBufferPointer {
            peer.socket!.write(ByteView(base: $0.baseAddress!, count: $0.count))
          }
          #expect(result == .queued)
          peer.socket!.shutdown()
        }
        finish()
      }
    }
    #expect(client.received == payload)
    #expect(server.ended == 1)
    #expect(client.drained == 1)
    #expect(client.failures.isEmpty && server.failures.isEmpty)
  }

  @Test func refusedConnectIsAFailure() throws {
    let client = Peer()
    try withLoop { loop in
      let listener = try TCPListener(on: loop, address: loopback, callbacks: Peer.callbacks) { _ in
      }
      let address = listener.address
      listener.close()
      client.socket = try TCPSocket.connect(
        on: loop, to: address, owner: client.pointer, callbacks: Peer.callbacks)
      client.onChange = {
        $0.socket!.close()
        loop.stop()
      }
    }
    #expect(client.failures == [.connectionRefused])
    #expect(client.connected == 0)
  }

  @Test func resetReachesThePeerAndACloseIsFinal() throws {
    let client = Peer()
    let server = Peer()
    try withLoop { loop in
      let listener = try TCPListener(on: loop, address: loopback, callbacks: Peer.callbacks) {
        server.socket = $0
        $0.adopt(owner: server.pointer, callbacks: Peer.callbacks)
        $0.reset()
        #expect(!$0.isOpen)
        $0.close()
      }
      client.socket = try TCPSocket.connect(
        on: loop, to: listener.address, owner: client.pointer, callbacks: Peer.callbacks)
      client.onChange = { peer in
        if peer.failures.isEmpty {
          peer.socket!.startReading()
        } else {
          peer.socket!.close()
          listener.close()
          loop.stop()
        }
      }
    }
    #expect(client.failures == [.connectionReset])
    #expect(server.received.isEmpty && server.failures.isEmpty)
  }

  @Test func addressInUseIsAnError() throws {
    try withLoop { loop in
      let listener = try TCPListener(on: loop, address: loopback, callbacks: Peer.callbacks) { _ in
      }
      #expect(throws: LoopError.self) {
        _ = try TCPListener(on: loop, address: listener.address, callbacks: Peer.callbacks) { _ in }
      }
      listener.close()
      loop.stop()
    }
  }
}

@Suite struct SocketAddressTests {
  @Test func parsesAndPrints() {
    #expect(SocketAddress(host: "127.0.0.1", port: 80)?.description == "127.0.0.1:80")
    #expect(SocketAddress(host: "::1", port: 9000)?.description == "[::1]:9000")
    #expect(SocketAddress(host: "example.com", port: 80) == nil)
    #expect(SocketAddress(host: "127.9.9.9", port: 1)!.isLoopback)
    #expect(SocketAddress(host: "::1", port: 1)!.isLoopback)
    #expect(SocketAddress(host: "::ffff:127.0.0.1", port: 1)!.isLoopback)
    #expect(!SocketAddress(host: "10.0.0.1", port: 1)!.isLoopback)
    #expect(!SocketAddress(host: "::2", port: 1)!.isLoopback)
  }
}
