// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2
import EventLoop
import HTTPWire

/// Frames out.
extension HTTP2Connection {
  /// Lets nghttp2 ask for a stream's bytes again.
  func wake(_ stream: HTTP2Stream) {
    guard stream.pointee.isDeferred,
      stream.pointee.outputCount > 0 || stream.pointee.hasOutgoingEnded
    else { return }
    stream.pointee.isDeferred = false
    nghttp2_session_resume_data(session, stream.pointee.identifier)
  }

  /// Hands frames to the transport as long as it takes them; the rest waits for `onDrained`, with
  /// its owners paused by their own queues.
  func flush() {
    guard phase == .open, depth == 0 else { return }
    let gather = workspace.storage.pointee.gather
    while transport.queuedByteCount < HTTP2Limits.socketQueueBytesMaximum {
      var count = 0
      depth += 1
      // A write that fails ends the connection: nghttp2 must not ask for streams' bytes any more.
      while phase == .open,
        count + HTTP2Workspace.frameBytesMaximum <= HTTP2Workspace.gatherCapacity
      {
        var frame: UnsafePointer<UInt8>?
        let length = nghttp2_session_mem_send(session, &frame)
        guard length > 0, let frame else {
          if length < 0 { violation = UInt32(NGHTTP2_INTERNAL_ERROR.rawValue) }
          break
        }
        guard count + length <= HTTP2Workspace.gatherCapacity else {
          // A field section larger than what is gathered: on its own, after what is before it.
          send(gather, count)
          send(frame, length)
          count = 0
          continue
        }
        (gather + count).update(from: frame, count: length)
        count += length
      }
      depth -= 1
      if count == 0 { break }
      send(gather, count)
      if phase != .open { break }
    }
    if violation != 0 && phase == .open { calmDown() }
  }

  private func send(_ base: UnsafePointer<UInt8>, _ count: Int) {
    guard phase == .open, count > 0 else { return }
    if transport.queuedByteCount == 0 { writeProgressMilliseconds = loop.nowMilliseconds }
    if case .failed(let error) = transport.write(ByteView(base: base, count: count)) {
      breakOff(error.code)
    }
  }

  /// Copies what a stream's owner wrote into the frame that nghttp2 is making.
  func readOutput(
    _ stream: HTTP2Stream, _ target: UnsafeMutablePointer<UInt8>, _ room: Int,
    _ flags: UnsafeMutablePointer<UInt32>
  ) -> Int {
    let count = min(room, stream.pointee.outputCount)
    if count > 0, let output = stream.pointee.output {
      target.update(from: output.base + stream.pointee.outputOffset, count: count)
      stream.pointee.outputOffset += count
      stream.pointee.orphanedMilliseconds = loop.nowMilliseconds
    }
    if stream.pointee.outputCount == 0 {
      dropOutput(stream)
      if stream.pointee.hasOutgoingEnded {
        flags.pointee |= UInt32(NGHTTP2_DATA_FLAG_EOF.rawValue)
      } else if count == 0 {
        stream.pointee.isDeferred = true
        return Int(NGHTTP2_ERR_DEFERRED.rawValue)
      }
      if stream.pointee.awaitsDrained {
        stream.pointee.awaitsDrained = false
        stream.pointee.needsDrained = true
        queue(stream)
      }
    }
    return count
  }
}
