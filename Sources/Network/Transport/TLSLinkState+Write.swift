// SPDX-License-Identifier: MIT

public import Bytes
public import EventLoop
import Glibc

extension TLSLinkState {
  /// Segments shorter than this are gathered into one record: a record costs some 30 bytes and a
  /// cipher start, a copy of a few hundred bytes costs nothing.
  static let gatheredSegmentMaximum = 4_096

  @usableFromInline
  static func write(
    _ link: UnsafeMutablePointer<TLSLinkState>, _ segments: UnsafeBufferPointer<ByteView>
  ) -> TCPSocket.WriteResult {
    let session = link.pointee.session
    if session.isHandshaking { return .failed(.notConnected) }
    let gather = session.workspace.gather
    var gathered = 0
    for segment in segments {
      if segment.count < gatheredSegmentMaximum && segments.count > 1 {
        if gathered + segment.count > gather.count {
          if let failure = encrypt(link, gather, gathered) { return failure }
          gathered = 0
        }
        memcpy(gather.baseAddress! + gathered, segment.base, segment.count)
        gathered += segment.count
        continue
      }
      if let failure = encrypt(link, gather, gathered) { return failure }
      gathered = 0
      if let failure = encrypt(link, segment) { return failure }
    }
    if let failure = encrypt(link, gather, gathered) { return failure }
    return flush(link)
  }

  private static func encrypt(
    _ link: UnsafeMutablePointer<TLSLinkState>, _ gather: UnsafeMutableBufferPointer<UInt8>,
    _ count: Int
  ) -> TCPSocket.WriteResult? {
    if count == 0 { return nil }
    return encrypt(link, ByteView(base: gather.baseAddress!, count: count))
  }

  /// - Returns: a failure, or nil when all bytes are taken.
  private static func encrypt(
    _ link: UnsafeMutablePointer<TLSLinkState>, _ bytes: ByteView
  ) -> TCPSocket.WriteResult? {
    var taken = 0
    while taken < bytes.count {
      let hadRoom = link.pointee.session.workspace.output.isEmpty
      let step = link.pointee.session.write(bytes.dropFirst(taken))
      taken += step
      if taken == bytes.count { break }
      if step == 0 && hadRoom { return .failed(.protocolError) }
      let flushed = flush(link)
      if case .failed = flushed { return flushed }
    }
    return nil
  }

  /// Sends the session's output on: the kernel's share is not copied, the socket queues the rest.
  @discardableResult
  static func flush(_ link: UnsafeMutablePointer<TLSLinkState>) -> TCPSocket.WriteResult {
    let workspace = link.pointee.session.workspace
    let output = workspace.output
    if output.isEmpty { return link.pointee.socket.queuedByteCount == 0 ? .sent : .queued }
    workspace.clearOutput()
    return link.pointee.socket.write(output)
  }

  /// close_notify, as far as the socket will have it.
  static func sendClose(_ link: UnsafeMutablePointer<TLSLinkState>) {
    link.pointee.session.close()
    flush(link)
  }
}
