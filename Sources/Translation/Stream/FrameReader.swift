// SPDX-License-Identifier: MIT

public import Bytes
internal import HTTPWire

/// Takes the frames of a stream.
public protocol FrameSink {
  /// The frame's bytes are valid for the call.
  mutating func take(_ frame: StreamFrame) throws(TranslationError)

  /// The bytes of whole frames, as they came, after `take` has been called for each. Of frames
  /// behind which one is broken, or is not taken, those before it.
  mutating func pass(_ bytes: ByteView)
}

extension FrameSink {
  public mutating func pass(_ bytes: ByteView) {}
}

/// Divides a stream of bytes, cut anywhere, into frames, each given once it is whole.
public struct FrameReader {
  /// A frame larger than this is refused.
  public static let frameBytesMaximum = 16 << 20

  private let framing: StreamFraming
  /// What has not been given yet; begins with a frame's first byte, but for `start`.
  private var buffer: [UInt8] = []
  private var start = 0
  private var splitter = ServerSentEventSplitter()
  /// Bytes of `buffer` up to here are whole server-sent events.
  private var boundary = 0
  private var isStreamStart = true
  private var joined: [UInt8] = []

  public init(_ framing: StreamFraming) { self.framing = framing }

  /// Bytes that wait for the rest of their frame.
  public var pendingByteCount: Int { buffer.count - start }

  /// Takes a piece and gives the frames that it completes.
  ///
  /// - Throws: what the sink throws; `malformedAnswer` for a frame that is too large or broken.
  public mutating func feed(
    _ piece: ByteView, to sink: inout some FrameSink
  ) throws(TranslationError) {
    if start > 0 {
      if start == buffer.count {
        buffer.removeAll(keepingCapacity: true)
      } else {
        buffer.removeFirst(start)
      }
      boundary -= start
      start = 0
    }
    let before = buffer.count
    unsafe buffer.append(contentsOf: UnsafeBufferPointer(start: piece.base, count: piece.count))
    switch framing {
    case .serverSentEvents:
      let length = splitter.scan(piece)
      if length > 0 { boundary = before + length }
      try giveEvents(to: &sink)
    case .jsonLines: try giveLines(searchedTo: before, to: &sink)
    case .amazonEventStream: try giveMessages(to: &sink)
    }
    guard pendingByteCount <= Self.frameBytesMaximum else {
      throw .malformed("A frame of the stream is larger than \(Self.frameBytesMaximum) bytes.")
    }
  }

  /// The bytes ended. A last line or event without its end is given too: servers are seen that
  /// leave it out, and a decoder knows by its own terminator whether the stream was whole.
  public mutating func end(
    to sink: inout some FrameSink
  ) throws(TranslationError) {
    switch framing {
    case .amazonEventStream:
      guard pendingByteCount == 0 else { throw .malformed("The stream ended within a message.") }
    case .jsonLines: if pendingByteCount > 0 { try feedText("\n", to: &sink) }
    case .serverSentEvents: if pendingByteCount > 0 { try feedText("\n\n", to: &sink) }
    }
  }

  private mutating func feedText(
    _ text: StaticString, to sink: inout some FrameSink
  ) throws(TranslationError) {
    let view = unsafe ByteView(base: text.utf8Start, count: text.utf8CodeUnitCount)
    try feed(view, to: &sink)
  }

  // MARK: Server-sent events

  private mutating func giveEvents(
    to sink: inout some FrameSink
  ) throws(TranslationError) {
    guard boundary > start else { return }
    let (from, to, isFirst) = (start, boundary, isStreamStart)
    start = boundary
    isStreamStart = false
    var scratch: [UInt8] = []
    swap(&scratch, &joined)
    defer { swap(&scratch, &joined) }
    let result: Result<Void, TranslationError> = unsafe buffer.withUnsafeBufferPointer { memory in
      guard let base = memory.baseAddress else { return .success(()) }
      let events = unsafe ByteView(base: base + from, count: to - from)
      var iterator = ServerSentEventIterator(events, isStreamStart: isFirst)
      var good = 0
      do throws(TranslationError) {
        while let event = iterator.next() {
          let name = events[event.name]
          if event.dataLineCount == 1 {
            try sink.take(StreamFrame(name: name, data: events[event.data]))
          } else if event.dataLineCount > 1 {
            try Self.giveJoined(events[event.range], name, &scratch, to: &sink)
          }
          good = event.range.upperBound
        }
        sink.pass(events)
      } catch {
        if good > 0 { sink.pass(events.prefix(good)) }
        return .failure(error)
      }
      return .success(())
    }
    try result.get()
  }

  /// Several data lines are one text with line feeds between.
  private static func giveJoined(
    _ event: ByteView, _ name: ByteView, _ scratch: inout [UInt8],
    to sink: inout some FrameSink
  ) throws(TranslationError) {
    scratch.removeAll(keepingCapacity: true)
    var lines = ServerSentEventLines(event)
    var isFirst = true
    while let line = lines.next() {
      guard line.field == .data && !line.isEnd else { continue }
      if !isFirst { scratch.append(0x0a) }
      isFirst = false
      let value = event[line.value]
      unsafe scratch.append(
        contentsOf: UnsafeBufferPointer(start: value.base, count: value.count))
    }
    let result: Result<Void, TranslationError> = unsafe scratch.withUnsafeBufferPointer { memory in
      let view = unsafe memory.baseAddress.map { unsafe ByteView(base: $0, count: memory.count) }
      do throws(TranslationError) {
        try sink.take(StreamFrame(name: name, data: view ?? .empty))
      } catch { return .failure(error) }
      return .success(())
    }
    try result.get()
  }

  // MARK: Lines

  private mutating func giveLines(
    searchedTo: Int, to sink: inout some FrameSink
  ) throws(TranslationError) {
    let first = start
    var from = start
    var good = start
    var search = searchedTo
    let result: Result<Void, TranslationError> = unsafe buffer.withUnsafeBufferPointer { memory in
      guard let base = memory.baseAddress else { return .success(()) }
      let bytes = unsafe ByteView(base: base, count: memory.count)
      do throws(TranslationError) {
        while let end = bytes.firstIndex(of: 0x0a, from: search) {
          var line = bytes[from..<end]
          if !line.isEmpty, line[line.count - 1] == 0x0d { line = line.prefix(line.count - 1) }
          from = end + 1
          search = from
          if !line.isEmpty { try sink.take(StreamFrame(data: line)) }
          good = from
        }
        if from > first { sink.pass(bytes[first..<from]) }
      } catch {
        if good > first { sink.pass(bytes[first..<good]) }
        return .failure(error)
      }
      return .success(())
    }
    start = from
    try result.get()
  }

  // MARK: Amazon's event stream

  private mutating func giveMessages(
    to sink: inout some FrameSink
  ) throws(TranslationError) {
    let first = start
    var from = start
    var good = start
    let result: Result<Void, TranslationError> = unsafe buffer.withUnsafeBufferPointer { memory in
      guard let base = memory.baseAddress else { return .success(()) }
      let bytes = unsafe ByteView(base: base, count: memory.count)
      do throws(TranslationError) {
        while let message = try AmazonEventStream.message(in: bytes.dropFirst(from)) {
          from += message.length
          try sink.take(message.frame)
          good = from
        }
        if from > first { sink.pass(bytes[first..<from]) }
      } catch {
        if good > first { sink.pass(bytes[first..<good]) }
        return .failure(error)
      }
      return .success(())
    }
    start = from
    try result.get()
  }
}
