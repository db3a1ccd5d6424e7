// SPDX-License-Identifier: MIT

/// Text that must not stand in the repository. Each is put together here, so that this file does
/// not contain it.
struct BannedText {
  let rule: String
  let message: String
  private let text: [UInt8]
  /// Whether letters may touch it on either side.
  private let isWord: Bool

  private init(_ rule: String, _ text: String, isWord: Bool = true, message: String) {
    self.rule = rule
    self.message = message
    self.text = Array(text.utf8)
    self.isWord = isWord
  }

  private static let promise = "a promise or a stub: finish it, or say it in the issue"
  private static let machine = "a path of one machine"

  static let all: [BannedText] = [
    BannedText("leftover", "TO" + "DO", message: promise),
    BannedText("leftover", "FIX" + "ME", message: promise),
    BannedText("leftover", "X" + "XX", message: promise),
    BannedText("leftover", "for " + "now", message: promise),
    BannedText("leftover", "not " + "implemented", message: promise),
    BannedText("leftover", "un" + "implemented", message: promise),
    BannedText("leftover", "place" + "holder", message: promise),
    BannedText("leftover", "<<<" + "<<<< ", isWord: false, message: "a merge conflict"),
    BannedText("leftover", ">>>" + ">>>> ", isWord: false, message: "a merge conflict"),
    BannedText("machine-path", "/wo" + "rk/", isWord: false, message: machine),
    BannedText("machine-path", "/ro" + "ot/", isWord: false, message: machine),
    BannedText("machine-path", "/fa" + "rm/", isWord: false, message: machine),
    BannedText("machine-path", "/op" + "t/", isWord: false, message: machine),
    BannedText("wording", "white" + "list", message: "say allow-list"),
    BannedText("wording", "black" + "list", message: "say deny-list"),
  ]

  func matches(_ line: ArraySlice<UInt8>) -> Bool {
    guard line.count >= text.count else { return false }
    let last = line.endIndex - text.count
    var start = line.startIndex
    while start <= last {
      if line[start] == text[0] && matches(line, at: start) { return true }
      start += 1
    }
    return false
  }

  private func matches(_ line: ArraySlice<UInt8>, at start: Int) -> Bool {
    for (offset, byte) in text.enumerated() where line[start + offset] != byte { return false }
    let end = start + text.count
    if isWord {
      let touchesBefore = start > line.startIndex && BannedText.isLetter(line[start - 1])
      let touchesAfter = end < line.endIndex && BannedText.isLetter(line[end])
      return !touchesBefore && !touchesAfter
    }
    // A path of a machine begins a word: `docs/wo…` and `$HOME/…` are something else.
    if rule == "machine-path" && start > line.startIndex {
      let before = line[start - 1]
      return !BannedText.isLetter(before) && !"./_-})".utf8.contains(before)
    }
    return true
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
  }
}
