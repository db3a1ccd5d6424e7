// SPDX-License-Identifier: MIT

public import Bytes

/// A field's value with parameters: `multipart/form-data; boundary="…"` (RFC 9110 section 5.6.6).
public struct HeaderParameters {
  public enum Item {
    /// Without the quotes of a quoted string; its backslashes are still there.
    case parameter(key: ByteView, value: ByteView)
    case end
    case malformed
  }

  /// What stands before the parameters.
  public let value: ByteView
  private var rest: ByteView

  public init(_ text: ByteView) {
    let end = text.firstIndex(of: UInt8(ascii: ";")) ?? text.count
    value = Self.trimmed(text.prefix(end))
    rest = text.dropFirst(end)
  }

  public mutating func next() -> Item {
    rest = Self.trimmed(rest)
    guard !rest.isEmpty else { return .end }
    guard rest[0] == UInt8(ascii: ";") else { return .malformed }
    while !rest.isEmpty, rest[0] == UInt8(ascii: ";") { rest = Self.trimmed(rest.dropFirst(1)) }
    if rest.isEmpty { return .end }
    guard let equals = rest.firstIndex(of: UInt8(ascii: "=")), equals > 0 else {
      return .malformed
    }
    let key = rest.prefix(equals)
    guard key.firstIndex(of: 0x20) == nil, key.firstIndex(of: UInt8(ascii: ";")) == nil,
      key.firstIndex(of: UInt8(ascii: "\"")) == nil
    else { return .malformed }
    rest = rest.dropFirst(equals + 1)
    guard !rest.isEmpty, rest[0] == UInt8(ascii: "\"") else {
      let end = rest.firstIndex(of: UInt8(ascii: ";")) ?? rest.count
      let value = Self.trimmed(rest.prefix(end))
      rest = rest.dropFirst(end)
      return value.isEmpty || value.firstIndex(of: UInt8(ascii: "\"")) != nil
        ? .malformed : .parameter(key: key, value: value)
    }
    guard let end = Self.quoteEnd(rest) else { return .malformed }
    let value = rest[1..<end]
    rest = rest.dropFirst(end + 1)
    return .parameter(key: key, value: value)
  }

  /// The index of the quote that ends a quoted string.
  private static func quoteEnd(_ text: ByteView) -> Int? {
    var index = 1
    while index < text.count {
      if text[index] == UInt8(ascii: "\"") { return index }
      index += text[index] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private static func trimmed(_ text: ByteView) -> ByteView {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    return text[start..<end]
  }
}
