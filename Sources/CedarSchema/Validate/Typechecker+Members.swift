// SPDX-License-Identifier: MIT

import CedarSyntax

extension Typechecker {
  /// The attributes a type can have; nil when it can have none. An entity may be missing, so its
  /// attributes are known to exist only after a test.
  private func attributes(of type: CedarType) -> (record: RecordType, isEntity: Bool)? {
    switch type {
    case .record(let record): return (record, false)
    case .entity(let names):
      var result: RecordType?
      for name in names {
        let shape = schema.entityTypes[name]?.shape ?? RecordType()
        result = result.map { $0.bound(shape, strict: false) ?? RecordType() } ?? shape
      }
      return (result ?? RecordType(), true)
    default: return nil
    }
  }

  /// Whether some entity type of a union has an attribute, or a record may have it.
  private func mayHave(_ type: CedarType, _ record: RecordType, _ name: String) -> Bool {
    guard case .entity(let names) = type else { return record.isOpen }
    return names.contains { schema.entityTypes[$0]?.shape[name] != nil }
  }

  // MARK: has

  /// `e has a.b.c` is the chain of tests it stands for.
  mutating func has(
    _ target: Expression, _ path: [AttributeName], _ span: SourceSpan, _ known: Capabilities
  ) -> Outcome {
    guard path.count > 1 else { return has(target, path[0], known) }
    var steps: [Expression] = []
    var prefix = target
    for name in path {
      steps.append(Expression(.has(prefix, [name]), span: span))
      prefix = Expression(.attribute(prefix, name), span: span)
    }
    return conjunction(steps, known)
  }

  private mutating func has(
    _ target: Expression, _ name: AttributeName, _ known: Capabilities
  ) -> Outcome {
    guard let type = check(target, known).type else {
      let key = Capabilities.attribute(target, name.text)
      return Outcome(type: .boolean, capabilities: Capabilities(key))
    }
    guard let (record, isEntity) = attributes(of: type) else {
      unexpected("an entity or a record", type, target)
      return Outcome(type: nil)
    }
    guard let attribute = record[name.text] else {
      return Outcome(type: .boolean(mayHave(type, record, name.text) ? .any : .never))
    }
    if attribute.isRequired, !isEntity { return Outcome(type: .boolean(.always)) }
    let key = Capabilities.attribute(target, name.text)
    let truth: CedarType.Truth = known.contains(key) ? .always : .any
    return Outcome(type: .boolean(truth), capabilities: Capabilities(key))
  }

  // MARK: attributes

  mutating func attribute(
    _ target: Expression, _ name: AttributeName, _ expression: Expression, _ known: Capabilities
  ) -> CedarType? {
    guard let type = check(target, known).type else { return nil }
    guard let (record, _) = attributes(of: type) else {
      unexpected(
        "an entity or a record", type, target,
        help: "`\(type)` has no attribute `\(name.text)`")
      return nil
    }
    let place = name.span == .none ? expression.span : name.span
    guard let attribute = record[name.text] else {
      unknownAttribute(name, type, record, place)
      return nil
    }
    if attribute.isRequired || known.contains(Capabilities.attribute(target, name.text)) {
      return attribute.type
    }
    let test = "\(target.cedarText) has \(Self.key(name.text))"
    error(
      .unsafeOptionalAttribute,
      "the attribute `\(name.text)` is optional and may be missing here", place,
      help: "test it first: `\(test) && ...`")
    return nil
  }

  private static func key(_ name: String) -> String {
    Words.isPlainIdentifier(name) ? name : CedarText.quoted(name)
  }

  private mutating func unknownAttribute(
    _ name: AttributeName, _ type: CedarType, _ record: RecordType, _ span: SourceSpan
  ) {
    let owner: String
    switch type {
    case .entity: owner = "`\(type)`"
    default: owner = "this record"
    }
    var help = Suggestion.help(name.text, record.names)
    if help == nil, !record.attributes.isEmpty, record.attributes.count <= 12 {
      help = "the attributes are \(record.names.map { "`\($0)`" }.joined(separator: ", "))"
    }
    let message =
      mayHave(type, record, name.text)
      ? "the attribute `\(name.text)` may be missing in \(owner)"
      : "\(owner) has no attribute `\(name.text)`"
    error(.unknownAttribute, message, span, help: help)
  }

  // MARK: is

  mutating func isType(
    _ target: Expression, _ type: Name, _ container: Expression?, _ expression: Expression,
    _ known: Capabilities
  ) -> Outcome {
    if let container {
      let test = Expression(.isType(target, type, in: nil), span: expression.span)
      let inside = Expression(.relation(.in, target, container), span: expression.span)
      return conjunction([test, inside], known)
    }
    guard let found = check(target, known).type else { return Outcome(type: .boolean) }
    guard case .entity(let names) = found else {
      unexpected("an entity", found, target)
      return Outcome(type: nil)
    }
    if !names.contains(type) { return Outcome(type: .boolean(.never)) }
    return Outcome(type: .boolean(names.count == 1 ? .always : .any))
  }

  // MARK: literals

  mutating func set(
    _ members: [Expression], _ expression: Expression, _ known: Capabilities
  ) -> CedarType? {
    var element: CedarType?
    var isComplete = true
    for member in members {
      guard let type = check(member, known).type else {
        isComplete = false
        continue
      }
      guard let bound = element.map({ $0.bound(type, strict: isStrict) }) ?? type else {
        incompatible(
          element ?? type, type, member.span, "the elements of a set have different types")
        return nil
      }
      element = bound
    }
    guard isComplete else { return nil }
    if members.isEmpty, isStrict {
      error(
        .emptySet, "the empty set has no type in strict validation", expression.span,
        help: "use `.isEmpty()` to test a set")
      return nil
    }
    return .set(element)
  }

  mutating func record(
    _ fields: [Expression.RecordField], _ known: Capabilities
  ) -> CedarType? {
    var record = RecordType()
    var isComplete = true
    for field in fields {
      guard let type = check(field.value, known).type else {
        isComplete = false
        continue
      }
      record.attributes[ExactString(field.name.text)] = RecordType.Attribute(type)
    }
    return isComplete ? .record(record) : nil
  }
}
