// SPDX-License-Identifier: MIT

/// What an operand turned out to be, before it is known how it is used: a name may still become a
/// function or a type, a string literal a pattern or an attribute.
enum Operand {
  case expression(Expression)
  /// A name that is no variable.
  case name(Name)
  /// A string literal, escapes not yet resolved.
  case literal(Token)
}

extension Parser {
  /// Uses an operand as an expression.
  mutating func resolve(_ operand: Operand) throws(SyntaxFailure) -> Expression {
    switch operand {
    case .expression(let expression): return expression
    case .literal(let token):
      return Expression(.string(cursor.stringValue(token)), span: cursor.span(token))
    case .name(let name):
      unknownVariable(name)
      return Expression(.boolean(false), span: name.span)
    }
  }

  private mutating func unknownVariable(_ name: Name) {
    var help = "the variables are `principal`, `action`, `resource` and `context`"
    var fix: Diagnostic.Fix?
    if name.components.count > 1, name.basename.first?.isLowercase == true {
      let quoted =
        "\(name.namespace.joined(separator: "::"))::\(CedarText.quoted(name.basename))"
      help = "the id of an entity stands in quotes: `\(quoted)`"
      fix = .init(name.span, quoted)
    } else if name.components.count > 1 {
      help = "an entity is written `\(name)::\"id\"`, an attribute `\(name.components[0]).name`"
    } else if let nearest = Suggestion.nearest(name.basename, Words.variables) {
      help = "did you mean `\(nearest)`?"
      fix = .init(name.span, nearest)
    } else if name.basename.first?.isUppercase == true {
      help = "an entity is written `\(name)::\"id\"`"
    } else {
      help = "did you mean the string `\"\(name)\"`, or an attribute such as `context.\(name)`?"
    }
    cursor.error(
      .unknownVariable, "`\(name)` is not a variable", name.span, help: help, fix: fix)
  }
}
