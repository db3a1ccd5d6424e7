// SPDX-License-Identifier: MIT

import CNGHTTP2
import EventLoop

/// Time and orderly ends.
extension HTTP2Connection {
  /// Ends the connection without losing a request (RFC 9113 section 6.8): first a GOAWAY that
  /// forbids nothing, and a PING; when its answer is there, so is all that was sent before, and a
  /// second GOAWAY names the last stream. What is open goes on to its end.
  public func drain() {
    guard phase == .open, drainStep == .none else { return }
    drainStep = .announced
    if isServer {
      nghttp2_submit_shutdown_notice(session)
      nghttp2_submit_ping(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), nil)
      loop.arm(timer, delayMilliseconds: HTTP2Limits.sweepMilliseconds)
    } else {
      finishDrain()
    }
    if depth == 0 {
      flush()
      scheduleTurn()
    }
  }

  func finishDrain() {
    guard drainStep == .announced, phase == .open else { return }
    drainStep = .final
    nghttp2_submit_goaway(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue),
      nghttp2_session_get_last_proc_stream_id(session), UInt32(NGHTTP2_NO_ERROR.rawValue), nil, 0)
  }

  /// Looks after the timeouts of the connection and of streams that have no owner any more.
  func sweep() {
    let now = loop.nowMilliseconds
    switch phase {
    case .closed: break
    case .closing: breakOff(LoopError.timedOut.code)
    case .open:
      loop.arm(timer, delayMilliseconds: HTTP2Limits.sweepMilliseconds)
      sweepOpen(now)
    }
    turn()
  }

  private func sweepOpen(_ now: UInt64) {
    if drainStep == .final && streamCount == 0 {
      // Half a field section, say: a stream only to nghttp2, which would wait for its end.
      beginClosing()
      return
    }
    if drainStep == .announced { finishDrain() }
    if transport.queuedByteCount > 0
      && now &- writeProgressMilliseconds > limits.writeMilliseconds
    {
      breakOff(LoopError.timedOut.code)
      return
    }
    if streamCount == 0 {
      let limit = hasSettings ? limits.idleMilliseconds : limits.settingsMilliseconds
      guard now &- idleSinceMilliseconds > limit else { return }
      if !hasSettings {
        breakOff(LoopError.timedOut.code)
      } else if drainStep == .none {
        drain()
      }
      return
    }
    var next = first
    while let stream = next {
      next = stream.pointee.next
      if stream.pointee.owner == nil, stream.pointee.isLive, !stream.pointee.needsOffer,
        now &- stream.pointee.orphanedMilliseconds > limits.writeMilliseconds
      {
        reset(stream, UInt32(NGHTTP2_CANCEL.rawValue))
      }
    }
  }
}
