// SPDX-License-Identifier: MIT

/// What a value is.
public enum ValueKind: UInt8, Sendable, BitwiseCopyable {
  /// No value: an attribute that is not there. Never the result of an expression.
  case none = 0
  case bool = 1
  case long = 2
  case string = 3
  case entity = 4
  case set = 5
  case record = 6
  case decimal = 7
  case ip = 8
  case datetime = 9
  case duration = 10
}

/// A value of the language in 16 bytes, without references to count.
///
/// `header` holds the kind in bits 0-7, a hash (strings, sets, records, IPv6) in bits 8-31 and in
/// bits 32-63 a count (bytes, elements, fields), the entity's type or an address' prefix. `payload`
/// is the number itself, the entity's id, or the address of the content. Two equal values have
/// equal headers, so that most unequal ones are told apart by one comparison.
///
/// Content is borrowed: a value made from a program, a store or a frame is good as long as that is.
@frozen
public struct Value: Sendable, BitwiseCopyable {
  @usableFromInline let header: UInt64
  @usableFromInline let payload: UInt64

  @inlinable @inline(__always)
  init(header: UInt64, payload: UInt64) {
    self.header = header
    self.payload = payload
  }

  @inlinable @inline(__always)
  init(_ kind: ValueKind, payload: UInt64) {
    header = UInt64(kind.rawValue)
    self.payload = payload
  }

  /// No value.
  @inlinable @inline(__always)
  public static var none: Value { Value(header: 0, payload: 0) }

  @inlinable @inline(__always)
  public static func bool(_ flag: Bool) -> Value { Value(.bool, payload: flag ? 1 : 0) }

  @inlinable @inline(__always)
  public static func long(_ number: Int64) -> Value {
    Value(.long, payload: UInt64(bitPattern: number))
  }

  /// A decimal; `scaled` is the value times 10^4.
  @inlinable @inline(__always)
  public static func decimal(scaled: Int64) -> Value {
    Value(.decimal, payload: UInt64(bitPattern: scaled))
  }

  /// A point in time in milliseconds since 1970-01-01T00:00:00Z.
  @inlinable @inline(__always)
  public static func datetime(milliseconds: Int64) -> Value {
    Value(.datetime, payload: UInt64(bitPattern: milliseconds))
  }

  @inlinable @inline(__always)
  public static func duration(milliseconds: Int64) -> Value {
    Value(.duration, payload: UInt64(bitPattern: milliseconds))
  }

  @inlinable @inline(__always)
  static func entity(_ id: UInt32, type: UInt32) -> Value {
    Value(header: UInt64(ValueKind.entity.rawValue) | UInt64(type) << 32, payload: UInt64(id))
  }

  @inlinable @inline(__always)
  var rawKind: UInt8 { UInt8(truncatingIfNeeded: header) }

  /// The kind of the value.
  public var kind: ValueKind { ValueKind(rawValue: rawKind) ?? .none }

  @inlinable @inline(__always)
  func isKind(_ kind: ValueKind) -> Bool { rawKind == kind.rawValue }

  /// The number of a long, decimal, datetime or duration.
  @inlinable @inline(__always)
  public var number: Int64 { Int64(bitPattern: payload) }

  /// The flag of a bool.
  @inlinable @inline(__always)
  public var flag: Bool { payload != 0 }

  /// Bytes of a string, elements of a set, fields of a record.
  @inlinable @inline(__always)
  public var count: Int { Int(header >> 32) }

  /// The id of an entity.
  @inlinable @inline(__always)
  var entityID: UInt32 { UInt32(truncatingIfNeeded: payload) }

  /// The type symbol of an entity.
  @inlinable @inline(__always)
  var entityType: UInt32 { UInt32(truncatingIfNeeded: header >> 32) }
}
