// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct ServerSentEventTests {
  static let streams = [
    "data: a\n\ndata: b\n\n", "data: a\r\n\r\ndata: b\r\n\r\n", "data: a\r\rdata: b\r\r",
    "data: a\r\n\ndata: b\n\r\n: c\r\r\n",
    ": ping\n\nevent: x\nid: 7\nretry: 5\ndata: {\"a\":1}\ndata:b\n\n",
    "\n\n\n", "\r\n\r\n", "data\n\ndata:\n\n", "data: a", "data: a\n", "data: a\r",
    "data: \u{e9}\u{1f600}\n\nx",
    "\r\r\r\n\n",
    "data: long line of more than sixteen bytes\r\ndata: again more than sixteen bytes\n\r",
  ]

  /// One byte at a time, no cleverness: where the last event ends that is complete in `bytes`.
  private func naiveBoundary(_ bytes: [UInt8]) -> Int {
    var boundary = 0
    var lineIsEmpty = true
    var index = 0
    while index < bytes.count {
      let byte = bytes[index]
      index += 1
      guard byte == 0x0a || byte == 0x0d else {
        lineIsEmpty = false
        continue
      }
      if byte == 0x0d && index < bytes.count && bytes[index] == 0x0a { index += 1 }
      if lineIsEmpty { boundary = index }
      lineIsEmpty = true
    }
    return boundary
  }

  /// What has been let through after pieces that end at `cuts`.
  private func forwarded(_ bytes: [UInt8], cuts: [Int]) -> Int {
    var splitter = ServerSentEventSplitter()
    var forwarded = 0
    var start = 0
    for cut in cuts + [bytes.count] {
      withBytes(Array(bytes[start..<cut])) { piece in
        let length = splitter.scan(piece)
        #expect(length >= 0 && length <= piece.count)
        if length > 0 { forwarded = start + length }
        #expect(splitter.atBoundary == (forwarded == cut), "\(bytes) \(cuts)")
      }
      start = cut
    }
    return forwarded
  }

  @Test(arguments: streams) func everySplitForwardsTheSame(text: String) {
    let all = Array(text.utf8)
    for length in 0...all.count {
      let prefix = Array(all[..<length])
      let expected = naiveBoundary(prefix)
      #expect(forwarded(prefix, cuts: []) == expected, "\(text.debugDescription) \(length)")
      for first in 0...length {
        #expect(forwarded(prefix, cuts: [first]) == expected, "\(text.debugDescription) \(first)")
        for second in first...length where length < 30 {
          #expect(forwarded(prefix, cuts: [first, second]) == expected)
        }
      }
      if length > 0 { #expect(forwarded(prefix, cuts: Array(1..<length)) == expected) }
    }
  }

  private func events(_ text: String, isStreamStart: Bool = false) -> [String] {
    withBytes(bytes(text)) { view in
      var iterator = ServerSentEventIterator(view, isStreamStart: isStreamStart)
      var events: [String] = []
      while let event = iterator.next() {
        let parts = [
          view[event.range].string, view[event.name].string, view[event.data].string,
          String(event.dataLineCount), event.hasComment ? "comment" : "",
        ]
        events.append(parts.joined(separator: "|"))
      }
      return events
    }
  }

  @Test func eventsAndTheirFields() {
    #expect(
      events("event: x\r\ndata: {\"a\":1}\r\n\r\n: ping\n\ndata:b\rdata: c\r\rdata: cut\n") == [
        "event: x\r\ndata: {\"a\":1}\r\n\r\n|x|{\"a\":1}|1|", ": ping\n\n|||0|comment",
        "data:b\rdata: c\r\r||b|2|",
      ])
    #expect(events("\u{feff}data: a\n\n", isStreamStart: true) == ["data: a\n\n||a|1|"])
    #expect(events("\u{feff}data: a\n\n") == ["\u{feff}data: a\n\n|||0|"])
    #expect(events("data\nevent\n\n") == ["data\nevent\n\n|||1|"])
    #expect(
      events("data:  two\nid:1\nretry: 2\nother: x\n\n\n") == [
        "data:  two\nid:1\nretry: 2\nother: x\n\n|| two|1|", "\n|||0|",
      ])
    #expect(events("") == [] && events("data: a\n") == [])
  }

  @Test func linesAreTyped() {
    let text = "data: a\nevent:b\nid: c\nretry: 9\n:d\ndatas: e\nf\n\n"
    withBytes(bytes(text)) { view in
      var lines = ServerSentEventLines(view)
      var found: [String] = []
      while let line = lines.next() {
        found.append(line.isEnd ? "end" : "\(line.field)=\(view[line.value].string)")
      }
      #expect(
        found == ["data=a", "event=b", "id=c", "retry=9", "comment=d", "other=e", "other=", "end"])
      #expect(lines.offset == view.count)
    }
  }
}
