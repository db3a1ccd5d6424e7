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
      // Tabs are kept in front of the caret so that it stands under its column.
      let before = sourceLine.prefix(max(column - 1, 0)).map { $0 == "\t" ? "\t" : " " }
      text += "\n \(number) | \(sourceLine)\n \(margin) | \(before.joined())^"
    }
    if !help.isEmpty { text += "\n  help: \(help)" }
    return text
  }
}
