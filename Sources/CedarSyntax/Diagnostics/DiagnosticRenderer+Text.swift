// SPDX-License-Identifier: MIT

extension DiagnosticRenderer {
  /// For people: message, file, line and column, the source line with the place underlined, the
  /// label and the cure.
  ///
  ///     error[CEDAR0053]: there is no function `dcimal`
  ///      --> policies/budget.cedar:3:8
  ///       |
  ///     3 | when { dcimal("1.0") };
  ///       |        ^^^^^^
  ///       = help: did you mean `decimal`?
  ///
  /// - Parameter color: Whether to use ANSI colours.
  public func text(_ diagnostics: [Diagnostic], color: Bool = false) -> String {
    let style = Style(color: color)
    return diagnostics.map { text($0, style) }.joined(separator: "\n")
  }

  struct Style {
    let color: Bool

    func paint(_ text: String, _ code: String) -> String {
      color && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
    }

    func severity(_ severity: Diagnostic.Severity, _ text: String) -> String {
      switch severity {
      case .error: paint(text, "1;31")
      case .warning: paint(text, "1;33")
      case .note: paint(text, "1;36")
      }
    }

    func bold(_ text: String) -> String { paint(text, "1") }
    func frame(_ text: String) -> String { paint(text, "34") }
  }

  private func text(_ diagnostic: Diagnostic, _ style: Style) -> String {
    let head = style.severity(
      diagnostic.severity, "\(diagnostic.severity.rawValue)[\(diagnostic.code)]")
    var result = "\(head)\(style.bold(": \(diagnostic.message)"))\n"
    let places = diagnostic.labels.map { (place($0.span), $0.text) }
    let width = places.map { String($0.0?.line ?? 1).utf8.count }.max() ?? 1
    let gutter = String(repeating: " ", count: width)
    for (position, (place, label)) in places.enumerated() {
      guard let place else { continue }
      let arrow = position == 0 ? "-->" : ":::"
      result +=
        "\(gutter)\(style.frame(arrow)) \(place.file.name):\(place.line):\(place.column)\n"
      result += snippet(
        place, label, width, style,
        underline: position == 0
          ? { style.severity(diagnostic.severity, $0) } : { style.frame($0) },
        mark: position == 0 ? "^" : "-")
    }
    if let help = diagnostic.help {
      result += "\(gutter) \(style.frame("=")) \(style.bold("help")): \(help)\n"
    }
    return result
  }

  /// The first line of a span with its underline.
  private func snippet(
    _ place: Place, _ label: String, _ width: Int, _ style: Style,
    underline: (String) -> String, mark: String
  ) -> String {
    let gutter = String(repeating: " ", count: width)
    let number = String(place.line)
    let padded = String(repeating: " ", count: width - number.utf8.count) + number
    let line = place.file.line(place.line)
    let scalars = Array(line.unicodeScalars)
    let from = min(place.column - 1, scalars.count)
    let to = place.endLine == place.line ? min(place.endColumn - 1, scalars.count) : scalars.count
    // A tab stays a tab above and below, so that the marks stand where the text does.
    let indent = scalars[..<from].map { $0 == "\t" ? "\t" : " " }.joined()
    let marks = String(repeating: mark, count: max(1, to - from))
    var result = "\(gutter) \(style.frame("|"))\n"
    result += "\(style.frame("\(padded) |")) \(line)\n"
    result += "\(gutter) \(style.frame("|")) \(indent)\(underline(marks))"
    if !label.isEmpty { result += " \(underline(label))" }
    return result + "\n"
  }
}
