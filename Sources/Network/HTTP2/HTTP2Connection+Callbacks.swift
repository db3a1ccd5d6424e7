// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2
import EventLoop
import HTTPWire

/// The C functions by which nghttp2 and the transport reach their connection.
///
/// SAFETY: their user data is the connection, which lives until its session is deleted and its
/// transport closed.
extension HTTP2Connection {
  static func setCallbacks(_ callbacks: OpaquePointer?) {
    nghttp2_session_callbacks_set_on_begin_headers_callback(callbacks, beginHeaders)
    nghttp2_session_callbacks_set_on_header_callback(callbacks, headerArrived)
    nghttp2_session_callbacks_set_on_invalid_header_callback(callbacks, invalidHeaderArrived)
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, frameReceived)
    nghttp2_session_callbacks_set_on_frame_send_callback(callbacks, frameSent)
    nghttp2_session_callbacks_set_on_data_chunk_recv_callback(callbacks, dataReceived)
    nghttp2_session_callbacks_set_on_stream_close_callback(callbacks, streamEnded)
  }

  nonisolated(unsafe) static let socketCallbacks: UnsafePointer<SocketCallbacks> = {
    let table = UnsafeMutablePointer<SocketCallbacks>.allocate(capacity: 1)
    table.initialize(
      to: SocketCallbacks(
        onConnected: { _ in }, onAllocate: nil,
        onRead: { owner, base, count in
          http2Connection(owner).receive(ByteView(base: base, count: count))
        },
        onEnd: { owner in http2Connection(owner).transportEnded() },
        onFailure: { owner, code in http2Connection(owner).transportFailed(code) },
        onDrained: { owner in http2Connection(owner).transportDrained() }))
    return UnsafePointer(table)
  }()

  static let readOutput: nghttp2_data_source_read_callback = {
    session, identifier, target, room, flags, source, user in
    guard let source, let stream = source.pointee.ptr, let target, let flags else {
      return Int(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
    }
    return http2Connection(user).readOutput(
      stream.assumingMemoryBound(to: HTTP2StreamState.self), target, room, flags)
  }

  fileprivate func transportEnded() {
    breakOff(LoopError.connectionReset.code)
    turn()
  }

  fileprivate func transportFailed(_ code: Int32) {
    breakOff(code)
    turn()
  }

  fileprivate func transportDrained() {
    writeProgressMilliseconds = loop.nowMilliseconds
    turn()
  }
}

private func http2Connection(_ user: UnsafeMutableRawPointer?) -> HTTP2Connection {
  Unmanaged<HTTP2Connection>.fromOpaque(user!).takeUnretainedValue()
}

private func beginHeaders(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  http2Connection(user).sectionBegins()
  return 0
}

private func headerArrived(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
  _ name: UnsafePointer<UInt8>?, _ nameLength: Int, _ value: UnsafePointer<UInt8>?,
  _ valueLength: Int, _ flags: UInt8, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let name, let value else { return 0 }
  let isBearable = http2Connection(user).fieldArrived(
    ByteView(base: name, count: nameLength), ByteView(base: value, count: valueLength))
  return isBearable ? 0 : Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
}

/// A field that nghttp2 would leave out makes the message malformed here.
private func invalidHeaderArrived(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
  _ name: UnsafePointer<UInt8>?, _ nameLength: Int, _ value: UnsafePointer<UInt8>?,
  _ valueLength: Int, _ flags: UInt8, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  Int32(NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE.rawValue)
}

private func frameReceived(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let connection = http2Connection(user)
  connection.frameArrived(frame)
  return connection.violation == 0 ? 0 : Int32(NGHTTP2_ERR_CALLBACK_FAILURE.rawValue)
}

private func frameSent(
  _ session: OpaquePointer?, _ frame: UnsafePointer<nghttp2_frame>?,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let frame else { return 0 }
  let type = UInt32(cnghttp2_frame_type(frame))
  let connection = http2Connection(user)
  if type == NGHTTP2_RST_STREAM.rawValue {
    connection.resetSent(cnghttp2_reset_code(frame))
    return 0
  }
  guard type == NGHTTP2_DATA.rawValue || type == NGHTTP2_HEADERS.rawValue else { return 0 }
  connection.budget.noteData()
  if cnghttp2_frame_flags(frame) & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0 {
    connection.answerEnds(cnghttp2_frame_stream(frame))
  }
  return 0
}

private func dataReceived(
  _ session: OpaquePointer?, _ flags: UInt8, _ identifier: Int32, _ base: UnsafePointer<UInt8>?,
  _ count: Int, _ user: UnsafeMutableRawPointer?
) -> Int32 {
  guard let base, count > 0 else { return 0 }
  http2Connection(user).dataArrived(identifier, ByteView(base: base, count: count))
  return 0
}

private func streamEnded(
  _ session: OpaquePointer?, _ identifier: Int32, _ code: UInt32,
  _ user: UnsafeMutableRawPointer?
) -> Int32 {
  http2Connection(user).streamClosed(identifier, code)
  return 0
}
