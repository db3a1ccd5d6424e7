// SPDX-License-Identifier: MIT

/// Values of the context.
extension RequestReading {
  /// Deepest nesting read here.
  static let depthMax = 16
  /// Most members of an object: duplicates are looked for pair by pair.
  static let membersMax = 64

  mutating func push(_ value: Value) -> Bool {
    guard stackUsed < stack.count else { return false }
    stack[stackUsed] = value
    stackUsed &+= 1
    return true
  }

  mutating func value(depth: Int) -> Value? {
    switch cursor.peek() {
    case UInt8(ascii: "\""): return cursor.string().map { .string($0) }
    case UInt8(ascii: "t"), UInt8(ascii: "f"): return cursor.bool().map { .bool($0) }
    case UInt8(ascii: "["): return depth < Self.depthMax ? set(depth: depth &+ 1) : nil
    case UInt8(ascii: "{"): return depth < Self.depthMax ? object(depth: depth &+ 1) : nil
    default: return cursor.integer().map { .long($0) }
    }
  }

  private mutating func set(depth: Int) -> Value? {
    guard cursor.take(UInt8(ascii: "[")) else { return nil }
    let start = stackUsed
    if cursor.take(UInt8(ascii: "]")) { return .set(.empty) }
    repeat {
      guard let element = value(depth: depth), push(element) else { return nil }
    } while cursor.take(UInt8(ascii: ","))
    guard cursor.take(UInt8(ascii: "]")) else { return nil }
    return pop(stackUsed &- start, from: start).map { .set($0) }
  }

  /// A record, or one of the escapes for entities and extension values as the only member.
  private mutating func object(depth: Int) -> Value? {
    guard cursor.take(UInt8(ascii: "{")) else { return nil }
    let start = stackUsed
    var ahead = cursor
    if let key = ahead.string(), ahead.take(UInt8(ascii: ":")) {
      if Self.isSame(key, "__entity") {
        cursor = ahead
        guard let entity = innerEntity(), cursor.take(UInt8(ascii: "}")) else { return nil }
        return entity
      }
      if Self.isSame(key, "__extn") {
        cursor = ahead
        guard let value = call(), cursor.take(UInt8(ascii: "}")) else { return nil }
        return value
      }
    }
    guard let count = pairs(depth: depth), !hasDuplicates(count, from: start) else { return nil }
    return pop(count &* 2, from: start).map { .record($0) }
  }

  /// Pushes the members of an object whose brace is read: key, value, key, value. Gives their
  /// number.
  mutating func pairs(depth: Int) -> Int? {
    if cursor.take(UInt8(ascii: "}")) { return 0 }
    var count = 0
    repeat {
      guard count < Self.membersMax, let key = cursor.string(), !Self.isEscape(key),
        cursor.take(UInt8(ascii: ":"))
      else { return nil }
      guard push(.string(key)), let value = value(depth: depth), push(value) else { return nil }
      count &+= 1
    } while cursor.take(UInt8(ascii: ","))
    return cursor.take(UInt8(ascii: "}")) ? count : nil
  }

  static func isEscape(_ key: Cells<UInt8>) -> Bool {
    isSame(key, "__entity") || isSame(key, "__extn") || isSame(key, "__expr")
  }

  /// `{"fn", "arg"}` of a constructor.
  mutating func call() -> Value? {
    guard cursor.take(UInt8(ascii: "{")), let key = cursor.string(),
      cursor.take(UInt8(ascii: ":"))
    else { return nil }
    return call(after: key)
  }

  /// The rest of a call whose first key is read.
  mutating func call(after key: Cells<UInt8>) -> Value? {
    guard let (function, argument) = strings(after: key, "fn", "arg") else { return nil }
    if Self.isSame(function, "ip") { return constructed(.ip, argument) }
    if Self.isSame(function, "decimal") { return constructed(.decimal, argument) }
    if Self.isSame(function, "datetime") { return constructed(.datetime, argument) }
    return Self.isSame(function, "duration") ? constructed(.duration, argument) : nil
  }

  /// An extension value of its text.
  mutating func constructed(_ kind: ValueKind, _ text: Cells<UInt8>) -> Value? {
    switch kind {
    case .ip:
      guard case .success(let range) = IPText.parse(text) else { return nil }
      return reserve(range.isVersion6 ? 1 : 0).map { .ip(range, $0) }
    case .decimal: return (try? DecimalText.parse(text).get()).map { .decimal(scaled: $0) }
    case .datetime: return (try? DatetimeText.parse(text).get()).map { .datetime(milliseconds: $0) }
    case .duration: return (try? DurationText.parse(text).get()).map { .duration(milliseconds: $0) }
    default: return nil
    }
  }
}
