// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2
import EventLoop
import HTTPWire

/// Streams: made, queued for attention, delivered to, given back.
extension HTTP2Connection {
  func makeStream() -> HTTP2Stream {
    let stream = workspace.takeState()
    let generation = stream.pointee.generation
    stream.pointee = HTTP2StreamState(generation: generation)
    stream.pointee.connection = .passUnretained(self)
    stream.pointee.next = first
    first?.pointee.previous = stream
    first = stream
    streamCount += 1
    return stream
  }

  /// Gives a stream back when nobody knows it any more.
  func releaseIfUnused(_ stream: HTTP2Stream) {
    guard !stream.pointee.isLive, stream.pointee.owner == nil, !stream.pointee.isQueued,
      stream.pointee.connection != nil
    else { return }
    dropInput(stream)
    dropOutput(stream)
    stream.pointee.connection = nil
    stream.pointee.generation &+= 1
    stream.pointee.next?.pointee.previous = stream.pointee.previous
    if let previous = stream.pointee.previous {
      previous.pointee.next = stream.pointee.next
    } else {
      first = stream.pointee.next
    }
    stream.pointee.previous = nil
    workspace.giveBack(stream)
    streamCount -= 1
    if streamCount == 0 { idleSinceMilliseconds = loop.nowMilliseconds }
  }

  func dropInput(_ stream: HTTP2Stream) {
    if let input = stream.pointee.input { loop.buffers.give(input) }
    stream.pointee.input = nil
    stream.pointee.inputOffset = 0
  }

  func dropOutput(_ stream: HTTP2Stream) {
    if let output = stream.pointee.output { loop.buffers.give(output) }
    stream.pointee.output = nil
    stream.pointee.outputOffset = 0
  }

  func append(_ bytes: ByteView, to buffer: inout PooledBuffer?) {
    if bytes.isEmpty { return }
    var target = buffer ?? loop.buffers.take(bytes.count)
    loop.buffers.reserve(&target, bytes.count)
    (target.base + target.count).update(from: bytes.base, count: bytes.count)
    target.count += bytes.count
    buffer = target
  }

  // MARK: Attention

  func queue(_ stream: HTTP2Stream) {
    guard !stream.pointee.isQueued else { return }
    stream.pointee.isQueued = true
    stream.pointee.nextQueued = nil
    if let tail = attentionTail {
      tail.pointee.nextQueued = stream
    } else {
      attention = stream
    }
    attentionTail = stream
  }

  /// Sees to each stream that is queued now; what they queue meanwhile has its turn later.
  func attend() {
    var next = attention
    attention = nil
    attentionTail = nil
    while let stream = next {
      next = stream.pointee.nextQueued
      stream.pointee.isQueued = false
      attend(to: stream)
      releaseIfUnused(stream)
    }
  }

  private func attend(to stream: HTTP2Stream) {
    if stream.pointee.needsOffer {
      stream.pointee.needsOffer = false
      guard stream.pointee.isLive else { return }
      callbacks.pointee.onStream(owner, Unmanaged.passUnretained(self).toOpaque(), stream)
      if stream.pointee.owner == nil {
        reset(stream, UInt32(NGHTTP2_REFUSED_STREAM.rawValue))
        return
      }
    }
    deliver(stream)
    if stream.pointee.needsDrained, let owner = stream.pointee.owner {
      stream.pointee.needsDrained = false
      if stream.pointee.outputCount == 0 && stream.pointee.failure == 0 {
        stream.pointee.callbacks!.pointee.onDrained(owner)
      }
    }
    // What has come is delivered before its owner hears that no more will.
    guard stream.pointee.failure != 0, let owner = stream.pointee.owner,
      stream.pointee.input == nil || !stream.pointee.hasIncomingEnded
    else { return }
    let failure = stream.pointee.failure
    stream.pointee.failure = 0
    dropInput(stream)
    stream.pointee.callbacks!.pointee.onFailure(owner, failure)
  }

  /// Gives the owner what has come, while it reads.
  private func deliver(_ stream: HTTP2Stream) {
    let generation = stream.pointee.generation
    while stream.pointee.wantsReading, let owner = stream.pointee.owner,
      var input = stream.pointee.input
    {
      let offset = stream.pointee.inputOffset
      let count = input.count - offset
      let callbacks = stream.pointee.callbacks!
      var target: UnsafeMutablePointer<UInt8>?
      var room = 0
      callbacks.pointee.onAllocate?(owner, &target, &room)
      if let target, room > 0 {
        let taken = min(room, count)
        target.update(from: input.base + offset, count: taken)
        if taken == count {
          consumed(stream)
        } else {
          stream.pointee.inputOffset += taken
        }
        callbacks.pointee.onRead(owner, target, taken)
      } else {
        // The owner may close the stream while it looks at the bytes: they are ours until then.
        stream.pointee.input = nil
        stream.pointee.inputOffset = 0
        windowOpens(stream)
        callbacks.pointee.onRead(owner, input.base + offset, count)
        input.count = 0
        loop.buffers.give(input)
      }
      if stream.pointee.generation != generation { return }
    }
  }

  private func consumed(_ stream: HTTP2Stream) {
    dropInput(stream)
    windowOpens(stream)
  }

  /// All that had come is with the owner: the peer may send as much again.
  private func windowOpens(_ stream: HTTP2Stream) {
    let count = stream.pointee.unconsumedCount
    stream.pointee.unconsumedCount = 0
    guard count > 0, stream.pointee.isLive, session != nil else { return }
    nghttp2_session_consume_stream(session, stream.pointee.identifier, count)
  }

  /// Opens the connection's window again.
  func consume(_ count: Int) { nghttp2_session_consume_connection(session, count) }

  // MARK: Ends

  /// Resets a stream; its owner is not told.
  func reset(_ stream: HTTP2Stream, _ code: UInt32) {
    guard stream.pointee.isLive, phase == .open else { return }
    dropOutput(stream)
    stream.pointee.outgoing = .ended
    nghttp2_submit_rst_stream(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.pointee.identifier, code)
  }

  /// No stream goes on: nghttp2 is done with all of them, and their owners are told.
  func failStreams(_ code: Int32) {
    var next = first
    while let stream = next {
      next = stream.pointee.next
      if stream.pointee.isLive {
        stream.pointee.isLive = false
        nghttp2_session_set_stream_user_data(session, stream.pointee.identifier, nil)
      }
      if stream.pointee.owner != nil && !stream.pointee.isOver {
        if stream.pointee.failure == 0 { stream.pointee.failure = code }
        queue(stream)
      }
      releaseIfUnused(stream)
    }
  }
}

extension HTTP2StreamState {
  /// Every byte of the peer's message is there, if not the frame that says so.
  var isIncomingWhole: Bool {
    hasIncomingEnded || hasIncomingHead && (incoming == .length(0) || incoming == .none)
  }

  /// Both messages are complete as far as this side is concerned.
  var isOver: Bool { hasIncomingEnded && input == nil && hasOutgoingEnded && output == nil }
}
