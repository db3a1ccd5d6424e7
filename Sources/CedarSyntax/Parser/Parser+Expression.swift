// SPDX-License-Identifier: MIT

extension Parser {
  /// A whole expression.
  mutating func expression() throws(SyntaxFailure) -> Expression {
    try resolve(try operand())
  }

  /// `if e then e else e` or a chain of `||`.
  mutating func operand() throws(SyntaxFailure) -> Operand {
    try cursor.enter()
    defer { cursor.leave() }
    if cursor.atWord("if"), cursor.peek(1).kind != .doubleColon { return try conditional() }
    return try disjunction()
  }

  private mutating func conditional() throws(SyntaxFailure) -> Operand {
    let start = cursor.take().start
    let condition = try expression()
    try expectWord("then", "`then`")
    let then = try expression()
    try expectWord("else", "`else`")
    let otherwise = try expression()
    return .expression(
      try make(.ifThenElse(condition, then: then, else: otherwise), from: start))
  }

  private mutating func expectWord(
    _ word: StaticString, _ what: String
  ) throws(SyntaxFailure) {
    guard cursor.atWord(word) else { throw cursor.unexpected(what) }
    cursor.take()
  }

  private mutating func disjunction() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    let first = try conjunction()
    guard cursor.current.kind == .or else { return first }
    var operands = [try resolve(first)]
    while cursor.take(.or) != nil { operands.append(try resolve(try conjunction())) }
    return .expression(try make(.or(operands), from: start))
  }

  private mutating func conjunction() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    let first = try relation()
    guard cursor.current.kind == .and else { return first }
    var operands = [try resolve(first)]
    while cursor.take(.and) != nil { operands.append(try resolve(try relation())) }
    return .expression(try make(.and(operands), from: start))
  }

  mutating func sum() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    let first = try product()
    guard cursor.current.kind == .plus || cursor.current.kind == .minus else { return first }
    let initial = try resolve(first)
    var rest: [Expression.Term] = []
    while cursor.current.kind == .plus || cursor.current.kind == .minus {
      let sign: Expression.Term.Operator = cursor.take().kind == .plus ? .plus : .minus
      rest.append(Expression.Term(sign, try resolve(try product())))
    }
    return .expression(try make(.sum(first: initial, rest: rest), from: start))
  }

  private mutating func product() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    let first = try unary()
    guard Self.isMultiplicative(cursor.current.kind) else { return first }
    var factors = [try resolve(first)]
    while Self.isMultiplicative(cursor.current.kind) {
      let token = cursor.take()
      if token.kind != .star {
        let what = token.kind == .slash ? "division" : "remainder"
        cursor.error(
          .unsupportedOperator, "\(what) is not supported", cursor.span(token),
          help: "multiply the other side instead, or compute the value before the request")
      }
      factors.append(try resolve(try unary()))
    }
    return .expression(try make(.product(factors), from: start))
  }

  private static func isMultiplicative(_ kind: Token.Kind) -> Bool {
    kind == .star || kind == .slash || kind == .percent
  }

  /// Up to four `!` or up to four `-` in front of a member access.
  private mutating func unary() throws(SyntaxFailure) -> Operand {
    let sign = cursor.current
    guard sign.kind == .bang || sign.kind == .minus else { return try member() }
    var count = 0
    while cursor.current.kind == sign.kind {
      cursor.take()
      count += 1
    }
    if count > 4 {
      cursor.error(
        .tooManyUnaryOperators, "too many `\(cursor.text(sign))` in a row",
        cursor.span(from: sign.start), help: "at most four may stand together")
      count = 4
    }
    if cursor.current.kind == .bang || cursor.current.kind == .minus {
      throw cursor.unexpected("an operand", help: "put parentheses around the inner operator")
    }
    if sign.kind == .minus, let literal = try negatedLiteral() {
      return .expression(try negations(literal, count - 1, sign.start))
    }
    let operand = try resolve(try member())
    return .expression(
      sign.kind == .minus
        ? try negations(operand, count, sign.start)
        : try complements(operand, count, sign.start))
  }

  private mutating func negations(
    _ operand: Expression, _ count: Int, _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    var result = operand
    for _ in 0..<max(0, count) { result = try make(.negate(result), from: start) }
    return result
  }

  private mutating func complements(
    _ operand: Expression, _ count: Int, _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    var result = operand
    for _ in 0..<count { result = try make(.not(result), from: start) }
    return result
  }

  /// A number directly behind a minus that is the whole operand: the sign belongs to the literal,
  /// so that -9223372036854775808 can be written.
  private mutating func negatedLiteral() throws(SyntaxFailure) -> Expression? {
    let token = cursor.current
    let next = cursor.peek(1).kind
    guard next != .dot, next != .leftBracket, next != .leftParenthesis else { return nil }
    let start = cursor.tokens[cursor.index - 1].start
    switch token.kind {
    case .integer:
      cursor.take()
      let span = cursor.span(from: start)
      guard let value = Int64("-" + cursor.text(token)) else {
        integerTooLarge(token)
        return Expression(.long(0), span: span)
      }
      return Expression(.long(value), span: span)
    case .decimal:
      cursor.take()
      return decimal("-" + cursor.text(token), cursor.span(from: start))
    default: return nil
    }
  }

  mutating func integerTooLarge(_ token: Token) {
    cursor.error(
      .integerTooLarge, "the integer `\(cursor.text(token))` is too large", cursor.span(token),
      help: "integers reach from -9223372036854775808 to 9223372036854775807")
  }

  /// A dialect decimal literal, or a complaint about it.
  mutating func decimal(_ text: String, _ span: SourceSpan) -> Expression {
    guard dialect else {
      cursor.error(
        .dialectOnly, "decimal literals belong to the routing dialect", span,
        help: "write `decimal(\"\(text)\")`", fix: .init(span, "decimal(\"\(text)\")"))
      return Expression(.long(0), span: span)
    }
    guard let literal = DecimalLiteral(text) else {
      cursor.error(
        .invalidDecimalLiteral, "`\(text)` is not a decimal", span,
        help: "a decimal has 1 to 4 digits behind the point and lies between "
          + "-922337203685477.5808 and 922337203685477.5807")
      return Expression(.long(0), span: span)
    }
    return Expression(.decimal(literal), span: span)
  }
}
