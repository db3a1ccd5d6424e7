// SPDX-License-Identifier: MIT

internal import CedarSyntax

extension PolicyFinding {
  /// A finding of the compiler, with its place looked up in `files`.
  init(_ diagnostic: Diagnostic, in files: SourceFiles) {
    let file = files.file(of: diagnostic.span)
    let place = file.map { $0.position(of: Int(diagnostic.span.start)) }
    self.init(
      severity: diagnostic.severity.rawValue, code: "\(diagnostic.code)",
      message: diagnostic.message, file: file?.name ?? "", line: place?.line,
      column: place?.column, help: diagnostic.help,
      text: DiagnosticRenderer(sources: files).text([diagnostic]))
  }
}
