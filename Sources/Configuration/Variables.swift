// SPDX-License-Identifier: MIT

/// `${NAME}` and `${NAME:-default}` in configuration texts; `$$` is one dollar sign. As in a
/// shell, an empty variable counts as unset when there is a default, and here also when there is
/// none: an empty key is never what was meant.
enum Variables {
  struct Expansion {
    var text: String
    /// Names without a value and without a default.
    var missing: [String] = []
    /// Whether any variable was replaced.
    var isExpanded = false
  }

  enum Fault: Error {
    case unterminated
    case invalidName(String)
  }

  static func expand(_ text: String, _ environment: [String: String]) throws(Fault) -> Expansion {
    var result = Expansion(text: "")
    var rest = Substring(text)
    while let dollar = rest.firstIndex(of: "$") {
      result.text += rest[..<dollar]
      rest = rest[rest.index(after: dollar)...]
      if rest.first == "$" {
        result.text += "$"
        rest = rest.dropFirst()
      } else if rest.first == "{" {
        guard let close = rest.firstIndex(of: "}") else { throw .unterminated }
        let inside = rest[rest.index(after: rest.startIndex)..<close]
        rest = rest[rest.index(after: close)...]
        try expand(variable: inside, environment, into: &result)
      } else {
        result.text += "$"
      }
    }
    result.text += rest
    return result
  }

  private static func expand(
    variable inside: Substring, _ environment: [String: String], into result: inout Expansion
  ) throws(Fault) {
    var name = inside
    var defaultValue: Substring?
    if let separator = inside.firstRange(of: ":-") {
      name = inside[..<separator.lowerBound]
      defaultValue = inside[separator.upperBound...]
    }
    guard isName(name) else { throw .invalidName(String(name)) }
    result.isExpanded = true
    let value = environment[String(name)] ?? ""
    if !value.isEmpty {
      result.text += value
    } else if let defaultValue {
      result.text += defaultValue
    } else {
      result.missing.append(String(name))
    }
  }

  /// A text that is `$NAME` and nothing else, as a shell would expand it and this does not.
  static func bareName(in text: String) -> String? {
    guard text.first == "$", isName(text.dropFirst()), text == text.uppercased() else { return nil }
    return text
  }

  /// A name such as `OPENAI_API_KEY`, which nobody would take for a secret.
  static func isTypical(_ name: Substring) -> Bool {
    name.utf8.contains(0x5f) && name.utf8.allSatisfy { $0 == 0x5f || (0x41...0x5a).contains($0) }
  }

  private static func isName(_ name: Substring) -> Bool {
    guard let first = name.utf8.first, first == 0x5f || isLetter(first) else { return false }
    return name.utf8.allSatisfy { $0 == 0x5f || isLetter($0) || (0x30...0x39).contains($0) }
  }

  private static func isLetter(_ byte: UInt8) -> Bool {
    (0x41...0x5a).contains(byte) || (0x61...0x7a).contains(byte)
  }
}
