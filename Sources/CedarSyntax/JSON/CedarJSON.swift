// SPDX-License-Identifier: MIT

/// A JSON value as Cedar's interchange formats need it: integers are exact, members keep their
/// order, duplicate keys stay visible to the reader.
public enum CedarJSON: Sendable {
  case null
  case bool(Bool)
  case integer(Int64)
  /// Any other number, as written: fractions, exponents, integers beyond 64 bits.
  case number(String)
  case string(String)
  case array([CedarJSON])
  case object([Member])

  public struct Member: Sendable {
    public let key: String
    public let value: CedarJSON

    public init(_ key: String, _ value: CedarJSON) {
      self.key = key
      self.value = value
    }
  }

  /// An object of the given members, in order.
  public static func members(_ members: (String, CedarJSON)...) -> CedarJSON {
    .object(members.map { Member($0.0, $0.1) })
  }

  /// The first member with the key; nil when there is none or this is no object.
  public subscript(key: String) -> CedarJSON? {
    guard case .object(let members) = self else { return nil }
    return members.first { CedarText.equal($0.key, key) }?.value
  }

  package var isNull: Bool {
    if case .null = self { return true }
    return false
  }

  public var string: String? {
    if case .string(let value) = self { return value }
    return nil
  }

  public var bool: Bool? {
    if case .bool(let value) = self { return value }
    return nil
  }

  public var integer: Int64? {
    if case .integer(let value) = self { return value }
    return nil
  }

  public var array: [CedarJSON]? {
    if case .array(let values) = self { return values }
    return nil
  }

  public var object: [Member]? {
    if case .object(let members) = self { return members }
    return nil
  }

  /// A word for messages: "a string", "an object".
  public var kindDescription: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "an array"
    case .object: "an object"
    }
  }
}

extension CedarJSON: Equatable {
  /// Equality of JSON values: the order of members does not count, strings are compared scalar by
  /// scalar.
  public static func == (left: CedarJSON, right: CedarJSON) -> Bool {
    switch (left, right) {
    case (.null, .null): return true
    case (.bool(let first), .bool(let second)): return first == second
    case (.integer(let first), .integer(let second)): return first == second
    case (.number(let first), .number(let second)): return first == second
    case (.string(let first), .string(let second)): return CedarText.equal(first, second)
    case (.array(let first), .array(let second)): return first == second
    case (.object(let first), .object(let second)):
      guard first.count == second.count else { return false }
      let order: (Member, Member) -> Bool = { CedarText.less($0.key, $1.key) }
      return zip(first.sorted(by: order), second.sorted(by: order)).allSatisfy {
        CedarText.equal($0.key, $1.key) && $0.value == $1.value
      }
    default: return false
    }
  }
}
