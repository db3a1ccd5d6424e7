// SPDX-License-Identifier: MIT

public import Bytes
internal import CKernels

extension ResponseScanner {
  /// How many events `events` holds, where each is one line `data: ` with a chunk like those that
  /// `isPlainChunk` lets through, ended by two line feeds; only why a choice finished does not
  /// matter. Nil where anything else is among the bytes: then they have to be looked at one by one.
  ///
  /// Nearly every read of a stream is such an event, so this is what most of a relayed stream
  /// costs: one pass that looks for ends of lines and for names at the same time.
  public static func plainEvents(_ events: ByteView) -> Int? {
    var eventCount = 0
    var start = 0
    while start < events.count {
      guard events[start..<events.count].starts(with: "data: "),
        let end = plainLine(events, from: start &+ 6)
      else { return nil }
      eventCount &+= 1
      start = end &+ 2
    }
    return eventCount > 0 ? eventCount : nil
  }

  /// The place of the two line feeds that end a line of JSON with nothing in it to see; nil if it
  /// does not end so.
  @inline(__always)
  private static func plainLine(_ events: ByteView, from start: Int) -> Int? {
    var index = start
    var hasUsage = false
    while true {
      // SAFETY: `start` is not behind the end of the view, nor is a place after a mark.
      unsafe index = ck_find_event_mark(events.base, index, events.count)
      guard index &+ 1 < events.count else { return nil }
      guard events[index] == 0x22 else {
        let isEnd = events[index] == 0x0a && events[index &+ 1] == 0x0a
        return isEnd && index > start && events[index &- 1] == 0x7d ? index : nil
      }
      index &+= 1
      let name = events[index..<events.count]
      if name.starts(with: "usage\"") {
        guard !hasUsage, isPlainNull(name.dropFirst(6)) else { return nil }
        hasUsage = true
      } else if name.starts(with: "error\"") {
        return nil
      }
    }
  }

  /// Whether `null` follows as it is written nearly always. What is written otherwise is not plain.
  @inline(__always)
  private static func isPlainNull(_ rest: ByteView) -> Bool {
    rest.starts(with: ":null") || rest.starts(with: ": null")
  }
}
