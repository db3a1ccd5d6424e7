// SPDX-License-Identifier: MIT

/// Collects findings about a JSON document. A place is named by its JSON pointer (RFC 6901), since
/// values carry no positions; `located` finds it in the text.
package struct JSONProblems {
  package private(set) var diagnostics: [Diagnostic] = []
  /// The pointers of the findings.
  private var pointers: [String] = []

  package init() {}

  package mutating func error(
    _ code: DiagnosticCode, _ message: String, at path: JSONPath, help: String? = nil
  ) {
    guard diagnostics.count < CedarLimits.diagnosticsMax else { return }
    // The whole document needs no place.
    let place = path.text.isEmpty ? "" : " at `\(path.text)`"
    diagnostics.append(Diagnostic(.error, code, message + place, help: help))
    pointers.append(path.text)
  }

  /// The findings with their places in the text.
  package func located(in source: String, file: UInt16) -> [Diagnostic] {
    guard !diagnostics.isEmpty else { return [] }
    let places = JSONPlaces(source, file: file)
    return zip(diagnostics, pointers).map { finding, pointer in
      Diagnostic(
        finding.severity, finding.code, finding.message, labels: [.init(places.span(pointer))],
        help: finding.help)
    }
  }

  package mutating func shape(_ expected: String, _ found: CedarJSON?, at path: JSONPath) {
    let what = found?.kindDescription ?? "nothing"
    error(.jsonShape, "expected \(expected), found \(what)", at: path)
  }

  /// The members of an object, without duplicates; nil with a complaint when it is no object.
  package mutating func object(
    _ json: CedarJSON?, _ what: String, at path: JSONPath, allowed: [String]? = nil
  ) -> [CedarJSON.Member]? {
    guard let members = json?.object else {
      shape(what, json, at: path)
      return nil
    }
    var seen: Set<ExactString> = []
    for member in members {
      if !seen.insert(ExactString(member.key)).inserted {
        error(.jsonDuplicateKey, "the key `\(member.key)` occurs twice", at: path)
      }
      if let allowed, !allowed.contains(member.key) {
        error(
          .jsonUnknownKey, "unknown key `\(member.key)`", at: path,
          help: Suggestion.help(member.key, allowed)
            ?? "the keys here are \(allowed.map { "`\($0)`" }.joined(separator: ", "))")
      }
    }
    return members
  }

  package mutating func string(
    _ json: CedarJSON?, _ what: String, at path: JSONPath
  ) -> String? {
    if let value = json?.string { return value }
    shape(what, json, at: path)
    return nil
  }

  package mutating func array(
    _ json: CedarJSON?, _ what: String, at path: JSONPath
  ) -> [CedarJSON]? {
    if let value = json?.array { return value }
    shape(what, json, at: path)
    return nil
  }

  /// A possibly qualified name; reserved words are refused.
  package mutating func name(
    _ json: CedarJSON?, at path: JSONPath, allowOwnNamespace: Bool = false
  ) -> Name? {
    guard let text = string(json, "a name", at: path) else { return nil }
    if let name = Name(parsing: text, allowOwnNamespace: allowOwnNamespace) { return name }
    error(
      .jsonInvalidName, "`\(text)` is not a name", at: path,
      help: "a name is identifiers joined by `::`, none of them a reserved word")
    return nil
  }
}

/// A place in a JSON document.
package struct JSONPath {
  package let text: String

  package static let root = JSONPath(text: "")

  private init(text: String) {
    self.text = text
  }

  /// The place of a pointer.
  init(at pointer: String) {
    text = pointer
  }

  package subscript(key: String) -> JSONPath {
    var escaped = ""
    for scalar in key.unicodeScalars {
      switch scalar {
      case "~": escaped += "~0"
      case "/": escaped += "~1"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return JSONPath(text: text + "/" + escaped)
  }

  package subscript(index: Int) -> JSONPath { JSONPath(text: "\(text)/\(index)") }
}

extension Name {
  /// Reads `A::B` without blanks; nil when it is not a name.
  package init?(parsing text: String, allowOwnNamespace: Bool = false) {
    var components: [String] = []
    var rest = Substring(text)
    while true {
      let end = rest.utf8.firstIndex(of: UInt8(ascii: ":")) ?? rest.endIndex
      let component = String(rest[..<end])
      guard Words.isPlainIdentifier(component),
        allowOwnNamespace || component != Words.ownNamespace
      else { return nil }
      components.append(component)
      rest = rest[end...]
      if rest.isEmpty { break }
      guard rest.hasPrefix("::") else { return nil }
      rest = rest.dropFirst(2)
    }
    self.init(components)
  }
}
