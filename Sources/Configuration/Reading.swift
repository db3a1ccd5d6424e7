// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// What one load carries along: the environment, and everything found wrong so far. Readers go on
/// after a problem, so that all of them are reported at once.
final class Reading {
  let environment: [String: String]
  private(set) var problems: [ConfigurationProblem] = []
  /// The line shown last, without its secrets: JSON may have all problems on one of a megabyte.
  private var lastLine: (path: String, number: Int, isRead: Bool, masked: [Unicode.Scalar])?

  /// Problems reported at most; the rest of a hopeless file is not worth reading.
  static let problemsMaximum = 200

  init(environment: [String: String]) { self.environment = environment }

  var hasErrors: Bool { problems.contains { $0.severity == .error } }

  func report(
    _ message: String, severity: ConfigurationProblem.Severity = .error, help: String = "",
    at place: Place?, in file: SourceFile
  ) {
    guard problems.count < Self.problemsMaximum else { return }
    problems.append(
      ConfigurationProblem(
        severity: severity, file: file.path, line: place?.line ?? 0, column: place?.column ?? 0,
        message: message, help: help,
        excerpt: place.map { SourceExcerpt(masked($0.line, in: file), column: $0.column) } ?? .none)
    )
  }

  private func masked(_ number: Int, in file: SourceFile) -> [Unicode.Scalar] {
    let isRead = file.secrets != nil
    if let last = lastLine, last.number == number, last.path == file.path, last.isRead == isRead {
      return last.masked
    }
    let masked = file.maskedLine(number)
    lastLine = (file.path, number, isRead, masked)
    return masked
  }

  /// "did you mean `a` or `b`?", or nothing.
  static func suggestion(for name: String, among known: some Sequence<String>) -> String {
    let nearest = NearestNames.find(name, in: known)
    if nearest.isEmpty { return "" }
    return "did you mean " + nearest.map { "`\($0)`" }.joined(separator: " or ") + "?"
  }
}
