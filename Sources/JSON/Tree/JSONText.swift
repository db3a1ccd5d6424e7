// SPDX-License-Identifier: MIT

internal import Bytes

/// The text of a JSON string, kept as it was written between its quotes. Passing a text from one
/// document to another copies bytes and neither decodes nor changes them.
public struct JSONText: Equatable, Sendable {
  /// Escaped, without quotes.
  public var escaped: ArraySlice<UInt8>

  /// - Precondition: `escaped` may stand between the quotes of a JSON string.
  @inlinable
  public init(escaped: ArraySlice<UInt8>) { self.escaped = escaped }

  /// A text from plain characters.
  public init(_ plain: String) {
    var bytes: [UInt8] = []
    JSONText.escape(plain.utf8, into: &bytes)
    escaped = bytes[...]
  }

  public static var empty: JSONText { JSONText(escaped: []) }

  @inlinable
  public var isEmpty: Bool { escaped.isEmpty }

  /// The characters.
  public var plain: String {
    guard escaped.contains(0x5c) else { return String(decoding: escaped, as: UTF8.self) }
    return String(decoding: plainBytes, as: UTF8.self)
  }

  /// The characters in UTF-8.
  public var plainBytes: [UInt8] {
    guard escaped.contains(0x5c) else { return Array(escaped) }
    return unsafe escaped.withUnsafeBufferPointer { buffer in
      // What an escape stands for is never longer than the escape.
      unsafe [UInt8](unsafeUninitializedCapacity: buffer.count) { target, count in
        guard let base = target.baseAddress, let source = buffer.baseAddress else {
          count = 0
          return
        }
        var writer = unsafe ByteWriter(base: base, capacity: target.count)
        unsafe JSONString.unescape(ByteView(base: source, count: buffer.count), into: &writer)
        count = writer.count
      }
    }
  }

  /// Whether the text is `literal`, whatever escapes it is written with.
  public func equals(_ literal: StaticString) -> Bool {
    unsafe escaped.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return literal.utf8CodeUnitCount == 0 }
      let contents = unsafe ByteView(base: base, count: buffer.count)
      return contents.equals(literal)
        || contents.firstIndex(of: 0x5c) != nil && JSONString.equals(contents, literal)
    }
  }

  /// Appends `text` with the escapes that JSON needs.
  public static func escape(
    _ text: some Sequence<UInt8>, into bytes: inout [UInt8]
  ) {
    for byte in text {
      switch byte {
      case 0x22: bytes += [0x5c, 0x22]
      case 0x5c: bytes += [0x5c, 0x5c]
      case 0x0a: bytes += [0x5c, 0x6e]
      case 0x0d: bytes += [0x5c, 0x72]
      case 0x09: bytes += [0x5c, 0x74]
      case 0..<0x20:
        bytes += Array("\\u00".utf8)
        bytes.append(0x30 + byte >> 4)
        let low = byte & 15
        bytes.append(low < 10 ? 0x30 + low : 0x57 + low)
      default: bytes.append(byte)
      }
    }
  }
}

extension JSONText: ExpressibleByStringLiteral {
  public init(stringLiteral value: String) { self.init(value) }
}

/// A JSON value as it was written: numbers keep their digits, objects their order.
public struct JSONFragment: Equatable, Sendable {
  public var bytes: ArraySlice<UInt8>

  /// - Precondition: `validated` is one JSON value.
  @inlinable
  public init(validated: ArraySlice<UInt8>) { bytes = validated }

  /// Checks that `text` is one JSON value.
  public init(checking text: ArraySlice<UInt8>) throws(JSONError) {
    self = try JSONTree().parse(text).fragment
  }

  public init(_ value: Int64) { bytes = ArraySlice(String(value).utf8) }

  public init(_ value: Bool) { bytes = ArraySlice((value ? "true" : "false").utf8) }

  /// A literal of the program.
  public init(literal: StaticString) { bytes = ArraySlice("\(literal)".utf8) }

  /// The value of a number without fraction and exponent that fits; nil for anything else.
  public var integer: Int64? {
    let isNegative = bytes.first == 0x2d
    var value: Int64 = 0
    for byte in isNegative ? bytes.dropFirst() : bytes {
      let digit = Int64(byte) - 0x30
      guard (0...9).contains(digit) else { return nil }
      let (product, isTooLarge) = value.multipliedReportingOverflow(by: 10)
      // Downwards, where there is room for one more.
      let (sum, isFull) = product.subtractingReportingOverflow(digit)
      guard !isTooLarge, !isFull else { return nil }
      value = sum
    }
    guard bytes.count > (isNegative ? 1 : 0), isNegative || value > .min else { return nil }
    return isNegative ? value : -value
  }

  /// The nearest value of a number; nil for anything else.
  public var double: Double? { Double(String(decoding: bytes, as: UTF8.self)) }

  /// A tree of its own over the value.
  public var parsed: JSONNode {
    guard let node = try? JSONTree().parse(bytes) else {
      preconditionFailure("a fragment is one JSON value")
    }
    return node
  }

  /// The value's text, as the contents of a string.
  public var quoted: JSONText {
    var escaped: [UInt8] = []
    JSONText.escape(bytes, into: &escaped)
    return JSONText(escaped: escaped[...])
  }
}
