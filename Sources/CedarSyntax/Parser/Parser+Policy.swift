// SPDX-License-Identifier: MIT

extension Parser {
  /// `{annotation} effect "(" scope ")" {condition} ";"`
  mutating func policy(id: String) throws(SyntaxFailure) -> Policy {
    let start = cursor.current.start
    let annotations = try annotations()
    let effect = try effect()
    let openParenthesis = try cursor.expect(.leftParenthesis, "`(` and the scope")
    let scope = try scope(open: openParenthesis)
    try cursor.expect(.rightParenthesis, "`)` or `,`")
    var conditions: [Condition] = []
    while cursor.current.kind == .identifier, !looksLikePolicyStart {
      if let condition = try condition() { conditions.append(condition) }
    }
    try semicolon()
    return Policy(
      id: id, annotations: annotations, effect: effect, principal: scope.principal,
      action: scope.action, resource: scope.resource, conditions: conditions,
      span: cursor.span(from: start))
  }

  /// The closing semicolon. When it was forgotten and another policy follows, that one is read.
  private mutating func semicolon() throws(SyntaxFailure) {
    if cursor.take(.semicolon) != nil { return }
    guard cursor.atEnd || looksLikePolicyStart else {
      throw cursor.unexpected("`when`, `unless` or `;`")
    }
    let last = cursor.tokens[max(0, cursor.index - 1)]
    let place = SourceSpan(start: last.end, end: last.end, file: cursor.file)
    cursor.error(
      cursor.atEnd ? .unexpectedEnd : .unexpectedToken, "this policy is not closed with `;`",
      cursor.span(last), "expected `;` behind this", help: "add `;`", fix: .init(place, ";"))
  }

  private mutating func annotations() throws(SyntaxFailure) -> [Annotation] {
    var result: [Annotation] = []
    while let at = cursor.take(.at) {
      let key = try cursor.expect(.identifier, "the name of an annotation")
      let name = cursor.text(key)
      var value = Annotation.Value.absent
      var valueSpan = cursor.span(key)
      if cursor.take(.leftParenthesis) != nil {
        let start = cursor.current.start
        value = try annotationValue(key: name)
        valueSpan = cursor.span(from: start)
        try cursor.expect(.rightParenthesis, "`)`")
      }
      let annotation = Annotation(
        key: name, value: value, span: cursor.span(from: at.start), valueSpan: valueSpan)
      if let first = result.first(where: { $0.key == name }) {
        cursor.report(
          Diagnostic(
            .error, .duplicateAnnotation, "the annotation `@\(name)` is given twice",
            labels: [.init(annotation.span, "again here"), .init(first.span, "first given here")],
            help: "keep one of them"))
      }
      result.append(annotation)
    }
    return result
  }

  private mutating func annotationValue(key: String) throws(SyntaxFailure) -> Annotation.Value {
    if let token = cursor.take(.string) { return .string(cursor.stringValue(token)) }
    let start = cursor.current.start
    let negative = cursor.current.kind == .minus
    let digits = cursor.peek(negative ? 1 : 0)
    guard digits.kind == .integer || digits.kind == .decimal else {
      throw cursor.unexpected("a string", help: "write `@\(key)(\"...\")`")
    }
    if negative { cursor.take() }
    cursor.take()
    let text = (negative ? "-" : "") + cursor.text(digits)
    let span = cursor.span(from: start)
    if !dialect {
      cursor.error(
        .dialectOnly, "a number as annotation value belongs to the routing dialect", span,
        help: "write `@\(key)(\"\(text)\")`", fix: .init(span, "\"\(text)\""))
    }
    return .number(text)
  }

  private mutating func effect() throws(SyntaxFailure) -> Effect {
    guard cursor.current.kind == .identifier else {
      throw cursor.unexpected("`permit` or `forbid`")
    }
    let token = cursor.take()
    let word = cursor.text(token)
    if let effect = Effect(rawValue: word) { return effect }
    let place = cursor.span(token)
    let nearest = Suggestion.nearest(word, Words.effects)
    cursor.error(
      .invalidEffect, "`\(word)` is not an effect", place, "expected `permit` or `forbid`",
      help: nearest.map { "did you mean `\($0)`?" } ?? "a policy begins with `permit` or `forbid`",
      fix: nearest.map { .init(place, $0) })
    guard cursor.current.kind == .leftParenthesis else { throw SyntaxFailure() }
    return .permit
  }

  /// `("when" | "unless") "{" expression "}"`; nil when the keyword or the body was wrong.
  private mutating func condition() throws(SyntaxFailure) -> Condition? {
    let keyword = cursor.take()
    let word = cursor.text(keyword)
    let kind = Condition.Kind(rawValue: word)
    if kind == nil {
      let nearest = Suggestion.nearest(word, Words.conditions)
      cursor.error(
        .invalidCondition, "`\(word)` begins no condition", cursor.span(keyword),
        "expected `when`, `unless` or `;`",
        help: nearest.map { "did you mean `\($0)`?" },
        fix: nearest.map { .init(cursor.span(keyword), $0) })
      guard cursor.current.kind == .leftBrace else { throw SyntaxFailure() }
    }
    try cursor.expect(.leftBrace, "`{`")
    if cursor.take(.rightBrace) != nil {
      cursor.error(
        .emptyCondition, "the `\(word)` clause is empty", cursor.span(from: keyword.start),
        help: "write a condition between the braces or remove the clause")
      return nil
    }
    let body = try expression()
    try cursor.expect(.rightBrace, "an operator or `}`")
    return kind.map { Condition($0, body, span: cursor.span(from: keyword.start)) }
  }
}
