// SPDX-License-Identifier: MIT

extension Parser {
  struct Scope {
    var principal = ScopeConstraint.any
    var action = ActionConstraint.any
    var resource = ScopeConstraint.any
  }

  /// `principal…, action…, resource…[,]` up to the closing parenthesis.
  mutating func scope(open: Token) throws(SyntaxFailure) -> Scope {
    var scope = Scope()
    let order: [Expression.Variable] = [.principal, .action, .resource]
    var position = 0
    inScope = true
    defer { inScope = false }
    while cursor.current.kind != .rightParenthesis {
      let expected = position < order.count ? order[position] : nil
      let element = try scopeElement(expected)
      switch expected {
      case .principal: scope.principal = entityConstraint(element, .principal)
      case .action: scope.action = actionConstraint(element)
      case .resource: scope.resource = entityConstraint(element, .resource)
      default:
        cursor.error(
          .extraScopeElement, "a scope has three elements, this is one more", element.span,
          help: "move the condition into a `when` clause")
      }
      position += 1
      if cursor.take(.comma) == nil { break }
    }
    if cursor.current.kind == .rightParenthesis, position < order.count {
      let missing = order[position].rawValue
      cursor.error(
        .missingScopeVariable, "the scope lacks `\(missing)`", cursor.span(from: open.start),
        "expected `\(missing)` here",
        help: "a scope is `principal, action, resource`, in this order")
    }
    return scope
  }

  /// One element as written, before its meaning is checked.
  struct ScopeElement {
    var type: Name?
    var isSpan: SourceSpan?
    var relation: Expression.Relation?
    var operand: Operand?
    var operandSpan = SourceSpan.none
    var span = SourceSpan.none
  }

  private mutating func scopeElement(
    _ expected: Expression.Variable?
  ) throws(SyntaxFailure) -> ScopeElement {
    var element = ScopeElement()
    let variable = try cursor.expect(
      .identifier, expected.map { "`\($0.rawValue)`" } ?? "`)`")
    if let expected, cursor.text(variable) != expected.rawValue {
      wrongVariable(variable, expected)
    }
    if cursor.take(.colon) != nil {
      let name = try name()
      cursor.error(
        .scopeTypeAnnotation, "a type behind `:` is not supported", name.span,
        help: "write `\(cursor.text(variable)) is \(name)`")
    }
    if cursor.atWord("is") {
      let keyword = cursor.take()
      element.isSpan = cursor.span(keyword)
      element.type = try isOperand()
    }
    if let relation = takeRelation() {
      element.relation = relation.relation
      let start = cursor.current.start
      element.operand = try operand()
      element.operandSpan = cursor.span(from: start)
      checkScopeOperator(&element, relation.token)
    }
    element.span = cursor.span(from: variable.start)
    return element
  }

  private mutating func wrongVariable(_ token: Token, _ expected: Expression.Variable) {
    let found = cursor.text(token)
    let isVariable = Words.variables.contains(found)
    cursor.error(
      .wrongScopeVariable,
      isVariable
        ? "found `\(found)` where `\(expected.rawValue)` must stand"
        : "`\(found)` is not a variable of a scope",
      cursor.span(token), "expected `\(expected.rawValue)`",
      help: isVariable
        ? "a scope is `principal, action, resource`, in this order"
        : Suggestion.help(found, [expected.rawValue]))
  }

  private mutating func checkScopeOperator(_ element: inout ScopeElement, _ token: Token) {
    let relation = element.relation
    if relation != .equal && relation != .in {
      cursor.error(
        .invalidScopeOperator, "`\(cursor.text(token))` cannot stand in a scope",
        cursor.span(token), "expected `==`, `in` or `is`",
        help: "move the condition into a `when` clause")
      element.operand = nil
    } else if relation == .equal, element.type != nil {
      cursor.error(
        .invalidScopeOperator, "`is` cannot be joined with `==`", cursor.span(token),
        help: "`== Type::\"id\"` already fixes the type: remove `is` and its type")
      element.operand = nil
    }
  }

  // MARK: principal and resource

  private mutating func entityConstraint(
    _ element: ScopeElement, _ slot: Slot
  ) -> ScopeConstraint {
    let reference = element.operand.flatMap { entityReference($0, element.operandSpan, slot) }
    let kind: ScopeConstraint.Kind =
      switch (element.type, reference, element.relation) {
      case (let type?, let reference?, _): .isIn(type, reference)
      case (let type?, nil, _): .is(type)
      case (nil, let reference?, .equal): .equal(reference)
      case (nil, let reference?, _): .in(reference)
      case (nil, nil, _): .any
      }
    return ScopeConstraint(kind, span: element.span)
  }

  private mutating func entityReference(
    _ operand: Operand, _ span: SourceSpan, _ slot: Slot
  ) -> EntityReference? {
    guard case .expression(let expression) = operand else {
      invalidOperand(operand, span, "an entity or `\(slot.text)`", isAction: false)
      return nil
    }
    switch expression.kind {
    case .entity(let uid): return .entity(uid)
    case .slot(slot): return .slot(slot, expression.span)
    case .slot(let other):
      cursor.error(
        .misplacedSlot, "`\(other.text)` cannot stand for the \(slot.rawValue)", expression.span,
        help: "write `\(slot.text)`", fix: .init(expression.span, slot.text))
    default: invalidOperand(operand, span, "an entity or `\(slot.text)`", isAction: false)
    }
    return nil
  }

  private mutating func invalidOperand(
    _ operand: Operand, _ span: SourceSpan, _ expected: String, isAction: Bool
  ) {
    var help: String?
    switch operand {
    case .name(let name) where isAction: help = "name the action: `\(name)::\"...\"`"
    case .name(let name):
      help = "write `is \(name)` to test the type, or name the entity: `\(name)::\"...\"`"
    case .literal where isAction && !dialect:
      help = "write `Action::\(cursor.text(at: span))`"
    case .literal: help = "put the type in front: `User::\(cursor.text(at: span))`"
    case .expression(let expression):
      if case .set = expression.kind, !isAction {
        help = "only `action in [...]` takes a list; use `||` in a `when` clause"
      }
    }
    cursor.error(
      .invalidScopeOperand, "expected \(expected) in the scope", span, "expected \(expected)",
      help: help)
  }

  // MARK: action

  private mutating func actionConstraint(_ element: ScopeElement) -> ActionConstraint {
    if let span = element.isSpan {
      cursor.error(
        .invalidScopeOperator, "`is` cannot stand in the scope of the action", span,
        help: "write `action in [...]`")
      return ActionConstraint(.any, span: element.span)
    }
    guard let operand = element.operand else { return ActionConstraint(.any, span: element.span) }
    if case .expression(let expression) = operand, case .set(let members) = expression.kind {
      if element.relation == .equal {
        cursor.error(
          .invalidScopeOperand, "`action ==` takes one action", element.operandSpan,
          help: "write `action in [...]`")
      }
      let actions = members.compactMap { action(.expression($0), $0.span) }
      return ActionConstraint(.inSet(actions), span: element.span)
    }
    guard let action = action(operand, element.operandSpan) else {
      return ActionConstraint(.any, span: element.span)
    }
    return ActionConstraint(
      element.relation == .equal ? .equal(action) : .in(action), span: element.span)
  }

  private mutating func action(_ operand: Operand, _ span: SourceSpan) -> ActionReference? {
    switch operand {
    case .literal(let token) where dialect:
      return shorthand(cursor.stringValue(token), span)
    case .expression(let expression):
      switch expression.kind {
      case .string(let id) where dialect: return shorthand(id, span)
      case .entity(let uid):
        guard uid.type.basename == "Action" else {
          cursor.error(
            .invalidActionType, "an action has the type `Action`, not `\(uid.type)`", uid.span,
            help: "write `Action::\(CedarText.quoted(uid.id))`")
          return nil
        }
        return ActionReference(uid)
      case .slot(let slot):
        cursor.error(
          .misplacedSlot, "`\(slot.text)` cannot stand for the action", span,
          help: "templates have slots for the principal and the resource only")
        return nil
      default: break
      }
    default: break
    }
    invalidOperand(operand, span, "an action or a list of actions", isAction: true)
    return nil
  }

  private func shorthand(_ id: String, _ span: SourceSpan) -> ActionReference {
    ActionReference(
      EntityUID(type: Name(["Action"], span: span), id: id, span: span), isShorthand: true)
  }
}

extension TokenCursor {
  /// The source that a span covers.
  package func text(at span: SourceSpan) -> String {
    String(decoding: bytes[Int(span.start)..<Int(span.end)], as: UTF8.self)
  }
}
