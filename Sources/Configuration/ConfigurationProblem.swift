// SPDX-License-Identifier: MIT

/// Something wrong with a configuration, or worth saying about it, and where.
public struct ConfigurationProblem: Hashable, Sendable, CustomStringConvertible {
  public enum Severity: String, Hashable, Sendable {
    /// The configuration is not used.
    case error
    /// The configuration is used; the operator should know.
    case notice
  }

  public var severity: Severity
  public var file: String
  /// Counted from 1; 0 when the problem is the whole file's.
  public var line: Int
  public var column: Int
  public var message: String
  /// What would mend it; empty when nothing can be proposed.
  public var help: String
  /// Secrets in it are replaced by asterisks.
  public var sourceLine: String

  /// `file:line:column: error: message`, the source line with a caret, and the help.
  public var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    var text = "\(place): \(severity.rawValue): \(message)"
    if line > 0 {
      let number = String(line)
      let margin = String(repeating: " ", count: number.count)
      let (shown, before) = excerpt()
      text += "\n \(number) | \(shown)\n \(margin) | \(before)^"
    }
    if !help.isEmpty { text += "\n  help: \(help)" }
    return text
  }

  /// Characters of a line that are shown at most, around the column: JSON may be on one line.
  private static let shownMaximum = 120

  /// The source line, or the part of a long one that has the column, and what stands before the
  /// caret.
  private func excerpt() -> (shown: String, before: String) {
    let characters = Array(sourceLine)
    let place = min(max(column - 1, 0), characters.count)
    let isLong = characters.count > Self.shownMaximum
    let start = isLong ? max(0, place - Self.shownMaximum / 2) : 0
    let end = isLong ? min(characters.count, start + Self.shownMaximum) : characters.count
    let lead = start > 0 ? "… " : ""
    // Tabs are kept in front of the caret so that it stands under its column.
    let before = lead.map { _ in " " } + characters[start..<place].map { $0 == "\t" ? "\t" : " " }
    let shown = lead + String(characters[start..<end]) + (end < characters.count ? " …" : "")
    return (shown, before.joined())
  }
}
