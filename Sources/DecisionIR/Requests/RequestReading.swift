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

  private(set) var principal = Value.none
  private(set) var action = Value.none
  private(set) var resource = Value.none
  private(set) var wholeContext = Value.none
  private(set) var localCount = 0
  private var hasContext = false
  var arenaUsed = 0
  var stackUsed = 0

  init(
    cursor: JSONCursor, directory: EntityDirectoryView, slotNames: Cells<Value>,
    slots: Cells<Value>, keepsWholeContext: Bool, arena: Cells<Value>, stack: Cells<Value>,
    locals: Cells<LocalEntity>
  ) {
    self.cursor = cursor
    self.directory = directory
    self.slotNames = slotNames
    self.slots = slots
    self.keepsWholeContext = keepsWholeContext
    self.arena = arena
    self.stack = stack
    self.locals = locals
  }

  mutating func run() -> Bool {
    guard cursor.take(UInt8(ascii: "{")) else { return false }
    repeat {
      guard let key = cursor.string(), cursor.take(UInt8(ascii: ":")), field(key) else {
        return false
      }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "}")), cursor.isAtEnd() else { return false }
    if keepsWholeContext, !hasContext { wholeContext = .record(.empty) }
    return principal.isKind(.entity) && action.isKind(.entity) && resource.isKind(.entity)
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
      return true
    }
    if Self.isSame(key, "resource") {
      guard resource.isKind(.none), let found = entity() else { return false }
      resource = found
      return true
    }
    guard Self.isSame(key, "context") else { return cursor.skipScalar() }
    guard !hasContext else { return false }
    hasContext = true
    return context()
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
    if Self.isSame(key, "__entity") {
      guard let found = entityObject(), cursor.take(UInt8(ascii: "}")) else { return nil }
      return found
    }
    guard let first = cursor.string(), cursor.take(UInt8(ascii: ",")),
      let otherKey = cursor.string(), cursor.take(UInt8(ascii: ":")),
      let second = cursor.string(), cursor.take(UInt8(ascii: "}"))
    else { return nil }
    if Self.isSame(key, "type"), Self.isSame(otherKey, "id") {
      return entity(type: first, id: second)
    }
    guard Self.isSame(key, "id"), Self.isSame(otherKey, "type") else { return nil }
    return entity(type: second, id: first)
  }

  private mutating func entity(type: Cells<UInt8>, id: Cells<UInt8>) -> Value? {
    let typeName = Value.string(type)
    let id = Value.string(id)
    let known = directory.type(typeName)
    if let known {
      if let number = directory.entity(type: known, id: id) { return .entity(number, type: known) }
    } else if !Self.isPlainTypeName(type) {
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
    if cursor.peek() == UInt8(ascii: "n") {
      if keepsWholeContext { wholeContext = .record(.empty) }
      return cursor.word("null")
    }
    guard cursor.take(UInt8(ascii: "{")), let count = pairs(depth: 0) else { return false }
    for place in 0..<count {
      let key = stack[place &* 2]
      for other in 0..<place where Value.same(stack[other &* 2], key) { return false }
      var slot = 0
      while slot < slotNames.count, !Value.same(slotNames[slot], key) { slot &+= 1 }
      if slot < slotNames.count { slots[slot] = stack[place &* 2 &+ 1] }
    }
    guard keepsWholeContext else { return true }
    guard let record = pop(count &* 2, from: 0) else { return false }
    wholeContext = .record(record)
    return true
  }

  /// Moves the topmost values of the stack to the arena.
  mutating func pop(_ count: Int, from start: Int) -> Cells<Value>? {
    stackUsed = start
    guard arenaUsed &+ count <= arena.count else { return nil }
    let cells = arena.slice(arenaUsed, count)
    arenaUsed &+= count
    for index in 0..<count { cells[index] = stack[start &+ index] }
    return cells
  }
}
