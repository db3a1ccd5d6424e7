// SPDX-License-Identifier: MIT

import CNGHTTP2
public import EventLoop

/// The client's side: streams of our own.
extension HTTP2Connection {
  /// Whether a request may be sent now: the peer has not said GOAWAY, and takes another stream.
  public var canOpenStream: Bool {
    guard phase == .open, !hasGoaway, drainStep == .none,
      nghttp2_session_check_request_allowed(session) != 0
    else { return false }
    let theirs = nghttp2_session_get_remote_settings(
      session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS)
    // What nobody owns any more is being reset, and may count on the other side for a moment.
    return streamCount < Int(min(theirs, limits.concurrentStreamsMaximum))
  }

  /// A stream for one request; nil where `canOpenStream` is false. It takes writes at once.
  public func openStream(
    owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>
  ) -> Transport? {
    guard !isServer, canOpenStream else { return nil }
    let stream = makeStream()
    stream.pointee.owner = owner
    stream.pointee.callbacks = callbacks
    stream.pointee.wantsReading = true
    return Transport(stream, of: self)
  }
}
