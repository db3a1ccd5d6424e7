// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import Foundation

/// Exit codes of all commands.
enum ExitCodes {
  /// Findings in what the command is about, failed tests, differences.
  static let findings = ExitCode(1)
  /// The command could not run: a file cannot be read, policies that it needs have errors.
  static let cannotRun = ExitCode(2)
}

/// Writes to standard output and standard error.
enum Console {
  static func out(_ text: String) {
    FileHandle.standardOutput.write(Data(text.utf8))
  }

  static func line(_ text: String) { out(text + "\n") }

  static func error(_ text: String) {
    FileHandle.standardError.write(Data((text + "\n").utf8))
  }

  /// Whether standard output is a terminal that shows colours.
  static var hasColor: Bool { hasColor(descriptor: 1) }

  /// Whether standard error is one.
  static var errorHasColor: Bool { hasColor(descriptor: 2) }

  private static func hasColor(descriptor: Int32) -> Bool {
    let environment = ProcessInfo.processInfo.environment
    return isatty(descriptor) == 1 && environment["NO_COLOR"] == nil
      && environment["TERM"] != "dumb"
  }

  /// Says why the command cannot go on, and ends it.
  static func fail(_ message: String) -> ExitCode {
    error("policyc: \(message)")
    return ExitCodes.cannotRun
  }

  /// Shows the findings that keep the command from going on, and ends it.
  ///
  /// - Parameter code: `ExitCodes.findings` where the sources are what the command is about.
  static func fail(
    _ diagnostics: [Diagnostic], _ sources: SourceFiles, code: ExitCode = ExitCodes.cannotRun
  ) -> ExitCode {
    error(DiagnosticRenderer(sources: sources).text(diagnostics, color: errorHasColor))
    error("policyc: \(DiagnosticRenderer.summary(diagnostics))")
    return code
  }
}
