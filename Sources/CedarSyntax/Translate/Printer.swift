// SPDX-License-Identifier: MIT

extension Expression {
  /// The expression as Cedar text with the fewest parentheses. Reading it gives the same tree.
  public var cedarText: String {
    var printer = Printer()
    printer.print(self, at: .expression)
    return printer.text
  }
}

extension Policy {
  /// The policy as Cedar text on few lines; `formatPolicies` lays it out.
  public var cedarText: String {
    var printer = Printer()
    printer.print(self)
    return printer.text
  }
}

extension PolicySet {
  /// The policies and templates in order, separated by blank lines. Ids chosen by a JSON policy
  /// set and template links have no text form and are left out.
  public var cedarText: String {
    policies.map { $0.cedarText + "\n" }.joined(separator: "\n")
  }
}

/// Writes trees as text.
struct Printer {
  var text = ""

  /// How tightly the place where an expression stands binds.
  enum Level: Int, Comparable {
    case expression, or, and, relation, sum, product, unary, member

    static func < (left: Level, right: Level) -> Bool { left.rawValue < right.rawValue }
  }

  // MARK: policies

  mutating func print(_ policy: Policy) {
    for annotation in policy.annotations {
      text += "@\(annotation.key)"
      switch annotation.value {
      case .absent: break
      case .string(let value): text += "(\(CedarText.quoted(value)))"
      case .number(let digits): text += "(\(digits))"
      }
      text += "\n"
    }
    text += "\(policy.effect.rawValue) ("
    print(policy.principal, "principal")
    text += ", "
    print(policy.action)
    text += ", "
    print(policy.resource, "resource")
    text += ")"
    for condition in policy.conditions {
      text += "\n\(condition.kind.rawValue) { "
      print(condition.body, at: .expression)
      text += " }"
    }
    text += ";"
  }

  private mutating func print(_ constraint: ScopeConstraint, _ variable: String) {
    text += variable
    switch constraint.kind {
    case .any: break
    case .equal(let reference): text += " == \(Self.text(reference))"
    case .in(let reference): text += " in \(Self.text(reference))"
    case .is(let type): text += " is \(type)"
    case .isIn(let type, let reference): text += " is \(type) in \(Self.text(reference))"
    }
  }

  private static func text(_ reference: EntityReference) -> String {
    switch reference {
    case .entity(let uid): uid.description
    case .slot(let slot, _): slot.text
    }
  }

  private mutating func print(_ constraint: ActionConstraint) {
    text += "action"
    let spelled = { (action: ActionReference) in
      action.isShorthand ? CedarText.quoted(action.uid.id) : action.uid.description
    }
    switch constraint.kind {
    case .any: break
    case .equal(let action): text += " == \(spelled(action))"
    case .in(let action): text += " in \(spelled(action))"
    case .inSet(let actions): text += " in [\(actions.map(spelled).joined(separator: ", "))]"
    }
  }

  // MARK: expressions

  mutating func print(_ expression: Expression, at level: Level) {
    let own = Self.level(of: expression.kind)
    if own < level { text += "(" }
    printBare(expression)
    if own < level { text += ")" }
  }

  private static func level(of kind: Expression.Kind) -> Level {
    switch kind {
    case .ifThenElse: .expression
    case .or: .or
    case .and: .and
    // An extended `has` that cannot be written as a path is written as a chain of `&&`.
    case .has(_, let path) where path.count > 1 && !path.allSatisfy(\.isPlain): .and
    case .relation, .decimalComparison, .has, .like, .isType: .relation
    case .sum: .sum
    case .product: .product
    case .not, .negate: .unary
    case .long(let value): value < 0 ? .unary : .member
    case .decimal(let literal): literal.text.hasPrefix("-") ? .unary : .member
    default: .member
    }
  }

  private mutating func printBare(_ expression: Expression) {
    switch expression.kind {
    case .boolean(let value): text += value ? "true" : "false"
    case .long(let value): text += String(value)
    case .string(let value): text += CedarText.quoted(value)
    case .decimal(let literal): text += literal.text
    case .entity(let uid): text += uid.description
    case .variable(let variable): text += variable.rawValue
    case .slot(let slot): text += slot.text
    case .not, .negate: printUnary(expression)
    case .and(let operands): chain(operands, " && ", .relation)
    case .or(let operands): chain(operands, " || ", .and)
    case .product(let factors): chain(factors, " * ", .unary)
    case .sum(let first, let rest):
      print(first, at: .product)
      for term in rest {
        text += " \(term.operator.rawValue) "
        print(term.operand, at: .product)
      }
    case .ifThenElse(let condition, let then, let otherwise):
      text += "if "
      print(condition, at: .expression)
      text += " then "
      print(then, at: .expression)
      text += " else "
      print(otherwise, at: .expression)
    default: printRelationOrMember(expression)
    }
  }

  private mutating func printRelationOrMember(_ expression: Expression) {
    switch expression.kind {
    case .relation(let relation, let left, let right),
      .decimalComparison(let relation, let left, let right):
      print(left, at: .sum)
      text += " \(relation.rawValue) "
      print(right, at: .sum)
    case .has(let target, let path): printHas(target, path)
    case .like(let target, let pattern):
      print(target, at: .sum)
      text += " like \(pattern.quoted)"
    case .isType(let target, let type, let container):
      print(target, at: .sum)
      text += " is \(type)"
      if let container {
        text += " in "
        print(container, at: .sum)
      }
    case .attribute(let target, let name):
      print(target, at: .member)
      text += name.isPlain ? ".\(name.text)" : "[\(CedarText.quoted(name.text))]"
    case .method(let method, let receiver, let operands):
      print(receiver, at: .member)
      text += ".\(method.rawValue)"
      arguments(operands[...])
    case .call(let function, let operands):
      if !function.isConstructor, let receiver = operands.first {
        print(receiver, at: .member)
        text += ".\(function.rawValue)"
        arguments(operands.dropFirst())
      } else {
        text += function.rawValue
        arguments(operands[...])
      }
    case .set(let members):
      text += "["
      list(members[...])
      text += "]"
    case .record(let fields): printRecord(fields)
    default: break
    }
  }

  private mutating func chain(_ operands: [Expression], _ separator: String, _ level: Level) {
    for (position, operand) in operands.enumerated() {
      if position > 0 { text += separator }
      print(operand, at: level)
    }
  }

  /// Up to four equal signs stand together; a literal that a minus would swallow is parenthesised.
  private mutating func printUnary(_ expression: Expression) {
    var operand = expression
    var count = 0
    let sign: String
    if case .not = expression.kind { sign = "!" } else { sign = "-" }
    while count < 4 {
      switch (operand.kind, sign) {
      case (.not(let inner), "!"), (.negate(let inner), "-"): operand = inner
      default:
        return printUnaryOperand(operand, sign, count)
      }
      count += 1
    }
    printUnaryOperand(operand, sign, count)
  }

  private mutating func printUnaryOperand(_ operand: Expression, _ sign: String, _ count: Int) {
    var signs = count
    switch operand.kind {
    case .long(let value) where sign == "-" && value < 0 && count < 4:
      // `--5` is the negation of the literal -5.
      text += String(repeating: sign, count: signs) + String(value)
      return
    case .decimal(let literal) where sign == "-" && literal.text.hasPrefix("-") && count < 4:
      text += String(repeating: sign, count: signs) + literal.text
      return
    case .long, .decimal:
      guard sign == "-" else { break }
      text += String(repeating: sign, count: signs) + "("
      printBare(operand)
      text += ")"
      return
    default: break
    }
    while signs > 0 {
      text += sign
      signs -= 1
    }
    print(operand, at: .member)
  }

  private mutating func printHas(_ target: Expression, _ path: [AttributeName]) {
    if path.count == 1 || path.allSatisfy(\.isPlain) {
      print(target, at: .sum)
      let names = path.map { $0.isPlain ? $0.text : CedarText.quoted($0.text) }
      text += " has \(names.joined(separator: "."))"
      return
    }
    var prefix = target
    for (position, name) in path.enumerated() {
      if position > 0 { text += " && " }
      print(Expression(.has(prefix, [name])), at: .relation)
      prefix = Expression(.attribute(prefix, name))
    }
  }

  private mutating func arguments(_ operands: ArraySlice<Expression>) {
    text += "("
    list(operands)
    text += ")"
  }

  private mutating func list(_ operands: ArraySlice<Expression>) {
    for (position, operand) in operands.enumerated() {
      if position > 0 { text += ", " }
      print(operand, at: .expression)
    }
  }

  private mutating func printRecord(_ fields: [Expression.RecordField]) {
    text += "{"
    for (position, field) in fields.enumerated() {
      if position > 0 { text += ", " }
      text += field.name.isPlain ? field.name.text : CedarText.quoted(field.name.text)
      text += ": "
      print(field.value, at: .expression)
    }
    text += "}"
  }
}

extension AttributeName {
  /// Whether the name can be written without quotes.
  var isPlain: Bool { Words.isPlainIdentifier(text) }
}
