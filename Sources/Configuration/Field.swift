// SPDX-License-Identifier: MIT

/// A value in a file together with its place, read as what is wanted or reported.
struct Field {
  let node: Node
  let file: SourceFile
  let reading: Reading
  /// What messages call it: the key it stands under.
  let name: String

  var place: Place { node.place }

  /// What the node is, in the words of messages.
  var kind: String {
    switch node {
    case .scalar(let scalar):
      isNull ? "nothing" : isSecret ? "a text" : "`\(Self.shown(scalar.string))`"
    case .mapping: "a mapping"
    case .sequence: "a list"
    }
  }

  /// Whether it is a text that messages must not repeat.
  var isSecret: Bool {
    guard case .scalar = node else { return false }
    return file.secrets?.begin(at: place) ?? true
  }

  /// The text as messages repeat it: as it is written, since a variable's value may be a secret
  /// that was meant for another field.
  func written(countMaximum: Int = 200) -> String {
    guard case .scalar(let scalar) = node, !isSecret else { return "…" }
    return Self.shown(scalar.string, countMaximum: countMaximum)
  }

  /// A value as messages repeat it: its beginning, without what may be secret in it.
  static func shown(_ text: String, countMaximum: Int = 40) -> String {
    String(SecretMask.applied(to: text).prefix(countMaximum))
  }

  /// An empty value, `~` or `null`.
  var isNull: Bool {
    guard case .scalar(let scalar) = node, scalar.isPlain else { return false }
    return ["", "~", "null"].contains(scalar.string)
  }

  func report(
    _ message: String, severity: ConfigurationProblem.Severity = .error, help: String = ""
  ) {
    reading.report(message, severity: severity, help: help, at: place, in: file)
  }

  private func reportForm(_ form: String) {
    report("`\(name)` must be \(form), found \(kind)")
  }

  /// The text with its variables replaced. A variable without a value is reported.
  func text(_ form: String = "a text") -> String? {
    guard let expansion = expansion(form) else { return nil }
    for variable in expansion.missing {
      report(
        "environment variable `\(variable)` is not set",
        help: "set it, or give a default: `${\(variable):-…}`")
    }
    if let name = Variables.bareName(in: expansion.text), !expansion.isExpanded {
      // A secret may begin with a dollar sign.
      let isNamed = !isSecret || Variables.isTypical(name.dropFirst())
      let (shown, bare) = isNamed ? ("`\(name)`", name.dropFirst()) : ("`$…`", "…")
      report(
        "\(shown) is taken as it stands: it is no variable", severity: .notice,
        help: "write `${\(bare)}` for the variable, `$$\(bare)` for this text")
    }
    return expansion.missing.isEmpty ? expansion.text : nil
  }

  /// The text with its variables replaced and those that have no value named, unreported.
  func expansion(_ form: String = "a text") -> Variables.Expansion? {
    guard case .scalar(let scalar) = node, !isNull else {
      reportForm(form)
      return nil
    }
    do {
      return try Variables.expand(scalar.string, reading.environment)
    } catch {
      switch error {
      case .unterminated:
        report("`${` without its closing `}`", help: "write `$$` for a dollar sign")
      case .invalidName(let name):
        let shown = isSecret ? "…" : name
        report("`${\(shown)}` does not name an environment variable")
      }
      return nil
    }
  }

  /// Text that is not quoted, unless it came out of a variable: `"8080"` is no number.
  private func plain(_ form: String) -> String? {
    guard case .scalar(let scalar) = node, !isNull else {
      reportForm(form)
      return nil
    }
    if !scalar.isPlain, !scalar.string.contains("${") {
      reportForm(form + " without quotes")
      return nil
    }
    return text(form)
  }

  func integer(_ range: ClosedRange<Int64>) -> Int64? {
    let form = "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let text = plain(form) else { return nil }
    guard let value = Quantity.digits(text.filter { $0 != "_" }), range.contains(value) else {
      reportForm(form)
      return nil
    }
    return value
  }

  func boolean() -> Bool? {
    guard let text = plain("`true` or `false`") else { return nil }
    switch text {
    case "true": return true
    case "false": return false
    default:
      reportForm("`true` or `false`")
      return nil
    }
  }

  /// A value that `parse` understands; `form` says which those are.
  func parsed<Value>(_ form: String, _ parse: (String) -> Value?) -> Value? {
    guard let text = text(form) else { return nil }
    guard let value = parse(text) else {
      reportForm(form)
      return nil
    }
    return value
  }

  /// One of `names`, or a report with the nearest, else with `otherwise`.
  func choice(_ names: [String], otherwise: (String) -> String = { _ in "" }) -> String? {
    guard let text = text() else { return nil }
    if names.contains(text) { return text }
    let listed = names.map { "`\($0)`" }.joined(separator: ", ")
    let known = otherwise(text)
    let shown = isSecret ? "" : " `\(written(countMaximum: 40))`, which is"
    report(
      "`\(name)` is\(shown) none of \(listed)",
      help: known.isEmpty ? Reading.suggestion(for: text, among: names) : known)
    return nil
  }

  /// The elements of a list.
  func list() -> [Field] {
    guard case .sequence(let elements, _) = node else {
      reportForm("a list")
      return []
    }
    return elements.map { Field(node: $0, file: file, reading: reading, name: name) }
  }

  func texts() -> [(text: String, field: Field)] {
    list().compactMap { element in element.text().map { ($0, element) } }
  }
}
