// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network

/// The tables of C functions by which sockets reach their worker.
///
/// SAFETY: the owner of a client's socket is its `ClientConnection`, that of an upstream's its
/// `UpstreamConnection`; both outlive the socket, which calls nothing after it is closed. The
/// worker outlives its loop.
extension Worker {
  nonisolated(unsafe) static let clientCallbacks: UnsafePointer<SocketCallbacks> = table(
    SocketCallbacks(
      // The end of a TLS handshake.
      onConnected: { owner in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef { $0.clientConnected(client) }
      },
      onAllocate: { owner, base, count in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef { $0.allocateInput(client, base, count) }
      },
      onRead: { owner, base, count in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef {
          $0.clientBytesArrived(client, ByteView(base: base, count: count))
        }
      },
      onEnd: { owner in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef { $0.clientEnded(client) }
      },
      onFailure: { owner, _ in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef { $0.clientFailed(client) }
      },
      onDrained: { owner in
        let client = owner.assumingMemoryBound(to: ClientConnection.self)
        client.pointee.worker._withUnsafeGuaranteedRef { $0.clientDrained(client) }
      }))

  nonisolated(unsafe) static let upstreamCallbacks: UnsafePointer<SocketCallbacks> = table(
    SocketCallbacks(
      onConnected: { owner in
        let upstream = owner.assumingMemoryBound(to: UpstreamConnection.self)
        upstream.pointee.worker._withUnsafeGuaranteedRef { $0.transportConnected(upstream) }
      },
      // The loop's scratch buffer: what an upstream sends goes on at once or is copied.
      onAllocate: nil,
      onRead: { owner, base, count in
        let upstream = owner.assumingMemoryBound(to: UpstreamConnection.self)
        upstream.pointee.worker._withUnsafeGuaranteedRef {
          $0.upstreamBytesArrived(upstream, ByteView(base: base, count: count))
        }
      },
      onEnd: { owner in
        let upstream = owner.assumingMemoryBound(to: UpstreamConnection.self)
        upstream.pointee.worker._withUnsafeGuaranteedRef { $0.upstreamEnded(upstream) }
      },
      onFailure: { owner, code in
        let upstream = owner.assumingMemoryBound(to: UpstreamConnection.self)
        upstream.pointee.worker._withUnsafeGuaranteedRef {
          if code == LoopError.notProcessed.code { $0.noteNotProcessed(upstream) }
          $0.upstreamFailed(
            upstream,
            upstream.pointee.phase == .connecting ? $0.connectFailure(upstream, code) : .reset)
        }
      },
      onDrained: { owner in
        let upstream = owner.assumingMemoryBound(to: UpstreamConnection.self)
        upstream.pointee.worker._withUnsafeGuaranteedRef { $0.upstreamDrained(upstream) }
      }))

  private static func table(_ callbacks: SocketCallbacks) -> UnsafePointer<SocketCallbacks> {
    let pointer = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    pointer.initialize(to: callbacks)
    return UnsafePointer(pointer)
  }

  /// Connects an upstream, with TLS when its endpoint wants it.
  func openTransport(
    _ upstream: Upstream, _ address: SocketAddress
  ) throws(LoopError) -> Transport {
    let endpoint = upstream.pointee.endpoint
    if endpoint.pointee.isTLS && endpoint.pointee.tlsPeer == nil {
      throw LoopError.invalidArgument
    }
    return try Transport.connect(
      on: loop, to: address, tls: endpoint.pointee.tlsPeer, in: tls, owner: upstream,
      callbacks: Self.upstreamCallbacks)
  }
}
