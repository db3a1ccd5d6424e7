// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

extension LanguageServer {
  /// A finding with the texts that its places are in.
  struct Finding {
    let diagnostic: Diagnostic
    /// By the number of the file.
    let texts: [TextDocument]
  }

  func publishAll() {
    for document in workspace.open.values.sorted(by: { $0.path < $1.path }) {
      publishFindings(document)
    }
  }

  func publishFindings(_ document: TextDocument) {
    publish(document.uri, document.version, findings(document))
  }

  /// Everything that is found in a document's own text.
  func findings(_ document: TextDocument) -> [Finding] {
    if document.isSchema {
      let source = SchemaSource(document.text, path: document.path, file: 0)
      return source.diagnostics.map { Finding(diagnostic: $0, texts: [document]) }
    }
    guard document.isPolicy else { return [] }
    var texts = [document]
    var check = PolicyCheck(PolicySources(text: document.text, path: document.path))
    var schema: (path: String, text: String)?
    if let found = workspace.schema(for: document.path) {
      schema = (found.path, found.text)
      texts.append(found)
    }
    check.run(schema: schema, mode: .strict, level: nil)
    return check.findings.filter { $0.span.file == 0 }
      .map { Finding(diagnostic: $0, texts: texts) }
  }

  func publish(_ uri: String, _ version: Int64?, _ findings: [Finding]) {
    var members: [CedarJSON.Member] = [.init("uri", .string(uri))]
    if let version { members.append(.init("version", .integer(version))) }
    members.append(.init("diagnostics", .array(findings.map(json))))
    notify("textDocument/publishDiagnostics", .object(members))
  }

  private func json(_ finding: Finding) -> CedarJSON {
    let diagnostic = finding.diagnostic
    var message = diagnostic.message
    if let help = diagnostic.help { message += "\nhelp: \(help)" }
    let severity: Int64 =
      switch diagnostic.severity {
      case .error: 1
      case .warning: 2
      case .note: 4
      }
    var members: [CedarJSON.Member] = [
      .init("range", finding.texts[0].range(diagnostic.span)),
      .init("severity", .integer(severity)),
      .init("code", .string(diagnostic.code.description)),
      .init("source", .string("policyc")), .init("message", .string(message)),
    ]
    let related = diagnostic.labels.dropFirst().compactMap { label -> CedarJSON? in
      guard Int(label.span.file) < finding.texts.count else { return nil }
      let text = finding.texts[Int(label.span.file)]
      return .members(
        ("location", .members(("uri", .string(text.uri)), ("range", text.range(label.span)))),
        ("message", .string(label.text.isEmpty ? "see here" : label.text)))
    }
    if !related.isEmpty { members.append(.init("relatedInformation", .array(related))) }
    return .object(members)
  }
}
