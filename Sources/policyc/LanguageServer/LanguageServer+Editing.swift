// SPDX-License-Identifier: MIT

import CedarSyntax

extension LanguageServer {
  // MARK: formatting

  /// One edit of the whole text, or none when nothing changes or the text has errors.
  func formatting(_ parameters: CedarJSON) -> CedarJSON {
    guard let document = document(parameters), document.isPolicy else { return .array([]) }
    let indent = parameters["options"]?["tabSize"]?.integer ?? 2
    let options = FormatOptions(indentWidth: (0...16).contains(indent) ? Int(indent) : 2)
    guard
      let text = formatPolicies(document.text, dialect: true, options: options).text,
      !CedarText.equal(text, document.text)
    else { return .array([]) }
    let whole = SourceSpan(start: 0, end: document.text.utf8.count)
    return .array([edit(document, whole, text)])
  }

  func edit(_ document: TextDocument, _ span: SourceSpan, _ text: String) -> CedarJSON {
    .members(("range", document.range(span)), ("newText", .string(text)))
  }

  // MARK: quick fixes

  /// The cures of the findings in a range.
  func codeActions(_ parameters: CedarJSON) -> CedarJSON {
    guard let document = document(parameters),
      let start = document.offset(parameters["range"]?["start"]),
      let end = document.offset(parameters["range"]?["end"])
    else { return .array([]) }
    let actions = findings(document).compactMap { finding -> CedarJSON? in
      let span = finding.diagnostic.span
      guard Int(span.start) <= end, start <= Int(span.end),
        let fix = Self.fix(finding.diagnostic, document)
      else { return nil }
      let changes = CedarJSON.object([
        .init(document.uri, .array([edit(document, fix.span, fix.replacement)]))
      ])
      return .members(
        ("title", .string(Self.title(fix, document))), ("kind", .string("quickfix")),
        ("isPreferred", .bool(finding.diagnostic.fix != nil)),
        ("edit", .members(("changes", changes))))
    }
    return .array(actions)
  }

  private static func title(_ fix: Diagnostic.Fix, _ document: TextDocument) -> String {
    let old = document.file.text(of: fix.span)
    let new = fix.replacement.split(whereSeparator: \.isNewline).joined(separator: " ")
    return old.isEmpty ? "Insert `\(new)`" : "Change `\(old)` to `\(new)`"
  }

  /// The fix of a finding, or the one that its help proposes.
  static func fix(_ diagnostic: Diagnostic, _ document: TextDocument) -> Diagnostic.Fix? {
    if let fix = diagnostic.fix { return fix }
    if diagnostic.code == .missingID {
      return .init(diagnostic.span, "@id(\"\(freshID(document))\")\n")
    }
    guard let help = diagnostic.help, help.hasPrefix("did you mean `"), help.hasSuffix("`?")
    else { return nil }
    let proposal = String(help.dropFirst("did you mean `".count).dropLast(2))
    let text = document.file.text(of: diagnostic.span)
    if Suggestion.nearest(text, [proposal]) != nil { return .init(diagnostic.span, proposal) }
    // The label covers more than the word: an annotation with its value, a string in quotes.
    let word = String(text.prefix { $0 != "(" })
    if word != text, Suggestion.nearest(word, [proposal]) != nil {
      let start = Int(diagnostic.span.start)
      return .init(SourceSpan(start: start, end: start + word.utf8.count), proposal)
    }
    let quoted = CedarText.quoted(proposal)
    return Suggestion.nearest(text, [quoted]).map { _ in .init(diagnostic.span, quoted) }
  }

  /// An id that no policy of the document has.
  private static func freshID(_ document: TextDocument) -> String {
    let taken = Set(
      parsePolicies(document.text, dialect: true).policies.policies
        .compactMap { $0.annotation("id")?.text })
    var number = 1
    while taken.contains("policy-\(number)") { number += 1 }
    return "policy-\(number)"
  }

  // MARK: symbols

  /// The policies by `@id`, or the declarations of a schema.
  func documentSymbols(_ parameters: CedarJSON) -> CedarJSON {
    guard let document = document(parameters) else { return .array([]) }
    var found: [CedarJSON] = []
    func add(_ name: String, _ detail: String, _ kind: Int64, _ span: SourceSpan) {
      found.append(
        .members(
          ("name", .string(name.isEmpty ? "(no name)" : name)), ("detail", .string(detail)),
          ("kind", .integer(kind)), ("range", document.range(span)),
          ("selectionRange", document.range(span))))
    }
    if document.isPolicy {
      for policy in parsePolicies(document.text, dialect: true).policies.policies {
        add(policy.annotation("id")?.text ?? policy.id, policy.effect.rawValue, 12, policy.span)
      }
    } else {
      for occurrence in SchemaIndex(document.text).occurrences where occurrence.isDeclaration {
        let span = occurrence.span
        switch occurrence.symbol {
        case .entityType(let name): add(name.description, "entity", 5, span)
        case .commonType(let name): add(name.description, "type", 23, span)
        case .action(let uid): add(uid.description, "action", 24, span)
        case .attribute: break
        }
      }
    }
    return .array(found)
  }
}
