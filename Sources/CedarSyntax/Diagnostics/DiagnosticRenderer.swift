// SPDX-License-Identifier: MIT

/// Shows findings to people and machines. The same findings give the same bytes.
public struct DiagnosticRenderer: Sendable {
  /// The files that spans refer to.
  public let sources: SourceFiles

  public init(sources: SourceFiles) {
    self.sources = sources
  }

  /// A span as lines and columns, both from 1, columns in Unicode scalars.
  struct Place {
    let file: SourceFile
    let span: SourceSpan
    let line: Int
    let column: Int
    let endLine: Int
    let endColumn: Int
  }

  /// Nil when the span's file is not known.
  func place(_ span: SourceSpan) -> Place? {
    guard let file = sources.file(of: span) else { return nil }
    let start = file.position(of: Int(span.start))
    let end = file.position(of: Int(span.end))
    return Place(
      file: file, span: span, line: start.line, column: start.column, endLine: end.line,
      endColumn: end.column)
  }

  /// "2 errors, 1 warning"; "no findings" when there are none.
  public static func summary(_ diagnostics: [Diagnostic]) -> String {
    let parts = Diagnostic.Severity.allCases.compactMap { severity -> String? in
      let count = diagnostics.count { $0.severity == severity }
      guard count > 0 else { return nil }
      return "\(count) \(severity.rawValue)\(count == 1 ? "" : "s")"
    }
    return parts.isEmpty ? "no findings" : parts.joined(separator: ", ")
  }
}
