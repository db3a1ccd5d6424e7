// SPDX-License-Identifier: MIT

/// Values by the types that a schema declares: what these say lets escapes be left out, and where
/// requests are validated, a value of another type is refused.
extension RequestReading {
  // MARK: values

  /// Reads a value of a declared type. Recursion is bounded by `depthMax`.
  mutating func value(of node: TypeNode, depth: Int) -> Value? {
    switch node.kind {
    case .entity:
      guard let found = entityObject() else { return nil }
      return !rules.isValidated || isPossible(found, node.first) ? found : nil
    case .decimal, .ip, .datetime, .duration: return extensionValue(node.kind)
    case .set where cursor.peek() == UInt8(ascii: "["):
      return depth < Self.depthMax ? set(of: rules.nodes[Int(node.first)], depth: depth &+ 1) : nil
    case .record where cursor.peek() == UInt8(ascii: "{"):
      return depth < Self.depthMax ? record(of: node, depth: depth &+ 1) : nil
    case .none: return nil
    default:
      guard let found = value(depth: depth) else { return nil }
      return !rules.isValidated || found.isKind(node.kind) ? found : nil
    }
  }

  private mutating func set(of element: TypeNode, depth: Int) -> Value? {
    guard cursor.take(UInt8(ascii: "[")) else { return nil }
    let start = stackUsed
    if cursor.take(UInt8(ascii: "]")) { return .set(.empty) }
    repeat {
      guard let found = value(of: element, depth: depth), push(found) else { return nil }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else { return nil }
    return pop(stackUsed &- start, from: start).map { .set($0) }
  }

  private mutating func record(of type: TypeNode, depth: Int) -> Value? {
    guard cursor.take(UInt8(ascii: "{")) else { return nil }
    let start = stackUsed
    guard let count = pairs(of: type, depth: depth, isContext: false) else { return nil }
    return pop(count &* 2, from: start).map { .record($0) }
  }

  /// Pushes the members of an object whose brace is read: key, value, key, value. Gives their
  /// number.
  ///
  /// - Parameter isContext: sets the program's slots as well.
  mutating func pairs(of record: TypeNode, depth: Int, isContext: Bool) -> Int? {
    guard record.kind == .record else { return nil }
    let start = stackUsed
    // A bit for each attribute of the record that was given.
    var given: UInt64 = 0
    var requiredCount: UInt32 = 0
    var count = 0
    var hasUndeclared = false
    var guess = 0
    if cursor.take(UInt8(ascii: "}")) {
      return record.requiredCount == 0 || !rules.isValidated ? 0 : nil
    }
    repeat {
      guard let key = cursor.string(), cursor.take(UInt8(ascii: ":")) else { return nil }
      if let place = rules.place(of: key, in: record, guess: guess) {
        let field = rules.fields[Int(record.first) &+ place]
        let bit: UInt64 = 1 << UInt64(place)
        guard given & bit == 0, push(field.name),
          let found = value(of: rules.nodes[Int(field.type)], depth: depth), push(found)
        else { return nil }
        given |= bit
        if field.isRequired { requiredCount &+= 1 }
        if isContext, field.slot != ImageFormat.absent { slots[Int(field.slot)] = found }
        guess = place &+ 1
      } else {
        guard !rules.isValidated, !Self.isEscape(key), push(.string(key)),
          let found = value(depth: depth), push(found)
        else { return nil }
        hasUndeclared = true
        if isContext { setSlot(.string(key), found) }
      }
      count &+= 1
      guard count <= Self.membersMax else { return nil }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")) else { return nil }
    if rules.isValidated, requiredCount < record.requiredCount { return nil }
    return hasUndeclared && hasDuplicates(count, from: start) ? nil : count
  }

  /// A value where an extension type is declared: an escape, the call alone, or only its argument.
  private mutating func extensionValue(_ kind: ValueKind) -> Value? {
    if cursor.peek() == UInt8(ascii: "\"") {
      return cursor.string().flatMap { constructed(kind, $0) }
    }
    guard cursor.take(UInt8(ascii: "{")), let key = cursor.string(),
      cursor.take(UInt8(ascii: ":"))
    else { return nil }
    let found: Value?
    if Self.isSame(key, "__extn") {
      found = call()
      guard cursor.take(UInt8(ascii: "}")) else { return nil }
    } else {
      found = call(after: key)
    }
    guard let found, !rules.isValidated || found.isKind(kind) else { return nil }
    return found
  }

  // MARK: entities

  /// Whether the rules allow principal, action and resource together.
  func isAllowed(_ action: ActionRow) -> Bool {
    applies(principal, action.principalStart, action.principalCount)
      && applies(resource, action.resourceStart, action.resourceCount)
  }

  private func applies(_ entity: Value, _ start: UInt32, _ count: UInt32) -> Bool {
    let type = self.type(of: entity)
    for place in Int(start)..<Int(start &+ count) where rules.lists[place] == type {
      return isPossible(entity, type)
    }
    return false
  }

  /// The number of an entity's declared type, or `absent`.
  private func type(of entity: Value) -> UInt32 {
    let symbol = Int(entity.entityType)
    if symbol < rules.typeOfSymbol.count { return rules.typeOfSymbol[symbol] }
    return rules.type(named: locals[Int(entity.entityID &- EntityView.localBase)].typeName)
  }

  /// Whether an entity is of a declared type and can exist.
  private func isPossible(_ entity: Value, _ number: UInt32) -> Bool {
    guard number != ImageFormat.absent, type(of: entity) == number else { return false }
    let type = rules.types[Int(number)]
    switch type.members {
    case .none: return false
    case .any: return true
    case .enumerated: return rules.holds(type, id(of: entity))
    case .actions:
      let id = Int(entity.entityID)
      return id < rules.actionOfEntity.count && rules.actionOfEntity[id] != ImageFormat.absent
    }
  }

  private func id(of entity: Value) -> Value {
    let number = Int(entity.entityID)
    if number < directory.ids.count { return directory.ids[number] }
    return locals[Int(entity.entityID &- EntityView.localBase)].id
  }
}
