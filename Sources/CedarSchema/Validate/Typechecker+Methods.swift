// SPDX-License-Identifier: MIT

import CedarSyntax

extension Typechecker {
  mutating func method(
    _ method: Expression.Method, _ receiver: Expression, _ arguments: [Expression],
    _ expression: Expression, _ known: Capabilities
  ) -> Outcome {
    switch (method, arguments.first) {
    case (.isEmpty, _):
      guard let type = check(receiver, known).type else { return Outcome(type: .boolean) }
      if case .set = type { return Outcome(type: .boolean) }
      unexpected("a set", type, receiver)
      return Outcome(type: nil)
    case (.hasTag, let tag?): return hasTag(receiver, tag, known)
    case (.getTag, let tag?): return Outcome(type: getTag(receiver, tag, expression, known))
    case (_, let argument?):
      return contains(method, receiver, argument, expression, known)
    case (_, nil): return Outcome(type: nil)
    }
  }

  private mutating func contains(
    _ method: Expression.Method, _ receiver: Expression, _ argument: Expression,
    _ expression: Expression, _ known: Capabilities
  ) -> Outcome {
    let first = check(receiver, known).type
    let second = check(argument, known).type
    guard let first, let second else { return Outcome(type: .boolean) }
    guard case .set(let element) = first else {
      var help: String?
      if first == .string { help = "to search in a string, write `like \"*...*\"`" }
      if case .entity = first { help = "to test the hierarchy, write `in`" }
      unexpected("a set", first, receiver, help: help)
      return Outcome(type: nil)
    }
    var wanted: CedarType? = second
    if method != .contains {
      guard case .set(let other) = second else {
        unexpected("a set", second, argument, help: "to test one element, write `.contains(...)`")
        return Outcome(type: nil)
      }
      wanted = other
    }
    if isStrict, let element, let wanted, element.bound(wanted, strict: true) == nil {
      incompatible(element, wanted, expression.span, "the elements can never be equal")
      return Outcome(type: nil)
    }
    return Outcome(type: .boolean)
  }

  // MARK: tags

  /// The entity types of the receiver, after checking that the tag is named by a string.
  private mutating func tagged(
    _ receiver: Expression, _ tag: Expression, _ known: Capabilities
  ) -> [Name]? {
    let first = check(receiver, known).type
    let second = check(tag, known).type
    guard let first, let second else { return nil }
    guard case .entity(let names) = first else {
      unexpected("an entity", first, receiver)
      return nil
    }
    guard second == .string else {
      unexpected("`String`", second, tag)
      return nil
    }
    return names
  }

  private mutating func hasTag(
    _ receiver: Expression, _ tag: Expression, _ known: Capabilities
  ) -> Outcome {
    let key = Capabilities.tag(receiver, tag)
    guard let names = tagged(receiver, tag, known) else {
      return Outcome(type: nil, capabilities: Capabilities(key))
    }
    if names.allSatisfy({ schema.entityTypes[$0]?.tags == nil }) {
      return Outcome(type: .boolean(.never))
    }
    return Outcome(
      type: .boolean(known.contains(key) ? .always : .any), capabilities: Capabilities(key))
  }

  private mutating func getTag(
    _ receiver: Expression, _ tag: Expression, _ expression: Expression, _ known: Capabilities
  ) -> CedarType? {
    guard let names = tagged(receiver, tag, known) else { return nil }
    var result: CedarType?
    for name in names {
      guard let type = schema.entityTypes[name]?.tags else {
        error(
          .typeWithoutTags, "entities of `\(name)` have no tags", expression.span,
          help: "declare `entity \(name) ... tags String;`")
        return nil
      }
      guard let bound = result.map({ $0.bound(type, strict: isStrict) }) ?? type else {
        error(.incompatibleTypes, "the tags have different types", expression.span)
        return nil
      }
      result = bound
    }
    guard known.contains(Capabilities.tag(receiver, tag)) else {
      error(
        .unsafeTag, "the tag may be missing here", expression.span,
        help: "test it first: `\(receiver.cedarText).hasTag(\(tag.cedarText)) && ...`")
      return nil
    }
    return result
  }

  // MARK: extension functions

  mutating func call(
    _ function: ExtensionFunction, _ arguments: [Expression], _ expression: Expression,
    _ known: Capabilities
  ) -> CedarType? {
    let types = arguments.map { check($0, known).type }
    let signature = function.signature
    guard arguments.count == signature.parameters.count else {
      let receiver = function.isConstructor ? 0 : 1
      let wanted = signature.parameters.count - receiver
      error(
        .wrongExtensionArguments,
        "`\(function.rawValue)` takes \(wanted) \(wanted == 1 ? "argument" : "arguments"), "
          + "not \(arguments.count - receiver)", expression.span)
      return nil
    }
    var isComplete = true
    for (position, (type, parameter)) in zip(types, signature.parameters).enumerated() {
      guard let type else {
        isComplete = false
        continue
      }
      if type == parameter { continue }
      isComplete = false
      unexpected("`\(parameter)`", type, arguments[position], help: conversion(parameter, type))
    }
    guard isComplete else { return nil }
    if function.isConstructor, !constructorIsValid(function, arguments[0], expression) {
      return nil
    }
    return signature.result
  }

  private func conversion(_ wanted: CedarType, _ found: CedarType) -> String? {
    guard case .extension(let kind) = wanted, found == .string || found == .long else {
      return nil
    }
    let name = kind == .ipaddr ? "ip" : kind.rawValue
    return "make one with `\(name)(\"...\")`"
  }

  private mutating func constructorIsValid(
    _ function: ExtensionFunction, _ argument: Expression, _ expression: Expression
  ) -> Bool {
    guard case .string(let text) = argument.kind else {
      guard isStrict else { return true }
      error(
        .constructorWithoutLiteral,
        "`\(function.rawValue)` takes a string literal in strict validation", argument.span,
        help: "declare the attribute as `\(function.signature.result)` in the schema instead")
      return false
    }
    guard !ExtensionLiteral.isValid(text, for: function) else { return true }
    error(
      .invalidExtensionLiteral, "\(CedarText.quoted(text)) is not \(function.noun)",
      argument.span, help: function.example)
    return false
  }
}

extension ExtensionFunction {
  /// Parameter types, the receiver first, and the type of the result.
  var signature: (parameters: [CedarType], result: CedarType) {
    let ip = CedarType.extension(.ipaddr)
    let decimal = CedarType.extension(.decimal)
    let datetime = CedarType.extension(.datetime)
    let duration = CedarType.extension(.duration)
    switch self {
    case .ip: return ([.string], ip)
    case .isIpv4, .isIpv6, .isLoopback, .isMulticast: return ([ip], .boolean)
    case .isInRange: return ([ip, ip], .boolean)
    case .decimal: return ([.string], decimal)
    case .lessThan, .lessThanOrEqual, .greaterThan, .greaterThanOrEqual:
      return ([decimal, decimal], .boolean)
    case .datetime: return ([.string], datetime)
    case .offset: return ([datetime, duration], datetime)
    case .durationSince: return ([datetime, datetime], duration)
    case .toDate: return ([datetime], datetime)
    case .toTime: return ([datetime], duration)
    case .duration: return ([.string], duration)
    case .toMilliseconds, .toSeconds, .toMinutes, .toHours, .toDays: return ([duration], .long)
    }
  }

  fileprivate var noun: String {
    switch self {
    case .ip: "an IP address or range"
    case .decimal: "a decimal"
    case .datetime: "a date and time"
    default: "a duration"
    }
  }

  fileprivate var example: String {
    switch self {
    case .ip: "write for example `10.0.0.0/8` or `::1`"
    case .decimal: "write for example `10.5`, with 1 to 4 digits behind the point"
    case .datetime: "write for example `2026-01-31` or `2026-01-31T12:00:00Z`"
    default: "write for example `1d2h30m` or `-500ms`"
    }
  }
}
