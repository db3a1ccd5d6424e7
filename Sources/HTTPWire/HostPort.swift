// SPDX-License-Identifier: MIT

import Bytes

/// `host [ ":" port ]` as in the Host field and in absolute targets (RFC 9110 section 7.2). User
/// information (`user@`) is not part of it and is refused.
enum HostPort {
  /// Whether `range` of `bytes` is a registered name, an IPv4 address or an IP literal in brackets,
  /// with an optional decimal port up to 65535. Not for the empty text.
  @inline(__always)
  static func isValid(_ bytes: ByteView, _ range: ByteRange, portRequired: Bool) -> Bool {
    let end = range.upperBound
    let nameEnd = min(bytes.hostNameEnd(from: range.lowerBound), end)
    if nameEnd == range.lowerBound { return isLiteral(bytes[range], portRequired: portRequired) }
    if nameEnd == end { return !portRequired }
    return bytes[nameEnd] == 0x3a
      && isPort(bytes[(nameEnd &+ 1)..<end], mayBeEmpty: !portRequired)
  }

  private static func isLiteral(_ text: ByteView, portRequired: Bool) -> Bool {
    guard !text.isEmpty, text[0] == 0x5b else { return false }
    var index = 1
    while index < text.count && ByteSet.addressLiteral.contains(text[index]) { index += 1 }
    guard index > 1, index < text.count, text[index] == 0x5d else { return false }
    index += 1
    if index == text.count { return !portRequired }
    return text[index] == 0x3a && isPort(text.dropFirst(index + 1), mayBeEmpty: !portRequired)
  }

  @inline(__always)
  private static func isPort(_ digits: ByteView, mayBeEmpty: Bool) -> Bool {
    guard !digits.isEmpty else { return mayBeEmpty }
    guard digits.count <= 5, let port = digits.decimalLength else { return false }
    return port <= 65_535
  }

  /// Host names compare without regard to case.
  static func areEqual(_ one: ByteView, _ other: ByteView) -> Bool {
    guard one.count == other.count else { return false }
    for index in 0..<one.count where lowered(one[index]) != lowered(other[index]) { return false }
    return true
  }

  private static func lowered(_ byte: UInt8) -> UInt8 {
    byte &- 0x41 < 26 ? byte | 0x20 : byte
  }
}
