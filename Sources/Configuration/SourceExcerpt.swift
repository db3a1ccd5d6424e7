// SPDX-License-Identifier: MIT

/// A source line, or the part of a long one that has the column.
public struct SourceExcerpt: Hashable, Sendable {
  /// Characters of a line that are shown at most, around the column: JSON may be on one line.
  private static let shownMaximum = 120

  public var shown: String
  /// What stands in front of a caret under the column: blanks, and tabs where the line has them.
  public var before: String

  static let none = SourceExcerpt([], column: 0)

  /// - Parameter column: counted from 1.
  init(_ line: [Unicode.Scalar], column: Int) {
    let place = min(max(column - 1, 0), line.count)
    let isLong = line.count > Self.shownMaximum
    let start = isLong ? max(0, place - Self.shownMaximum / 2) : 0
    let end = isLong ? min(line.count, start + Self.shownMaximum) : line.count
    let lead = start > 0 ? "… " : ""
    var view = String.UnicodeScalarView()
    view.append(contentsOf: line[start..<end])
    shown = lead + String(view) + (end < line.count ? " …" : "")
    before = lead.isEmpty ? "" : "  "
    for character in line[start..<place] { before += character == "\t" ? "\t" : " " }
  }
}
