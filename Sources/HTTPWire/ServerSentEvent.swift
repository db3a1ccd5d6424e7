// SPDX-License-Identifier: MIT

public import Bytes

/// Which field a line of an event is.
public enum ServerSentEventField: UInt8, Sendable {
  case data
  case event
  case id
  case retry
  /// A line that starts with a colon; proxies send them to keep a connection alive.
  case comment
  /// A field that a client ignores.
  case other
}

/// One event, as ranges into the bytes it was found in.
@frozen
public struct ServerSentEvent: Sendable {
  /// All of the event, the empty line included.
  public var range: ByteRange
  /// The value of the only data line; with several lines that of the first (then
  /// `ServerSentEventLines` yields them all).
  public var data: ByteRange
  public var dataLineCount: UInt32
  /// The value of the last `event` line; empty if there is none.
  public var name: ByteRange
  public var hasComment: Bool

  @inlinable
  public init(start: Int) {
    range = ByteRange(start, start)
    data = .empty
    dataLineCount = 0
    name = .empty
    hasComment = false
  }
}

/// Walks the events in bytes that hold whole events (what `ServerSentEventSplitter` lets through).
/// A last event without its empty line is not yielded, as a client would not dispatch it.
@frozen
public struct ServerSentEventIterator {
  @usableFromInline let bytes: ByteView
  @usableFromInline var index: Int

  /// - Parameter isStreamStart: whether `bytes` are the first of the stream, where a byte order
  ///   mark is to be passed over.
  @inlinable
  public init(_ bytes: ByteView, isStreamStart: Bool = false) {
    self.bytes = bytes
    index = isStreamStart && bytes.starts(with: "\u{FEFF}") ? 3 : 0
  }

  /// The next event; blocks of empty lines yield events without any field.
  public mutating func next() -> ServerSentEvent? {
    var event = ServerSentEvent(start: index)
    var lines = ServerSentEventLines(bytes, from: index)
    while let line = lines.next() {
      if line.isEnd {
        event.range = ByteRange(index, lines.offset)
        index = lines.offset
        return event
      }
      switch line.field {
      case .data:
        if event.dataLineCount == 0 { event.data = line.value }
        event.dataLineCount &+= 1
      case .event: event.name = line.value
      case .comment: event.hasComment = true
      default: break
      }
    }
    return nil
  }
}

/// One line of an event.
@frozen
public struct ServerSentEventLine: Sendable {
  public var field: ServerSentEventField
  /// Without the one space after the colon and the line end.
  public var value: ByteRange
  /// Whether this is the empty line that ends the event.
  public var isEnd: Bool
}

/// Walks the complete lines of event-stream bytes.
@frozen
public struct ServerSentEventLines {
  @usableFromInline let bytes: ByteView
  /// Where the next line starts.
  public private(set) var offset: Int

  public init(_ bytes: ByteView, from start: Int = 0) {
    self.bytes = bytes
    offset = start
  }

  /// The next line, or nil where no more line ends.
  public mutating func next() -> ServerSentEventLine? {
    guard offset < bytes.count,
      let end = bytes.firstIndex(ofEither: 0x0a, 0x0d, from: offset)
    else { return nil }
    let start = offset
    offset = end &+ 1
    if bytes[end] == 0x0d && offset < bytes.count && bytes[offset] == 0x0a { offset &+= 1 }
    guard end > start else {
      return ServerSentEventLine(field: .other, value: .empty, isEnd: true)
    }
    let line = bytes[start..<end]
    // Nearly every line of a chat stream; spares the search for the colon.
    if line.starts(with: "data: ") {
      return ServerSentEventLine(field: .data, value: ByteRange(start &+ 6, end), isEnd: false)
    }
    return parse(line, start: start)
  }

  private func parse(_ line: ByteView, start: Int) -> ServerSentEventLine {
    let colon = line.firstIndex(of: 0x3a) ?? line.count
    var value = min(colon + 1, line.count)
    if value < line.count && line[value] == 0x20 { value += 1 }
    let name = line.prefix(colon)
    let field: ServerSentEventField =
      switch name.count {
      case 0: .comment
      case 2: name.equals("id") ? .id : .other
      case 4: name.equals("data") ? .data : .other
      case 5: name.equals("event") ? .event : name.equals("retry") ? .retry : .other
      default: .other
      }
    return ServerSentEventLine(
      field: field, value: ByteRange(start + value, start + line.count), isEnd: false)
  }
}
