// SPDX-License-Identifier: MIT

/// Words that mean something to the grammar.
package enum Words {
  /// Not usable as identifiers; attribute names that are one of them are written as strings.
  package static let reserved: Set<String> = [
    "true", "false", "if", "then", "else", "in", "is", "has", "like",
  ]
  /// The namespace the language keeps for itself.
  package static let ownNamespace = "__cedar"

  package static let effects = ["permit", "forbid"]
  package static let conditions = ["when", "unless"]
  package static let variables = ["principal", "action", "resource", "context"]
  package static let functions = ExtensionFunction.allCases.filter(\.isConstructor).map(\.rawValue)
  package static let methods =
    Expression.Method.allCases.map(\.rawValue)
    + ExtensionFunction.allCases.filter { !$0.isConstructor }.map(\.rawValue)

  /// Whether a text can stand as an attribute name without quotes.
  package static func isPlainIdentifier(_ text: String) -> Bool {
    guard let first = text.utf8.first, Lexer.isIdentifierStart(first) else { return false }
    return text.utf8.allSatisfy(Lexer.isIdentifierPart) && !reserved.contains(text)
  }
}
