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
  /// The line, or the part of a long one around the column; secrets in it are asterisks.
  public var excerpt: SourceExcerpt

  /// `file:line:column: error: message`, the source line with a caret, and the help.
  public var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    var text = "\(place): \(severity.rawValue): \(message)"
    if line > 0 {
      let number = String(line)
      let margin = String(repeating: " ", count: number.count)
      text += "\n \(number) | \(excerpt.shown)\n \(margin) | \(excerpt.before)^"
    }
    if !help.isEmpty { text += "\n  help: \(help)" }
    return text
  }
}
