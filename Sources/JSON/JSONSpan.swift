// SPDX-License-Identifier: MIT

public import Bytes

/// What kind of value stands somewhere.
public enum JSONKind: UInt8, Sendable {
  /// Nowhere: the member does not occur.
  case absent
  case null
  case `false`
  case `true`
  case number
  case string
  case array
  case object
}

/// A value by its place in the text: 12 bytes, no copy. Quotes and brackets belong to the range.
@frozen
public struct JSONSpan: Equatable, Sendable {
  public var range: ByteRange
  public var kind: JSONKind
  /// Whether the value is a string that has to be unescaped before it can be compared.
  public var hasEscapes: Bool

  @inlinable
  public init(range: ByteRange, kind: JSONKind, hasEscapes: Bool = false) {
    self.range = range
    self.kind = kind
    self.hasEscapes = hasEscapes
  }

  @inlinable
  public static var absent: JSONSpan { JSONSpan(range: .empty, kind: .absent) }

  /// Whether the member occurs with a value other than `null`, which APIs treat alike.
  @inlinable @inline(__always)
  public var isPresent: Bool { kind.rawValue > JSONKind.null.rawValue }

  /// What stands between the quotes of a string, escapes and all; empty for other kinds.
  @inlinable @inline(__always)
  public var contents: ByteRange {
    guard kind == .string else { return ByteRange(start: range.start, count: 0) }
    return ByteRange(start: range.start &+ 1, count: range.count &- 2)
  }

  /// The value of a number without fraction and exponent; nil for anything else or beyond 63 bits.
  public func integer(in text: ByteView) -> Int64? {
    guard kind == .number else { return nil }
    let digits = text[range]
    let isNegative = digits[0] == 0x2d
    var value: UInt64 = 0
    for index in (isNegative ? 1 : 0)..<digits.count {
      let digit = digits[index] &- 0x30
      guard digit < 10 else { return nil }
      let (product, overflow) = value.multipliedReportingOverflow(by: 10)
      let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
      guard !overflow, !carry, sum <= UInt64(Int64.max) else { return nil }
      value = sum
    }
    return isNegative ? -Int64(value) : Int64(value)
  }
}
