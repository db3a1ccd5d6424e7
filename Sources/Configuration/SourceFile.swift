// SPDX-License-Identifier: MIT

/// A file that was read, and the lines that problems show.
struct SourceFile {
  let path: String
  let lines: [Substring]

  init(path: String, text: String) {
    self.path = path
    lines = text.split(separator: "\n", omittingEmptySubsequences: false)
  }

  /// The text of a line, counted from 1; empty when there is none.
  func line(_ number: Int) -> String {
    guard number >= 1, number <= lines.count else { return "" }
    return String(lines[number - 1].prefix { $0 != "\r" })
  }

  /// `name`, taken relative to this file's folder.
  func resolve(_ name: String) -> String {
    if name.hasPrefix("/") { return name }
    guard let slash = path.lastIndex(of: "/") else { return name }
    return path[...slash] + name
  }
}
