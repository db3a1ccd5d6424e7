// SPDX-License-Identifier: MIT

import Bytes
import EventLoop
import Network

/// One end of a connection: records what it is told, and can echo, pause or lend small buffers.
/// Lives on its loop.
final class TransportPeer: @unchecked Sendable {
  var transport: Transport!
  var received: [UInt8] = []
  var connected = 0
  var ended = 0
  var drained = 0
  var failures: [LoopError] = []
  var tlsError: TLSError?
  var echoes = false
  var closesOnRead = false
  /// Stops reading after each delivery; `resume` goes on.
  var pausesAfterRead = false
  var deliveredWhilePaused = 0

  var pointer: UnsafeMutableRawPointer { Unmanaged.passUnretained(self).toOpaque() }

  static func of(_ pointer: UnsafeMutableRawPointer) -> TransportPeer {
    Unmanaged<TransportPeer>.fromOpaque(pointer).takeUnretainedValue()
  }

  func write(_ parts: [[UInt8]]) -> TCPSocket.WriteResult {
    let copies = parts.map { part in
      let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: max(1, part.count))
      _ = copy.initialize(from: part)
      return ByteView(base: copy.baseAddress!, count: part.count)
    }
    defer { for copy in copies { copy.base.deallocate() } }
    return copies.withUnsafeBufferPointer { transport.write($0) }
  }

  let small = UnsafeMutablePointer<UInt8>.allocate(capacity: 100)

  deinit { small.deallocate() }

  nonisolated(unsafe) static let callbacks = table(onAllocate: nil)
  /// Every read goes to a buffer of 100 bytes.
  nonisolated(unsafe) static let smallCallbacks = table(onAllocate: { owner, base, count in
    base.pointee = TransportPeer.of(owner).small
    count.pointee = 100
  })

  private static func table(
    onAllocate: SocketCallbacks.Allocate?
  ) -> UnsafePointer<SocketCallbacks> {
    let table = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: SocketCallbacks(
        onConnected: { owner in
          let peer = TransportPeer.of(owner)
          peer.connected += 1
          peer.transport.startReading()
        }, onAllocate: onAllocate, onRead: peerRead,
        onEnd: { owner in TransportPeer.of(owner).ended += 1 },
        onFailure: { owner, code in
          let peer = TransportPeer.of(owner)
          peer.failures.append(LoopError(code: code))
          peer.tlsError = peer.transport.tlsError
        }, onDrained: { owner in TransportPeer.of(owner).drained += 1 }))
    return UnsafePointer(table)
  }
}

private func peerRead(_ owner: UnsafeMutableRawPointer, _ base: UnsafePointer<UInt8>, _ count: Int)
{
  let peer = TransportPeer.of(owner)
  if !peer.transport.isReading { peer.deliveredWhilePaused += count }
  peer.received += UnsafeBufferPointer(start: base, count: count)
  if peer.echoes { _ = peer.transport.write(ByteView(base: base, count: count)) }
  if peer.pausesAfterRead { peer.transport.stopReading() }
  if peer.closesOnRead { peer.transport.close() }
}

/// A listener and the peers it accepted, on one loop.
final class TransportServer: @unchecked Sendable {
  let workspace: TLSWorkspace
  var listener: TCPListener!
  var peers: [TransportPeer] = []
  var prepare: (TransportPeer) -> Void = { _ in }

  init(on loop: Loop, tls context: TLSContext?, in workspace: TLSWorkspace) throws {
    self.workspace = workspace
    listener = try TCPListener(
      on: loop, address: SocketAddress(host: "127.0.0.1", port: 0)!,
      callbacks: TransportPeer.callbacks
    ) { [unowned self] socket in
      let peer = TransportPeer()
      prepare(peer)
      peers.append(peer)
      peer.transport = try? Transport.accept(
        socket, on: loop, tls: context, in: workspace, owner: peer.pointer,
        callbacks: TransportPeer.callbacks)
      peer.transport?.startReading()
    }
  }

  func close() {
    for peer in peers { peer.transport?.close() }
    listener.close()
  }
}
