// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax
import PolicyCompiler

/// Everything that can be found out about policies without a request.
struct PolicyCheck {
  private(set) var sources: PolicySources
  private(set) var findings: [Diagnostic] = []

  init(_ sources: PolicySources) {
    self.sources = sources
  }

  /// Compiles, validates and lints what could be parsed.
  mutating func run(
    schema: (path: String, text: String)?, mode: ValidationMode, level: Int?
  ) {
    findings = sources.diagnostics
    let isParsed = !findings.hasErrors
    if isParsed {
      switch compilePolicies(sources.set, files: sources.files) {
      case .success(let compiled): findings += compiled.diagnostics
      case .failure(let failure): findings += failure.diagnostics
      }
    }
    if let (path, text) = schema, let number = sources.files.add(name: path, text: text) {
      let source = SchemaSource(text, path: path, file: number)
      findings += source.diagnostics
      if isParsed, let schema = source.schema {
        findings += Validator(schema: schema, mode: mode, level: level).validate(sources.set)
      }
    }
    if isParsed { addLints() }
    findings.sort { ($0.span.file, $0.span.start) < ($1.span.file, $1.span.start) }
  }

  /// Two lints say what others say better, where these name the same place: that a condition is
  /// always false, and that a priority is no number.
  private mutating func addLints() {
    let known = Set(findings.map(\.span))
    let covered: Set<DiagnosticCode> = [.conditionAlwaysFalse, .invalidAnnotationValue]
    findings += lint(sources.set).filter { !covered.contains($0.code) || !known.contains($0.span) }
  }

  /// The findings to show. Notes about style are left out unless they are asked for.
  func shown(notes: Bool) -> [Diagnostic] {
    findings.filter { notes || !Self.isStyle($0) }
  }

  private static func isStyle(_ finding: Diagnostic) -> Bool {
    finding.severity == .note && (600..<700).contains(finding.code.number)
  }

  /// Whether the policies are not to be used.
  func fails(denyingWarnings: Bool) -> Bool {
    findings.contains {
      $0.severity == .error || ($0.severity == .warning && denyingWarnings)
    }
  }

  /// "1 file, 12 policies: no findings".
  func summary(notes: Bool) -> String {
    let files = sources.paths.count
    let policies = sources.set.policies.count
    let shown = shown(notes: notes)
    let hidden = findings.count - shown.count
    return
      "\(files) file\(files == 1 ? "" : "s"), \(policies) polic\(policies == 1 ? "y" : "ies"): "
      + DiagnosticRenderer.summary(shown)
      + (hidden > 0 ? " (\(hidden) note\(hidden == 1 ? "" : "s"): --notes)" : "")
  }
}
