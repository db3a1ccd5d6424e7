// SPDX-License-Identifier: MIT

import Bytes
import CNGHTTP2
public import EventLoop
import HTTPWire

/// The calls of a stream's `Transport`.
extension HTTP2Connection {
  /// Takes a stream that `onStream` offers; its bytes come after `startReading()`.
  ///
  /// - Parameters: `connection` and `stream` as they were given to `onStream`.
  public static func adopt(
    _ connection: UnsafeMutableRawPointer, stream: UnsafeMutableRawPointer,
    owner: UnsafeMutableRawPointer, callbacks: UnsafePointer<SocketCallbacks>
  ) -> Transport {
    let stream = stream.assumingMemoryBound(to: HTTP2StreamState.self)
    stream.pointee.owner = owner
    stream.pointee.callbacks = callbacks
    let connection = Unmanaged<HTTP2Connection>.fromOpaque(connection).takeUnretainedValue()
    return Transport(stream, of: connection)
  }

  static func connection(of stream: HTTP2Stream) -> HTTP2Connection {
    stream.pointee.connection!.takeUnretainedValue()
  }

  static func startReading(_ stream: HTTP2Stream) {
    stream.pointee.wantsReading = true
    guard stream.pointee.input != nil else { return }
    let connection = connection(of: stream)
    connection.queue(stream)
    if connection.depth == 0 { connection.scheduleTurn() }
  }

  static func stopReading(_ stream: HTTP2Stream) { stream.pointee.wantsReading = false }

  /// Takes the message that the owner writes out of its HTTP/1.1 text, and sends it.
  static func write(
    _ stream: HTTP2Stream, _ segments: UnsafeBufferPointer<ByteView>
  ) -> TCPSocket.WriteResult {
    let connection = connection(of: stream)
    let isNew = stream.pointee.identifier == 0 && !connection.isServer
    guard stream.pointee.isLive || isNew, connection.phase == .open, stream.pointee.failure == 0
    else { return .failed(.connectionReset) }
    for segment in segments where !segment.isEmpty {
      guard connection.take(segment, of: stream) else { return .failed(.protocolError) }
    }
    connection.wake(stream)
    connection.ownerCalled()
    if connection.phase != .open { return .failed(.connectionReset) }
    if stream.pointee.outputCount == 0 { return .sent }
    stream.pointee.awaitsDrained = true
    return .queued
  }

  /// The owner's message is at its end, whatever it said about its length.
  static func shutdown(_ stream: HTTP2Stream) {
    let connection = connection(of: stream)
    guard stream.pointee.isLive, connection.phase == .open else { return }
    switch stream.pointee.outgoing {
    case .ended: break
    case .untilClose:
      stream.pointee.outgoing = .ended
      connection.wake(stream)
    case .head, .length, .chunked:
      connection.reset(stream, UInt32(NGHTTP2_INTERNAL_ERROR.rawValue))
    }
    connection.ownerCalled()
  }

  /// The owner lets go. A message that is complete still goes out; else the stream is reset, with
  /// CANCEL for an orderly end.
  static func close(_ stream: HTTP2Stream, isReset: Bool) {
    let connection = connection(of: stream)
    stream.pointee.owner = nil
    stream.pointee.callbacks = nil
    stream.pointee.generation &+= 1
    stream.pointee.wantsReading = false
    stream.pointee.failure = 0
    stream.pointee.orphanedMilliseconds = connection.loop.nowMilliseconds
    connection.dropInput(stream)
    if stream.pointee.isLive && connection.phase == .open {
      let isComplete = stream.pointee.hasOutgoingEnded && !isReset
      if !isComplete {
        let code = isReset ? NGHTTP2_INTERNAL_ERROR : NGHTTP2_CANCEL
        connection.reset(stream, UInt32(code.rawValue))
      } else if !connection.isServer && !stream.pointee.isIncomingWhole {
        connection.reset(stream, UInt32(NGHTTP2_CANCEL.rawValue))
      }
    }
    connection.ownerCalled()
    connection.releaseIfUnused(stream)
    if connection.phase == .closed { connection.scheduleTurn() }
  }

  // MARK: Reading the owner's message

  /// - Returns: false if the owner's text is not what `HTTPWire` writes, or nghttp2 refuses.
  private func take(_ segment: ByteView, of stream: HTTP2Stream) -> Bool {
    var rest = segment
    while !rest.isEmpty {
      switch stream.pointee.outgoing {
      case .head:
        guard let length = takeHead(rest, of: stream) else { return false }
        rest = rest.dropFirst(length)
      case .length(let remaining):
        let piece = rest.prefix(Int(clamping: remaining))
        append(piece, to: &stream.pointee.output)
        let left = remaining - UInt64(piece.count)
        stream.pointee.outgoing = left == 0 ? .ended : .length(left)
        rest = rest.dropFirst(piece.count)
      case .chunked(var decoder):
        guard takeChunks(rest, &decoder, of: stream) else { return false }
        stream.pointee.outgoing = decoder.isComplete ? .ended : .chunked(decoder)
        return true
      case .untilClose:
        append(rest, to: &stream.pointee.output)
        return true
      case .ended: return true
      }
    }
    return true
  }

  private func takeChunks(
    _ bytes: ByteView, _ decoder: inout ChunkedDecoder, of stream: HTTP2Stream
  ) -> Bool {
    var offset = 0
    while true {
      switch decoder.next(in: bytes, offset: &offset) {
      case .payload(let piece): append(piece, to: &stream.pointee.output)
      case .needMore, .complete: return true
      case .failure: return false
      }
    }
  }

  private func takeHead(_ bytes: ByteView, of stream: HTTP2Stream) -> Int? {
    isServer ? takeResponseHead(bytes, of: stream) : takeRequestHead(bytes, of: stream)
  }

  private func takeResponseHead(_ bytes: ByteView, of stream: HTTP2Stream) -> Int? {
    var writer = workspace.scratch(HTTP2OutboundResponse.sectionBytesMaximum(of: bytes))
    guard
      let head = HTTP2OutboundResponse.write(
        bytes, answersHead: stream.pointee.isHeadExchange, to: &writer)
    else { return nil }
    let section = writer.written
    if head.isInterim {
      let status = withFields(section, head.fieldCount) { fields, count in
        nghttp2_submit_headers(
          session, UInt8(NGHTTP2_FLAG_NONE.rawValue), stream.pointee.identifier, nil, fields,
          count, nil)
      }
      return status == 0 ? head.length : nil
    }
    begin(head.framing, of: stream)
    let status = withFields(section, head.fieldCount) { fields, count in
      guard !stream.pointee.hasOutgoingEnded else {
        return nghttp2_submit_response(session, stream.pointee.identifier, fields, count, nil)
      }
      var provider = Self.provider(of: stream)
      return nghttp2_submit_response(
        session, stream.pointee.identifier, fields, count, &provider)
    }
    stream.pointee.hasSubmitted = true
    return status == 0 ? head.length : nil
  }

  private func takeRequestHead(_ bytes: ByteView, of stream: HTTP2Stream) -> Int? {
    var writer = workspace.scratch(HTTP2OutboundRequest.sectionBytesMaximum(of: bytes))
    guard
      let head = HTTP2OutboundRequest.write(bytes, isSecure: transport.isTLS, to: &writer)
    else { return nil }
    stream.pointee.isHeadExchange = head.isHead
    begin(head.framing, of: stream)
    let identifier = withFields(writer.written, head.fieldCount) { fields, count in
      guard !stream.pointee.hasOutgoingEnded else {
        return nghttp2_submit_request(session, nil, fields, count, nil, stream)
      }
      var provider = Self.provider(of: stream)
      return nghttp2_submit_request(session, nil, fields, count, &provider, stream)
    }
    guard identifier > 0 else { return nil }
    stream.pointee.identifier = identifier
    stream.pointee.isLive = true
    stream.pointee.hasSubmitted = true
    return head.length
  }

  private func begin(_ framing: BodyFraming, of stream: HTTP2Stream) {
    switch framing {
    case .none, .length(0): stream.pointee.outgoing = .ended
    case .length(let length): stream.pointee.outgoing = .length(length)
    case .chunked: stream.pointee.outgoing = .chunked(ChunkedDecoder())
    case .untilClose: stream.pointee.outgoing = .untilClose
    }
  }

  private static func provider(of stream: HTTP2Stream) -> nghttp2_data_provider {
    var provider = nghttp2_data_provider()
    provider.source.ptr = UnsafeMutableRawPointer(stream)
    provider.read_callback = readOutput
    return provider
  }

  /// Nghttp2's array of the fields of a section, for the call.
  private func withFields(
    _ section: ByteView, _ fieldCount: Int,
    _ body: (UnsafePointer<nghttp2_nv>, Int) -> Int32
  ) -> Int32 {
    withUnsafeTemporaryAllocation(of: nghttp2_nv.self, capacity: fieldCount) { fields in
      var count = 0
      var iterator = SectionFields(section)
      while count < fieldCount, let field = iterator.next() {
        // SAFETY: nghttp2 only reads names and values, and copies them before it returns.
        fields[count] = nghttp2_nv(
          name: UnsafeMutablePointer(mutating: field.name.base),
          value: UnsafeMutablePointer(mutating: field.value.base), namelen: field.name.count,
          valuelen: field.value.count, flags: UInt8(NGHTTP2_NV_FLAG_NONE.rawValue))
        count += 1
      }
      return body(UnsafePointer(fields.baseAddress!), count)
    }
  }
}
