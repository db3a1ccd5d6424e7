// SPDX-License-Identifier: MIT

/// Writes the events of a stream in their format, plain or in its rarer forms.
struct StreamFraming {
  let format: StreamFormat
  let script: Script
  /// Whether a comment comes first, as DeepSeek sends while a request waits.
  var startsWithComment = false

  /// The parts of the body, one per event: a stream pauses between them.
  func parts(_ events: [StreamEvent]) -> [[UInt8]] {
    switch format {
    case .serverSentEvents:
      (startsWithComment ? [Array(": keep-alive\n\n".utf8)] : [])
        + events.map { serverSentEvent($0, lineEnd: script.usesCarriageReturns ? "\r\n" : "\n") }
    case .serverSentEventsCRLF: events.map { serverSentEvent($0, lineEnd: "\r\n") }
    case .jsonArray: events.enumerated().map { Self.element($1, isFirst: $0 == 0) }
    case .lines: events.map { $0.data + [0x0A] }
    case .eventStream:
      events.enumerated().map { index, event in
        EventStreamFrame(event).bytes(isCorrupt: index == script.corruptFrame)
      }
    }
  }

  private func serverSentEvent(_ event: StreamEvent, lineEnd text: String) -> [UInt8] {
    let lineEnd = Array(text.utf8)
    var bytes: [UInt8] = []
    if script.sendsComments { bytes += Array(": keep-alive".utf8) + lineEnd + lineEnd }
    if let name = event.name { bytes += Array("event: \(name)".utf8) + lineEnd }
    // JSON may break after a comma that stands outside of strings.
    if script.splitsDataLines, let comma = Self.memberBoundary(event.data) {
      bytes += Array("data: ".utf8) + event.data[...comma] + lineEnd
      bytes += Array("data: ".utf8) + event.data[(comma + 1)...] + lineEnd + lineEnd
    } else {
      bytes += Array("data: ".utf8) + event.data + lineEnd + lineEnd
    }
    return bytes
  }

  /// The first comma of an object that is not within a string.
  private static func memberBoundary(_ data: [UInt8]) -> Int? {
    guard data.first == UInt8(ascii: "{") else { return nil }
    var isInString = false
    var isEscaped = false
    for (index, byte) in data.enumerated() {
      if isEscaped {
        isEscaped = false
      } else if byte == UInt8(ascii: "\\") {
        isEscaped = isInString
      } else if byte == UInt8(ascii: "\"") {
        isInString.toggle()
      } else if byte == UInt8(ascii: ","), !isInString {
        return index
      }
    }
    return nil
  }

  private static func element(_ event: StreamEvent, isFirst: Bool) -> [UInt8] {
    if event.kind == .done { return Array((isFirst ? "[]\n" : "\n]\n").utf8) }
    return Array((isFirst ? "[" : "\n,\r\n").utf8) + event.data
  }
}
