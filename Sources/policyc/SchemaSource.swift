// SPDX-License-Identifier: MIT

import CedarSchema
import CedarSyntax

/// A schema as it was read, in either syntax.
struct SchemaSource {
  let document: SchemaDocument
  /// Nil when there is an error.
  let schema: Schema?
  let diagnostics: [Diagnostic]

  /// - Parameters:
  ///   - file: The number of the file that findings name.
  ///   - format: What the text holds; nil goes by the name of the file.
  init(_ text: String, path: String, file: UInt16, format: SourceFormat? = nil) {
    var findings: [Diagnostic]
    if format.map({ $0 == .json }) ?? path.hasSuffix(".json") {
      (document, findings) = parseSchemaDocumentJSON(text, file: file)
    } else {
      (document, findings) = parseSchemaDocument(text, file: file)
    }
    var resolved: Schema?
    if !findings.hasErrors {
      let (schema, problems) = document.resolved()
      resolved = schema
      findings += problems
    }
    schema = resolved
    // The resolver knows no places in JSON.
    let placed = findings.map { $0.span == .none ? $0.moved(to: file) : $0 }
    // `action a, b …` makes two declarations whose mistakes are the same.
    diagnostics = placed.enumerated().filter { !placed[..<$0.offset].contains($0.element) }
      .map(\.element)
  }
}

extension Files {
  /// The schema of a file; nil without a file.
  ///
  /// - Throws: an exit code, after showing every error.
  static func schema(_ path: String?, format: SourceFormat? = nil) throws -> Schema? {
    guard let path else { return nil }
    var sources = SourceFiles()
    let text = try self.text(path)
    _ = sources.add(name: name(path), text: text)
    let source = SchemaSource(text, path: path, file: 0, format: format)
    guard let schema = source.schema else { throw Console.fail(source.diagnostics, sources) }
    return schema
  }
}

extension Diagnostic {
  /// The finding without a place at the beginning of a file.
  fileprivate func moved(to file: UInt16) -> Diagnostic {
    let place = SourceSpan(start: 0, end: 0, file: file)
    return Diagnostic(severity, code, message, labels: [Label(place)], help: help)
  }
}
