// SPDX-License-Identifier: MIT

internal import ModelCatalog

/// What one load carries along: the environment, and everything found wrong so far. Readers go on
/// after a problem, so that all of them are reported at once.
final class Reading {
  let environment: [String: String]
  private(set) var problems: [ConfigurationProblem] = []

  /// Problems reported at most; the rest of a hopeless file is not worth reading.
  static let problemsMaximum = 200

  init(environment: [String: String]) { self.environment = environment }

  var hasErrors: Bool { problems.contains { $0.severity == .error } }

  func report(
    _ message: String, severity: ConfigurationProblem.Severity = .error, help: String = "",
    at place: Place?, in file: SourceFile
  ) {
    guard problems.count < Self.problemsMaximum else { return }
    let line = place?.line ?? 0
    problems.append(
      ConfigurationProblem(
        severity: severity, file: file.path, line: line, column: place?.column ?? 0,
        message: message, help: help, sourceLine: Self.withoutSecrets(file.line(line))))
  }

  /// The line with an asterisk for each character of a value that may be a secret, as messages end
  /// up in logs. References to the environment are no secrets.
  static func withoutSecrets(_ line: String) -> String {
    var characters = Array(line)
    for name in ["key:", "secret:", "token:", "access_key_id:"] {
      hideValues(of: Array(name), in: &characters)
    }
    return String(characters)
  }

  private static func hideValues(of name: [Character], in characters: inout [Character]) {
    var index = 0
    while index + name.count <= characters.count {
      guard Array(characters[index..<index + name.count]) == name else {
        index += 1
        continue
      }
      index += name.count
      while index < characters.count, characters[index].isWhitespace { index += 1 }
      let rest = characters[index...]
      let end = rest.firstIndex { $0 == "," || $0 == "}" || $0 == "]" } ?? characters.count
      if rest.starts(with: "${") || rest.starts(with: "\"${") { continue }
      for place in index..<end where !characters[place].isWhitespace { characters[place] = "*" }
      index = end
    }
  }

  /// "did you mean `a` or `b`?", or nothing.
  static func suggestion(for name: String, among known: some Sequence<String>) -> String {
    let nearest = NearestNames.find(name, in: known)
    if nearest.isEmpty { return "" }
    return "did you mean " + nearest.map { "`\($0)`" }.joined(separator: " or ") + "?"
  }
}
