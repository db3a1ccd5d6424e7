// SPDX-License-Identifier: MIT

extension DiagnosticRenderer {
  /// GitHub workflow commands, one line a finding:
  /// `::error file=…,line=…,col=…,endLine=…,endColumn=…,title=CEDAR0053::message`.
  public func github(_ diagnostics: [Diagnostic]) -> String {
    diagnostics.map { diagnostic in
      let command = diagnostic.severity == .note ? "notice" : diagnostic.severity.rawValue
      var properties: [String] = []
      if let label = diagnostic.labels.first, let place = place(label.span) {
        properties = [
          "file=\(Self.property(place.file.name))", "line=\(place.line)", "col=\(place.column)",
          "endLine=\(place.endLine)", "endColumn=\(place.endColumn)",
        ]
      }
      properties.append("title=\(diagnostic.code)")
      var message = diagnostic.message
      if let help = diagnostic.help { message += "\nhelp: \(help)" }
      return "::\(command) \(properties.joined(separator: ","))::\(Self.data(message))\n"
    }.joined()
  }

  /// Escapes the text of a command.
  private static func data(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "%": result += "%25"
      case "\r": result += "%0D"
      case "\n": result += "%0A"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// Escapes the value of a property.
  private static func property(_ text: String) -> String {
    var result = ""
    for scalar in data(text).unicodeScalars {
      switch scalar {
      case ":": result += "%3A"
      case ",": result += "%2C"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
