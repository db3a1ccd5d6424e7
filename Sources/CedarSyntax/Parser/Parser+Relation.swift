// SPDX-License-Identifier: MIT

extension Parser {
  /// A sum, optionally in one relation: the relations do not associate.
  mutating func relation() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    let left = try sum()
    guard let found = try relationTail(left, start) else { return left }
    if atRelation {
      cursor.error(
        .ambiguousOperators, "relations do not chain", cursor.span(cursor.current),
        "a second relation", help: "put parentheses around one of them")
      // Read the rest of the chain so that what follows is still checked.
      while atRelation {
        cursor.take()
        _ = try sum()
      }
    }
    return .expression(found)
  }

  private var atRelation: Bool {
    switch cursor.current.kind {
    case .equal, .notEqual, .less, .lessOrEqual, .greater, .greaterOrEqual, .singleEqual: true
    case .identifier:
      cursor.atWord("in") || cursor.atWord("has") || cursor.atWord("like") || cursor.atWord("is")
    default: false
    }
  }

  private mutating func relationTail(
    _ left: Operand, _ start: Int
  ) throws(SyntaxFailure) -> Expression? {
    if let (relation, _) = takeRelation() {
      let first = try resolve(left)
      let second = try resolve(try sum())
      return try make(comparison(relation, first, second), from: start)
    }
    guard cursor.current.kind == .identifier else { return nil }
    if cursor.atWord("has") {
      cursor.take()
      let target = try resolve(left)
      return try make(.has(target, try hasOperand()), from: start)
    }
    if cursor.atWord("like") {
      cursor.take()
      let target = try resolve(left)
      return try make(.like(target, try pattern()), from: start)
    }
    if cursor.atWord("is") {
      cursor.take()
      let target = try resolve(left)
      let type = try isOperand()
      guard cursor.atWord("in") else {
        return try make(.isType(target, type, in: nil), from: start)
      }
      cursor.take()
      let container = try resolve(try sum())
      return try make(.isType(target, type, in: container), from: start)
    }
    return nil
  }

  /// A comparison that has a decimal literal on a side is the dialect's.
  private func comparison(
    _ relation: Expression.Relation, _ left: Expression, _ right: Expression
  ) -> Expression.Kind {
    switch relation {
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      if case .decimal = left.kind { return .decimalComparison(relation, left, right) }
      if case .decimal = right.kind { return .decimalComparison(relation, left, right) }
    case .equal, .notEqual, .in: break
    }
    return .relation(relation, left, right)
  }

  /// Takes a relational operator; `=` is taken for `==` with a complaint.
  mutating func takeRelation() -> (relation: Expression.Relation, token: Token)? {
    let token = cursor.current
    let relation: Expression.Relation
    switch token.kind {
    case .equal: relation = .equal
    case .notEqual: relation = .notEqual
    case .less: relation = .less
    case .lessOrEqual: relation = .lessOrEqual
    case .greater: relation = .greater
    case .greaterOrEqual: relation = .greaterOrEqual
    case .singleEqual:
      relation = .equal
      cursor.error(
        .singleEqual, "`=` is not an operator", cursor.span(token), help: "write `==`",
        fix: .init(cursor.span(token), "=="))
    case .identifier where cursor.atWord("in"): relation = .in
    default: return nil
    }
    return (relation, cursor.take())
  }

  // MARK: right sides that are no expressions

  /// `IDENT{.IDENT}` or a string.
  private mutating func hasOperand() throws(SyntaxFailure) -> [AttributeName] {
    let start = cursor.current
    if let token = cursor.take(.string) {
      return [AttributeName(cursor.stringValue(token), span: cursor.span(token))]
    }
    guard start.kind == .identifier else {
      let wrong = try sum()
      return invalidHasOperand(wrong, cursor.span(from: start.start))
    }
    if cursor.peek(1).kind == .doubleColon {
      let wrong = try sum()
      return invalidHasOperand(wrong, cursor.span(from: start.start))
    }
    var path = [attributeName(cursor.take())]
    while cursor.take(.dot) != nil {
      path.append(attributeName(try cursor.expect(.identifier, "an attribute name")))
    }
    return path
  }

  private mutating func invalidHasOperand(
    _ operand: Operand, _ span: SourceSpan
  ) -> [AttributeName] {
    var help = "write the name of an attribute, or the name as a string"
    if case .name(let name) = operand {
      help = "an attribute has no namespace: write `\"\(name)\"` if that is its name"
    }
    cursor.error(
      .invalidHasOperand, "`has` takes an attribute name", span, "not an attribute name",
      help: help)
    return [AttributeName("", span: span)]
  }

  /// The name of an attribute; reserved words are refused.
  mutating func attributeName(_ token: Token) -> AttributeName {
    let text = cursor.text(token)
    let span = cursor.span(token)
    if Words.reserved.contains(text) {
      cursor.error(
        .reservedIdentifier, "`\(text)` is a reserved word", span,
        help: "write it as a string: `[\"\(text)\"]`, `has \"\(text)\"` or `{\"\(text)\": ...}`")
    }
    return AttributeName(text, span: span)
  }

  private mutating func pattern() throws(SyntaxFailure) -> Pattern {
    let start = cursor.current
    guard start.kind == .string else {
      let wrong = try sum()
      let span = cursor.span(from: start.start)
      var help = "write the pattern as a string, `*` matches anything"
      if case .expression(let expression) = wrong, case .string(let text) = expression.kind {
        help = "remove the parentheses: `\(CedarText.quoted(text))`"
      }
      cursor.error(
        .invalidLikeOperand, "`like` takes a pattern literal", span, "not a string literal",
        help: help)
      return Pattern([], span: span)
    }
    cursor.take()
    return patternValue(start)
  }

  private mutating func patternValue(_ token: Token) -> Pattern {
    var elements: [Pattern.Element] = []
    var literal = ""
    var problems: [Unescape.Problem] = []
    // An escape can produce a star, but only a bare one is the wildcard: `\x2a` unescapes to `*`
    // and is a wildcard in the reference too, which looks at the unescaped scalar.
    Unescape.walk(cursor.bytes, (token.start + 1)..<(token.end - 1)) { piece in
      switch piece {
      case .scalar("*"):
        if !literal.isEmpty { elements.append(.literal(literal)) }
        literal = ""
        elements.append(.wildcard)
      case .scalar(let scalar): literal.unicodeScalars.append(scalar)
      case .escapedStar: literal.unicodeScalars.append("*")
      }
    } problem: { problem in
      problems.append(problem)
    }
    if !literal.isEmpty { elements.append(.literal(literal)) }
    for problem in problems { cursor.reportEscape(problem) }
    return Pattern(elements, span: cursor.span(token))
  }

  /// The entity type behind `is`.
  mutating func isOperand() throws(SyntaxFailure) -> Name {
    let start = cursor.current
    let operand = try sum()
    let span = cursor.span(from: start.start)
    switch operand {
    case .name(let name): return name
    case .expression(let expression):
      // A variable's name may be a type's name as well, if it stands bare.
      if case .variable(let variable) = expression.kind, start.kind == .identifier {
        return Name([variable.rawValue], span: span)
      }
      var help = "write the type's name"
      if case .entity(let uid) = expression.kind {
        help = "write `is \(uid.type)` for the type, `== \(uid)` for the entity"
      }
      invalidIsOperand(span, help)
    case .literal(let token):
      invalidIsOperand(span, "write the type without quotes: `is \(cursor.stringValue(token))`")
    }
    return Name(["Invalid"], span: span)
  }

  private mutating func invalidIsOperand(_ span: SourceSpan, _ help: String) {
    cursor.error(
      .invalidIsOperand, "`is` takes an entity type", span, "not an entity type", help: help)
  }
}
