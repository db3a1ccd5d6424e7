// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2
import EventLoop
import HTTPWire

/// Frames in: what nghttp2 tells while it reads. No owner is called from here.
extension HTTP2Connection {
  // MARK: Field sections

  func sectionBegins() {
    if section == nil { section = loop.buffers.take(Self.sectionBytesFirst) }
    section!.count = 0
    sectionListBytes = 0
    isSectionTooLarge = false
  }

  private static let sectionBytesFirst = 4_096

  /// - Returns: false when the section is so far over its limit that the connection must end.
  func fieldArrived(_ name: ByteView, _ value: ByteView) -> Bool {
    sectionListBytes += name.count + value.count + 32
    if sectionListBytes > limits.fieldSectionBytesMaximum {
      isSectionTooLarge = true
      let end = limits.fieldSectionBytesMaximum * HTTP2Limits.fieldSectionExcessFactor
      if sectionListBytes > end { violation = UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue) }
      return violation == 0
    }
    guard section != nil else { return true }
    let size = FieldSection.overheadBytes + name.count + value.count
    loop.buffers.reserve(&section!, size)
    var writer = ByteWriter(base: section!.base + section!.count, capacity: size)
    FieldSection.append(name: name, value: value, to: &writer)
    section!.count += writer.count
    return true
  }

  /// A HEADERS frame and its continuations are complete.
  func sectionEnds(_ identifier: Int32, _ flags: UInt8, isRequest: Bool) {
    guard let buffer = section else { return }
    section = nil
    defer { loop.buffers.give(buffer) }
    let bytes = ByteView(base: buffer.base, count: buffer.count)
    let endsStream = flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
    if isServer && isRequest {
      requestArrived(identifier, bytes, hasBody: !endsStream)
      return
    }
    guard let stream = stream(identifier) else { return }
    if !isServer && !stream.pointee.hasIncomingHead {
      responseArrived(stream, bytes, hasBody: !endsStream)
    } else if isSectionTooLarge {
      refuse(identifier, UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue))
    }
    // Trailers end here: HTTP/1.1 text has no need of them.
    if endsStream { bodyEnds(stream) }
  }

  private func requestArrived(_ identifier: Int32, _ bytes: ByteView, hasBody: Bool) {
    if isSectionTooLarge {
      answerTooLarge(identifier)
      return
    }
    var text = loop.buffers.take(HTTP2InboundRequest.textBytesMaximum(of: bytes))
    var writer = ByteWriter(base: text.base, capacity: text.capacity)
    do throws(HTTP2FieldError) {
      let request = try HTTP2InboundRequest.write(bytes, hasBody: hasBody, to: &writer)
      text.count = writer.count
      let stream = makeStream()
      stream.pointee.identifier = identifier
      stream.pointee.isLive = true
      stream.pointee.input = text
      stream.pointee.incoming = request.framing
      stream.pointee.isHeadExchange = request.isHead
      stream.pointee.hasIncomingHead = true
      stream.pointee.hasIncomingEnded = !hasBody
      stream.pointee.needsOffer = true
      nghttp2_session_set_stream_user_data(session, identifier, stream)
      queue(stream)
    } catch {
      loop.buffers.give(text)
      refuse(identifier, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
    }
  }

  private func answerTooLarge(_ identifier: Int32) {
    let text: StaticString = ":status431"
    var field = nghttp2_nv()
    field.name = UnsafeMutablePointer(mutating: text.utf8Start)
    field.namelen = 7
    field.value = field.name + 7
    field.valuelen = 3
    nghttp2_submit_response(session, identifier, &field, 1, nil)
  }

  private func responseArrived(_ stream: HTTP2Stream, _ bytes: ByteView, hasBody: Bool) {
    let room = HTTP2InboundResponse.textBytesMaximum(of: bytes)
    var target = stream.pointee.input ?? loop.buffers.take(room)
    loop.buffers.reserve(&target, room)
    var writer = ByteWriter(base: target.base + target.count, capacity: target.available)
    do throws(HTTP2FieldError) {
      if isSectionTooLarge { throw .tooLarge }
      let response = try HTTP2InboundResponse.write(
        bytes, hasBody: hasBody, answersHead: stream.pointee.isHeadExchange, to: &writer)
      target.count += writer.count
      stream.pointee.input = target
      if !response.isInterim {
        stream.pointee.hasIncomingHead = true
        stream.pointee.incoming = response.framing
      }
      queue(stream)
    } catch {
      stream.pointee.input = target
      refuse(stream.pointee.identifier, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
    }
  }

  private func refuse(_ identifier: Int32, _ code: UInt32) {
    nghttp2_submit_rst_stream(session, UInt8(NGHTTP2_FLAG_NONE.rawValue), identifier, code)
  }

  // MARK: Bodies

  func stream(_ identifier: Int32) -> HTTP2Stream? {
    nghttp2_session_get_stream_user_data(session, identifier)?
      .assumingMemoryBound(to: HTTP2StreamState.self)
  }

  func dataArrived(_ identifier: Int32, _ bytes: ByteView) {
    guard let stream = stream(identifier), stream.pointee.hasIncomingHead,
      stream.pointee.owner != nil || stream.pointee.needsOffer
    else {
      // Nobody reads it: the stream's window stays shut, the connection's opens again.
      consume(bytes.count)
      return
    }
    switch stream.pointee.incoming {
    case .length(let left) where left >= UInt64(bytes.count):
      stream.pointee.incoming = .length(left - UInt64(bytes.count))
      append(bytes, to: &stream.pointee.input)
    case .chunked:
      appendChunk(bytes, to: stream)
    default:
      // More than was announced: the next request, to a reader of HTTP/1.1.
      consume(bytes.count)
      refuse(identifier, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
      return
    }
    // The connection's window is no measure of memory, and must not let one stream that is not
    // read hold up the others: the stream's own window waits until its bytes have been taken.
    consume(bytes.count)
    stream.pointee.unconsumedCount += bytes.count
    queue(stream)
  }

  private func appendChunk(_ bytes: ByteView, to stream: HTTP2Stream) {
    let room = ChunkedEncoder.sizeLineBytesMax + bytes.count + 2
    var target = stream.pointee.input ?? loop.buffers.take(room)
    loop.buffers.reserve(&target, room)
    var writer = ByteWriter(base: target.base + target.count, capacity: target.available)
    ChunkedEncoder.appendSizeLine(bytes.count, to: &writer)
    writer.append(bytes)
    writer.append(ChunkedEncoder.chunkEnd)
    target.count += writer.count
    stream.pointee.input = target
  }

  func bodyEnds(_ stream: HTTP2Stream) {
    guard !stream.pointee.hasIncomingEnded || !isServer else { return }
    stream.pointee.hasIncomingEnded = true
    guard stream.pointee.owner != nil || stream.pointee.needsOffer else { return }
    switch stream.pointee.incoming {
    case .chunked:
      let last = ChunkedEncoder.lastChunk
      append(
        ByteView(base: last.utf8Start, count: last.utf8CodeUnitCount), to: &stream.pointee.input)
      queue(stream)
    case .length(let left) where left > 0:
      refuse(stream.pointee.identifier, UInt32(NGHTTP2_PROTOCOL_ERROR.rawValue))
    default: break
    }
  }

  // MARK: Frames

  func frameArrived(_ frame: UnsafePointer<nghttp2_frame>) {
    let flags = cnghttp2_frame_flags(frame)
    let now = loop.nowMilliseconds
    switch UInt32(cnghttp2_frame_type(frame)) {
    case NGHTTP2_HEADERS.rawValue:
      let category = UInt32(cnghttp2_headers_category(frame))
      sectionEnds(
        cnghttp2_frame_stream(frame), flags, isRequest: category == NGHTTP2_HCAT_REQUEST.rawValue)
    case NGHTTP2_DATA.rawValue:
      let endsStream = flags & UInt8(NGHTTP2_FLAG_END_STREAM.rawValue) != 0
      if endsStream, let stream = stream(cnghttp2_frame_stream(frame)) { bodyEnds(stream) }
      if cnghttp2_frame_length(frame) > 0 || endsStream {
        budget.noteData()
      } else {
        takeControlFrame(now)
      }
    case NGHTTP2_PING.rawValue where flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0:
      if drainStep == .announced { finishDrain() }
    case NGHTTP2_SETTINGS.rawValue where flags & UInt8(NGHTTP2_FLAG_ACK.rawValue) != 0: break
    case NGHTTP2_SETTINGS.rawValue:
      hasSettings = true
      takeControlFrame(now)
    case NGHTTP2_GOAWAY.rawValue:
      hasGoaway = true
      takeControlFrame(now)
    case NGHTTP2_RST_STREAM.rawValue: takeReset(now)
    default: takeControlFrame(now)
    }
  }

  private func takeControlFrame(_ now: UInt64) {
    if isServer && !budget.takeControlFrame(nowMilliseconds: now) {
      violation = UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }
  }

  private func takeReset(_ now: UInt64) {
    if isServer && !budget.takeReset(nowMilliseconds: now) {
      violation = UInt32(NGHTTP2_ENHANCE_YOUR_CALM.rawValue)
    }
  }

  /// A stream has been reset by this side. Where the peer is to blame it counts as a reset of its
  /// own: it must not make the gateway do for it what it may not do itself.
  func resetSent(_ code: UInt32) {
    let isOurs =
      code == NGHTTP2_NO_ERROR.rawValue || code == NGHTTP2_CANCEL.rawValue
      || code == NGHTTP2_INTERNAL_ERROR.rawValue
    if !isOurs { takeReset(loop.nowMilliseconds) }
  }

  /// Nghttp2 forgets the stream: both sides are through, or one has reset it.
  func streamClosed(_ identifier: Int32, _ code: UInt32) {
    guard let stream = stream(identifier) else { return }
    stream.pointee.isLive = false
    stream.pointee.needsOffer = false
    dropOutput(stream)
    if stream.pointee.owner != nil {
      let isWhole = code == 0 && stream.pointee.hasIncomingEnded && stream.pointee.hasOutgoingEnded
      if !isWhole {
        let isUntouched = code == NGHTTP2_REFUSED_STREAM.rawValue
        stream.pointee.failure =
          isUntouched ? LoopError.notProcessed.code : LoopError.connectionReset.code
        queue(stream)
      }
    }
    releaseIfUnused(stream)
  }

  /// A request's answer is out before its body is in: the rest of it is not wanted.
  func answerEnds(_ identifier: Int32) {
    guard isServer, nghttp2_session_get_stream_remote_close(session, identifier) == 0 else {
      return
    }
    nghttp2_submit_rst_stream(
      session, UInt8(NGHTTP2_FLAG_NONE.rawValue), identifier, UInt32(NGHTTP2_NO_ERROR.rawValue))
  }
}
