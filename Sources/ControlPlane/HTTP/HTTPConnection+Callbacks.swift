// SPDX-License-Identifier: MIT

import Bytes
import EventLoop

extension HTTPConnection {
  /// SAFETY: written before it is shared, never changed.
  nonisolated(unsafe) static let callbacks: UnsafePointer<SocketCallbacks> = {
    let table = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: SocketCallbacks(
        onConnected: { _ in }, onAllocate: nil, onRead: connectionRead, onEnd: connectionEnded,
        onFailure: connectionFailed, onDrained: connectionDrained))
    return UnsafePointer(table)
  }()
}

private func connection(_ owner: UnsafeMutableRawPointer) -> HTTPConnection {
  Unmanaged<HTTPConnection>.fromOpaque(owner).takeUnretainedValue()
}

private func connectionRead(
  _ owner: UnsafeMutableRawPointer, _ base: UnsafePointer<UInt8>, _ count: Int
) {
  connection(owner).received(ByteView(base: base, count: count))
}

private func connectionEnded(_ owner: UnsafeMutableRawPointer) { connection(owner).ended() }

private func connectionFailed(_ owner: UnsafeMutableRawPointer, _ code: Int32) {
  connection(owner).close()
}

private func connectionDrained(_ owner: UnsafeMutableRawPointer) { connection(owner).drained() }
