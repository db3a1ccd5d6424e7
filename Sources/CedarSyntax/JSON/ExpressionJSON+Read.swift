// SPDX-License-Identifier: MIT

extension PolicyJSONReader {
  /// One node: an object with exactly one key. Recursion is bounded because JSON nesting is.
  mutating func expression(_ json: CedarJSON, at path: JSONPath) -> Expression? {
    guard let members = json.object, members.count == 1 else {
      problems.shape("an expression (an object with one key)", json, at: path)
      return nil
    }
    let key = members[0].key
    let value = members[0].value
    let place = path[key]
    let kind = leaf(key, value, at: place) ?? inner(key, value, at: place)
    guard let kind else { return nil }
    let node = Expression(kind)
    guard node.depth <= CedarLimits.depthMax else {
      problems.error(
        .jsonTooDeep, "an expression more than \(CedarLimits.depthMax) levels deep", at: path)
      return nil
    }
    return node
  }

  private mutating func leaf(
    _ key: String, _ value: CedarJSON, at path: JSONPath
  ) -> Expression.Kind? {
    switch key {
    case "Value": return literal(value, at: path)?.kind
    case "Var":
      guard let name = problems.string(value, "a variable", at: path) else { return nil }
      if let variable = Expression.Variable(rawValue: name) { return .variable(variable) }
      problems.error(
        .unknownVariable, "`\(name)` is not a variable", at: path,
        help: Suggestion.help(name, Words.variables))
      return nil
    case "Slot":
      problems.error(
        .misplacedSlot, "slots cannot stand in a condition", at: path,
        help: "slots stand in the scope only")
      return nil
    case "Unknown":
      problems.error(.jsonInvalidValue, "unknowns are not supported", at: path)
      return nil
    default: return nil
    }
  }

  private mutating func inner(
    _ key: String, _ value: CedarJSON, at path: JSONPath
  ) -> Expression.Kind? {
    switch key {
    case "Value", "Var", "Slot", "Unknown": return nil
    case "!": return operand(value, "arg", at: path).map { .not($0) }
    case "neg": return operand(value, "arg", at: path).map { .negate($0) }
    case "isEmpty": return operand(value, "arg", at: path).map { .method(.isEmpty, $0, []) }
    case "&&", "||", "*": return chain(key, value, at: path)
    case "+", "-": return sum(key, value, at: path)
    case "==", "!=", "<", "<=", ">", ">=", "in":
      guard let relation = Expression.Relation(rawValue: key),
        let (left, right) = operands(value, at: path)
      else { return nil }
      return .relation(relation, left, right)
    case "contains", "containsAll", "containsAny", "getTag", "hasTag":
      guard let method = Expression.Method(rawValue: key),
        let (left, right) = operands(value, at: path)
      else { return nil }
      return .method(method, left, [right])
    case ".":
      guard let left = operand(value, "left", at: path, with: ["attr"]),
        let name = problems.string(value["attr"], "a string", at: path["attr"])
      else { return nil }
      return .attribute(left, AttributeName(name))
    case "has": return has(value, at: path)
    case "like": return like(value, at: path)
    case "is": return isType(value, at: path)
    case "if-then-else": return conditional(value, at: path)
    case "Set":
      guard let members = list(value, at: path) else { return nil }
      return .set(members)
    case "Record": return record(value, at: path)
    default: return call(key, value, at: path)
    }
  }

  // MARK: operands

  mutating func operand(
    _ json: CedarJSON, _ key: String, at path: JSONPath, with others: [String] = []
  ) -> Expression? {
    guard problems.object(json, "operands", at: path, allowed: [key] + others) != nil else {
      return nil
    }
    guard let operand = json[key] else {
      problems.shape("an expression", nil, at: path[key])
      return nil
    }
    return expression(operand, at: path[key])
  }

  private mutating func operands(
    _ json: CedarJSON, at path: JSONPath
  ) -> (Expression, Expression)? {
    let left = operand(json, "left", at: path, with: ["right"])
    guard let second = json["right"] else {
      problems.shape("an expression", nil, at: path["right"])
      return nil
    }
    guard let right = expression(second, at: path["right"]), let left else { return nil }
    return (left, right)
  }

  private mutating func list(_ json: CedarJSON, at path: JSONPath) -> [Expression]? {
    guard let elements = problems.array(json, "an array of expressions", at: path) else {
      return nil
    }
    let read = elements.enumerated().compactMap { expression($0.element, at: path[$0.offset]) }
    return read.count == elements.count ? read : nil
  }

  /// The left spine of equal operators becomes one n-ary node, as in text.
  private mutating func chain(
    _ key: String, _ value: CedarJSON, at path: JSONPath
  ) -> Expression.Kind? {
    var rights: [(CedarJSON, JSONPath)] = []
    let first = spine([key], value, at: path) { _, right, place in rights.append((right, place)) }
    guard let first else { return nil }
    var operands = [first]
    for (json, place) in rights.reversed() {
      guard let operand = expression(json, at: place) else { return nil }
      operands.append(operand)
    }
    switch key {
    case "&&": return .and(operands)
    case "||": return .or(operands)
    default: return .product(operands)
    }
  }

  private mutating func sum(
    _ key: String, _ value: CedarJSON, at path: JSONPath
  ) -> Expression.Kind? {
    var rights: [(String, CedarJSON, JSONPath)] = []
    let first = spine(["+", "-"], value, startingWith: key, at: path) {
      rights.append(($0, $1, $2))
    }
    guard let first else { return nil }
    var terms: [Expression.Term] = []
    for (sign, json, place) in rights.reversed() {
      guard let operand = expression(json, at: place) else { return nil }
      terms.append(Expression.Term(sign == "+" ? .plus : .minus, operand))
    }
    return .sum(first: first, rest: terms)
  }

  /// Walks down the left sides while they are one of `keys`, giving each right side to `body`
  /// (outermost first), and reads the leftmost operand.
  private mutating func spine(
    _ keys: [String], _ value: CedarJSON, startingWith key: String? = nil, at path: JSONPath,
    _ body: (String, CedarJSON, JSONPath) -> Void
  ) -> Expression? {
    var key = key ?? keys[0]
    var value = value
    var path = path
    while true {
      guard problems.object(value, "operands", at: path, allowed: ["left", "right"]) != nil,
        let left = value["left"], let right = value["right"]
      else {
        problems.shape("`left` and `right`", value, at: path)
        return nil
      }
      body(key, right, path["right"])
      path = path["left"]
      guard let members = left.object, members.count == 1, keys.contains(members[0].key) else {
        return expression(left, at: path)
      }
      key = members[0].key
      value = members[0].value
      path = path[key]
    }
  }
}
