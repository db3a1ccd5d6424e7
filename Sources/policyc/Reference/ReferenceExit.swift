// SPDX-License-Identifier: MIT

import ArgumentParser
import CedarSyntax
import Foundation

/// Exit codes of the commands that the reference's command line (cedar 4.12) has as well, so that
/// scripts move over unchanged: 0 success, 1 failure, 2 a denied request, 3 invalid policies.
enum ReferenceExit {
  static let failure = ExitCode(1)
  static let deny = ExitCode(2)
  static let invalid = ExitCode(3)

  /// Runs a command; "cannot run" becomes the reference's failure.
  static func run(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let code as ExitCode where code == ExitCodes.cannotRun {
      throw failure
    }
  }
}

/// The reference's `--error-format`.
enum ErrorFormat: String, CaseIterable, ExpressibleByArgument {
  case human
  case plain
  case json

  /// What the reference's environment variable asks for where there is no option.
  static var ambient: ErrorFormat {
    ProcessInfo.processInfo.environment["CEDAR_ERROR_FORMAT"].flatMap(ErrorFormat.init) ?? .human
  }

  /// Shows findings on standard error.
  func show(_ findings: [Diagnostic], _ sources: SourceFiles) {
    guard !findings.isEmpty else { return }
    let renderer = DiagnosticRenderer(sources: sources)
    switch self {
    case .human: Console.error(renderer.text(findings, color: Console.errorHasColor))
    case .plain: Console.error(renderer.text(findings))
    case .json: Console.error(renderer.json(findings))
    }
  }
}
