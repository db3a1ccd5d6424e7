// SPDX-License-Identifier: MIT

extension PolicyJSONReader {
  mutating func has(_ json: CedarJSON, at path: JSONPath) -> Expression.Kind? {
    // Here, and nowhere else among operators, the reference passes over other keys.
    guard let target = operand(json, "left", at: path, with: json.object?.map(\.key) ?? []) else {
      return nil
    }
    if case .array(let names) = json["attr"] {
      let attributes = names.compactMap(\.string).map { AttributeName($0) }
      guard attributes.count == names.count, !attributes.isEmpty else {
        problems.shape("an array of strings", json["attr"], at: path["attr"])
        return nil
      }
      return .has(target, attributes)
    }
    guard let name = problems.string(json["attr"], "a string", at: path["attr"]) else {
      return nil
    }
    return .has(target, [AttributeName(name)])
  }

  mutating func like(_ json: CedarJSON, at path: JSONPath) -> Expression.Kind? {
    guard let target = operand(json, "left", at: path, with: ["pattern"]),
      let parts = problems.array(json["pattern"], "a pattern", at: path["pattern"])
    else { return nil }
    var elements: [Pattern.Element] = []
    var literal = ""
    for (index, part) in parts.enumerated() {
      if part.string == "Wildcard" {
        if !literal.isEmpty { elements.append(.literal(literal)) }
        literal = ""
        elements.append(.wildcard)
      } else if let text = part["Literal"]?.string, part.object?.count == 1 {
        literal += text
      } else {
        problems.shape("`\"Wildcard\"` or `{\"Literal\": ...}`", part, at: path["pattern"][index])
        return nil
      }
    }
    if !literal.isEmpty { elements.append(.literal(literal)) }
    return .like(target, Pattern(elements))
  }

  mutating func isType(_ json: CedarJSON, at path: JSONPath) -> Expression.Kind? {
    guard let target = operand(json, "left", at: path, with: ["entity_type", "in"]),
      let type = problems.name(json["entity_type"], at: path["entity_type"])
    else { return nil }
    guard let container = json["in"], !container.isNull else {
      return .isType(target, type, in: nil)
    }
    guard let inside = expression(container, at: path["in"]) else { return nil }
    return .isType(target, type, in: inside)
  }

  mutating func conditional(_ json: CedarJSON, at path: JSONPath) -> Expression.Kind? {
    guard problems.object(json, "operands", at: path, allowed: ["if", "then", "else"]) != nil
    else { return nil }
    var parts: [Expression] = []
    for key in ["if", "then", "else"] {
      guard let part = json[key] else {
        problems.shape("an expression", nil, at: path[key])
        return nil
      }
      guard let expression = expression(part, at: path[key]) else { return nil }
      parts.append(expression)
    }
    return .ifThenElse(parts[0], then: parts[1], else: parts[2])
  }

  mutating func record(_ json: CedarJSON, at path: JSONPath) -> Expression.Kind? {
    guard let members = problems.object(json, "an object", at: path) else { return nil }
    var fields: [Expression.RecordField] = []
    for member in members {
      guard let value = expression(member.value, at: path[member.key]) else { return nil }
      fields.append(Expression.RecordField(AttributeName(member.key), value))
    }
    return .record(fields)
  }

  mutating func call(
    _ key: String, _ json: CedarJSON, at path: JSONPath
  ) -> Expression.Kind? {
    guard let function = ExtensionFunction(rawValue: key) else {
      problems.error(
        .unknownFunction, "`\(key)` is no operator, function or method", at: path,
        help: Suggestion.help(key, Words.functions + Words.methods))
      return nil
    }
    guard let elements = problems.array(json, "an array of arguments", at: path) else {
      return nil
    }
    let arguments = elements.enumerated().compactMap {
      expression($0.element, at: path[$0.offset])
    }
    guard arguments.count == elements.count else { return nil }
    guard function.isConstructor || !arguments.isEmpty else {
      problems.error(
        .wrongArgumentCount, "the method `\(key)` needs a receiver as first argument", at: path)
      return nil
    }
    return .call(function, arguments)
  }

  // MARK: literals

  /// The value under `Value`, also with `__entity`, `__extn`, arrays and objects inside.
  mutating func literal(_ json: CedarJSON, at path: JSONPath) -> Expression? {
    switch json {
    case .bool(let value): return Expression(.boolean(value))
    case .integer(let value): return Expression(.long(value))
    case .string(let value): return Expression(.string(value))
    case .null, .number:
      problems.error(
        .jsonInvalidValue, "`\(json.text)` is no Cedar value", at: path,
        help: "numbers are integers of 64 bits; there is no null")
      return nil
    case .array(let elements):
      let read = elements.enumerated().compactMap { literal($0.element, at: path[$0.offset]) }
      return read.count == elements.count ? Expression(.set(read)) : nil
    case .object(let members): return literal(members, json, at: path)
    }
  }

  /// An escape is an object with nothing but the escape, in its form; others are records.
  private mutating func literal(
    _ members: [CedarJSON.Member], _ json: CedarJSON, at path: JSONPath
  ) -> Expression? {
    if members.count == 1 {
      let inner = members[0].value
      let place = path[members[0].key]
      switch members[0].key {
      case "__entity" where inner["type"]?.string != nil && inner["id"]?.string != nil:
        return entity(inner, at: place).map { Expression(.entity($0)) }
      case "__extn"
      where inner["fn"]?.string != nil && (inner["arg"] != nil || inner["args"]?.array != nil):
        return extensionValue(inner, at: place)
      case "__expr" where inner.string != nil:
        problems.error(.jsonInvalidValue, "`__expr` is not supported", at: place)
        return nil
      default: break
      }
    }
    guard problems.object(json, "an object", at: path) != nil else { return nil }
    var fields: [Expression.RecordField] = []
    for member in members {
      guard let value = literal(member.value, at: path[member.key]) else { return nil }
      fields.append(Expression.RecordField(AttributeName(member.key), value))
    }
    return Expression(.record(fields))
  }

  private mutating func extensionValue(_ json: CedarJSON, at path: JSONPath) -> Expression? {
    guard let name = problems.string(json["fn"], "a function", at: path["fn"]) else { return nil }
    guard let function = ExtensionFunction(rawValue: name) else {
      problems.error(
        .unknownFunction, "`\(name)` makes no extension value", at: path["fn"],
        help: Suggestion.help(name, Words.functions))
      return nil
    }
    var arguments: [Expression] = []
    for (index, argument) in (json["args"]?.array ?? []).enumerated() where json["arg"] == nil {
      guard let value = literal(argument, at: path["args"][index]) else { return nil }
      arguments.append(value)
    }
    if let argument = json["arg"] {
      guard let value = literal(argument, at: path["arg"]) else { return nil }
      arguments.append(value)
    }
    guard function.isConstructor || !arguments.isEmpty else {
      problems.error(
        .wrongArgumentCount, "the method `\(name)` needs a receiver as first argument", at: path)
      return nil
    }
    return Expression(.call(function, arguments))
  }
}
