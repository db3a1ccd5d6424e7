// SPDX-License-Identifier: MIT

import Bytes
import EventLoop
import Network
import Testing

/// A loop with an echo server and one client.
private final class Scene: @unchecked Sendable {
  let thread: LoopThread
  let workspace: TLSWorkspace
  var server: TransportServer!
  let client = TransportPeer()

  init() throws {
    thread = try LoopThread()
    workspace = TLSWorkspace()
  }

  func start(
    tls: Bool, smallBuffers: Bool = false, name: String = "localhost",
    prepare: @escaping @Sendable (TransportPeer) -> Void = { $0.echoes = true }
  ) async throws {
    let context = tls ? try TestTLS.server() : nil
    let peer = tls ? try TestTLS.peer(name) : nil
    try await thread.on { [self] in
      server = try TransportServer(on: thread.loop, tls: context, in: workspace)
      server.prepare = prepare
      client.transport = try Transport.connect(
        on: thread.loop, to: server.listener.address, tls: peer, in: workspace,
        owner: client.pointer,
        callbacks: smallBuffers ? TransportPeer.smallCallbacks : TransportPeer.callbacks)
    }
  }

  /// Waits until `condition` holds on the loop.
  func wait(_ condition: @escaping @Sendable (Scene) -> Bool) async throws {
    try await waitUntil { try await self.thread.on { condition(self) } }
  }

  func finish() async throws {
    try await thread.on { [self] in
      client.transport?.close()
      server.close()
    }
    #expect(thread.finish())
    #expect(workspace.sessionCount == 0)
    workspace.destroy()
  }
}

@Suite struct TransportTests {
  @Test(arguments: [false, true]) func echoes(_ tls: Bool) async throws {
    let scene = try Scene()
    try await scene.start(tls: tls)
    try await scene.wait { $0.client.connected == 1 }
    try await scene.thread.on {
      #expect(scene.client.transport.isTLS == tls)
      #expect(scene.client.transport.applicationProtocol == (tls ? .http11 : nil))
      let result = scene.client.write([Array("GET ".utf8), Array("/path".utf8), [], [33]])
      #expect(result == .sent)
    }
    try await scene.wait { $0.client.received.count == 10 }
    #expect(scene.client.received == Array("GET /path!".utf8))
    #expect(scene.client.failures.isEmpty)
    try await scene.finish()
  }

  @Test(arguments: [false, true], [false, true]) func movesMegabytes(
    _ tls: Bool, _ smallBuffers: Bool
  ) async throws {
    let scene = try Scene()
    try await scene.start(tls: tls, smallBuffers: smallBuffers)
    try await scene.wait { $0.client.connected == 1 }
    // More than the kernel buffers on a loopback connection, both ways.
    let text = [UInt8](unsafeUninitializedCapacity: 16_000_000) { buffer, count in
      for index in 0..<buffer.count {
        buffer[index] = UInt8(truncatingIfNeeded: index ^ index >> 7)
      }
      count = buffer.count
    }
    try await scene.thread.on {
      let parts = [Array(text[..<10]), Array(text[10..<2_000_000]), Array(text[2_000_000...])]
      #expect(scene.client.write(parts) == .queued)
      #expect(scene.client.transport.queuedByteCount > 0)
    }
    try await waitUntil(seconds: 20) {
      try await scene.thread.on { scene.client.received.count >= text.count }
    }
    let isSame = scene.client.received == text
    #expect(isSame)
    #expect(scene.client.drained >= 1)
    try await scene.finish()
  }

  @Test(arguments: [false, true], [false, true]) func pausedReaderGetsNothing(
    _ tls: Bool, _ smallBuffers: Bool
  ) async throws {
    let scene = try Scene()
    try await scene.start(tls: tls, smallBuffers: smallBuffers)
    try await scene.wait { $0.client.connected == 1 }
    let text = (0..<(smallBuffers ? 20_000 : 200_000)).map {
      UInt8(truncatingIfNeeded: $0 ^ ($0 >> 7))
    }
    try await scene.thread.on {
      scene.client.pausesAfterRead = true
      _ = scene.client.write([text])
    }
    var rounds = 0
    try await waitUntil(seconds: 20) {
      try await scene.thread.on {
        scene.client.transport.startReading()
        #expect(scene.client.deliveredWhilePaused == 0)
      }
      rounds += 1
      return try await scene.thread.on { scene.client.received.count >= text.count }
    }
    #expect(rounds > 1)
    let isSame = scene.client.received == text
    #expect(isSame)
    try await scene.finish()
  }

  @Test(arguments: [false, true]) func peersEndIsAnEnd(_ tls: Bool) async throws {
    let scene = try Scene()
    try await scene.start(tls: tls) { $0.closesOnRead = true }
    try await scene.wait { $0.client.connected == 1 }
    try await scene.thread.on { _ = scene.client.write([[1]]) }
    try await scene.wait { $0.client.ended == 1 }
    #expect(scene.client.failures.isEmpty)
    try await scene.finish()
  }

  @Test func shutdownIsHalf() async throws {
    let scene = try Scene()
    try await scene.start(tls: true)
    try await scene.wait { $0.client.connected == 1 }
    try await scene.thread.on {
      _ = scene.client.write([[1, 2, 3]])
      scene.client.transport.shutdown()
    }
    try await scene.wait { $0.server.peers[0].ended == 1 && $0.client.received.count == 3 }
    try await scene.thread.on {
      #expect(scene.server.peers[0].write([[4]]) == .sent)
    }
    try await scene.wait { $0.client.received == [1, 2, 3, 4] }
    try await scene.finish()
  }

  @Test func endWithoutCloseNotifyIsAFailure() async throws {
    let scene = try Scene()
    try await scene.start(tls: true)
    try await scene.wait { $0.client.connected == 1 }
    try await scene.thread.on { scene.server.peers[0].transport.socket.shutdown() }
    try await scene.wait { $0.client.failures.count == 1 }
    #expect(scene.client.tlsError?.kind == .truncated)
    #expect(scene.client.ended == 0)
    try await scene.finish()
  }

  @Test func wrongNameIsAFailureBothSidesLearn() async throws {
    let scene = try Scene()
    try await scene.start(tls: true, name: "other.test")
    try await scene.wait { $0.client.failures.count == 1 }
    #expect(scene.client.connected == 0)
    #expect(scene.client.tlsError?.kind == .hostNameMismatch)
    try await scene.wait { $0.server.peers.first?.failures.count == 1 }
    #expect(scene.server.peers[0].tlsError?.kind == .peerAlert)
    try await scene.finish()
  }

  @Test(arguments: [false, true]) func refusedConnectFails(_ tls: Bool) async throws {
    let scene = try Scene()
    try await scene.start(tls: tls)
    try await scene.wait { $0.client.connected == 1 }
    let second = TransportPeer()
    let peer = tls ? try TestTLS.peer() : nil
    try await scene.thread.on {
      let address = scene.server.listener.address
      scene.server.close()
      second.transport = try Transport.connect(
        on: scene.thread.loop, to: address, tls: peer, in: scene.workspace, owner: second.pointer,
        callbacks: TransportPeer.callbacks)
    }
    try await waitUntil { try await scene.thread.on { second.failures.count == 1 } }
    #expect(second.failures == [.connectionRefused])
    #expect(second.tlsError == nil)
    try await scene.thread.on { second.transport.close() }
    try await scene.finish()
  }

  @Test func writeBeforeTheHandshakeIsRefused() async throws {
    let scene = try Scene()
    try await scene.start(tls: true)
    let result = try await scene.thread.on { [client = scene.client] () -> Bool in
      if client.connected > 0 { return true }
      if case .failed = client.write([[1]]) { return true }
      return false
    }
    #expect(result)
    try await scene.finish()
  }
}
