// SPDX-License-Identifier: MIT

extension DiagnosticRenderer {
  /// An array of findings: `{severity, code, message, help?, labels: [{file, line, column, endLine,
  /// endColumn, offset, length, text}], fix?: {file, offset, length, replacement}}`.
  public func json(_ diagnostics: [Diagnostic]) -> String {
    CedarJSON.array(diagnostics.map(json)).prettyText + "\n"
  }

  private func json(_ diagnostic: Diagnostic) -> CedarJSON {
    var members: [CedarJSON.Member] = [
      .init("severity", .string(diagnostic.severity.rawValue)),
      .init("code", .string(diagnostic.code.description)),
      .init("message", .string(diagnostic.message)),
    ]
    if let help = diagnostic.help { members.append(.init("help", .string(help))) }
    members.append(.init("labels", .array(diagnostic.labels.compactMap(json))))
    if let fix = diagnostic.fix, let place = place(fix.span) {
      members.append(
        .init(
          "fix",
          .members(
            ("file", .string(place.file.name)), ("offset", .integer(Int64(fix.span.start))),
            ("length", .integer(Int64(fix.span.count))), ("replacement", .string(fix.replacement))
          )))
    }
    return .object(members)
  }

  private func json(_ label: Diagnostic.Label) -> CedarJSON? {
    guard let place = place(label.span) else { return nil }
    return .members(
      ("file", .string(place.file.name)), ("line", .integer(Int64(place.line))),
      ("column", .integer(Int64(place.column))), ("endLine", .integer(Int64(place.endLine))),
      ("endColumn", .integer(Int64(place.endColumn))),
      ("offset", .integer(Int64(label.span.start))),
      ("length", .integer(Int64(label.span.count))), ("text", .string(label.text)))
  }
}
