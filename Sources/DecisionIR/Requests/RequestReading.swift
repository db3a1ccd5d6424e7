// SPDX-License-Identifier: MIT

/// One pass over the text of a request. False or nil: not a plain form, see `RequestDecoder`.
struct RequestReading: BitwiseCopyable {
  var cursor: JSONCursor
  let directory: EntityDirectoryView
  /// Names of the program's context slots, and the slots.
  let slotNames: Cells<Value>
  let slots: Cells<Value>
  let keepsWholeContext: Bool
  let arena: Cells<Value>
  /// Values of containers that are still open.
  let stack: Cells<Value>
  let locals: Cells<LocalEntity>
  let rules: RuleView

  private(set) var principal = Value.none
  private(set) var action = Value.none
  private(set) var resource = Value.none
  private(set) var wholeContext = Value.none
  private(set) var localCount = 0
  private var hasContext = false
  private var isContextEmpty = true
  /// The number of the declared action, or `absent`.
  private var actionNumber = ImageFormat.absent
  /// Where a context stands whose action comes behind it, and where it ends.
  private var contextStart = -1
  private var contextEnd = 0
  var arenaUsed = 0
  var stackUsed = 0

  init(
    cursor: JSONCursor, directory: EntityDirectoryView, slotNames: Cells<Value>,
    slots: Cells<Value>, keepsWholeContext: Bool, arena: Cells<Value>, stack: Cells<Value>,
    locals: Cells<LocalEntity>, rules: RuleView
  ) {
    self.cursor = cursor
    self.directory = directory
    self.slotNames = slotNames
    self.slots = slots
    self.keepsWholeContext = keepsWholeContext
    self.arena = arena
    self.stack = stack
    self.locals = locals
    self.rules = rules
  }

  mutating func run() -> Bool {
    guard cursor.take(UInt8(ascii: "{")) else { return false }
    repeat {
      guard let key = cursor.string(), cursor.take(UInt8(ascii: ":")), field(key) else {
        return false
      }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")), cursor.isAtEnd(), principal.isKind(.entity),
      action.isKind(.entity), resource.isKind(.entity)
    else { return false }
    if contextStart >= 0 {
      cursor.position = contextStart
      guard context(), cursor.position == contextEnd else { return false }
    }
    if isContextEmpty, !emptyContext() { return false }
    return !rules.isValidated || isAllowed(rules.actions[Int(actionNumber)])
  }

  private mutating func field(_ key: Cells<UInt8>) -> Bool {
    if Self.isSame(key, "principal") {
      guard principal.isKind(.none), let found = entity() else { return false }
      principal = found
      return true
    }
    if Self.isSame(key, "action") {
      guard action.isKind(.none), let found = entity() else { return false }
      action = found
      return findAction()
    }
    if Self.isSame(key, "resource") {
      guard resource.isKind(.none), let found = entity() else { return false }
      resource = found
      return true
    }
    guard Self.isSame(key, "context") else { return cursor.skipScalar() }
    guard !hasContext else { return false }
    hasContext = true
    if cursor.peek() == UInt8(ascii: "n") { return cursor.word("null") }
    isContextEmpty = false
    guard rules.isPresent, action.isKind(.none) else { return context() }
    // How it is to be read is known with the action.
    contextStart = cursor.position
    guard cursor.skipContainer() else { return false }
    contextEnd = cursor.position
    return true
  }

  /// Looks the action up in the rules. The store knows those that are declared.
  private mutating func findAction() -> Bool {
    guard rules.isPresent else { return true }
    let number = Int(action.entityID)
    guard number < rules.actionOfEntity.count else { return false }
    actionNumber = rules.actionOfEntity[number]
    return !rules.isValidated || actionNumber != ImageFormat.absent
  }

  static func isSame(_ bytes: Cells<UInt8>, _ text: StaticString) -> Bool {
    guard bytes.count == text.utf8CodeUnitCount else { return false }
    for index in 0..<bytes.count
    where bytes[index] != (unsafe text.utf8Start[index]) { return false }
    return true
  }

  // MARK: entities

  private mutating func entity() -> Value? {
    guard cursor.peek() == UInt8(ascii: "\"") else { return entityObject() }
    guard let text = cursor.string() else { return nil }
    return sourceText(text)
  }

  /// `Type::"id"` without escapes in it.
  private mutating func sourceText(_ text: Cells<UInt8>) -> Value? {
    let quote = UInt8(ascii: "\"")
    var first = 0
    while first < text.count, text[first] != quote { first &+= 1 }
    guard first >= 3, first < text.count &- 1, text[text.count &- 1] == quote,
      text[first &- 1] == UInt8(ascii: ":"), text[first &- 2] == UInt8(ascii: ":")
    else { return nil }
    let id = text.slice(first &+ 1, text.count &- first &- 2)
    for index in 0..<id.count
    where id[index] == quote || id[index] == UInt8(ascii: "\\") || id[index] == 0x0D {
      return nil
    }
    return entity(type: text.slice(0, first &- 2), id: id)
  }

  /// `{"type", "id"}` in either order, or that as the only member `__entity`.
  mutating func entityObject() -> Value? {
    guard cursor.take(UInt8(ascii: "{")), let key = cursor.string(),
      cursor.take(UInt8(ascii: ":"))
    else { return nil }
    guard Self.isSame(key, "__entity") else { return entity(after: key) }
    guard let found = innerEntity(), cursor.take(UInt8(ascii: "}")) else { return nil }
    return found
  }

  /// `{"type", "id"}` in either order.
  mutating func innerEntity() -> Value? {
    guard cursor.take(UInt8(ascii: "{")), let key = cursor.string(),
      cursor.take(UInt8(ascii: ":"))
    else { return nil }
    return entity(after: key)
  }

  private mutating func entity(after key: Cells<UInt8>) -> Value? {
    guard let (type, id) = strings(after: key, "type", "id") else { return nil }
    return entity(type: type, id: id)
  }

  /// The rest of an object of two strings, in either order, whose first key is read.
  mutating func strings(
    after key: Cells<UInt8>, _ firstKey: StaticString, _ secondKey: StaticString
  ) -> (Cells<UInt8>, Cells<UInt8>)? {
    guard let value = cursor.string(), cursor.take(UInt8(ascii: ",")),
      let otherKey = cursor.string(), cursor.take(UInt8(ascii: ":")),
      let otherValue = cursor.string(), cursor.take(UInt8(ascii: "}"))
    else { return nil }
    if Self.isSame(key, firstKey) {
      return Self.isSame(otherKey, secondKey) ? (value, otherValue) : nil
    }
    return Self.isSame(key, secondKey) && Self.isSame(otherKey, firstKey)
      ? (otherValue, value) : nil
  }

  private mutating func entity(type: Cells<UInt8>, id: Cells<UInt8>) -> Value? {
    let typeName = Value.string(type)
    let id = Value.string(id)
    let known = directory.type(typeName)
    if let known {
      if let number = directory.entity(type: known, id: id) { return .entity(number, type: known) }
    } else if rules.type(named: typeName) == ImageFormat.absent, !Self.isPlainTypeName(type) {
      return nil
    }
    var place = 0
    while place < localCount {
      let local = locals[place]
      if Value.same(local.typeName, typeName), Value.same(local.id, id) { break }
      place &+= 1
    }
    if place == localCount {
      guard localCount < locals.count else { return nil }
      locals[place] = LocalEntity(typeName: typeName, id: id)
      localCount &+= 1
    }
    // Types that nobody knows share a symbol that no type has; the numbers tell entities apart.
    return .entity(
      EntityView.localBase + UInt32(truncatingIfNeeded: place), type: known ?? ImageFormat.absent)
  }

  /// Whether a type that neither policies nor store know is a name for certain: words that begin
  /// with a capital letter, as no reserved word does.
  private static func isPlainTypeName(_ name: Cells<UInt8>) -> Bool {
    var index = 0
    while true {
      guard index < name.count, (0x41...0x5A).contains(name[index]) else { return false }
      while index < name.count, isWordByte(name[index]) { index &+= 1 }
      if index == name.count { return true }
      let colon = UInt8(ascii: ":")
      guard index &+ 2 < name.count, name[index] == colon, name[index &+ 1] == colon else {
        return false
      }
      index &+= 2
    }
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte) || byte == 0x5F
  }

  // MARK: context

  private mutating func context() -> Bool {
    guard cursor.take(UInt8(ascii: "{")) else { return false }
    let count: Int
    if actionNumber != ImageFormat.absent {
      let declared = rules.actions[Int(actionNumber)].context
      guard let found = pairs(of: declared, depth: 0, isContext: true) else { return false }
      count = found
    } else {
      guard let found = pairs(depth: 0), !hasDuplicates(found, from: 0) else { return false }
      count = found
      for place in 0..<count { setSlot(stack[place &* 2], stack[place &* 2 &+ 1]) }
    }
    guard keepsWholeContext else { return true }
    guard let record = pop(count &* 2, from: 0) else { return false }
    wholeContext = .record(record)
    return true
  }

  /// Takes the context, which is null or not given, as one without attributes, if it may be.
  private mutating func emptyContext() -> Bool {
    if keepsWholeContext { wholeContext = .record(.empty) }
    guard rules.isValidated else { return true }
    // Of a context that the tables do not hold nothing is known, not even whether it may be empty.
    let declared = rules.actions[Int(actionNumber)].context
    return declared.kind == .record && declared.requiredCount == 0
  }

  /// Gives the program an attribute of the context, if it reads it.
  func setSlot(_ key: Value, _ value: Value) {
    var slot = 0
    while slot < slotNames.count, !Value.same(slotNames[slot], key) { slot &+= 1 }
    if slot < slotNames.count { slots[slot] = value }
  }

  /// Whether two of the topmost keys and values have one key.
  func hasDuplicates(_ count: Int, from start: Int) -> Bool {
    for place in 0..<count {
      for other in 0..<place
      where Value.same(stack[start &+ other &* 2], stack[start &+ place &* 2]) { return true }
    }
    return false
  }

  /// Moves the topmost values of the stack to the arena.
  mutating func pop(_ count: Int, from start: Int) -> Cells<Value>? {
    stackUsed = start
    guard let cells = reserve(count) else { return nil }
    for index in 0..<count { cells[index] = stack[start &+ index] }
    return cells
  }

  /// Fresh cells of the arena.
  mutating func reserve(_ count: Int) -> Cells<Value>? {
    guard arenaUsed &+ count <= arena.count else { return nil }
    defer { arenaUsed &+= count }
    return arena.slice(arenaUsed, count)
  }
}
