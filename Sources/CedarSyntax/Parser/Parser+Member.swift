// SPDX-License-Identifier: MIT

extension Parser {
  /// A primary with its chain of `.name`, `.name(…)`, `["name"]` and `(…)`.
  mutating func member() throws(SyntaxFailure) -> Operand {
    let start = cursor.current.start
    var head = try primary()
    while true {
      switch cursor.current.kind {
      case .dot: head = .expression(try field(of: head, start))
      case .leftBracket: head = .expression(try index(of: head, start))
      case .leftParenthesis: head = .expression(try call(of: head, start))
      default: return head
      }
    }
  }

  // MARK: .name and .name(…)

  private mutating func field(
    of head: Operand, _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    cursor.take()
    let token = try cursor.expect(.identifier, "the name of an attribute or method")
    let name = attributeName(token)
    let isCall = cursor.current.kind == .leftParenthesis
    let receiver: Expression
    if case .name(let type) = head {
      nameHasNoMembers(type, ".\(name.text)", cursor.span(from: start))
      receiver = Expression(.boolean(false), span: type.span)
    } else {
      receiver = try resolve(head)
    }
    guard isCall else { return try make(.attribute(receiver, name), from: start) }
    let arguments = try arguments()
    return try methodCall(receiver, name, arguments, start)
  }

  private mutating func nameHasNoMembers(_ name: Name, _ access: String, _ span: SourceSpan) {
    let nearest =
      name.components.count == 1 ? Suggestion.nearest(name.basename, Words.variables) : nil
    cursor.error(
      .nameHasNoMembers, "`\(name)` has no attributes or methods", span,
      help: nearest.map { "did you mean `\($0)\(access)`?" }
        ?? "the variables are `principal`, `action`, `resource` and `context`",
      fix: nearest.map { .init(name.span, $0) })
  }

  private mutating func methodCall(
    _ receiver: Expression, _ name: AttributeName, _ arguments: [Expression], _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    if let method = Expression.Method(rawValue: name.text) {
      if arguments.count != method.argumentCount {
        wrongArgumentCount(name.text, method.argumentCount, arguments.count, start)
      }
      return try make(.method(method, receiver, arguments), from: start)
    }
    if let function = ExtensionFunction(rawValue: name.text) {
      if function.isConstructor {
        cursor.error(
          .functionCalledAsMethod, "`\(name.text)` is a function, not a method", name.span,
          help: "write `\(name.text)(...)`")
      }
      return try make(.call(function, [receiver] + arguments), from: start)
    }
    let nearest = Suggestion.nearest(name.text, Words.methods)
    cursor.error(
      .unknownMethod, "there is no method `\(name.text)`", name.span,
      help: nearest.map { "did you mean `\($0)`?" }
        ?? "the methods are \(Words.methods.map { "`\($0)`" }.joined(separator: ", "))",
      fix: nearest.map { .init(name.span, $0) })
    return receiver
  }

  private mutating func wrongArgumentCount(
    _ name: String, _ expected: Int, _ found: Int, _ start: Int
  ) {
    let noun = expected == 1 ? "argument" : "arguments"
    cursor.error(
      .wrongArgumentCount, "`\(name)` takes \(expected) \(noun), not \(found)",
      cursor.span(from: start))
  }

  // MARK: [...]

  private mutating func index(
    of head: Operand, _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    cursor.take()
    let from = cursor.current.start
    let operand = try operand()
    let span = cursor.span(from: from)
    try cursor.expect(.rightBracket, "`]`")
    var name = AttributeName("", span: span)
    if case .literal(let token) = operand {
      name = AttributeName(cursor.stringValue(token), span: span)
    } else {
      var help = "write the attribute's name as a string literal"
      if case .name(let wrong) = operand { help = "write `[\"\(wrong)\"]`" }
      cursor.error(
        .invalidIndex, "an index is a string literal", span, "not a string literal", help: help)
    }
    if case .name(let type) = head {
      nameHasNoMembers(type, "[...]", cursor.span(from: start))
      return Expression(.boolean(false), span: cursor.span(from: start))
    }
    return try make(.attribute(try resolve(head), name), from: start)
  }

  // MARK: name(…)

  private mutating func arguments() throws(SyntaxFailure) -> [Expression] {
    try cursor.expect(.leftParenthesis, "`(`")
    var result: [Expression] = []
    while cursor.current.kind != .rightParenthesis {
      result.append(try expression())
      if cursor.take(.comma) == nil { break }
    }
    try cursor.expect(.rightParenthesis, "an operator, `,` or `)`")
    return result
  }

  private mutating func call(
    of head: Operand, _ start: Int
  ) throws(SyntaxFailure) -> Expression {
    let headSpan = cursor.span(from: start)
    let arguments = try arguments()
    let failed = Expression(.boolean(false), span: headSpan)
    guard case .name(let name) = head else {
      var message = "this cannot be called, only functions and methods can"
      if case .expression(let expression) = head, case .variable(let variable) = expression.kind {
        message = "the variable `\(variable.rawValue)` cannot be called"
      }
      cursor.error(.notCallable, message, headSpan)
      return failed
    }
    if name.components.count == 1 {
      if let function = ExtensionFunction(rawValue: name.basename), function.isConstructor {
        return try make(.call(function, arguments), from: start)
      }
      if Words.methods.contains(name.basename) {
        cursor.error(
          .methodCalledAsFunction, "`\(name)` is a method, not a function", name.span,
          help: "write `x.\(name)(...)`")
        return failed
      }
    }
    let nearest = Suggestion.nearest(name.description, Words.functions)
    cursor.error(
      .unknownFunction, "there is no function `\(name)`", name.span,
      help: nearest.map { "did you mean `\($0)`?" }
        ?? "the functions are `ip`, `decimal`, `datetime` and `duration`",
      fix: nearest.map { .init(name.span, $0) })
    return failed
  }
}
