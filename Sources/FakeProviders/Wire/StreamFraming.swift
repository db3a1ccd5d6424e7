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
    case .serverSentEvents, .serverSentEventsCRLF: serverSentEvents(events)
    case .jsonArray: events.enumerated().map { Self.element($1, isFirst: $0 == 0) }
    case .lines: events.map { $0.data + [0x0A] }
    case .eventStream:
      events.enumerated().map { index, event in
        EventStreamFrame(event).bytes(isCorrupt: index == script.corruptFrame)
      }
    }
  }

  private var forms: Script.EventForms { script.eventForms }

  private var lineEnd: [UInt8] {
    if forms.usesCarriageReturns { return [0x0D] }
    let isTwo = format == .serverSentEventsCRLF || forms.usesCarriageReturnsAndLineFeeds
    return isTwo ? [0x0D, 0x0A] : [0x0A]
  }

  private func serverSentEvents(_ events: [StreamEvent]) -> [[UInt8]] {
    var parts = events.map(serverSentEvent)
    if startsWithComment { parts.insert(Array(": keep-alive".utf8) + lineEnd + lineEnd, at: 0) }
    if parts.isEmpty { return parts }
    if forms.startsWithByteOrderMark { parts[0].insert(contentsOf: [0xEF, 0xBB, 0xBF], at: 0) }
    if forms.omitsLastBlankLine { parts[parts.count - 1].removeLast(lineEnd.count) }
    return parts
  }

  private func serverSentEvent(_ event: StreamEvent) -> [UInt8] {
    func line(_ name: String, _ value: some Sequence<UInt8>) -> [UInt8] {
      Array((name + (forms.omitsSpaces ? ":" : ": ")).utf8) + value + lineEnd
    }
    var bytes: [UInt8] = []
    if forms.sendsComments { bytes += Array(": keep-alive".utf8) + lineEnd + lineEnd }
    if let name = event.name { bytes += line("event", name.utf8) }
    // JSON may break after a comma that stands outside of strings.
    if forms.splitsDataLines, let comma = Self.memberBoundary(event.data) {
      bytes += line("data", event.data[...comma]) + line("data", event.data[(comma + 1)...])
    } else {
      bytes += line("data", event.data)
    }
    return bytes + lineEnd
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
