// SPDX-License-Identifier: MIT

internal import Bytes
internal import JSON

/// Pieces of an answer come in frames of JSON that differ in one text and nothing else. What stands
/// around that text is compared with the frame before, and only the text itself is read: a frame
/// that is told by this means what the other one meant, but for the text.
///
/// It holds while the decoder's state would take the frame in the same way; whatever changes that
/// calls `forget`.
struct RepeatedFrame {
  /// Servers that put a count or a time into each frame are not compared with for ever.
  private static let lessonsMaximum = 8

  /// Up to the text's opening quote, and from its closing quote on.
  private var before: [UInt8] = []
  private var after: [UInt8] = []
  /// Learnt since a frame was told last.
  private var lessons = 0
  private var memory: [UInt8] = []
  /// Which of several answers the frame is of.
  private(set) var choice = 0

  mutating func forget() {
    before.removeAll(keepingCapacity: true)
    lessons = 0
  }

  /// Remembers a frame that was parsed.
  ///
  /// - Parameter text: of a parsed copy of the frame's data, so that it has its place there; any
  ///   other teaches nothing.
  mutating func learn(_ data: ByteView, _ text: JSONText, choice: Int = 0) {
    let (start, end) = (text.escaped.startIndex, text.escaped.endIndex)
    guard lessons < Self.lessonsMaximum, start > 0, end < data.count,
      data[start - 1] == 0x22, data[end] == 0x22,
      text.escaped.indices.allSatisfy({ text.escaped[$0] == data[$0] })
    else { return }
    lessons += 1
    self.choice = choice
    Self.set(&before, data.prefix(start))
    Self.set(&after, data.dropFirst(end))
  }

  /// The text of a frame that is the one before but for that; nil for any other.
  mutating func text(in data: ByteView) -> JSONText? {
    guard !before.isEmpty, data.count >= before.count + after.count,
      Self.equal(data.prefix(before.count), before)
    else { return nil }
    guard let end = JSONString.contentsEnd(in: data, from: before.count),
      Self.equal(data.dropFirst(end), after)
    else { return nil }
    lessons = 0
    Self.set(&memory, data[before.count..<end])
    return JSONText(escaped: memory[...])
  }

  private static func set(_ bytes: inout [UInt8], _ view: ByteView) {
    bytes.removeAll(keepingCapacity: true)
    unsafe bytes.append(contentsOf: UnsafeBufferPointer(start: view.base, count: view.count))
  }

  private static func equal(_ view: ByteView, _ bytes: [UInt8]) -> Bool {
    unsafe bytes.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return view.isEmpty }
      return unsafe view.equals(ByteView(base: base, count: buffer.count))
    }
  }
}
