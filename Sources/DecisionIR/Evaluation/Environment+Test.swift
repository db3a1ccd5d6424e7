// SPDX-License-Identifier: MIT

/// Operations that produce a bool: 0, 1, or 2 with the fault recorded.
extension Environment {
  @inline(__always)
  mutating func test(_ instruction: Step) -> UInt8 {
    let opcode = instruction.opcode
    if opcode == .hasContext {
      return context[Int(instruction.second)].isKind(.none) ? 0 : 1
    }
    let left = fetch(instruction.first)
    if left.isKind(.none) {
      missing(instruction.first)
      return 2
    }
    switch opcode {
    case .test: return left.isKind(.bool) ? UInt8(left.payload) : mismatch(.bool, left)
    case .like:
      guard left.isKind(.string) else { return mismatch(.string, left) }
      return patterns.matches(left.bytes, Int(instruction.second)) ? 1 : 0
    case .isType:
      guard left.isKind(.entity) else { return mismatch(.entity, left) }
      return left.entityType == instruction.second ? 1 : 0
    case .has: return has(left, Int(instruction.second))
    case .isEmpty:
      guard left.isKind(.set) else { return mismatch(.set, left) }
      return left.count == 0 ? 1 : 0
    case .isVersion4, .isVersion6, .isLoopback, .isMulticast: return address(opcode, left)
    default:
      let right = fetch(instruction.second)
      if right.isKind(.none) {
        missing(instruction.second)
        return 2
      }
      return compare(opcode, left, right)
    }
  }

  @inline(__always)
  private mutating func compare(_ opcode: Opcode, _ left: Value, _ right: Value) -> UInt8 {
    switch opcode {
    case .equal: return Value.same(left, right) ? 1 : 0
    case .less, .lessOrEqual, .greater, .greaterOrEqual:
      guard left.header == right.header, left.isKind(.long) else {
        return compareSlowly(opcode, left, right)
      }
      return order(opcode, left.number, right.number)
    default: return relate(opcode, left, right)
    }
  }

  @inline(__always)
  private func order(_ opcode: Opcode, _ left: Int64, _ right: Int64) -> UInt8 {
    switch opcode {
    case .less, .decimalLess, .mixedLess: left < right ? 1 : 0
    case .lessOrEqual, .decimalLessOrEqual, .mixedLessOrEqual: left <= right ? 1 : 0
    case .greater, .decimalGreater, .mixedGreater: left > right ? 1 : 0
    default: left >= right ? 1 : 0
    }
  }

  @inline(never)
  private mutating func compareSlowly(_ opcode: Opcode, _ left: Value, _ right: Value) -> UInt8 {
    let expected: Expected
    switch left.kind {
    case .long: expected = .long
    case .datetime: expected = .datetime
    case .duration: expected = .duration
    default:
      // The reference names the right side's type when that one could be compared.
      switch right.kind {
      case .long: return mismatch(.long, left)
      case .datetime: return mismatch(.datetime, left)
      case .duration: return mismatch(.duration, left)
      default: return mismatch(.comparable, left)
      }
    }
    guard left.rawKind == right.rawKind else { return mismatch(expected, right) }
    return order(opcode, left.number, right.number)
  }

  @inline(never)
  private mutating func relate(_ opcode: Opcode, _ left: Value, _ right: Value) -> UInt8 {
    switch opcode {
    case .in: return isIn(left, right)
    case .contains:
      guard left.isKind(.set) else { return mismatch(.set, left) }
      return Value.contains(left, right) ? 1 : 0
    case .containsAll, .containsAny:
      guard left.isKind(.set) else { return mismatch(.set, left) }
      guard right.isKind(.set) else { return mismatch(.set, right) }
      if opcode == .containsAll { return Value.containsAll(left, right) ? 1 : 0 }
      return Value.containsAny(left, right) ? 1 : 0
    case .hasTag:
      guard left.isKind(.entity) else { return mismatch(.entity, left) }
      guard right.isKind(.string) else { return mismatch(.string, right) }
      return view(of: left).tags.field(right).isKind(.none) ? 0 : 1
    case .isInRange:
      guard left.isKind(.ip) else { return mismatch(.ip, left) }
      guard right.isKind(.ip) else { return mismatch(.ip, right) }
      return left.range.isInRange(right.range) ? 1 : 0
    case .decimalLess, .decimalLessOrEqual, .decimalGreater, .decimalGreaterOrEqual:
      guard left.isKind(.decimal) else { return mismatch(.decimal, left) }
      guard right.isKind(.decimal) else { return mismatch(.decimal, right) }
      return order(opcode, left.number, right.number)
    default: return compareMixed(opcode, left, right)
    }
  }

  /// The dialect's comparison: a long is widened to a decimal, exactly.
  private mutating func compareMixed(_ opcode: Opcode, _ left: Value, _ right: Value) -> UInt8 {
    guard left.isKind(.long) || left.isKind(.decimal) else {
      return mismatch(.longOrDecimal, left)
    }
    guard right.isKind(.long) || right.isKind(.decimal) else {
      return mismatch(.longOrDecimal, right)
    }
    if left.rawKind == right.rawKind { return order(opcode, left.number, right.number) }
    return order(opcode, ordinal(left, right), ordinal(right, left))
  }

  /// A number that compares with the other side's as the values do. A long whose scaled form does
  /// not fit lies beyond every decimal, so the sign against zero decides; the decimal stands at
  /// zero.
  private func ordinal(_ value: Value, _ other: Value) -> Int64 {
    let long = value.isKind(.long) ? value.number : other.number
    let (scaled, overflow) = long.multipliedReportingOverflow(by: DecimalText.scale)
    if overflow { return value.isKind(.long) ? long : 0 }
    return value.isKind(.long) ? scaled : value.number
  }

  private mutating func isIn(_ left: Value, _ right: Value) -> UInt8 {
    guard left.isKind(.entity) else { return mismatch(.entity, left) }
    let view = self.view(of: left)
    if right.isKind(.entity) { return view.isIn(right.entityID) ? 1 : 0 }
    guard right.isKind(.set) else { return mismatch(.entityOrSet, right) }
    let elements = right.elements
    if right.holdsOnlyEntities, (view.ancestors.count &+ 1) &* 16 < elements.count,
      let found = isIn(view, largeSet: right)
    {
      return found ? 1 : 0
    }
    var found: UInt8 = 0
    var index = 0
    while index < elements.count {
      let element = elements[index]
      guard element.isKind(.entity) else { return mismatch(.entity, element) }
      if found == 0, view.isIn(element.entityID) { found = 1 }
      index &+= 1
    }
    return found
  }

  /// Looks for the entity and its few ancestors in a large set; nil when the store does not know
  /// one of them.
  private func isIn(_ view: EntityView, largeSet set: Value) -> Bool? {
    if Value.contains(set, view.value) { return true }
    var index = 0
    while index < view.ancestors.count {
      let ancestor = view.ancestors[index]
      guard Int(ancestor) < views.count else { return nil }
      if Value.contains(set, views[Int(ancestor)].value) { return true }
      index &+= 1
    }
    return false
  }

  private mutating func has(_ value: Value, _ attribute: Int) -> UInt8 {
    if value.isKind(.entity) {
      return view(of: value).attribute(attribute).isKind(.none) ? 0 : 1
    }
    guard value.isKind(.record) else { return mismatch(.entityOrRecord, value) }
    return value.field(attributeNames[attribute]).isKind(.none) ? 0 : 1
  }

  private mutating func address(_ opcode: Opcode, _ value: Value) -> UInt8 {
    guard value.isKind(.ip) else { return mismatch(.ip, value) }
    let holds =
      switch opcode {
      case .isVersion4: !value.isVersion6
      case .isVersion6: value.isVersion6
      case .isLoopback: value.range.isLoopback
      default: value.range.isMulticast
      }
    return holds ? 1 : 0
  }
}
