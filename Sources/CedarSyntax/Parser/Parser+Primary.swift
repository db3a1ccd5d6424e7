// SPDX-License-Identifier: MIT

extension Parser {
  mutating func primary() throws(SyntaxFailure) -> Operand {
    let token = cursor.current
    switch token.kind {
    case .integer:
      cursor.take()
      guard let value = Int64(cursor.text(token)) else {
        integerTooLarge(token)
        return .expression(Expression(.long(0), span: cursor.span(token)))
      }
      return .expression(Expression(.long(value), span: cursor.span(token)))
    case .decimal:
      cursor.take()
      return .expression(decimal(cursor.text(token), cursor.span(token)))
    case .string:
      cursor.take()
      return .literal(token)
    case .slot: return .expression(slot(cursor.take()))
    case .leftParenthesis:
      cursor.take()
      let inner = try expression()
      try cursor.expect(.rightParenthesis, "an operator or `)`")
      return .expression(inner)
    case .leftBracket: return .expression(try set())
    case .leftBrace: return .expression(try record())
    case .identifier: return try nameOperand()
    default: throw cursor.unexpected("an expression")
    }
  }

  private mutating func slot(_ token: Token) -> Expression {
    let text = cursor.text(token)
    let span = cursor.span(token)
    guard let slot = Slot(rawValue: String(text.dropFirst())) else {
      cursor.error(
        .unknownSlot, "`\(text)` is not a slot", span,
        help: "the slots are `?principal` and `?resource`")
      return Expression(.boolean(false), span: span)
    }
    if !inScope {
      cursor.error(
        .misplacedSlot, "slots cannot stand in a condition", span,
        help: "slots stand in the scope only; here write `\(slot.rawValue)`")
    }
    return Expression(.slot(slot), span: span)
  }

  private mutating func set() throws(SyntaxFailure) -> Expression {
    let start = cursor.take().start
    var members: [Expression] = []
    while cursor.current.kind != .rightBracket {
      members.append(try expression())
      if cursor.take(.comma) == nil { break }
    }
    try cursor.expect(.rightBracket, "an operator, `,` or `]`")
    return try make(.set(members), from: start)
  }

  // MARK: records

  private mutating func record() throws(SyntaxFailure) -> Expression {
    try cursor.enter()
    defer { cursor.leave() }
    let start = cursor.take().start
    var fields: [Expression.RecordField] = []
    var seen: [AttributeName: SourceSpan] = [:]
    while cursor.current.kind != .rightBrace {
      let name = try recordKey()
      try cursor.expect(.colon, "`:`")
      let value = try expression()
      if let name {
        if let first = seen.updateValue(name.span, forKey: name) { duplicateKey(name, first) }
        fields.append(Expression.RecordField(name, value))
      }
      if cursor.take(.comma) == nil { break }
    }
    try cursor.expect(.rightBrace, "an operator, `,` or `}`")
    return try make(.record(fields), from: start)
  }

  private mutating func duplicateKey(_ name: AttributeName, _ first: SourceSpan) {
    cursor.report(
      Diagnostic(
        .error, .duplicateRecordKey, "the key `\(name.text)` stands twice in this record",
        labels: [.init(name.span, "again here"), .init(first, "first here")],
        help: "keep one of them"))
  }

  /// A key: an identifier or a string. Nil after a complaint about something else.
  private mutating func recordKey() throws(SyntaxFailure) -> AttributeName? {
    let token = cursor.current
    if cursor.peek(1).kind == .colon {
      if token.kind == .identifier { return attributeName(cursor.take()) }
      if token.kind == .string {
        cursor.take()
        return AttributeName(cursor.stringValue(token), span: cursor.span(token))
      }
    }
    _ = try operand()
    cursor.error(
      .invalidRecordKey, "a record key is an identifier or a string",
      cursor.span(from: token.start), help: "write the key as a string literal")
    return nil
  }

  // MARK: names

  private mutating func nameOperand() throws(SyntaxFailure) -> Operand {
    let start = cursor.current
    if cursor.peek(1).kind != .doubleColon {
      let word = cursor.text(start)
      if let constant = word == "true" ? true : word == "false" ? false : nil {
        cursor.take()
        return .expression(Expression(.boolean(constant), span: cursor.span(start)))
      }
      if let variable = Expression.Variable(rawValue: word) {
        cursor.take()
        return .expression(Expression(.variable(variable), span: cursor.span(start)))
      }
      if word == "if" {
        throw cursor.unexpected("an operand", help: "put parentheses around the `if`")
      }
    }
    let name = try name()
    guard cursor.current.kind == .doubleColon else { return .name(name) }
    cursor.take()
    if let token = cursor.take(.string) {
      let id = cursor.stringValue(token)
      return .expression(
        Expression(
          .entity(EntityUID(type: name, id: id, span: cursor.span(from: start.start))),
          span: cursor.span(from: start.start)))
    }
    guard cursor.current.kind == .leftBrace else {
      throw cursor.unexpected("an entity id such as `\"alice\"`")
    }
    _ = try record()
    cursor.error(
      .invalidEntityLiteral, "an entity is named by a string, not by a record",
      cursor.span(from: start.start), help: "write `\(name)::\"id\"`")
    return .expression(Expression(.boolean(false), span: cursor.span(from: start.start)))
  }

  /// `IDENT{::IDENT}`. Reserved words and `__cedar` are complained about.
  mutating func name() throws(SyntaxFailure) -> Name {
    let start = cursor.current.start
    var components = [nameComponent(try cursor.expect(.identifier, "a name"))]
    while cursor.current.kind == .doubleColon, cursor.peek(1).kind == .identifier {
      cursor.take()
      components.append(nameComponent(cursor.take()))
    }
    return Name(components, span: cursor.span(from: start))
  }

  private mutating func nameComponent(_ token: Token) -> String {
    let text = cursor.text(token)
    if Words.reserved.contains(text) || text == Words.ownNamespace {
      cursor.error(
        .reservedIdentifier, "`\(text)` is reserved and cannot be part of a name",
        cursor.span(token), help: "choose another name")
    }
    return text
  }
}
