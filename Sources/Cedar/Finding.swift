// SPDX-License-Identifier: MIT

import CedarSyntax

/// A finding about a text, with its place and a cure.
public struct Finding: Sendable, Equatable, CustomStringConvertible {
  /// Such as `CEDAR0405`; stable, and explained in `docs/reference/diagnostics.md`.
  public let code: String
  /// Errors keep policies from being used or from being valid; warnings do not.
  public let isError: Bool
  public let message: String
  /// What to do about it, when that is known.
  public let help: String?
  /// From 1; 0 when the finding is about no place.
  public let line: Int
  public let column: Int

  static func all(_ diagnostics: [Diagnostic], _ sources: SourceFiles) -> [Finding] {
    diagnostics.map { diagnostic in
      let place = sources.file(of: diagnostic.span)?.position(of: Int(diagnostic.span.start))
      return Finding(
        code: "\(diagnostic.code)", isError: diagnostic.severity == .error,
        message: diagnostic.message, help: diagnostic.help, line: place?.line ?? 0,
        column: place?.column ?? 0)
    }
  }

  /// `3:14: error CEDAR0405: …`.
  public var description: String {
    let place = line > 0 ? "\(line):\(column): " : ""
    let cure = help.map { " (\($0))" } ?? ""
    return "\(place)\(isError ? "error" : "warning") \(code): \(message)\(cure)"
  }
}

/// Why something could not be read: every finding, or a reason about data.
public struct CedarFailure: Error, Sendable, CustomStringConvertible {
  /// Findings about policies or a schema; empty when the reason is about data.
  public let findings: [Finding]
  /// One line for people.
  public let description: String

  init(_ diagnostics: [Diagnostic], _ sources: SourceFiles) {
    findings = Finding.all(diagnostics, sources)
    description = findings.map(\.description).joined(separator: "\n")
  }

  init(_ reason: String) {
    findings = []
    description = reason
  }
}
