// SPDX-License-Identifier: MIT

extension Expression {
  /// The expression in Cedar's JSON policy format; dialect forms are desugared.
  ///
  /// Chains are left folds of binary operators. A chain of `&&` or `||` longer than `chainMax` is
  /// folded in groups, which means the same and keeps the depth of the JSON bounded.
  public var json: CedarJSON {
    switch kind {
    case .boolean(let value): Self.value(.bool(value))
    case .long(let value): Self.value(.integer(value))
    case .string(let value): Self.value(.string(value))
    case .decimal(let literal): Expression(.decimal(literal)).desugared().json
    case .decimalComparison: desugared().json
    case .entity(let uid): Self.value(.members(("__entity", uid.json)))
    case .variable(let variable): .members(("Var", .string(variable.rawValue)))
    case .slot(let slot): .members(("Slot", .string(slot.text)))
    case .not(let operand): .members(("!", .members(("arg", operand.json))))
    case .negate(let operand): .members(("neg", .members(("arg", operand.json))))
    case .and(let operands): Self.chain("&&", operands.map(\.json))
    case .or(let operands): Self.chain("||", operands.map(\.json))
    case .product(let factors): Self.fold("*", factors.map(\.json))
    case .sum(let first, let rest):
      rest.reduce(first.json) {
        Self.binary($1.operator.rawValue, $0, $1.operand.json)
      }
    case .relation(let relation, let left, let right):
      Self.binary(relation.rawValue, left.json, right.json)
    default: memberJSON
    }
  }

  private var memberJSON: CedarJSON {
    switch kind {
    case .ifThenElse(let condition, let then, let otherwise):
      return .members(
        (
          "if-then-else",
          .members(("if", condition.json), ("then", then.json), ("else", otherwise.json))
        ))
    case .has(let target, let path): return Self.has(target.json, path)
    case .like(let target, let pattern):
      return .members(
        ("like", .members(("left", target.json), ("pattern", pattern.json))))
    case .isType(let target, let type, let container):
      var members: [CedarJSON.Member] = [
        .init("left", target.json), .init("entity_type", .string(type.description)),
      ]
      if let container { members.append(.init("in", container.json)) }
      return .members(("is", .object(members)))
    case .attribute(let target, let name):
      return .members((".", .members(("left", target.json), ("attr", .string(name.text)))))
    case .method(.isEmpty, let receiver, _):
      return .members(("isEmpty", .members(("arg", receiver.json))))
    case .method(let method, let receiver, let arguments):
      return Self.binary(method.rawValue, receiver.json, arguments.first?.json ?? .null)
    case .call(let function, let arguments):
      return .members((function.rawValue, .array(arguments.map(\.json))))
    case .set(let members): return .members(("Set", .array(members.map(\.json))))
    case .record(let fields):
      return .members(
        ("Record", .object(fields.map { CedarJSON.Member($0.name.text, $0.value.json) })))
    default: return .null
    }
  }

  private static func value(_ json: CedarJSON) -> CedarJSON { .members(("Value", json)) }

  private static func binary(
    _ name: String, _ left: CedarJSON, _ right: CedarJSON
  ) -> CedarJSON {
    .members((name, .members(("left", left), ("right", right))))
  }

  private static func fold(_ name: String, _ operands: [CedarJSON]) -> CedarJSON {
    operands.dropFirst().reduce(operands[0]) { binary(name, $0, $1) }
  }

  /// Operands folded as one left spine.
  private static let chainMax = 256

  private static func chain(_ name: String, _ operands: [CedarJSON]) -> CedarJSON {
    guard operands.count > chainMax else { return fold(name, operands) }
    let groups = stride(from: 0, to: operands.count, by: chainMax).map {
      fold(name, Array(operands[$0..<min($0 + chainMax, operands.count)]))
    }
    return chain(name, groups)
  }

  /// A path is written out as the chain it stands for, as the reference does.
  private static func has(_ target: CedarJSON, _ path: [AttributeName]) -> CedarJSON {
    var prefix = target
    var steps: [CedarJSON] = []
    for name in path {
      let operands = CedarJSON.members(("left", prefix), ("attr", .string(name.text)))
      steps.append(.members(("has", operands)))
      prefix = .members((".", operands))
    }
    return chain("&&", steps)
  }
}

extension Pattern {
  /// `["Wildcard", {"Literal": "a"}, …]`, one element a scalar.
  var json: CedarJSON {
    .array(
      elements.flatMap { element -> [CedarJSON] in
        switch element {
        case .wildcard: [.string("Wildcard")]
        case .literal(let text):
          text.unicodeScalars.map { .members(("Literal", .string(String($0)))) }
        }
      })
  }
}
