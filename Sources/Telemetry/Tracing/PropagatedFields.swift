// SPDX-License-Identifier: MIT

public import Bytes

/// What else travels with a trace: whether the values of `tracestate` and `baggage` are fit to be
/// passed on. What is not is dropped whole; the request is served all the same.
public enum PropagatedFields {
  /// Longer values are not passed on. The standard asks for at least 512.
  public static let traceStateBytesMaximum = 1_024
  public static let traceStateMembersMaximum = 32
  /// W3C Baggage section 3.3.2.
  public static let baggageBytesMaximum = 8_192
  public static let baggageMembersMaximum = 180

  /// Whether a value follows W3C Trace Context section 3.3: `key=value` members with commas in
  /// between, no key twice.
  public static func isTraceState(_ value: ByteView) -> Bool {
    guard !value.isEmpty, value.count <= traceStateBytesMaximum else { return false }
    var members = 0
    var start = 0
    while start <= value.count {
      let end = value.firstIndex(of: 0x2c, from: start) ?? value.count
      let member = trimmed(value[start..<end])
      if !member.isEmpty {
        members += 1
        guard members <= traceStateMembersMaximum, isTraceStateMember(member),
          !isRepeated(key(of: member), in: value[0..<start])
        else { return false }
      }
      start = end + 1
    }
    return members > 0
  }

  /// Whether a value follows W3C Baggage section 3.3.1: `key=value;property` members with commas in
  /// between.
  public static func isBaggage(_ value: ByteView) -> Bool {
    guard !value.isEmpty, value.count <= baggageBytesMaximum else { return false }
    var members = 0
    var start = 0
    while start <= value.count {
      let end = value.firstIndex(of: 0x2c, from: start) ?? value.count
      members += 1
      guard members <= baggageMembersMaximum, isBaggageMember(trimmed(value[start..<end])) else {
        return false
      }
      start = end + 1
    }
    return true
  }

  private static func isTraceStateMember(_ member: ByteView) -> Bool {
    guard let equals = member.firstIndex(of: 0x3d), (1...256).contains(equals),
      isKeyStart(member[0]), member.count > equals + 1, member.count - equals - 1 <= 256
    else { return false }
    for index in 0..<equals where !isKeyByte(member[index]) { return false }
    for index in equals + 1..<member.count {
      let byte = member[index]
      if byte < 0x20 || byte > 0x7e || byte == 0x2c || byte == 0x3d { return false }
    }
    return true
  }

  private static func isKeyStart(_ byte: UInt8) -> Bool {
    (0x61...0x7a).contains(byte) || (0x30...0x39).contains(byte)
  }

  private static func isKeyByte(_ byte: UInt8) -> Bool {
    isKeyStart(byte) || byte == 0x5f || byte == 0x2d || byte == 0x2a || byte == 0x2f || byte == 0x40
  }

  private static func key(of member: ByteView) -> ByteView {
    member.prefix(member.firstIndex(of: 0x3d) ?? member.count)
  }

  private static func isRepeated(_ key: ByteView, in earlier: ByteView) -> Bool {
    var start = 0
    while start < earlier.count {
      let end = earlier.firstIndex(of: 0x2c, from: start) ?? earlier.count
      if self.key(of: trimmed(earlier[start..<end])).equals(key) { return true }
      start = end + 1
    }
    return false
  }

  private static func isBaggageMember(_ member: ByteView) -> Bool {
    guard let equals = member.firstIndex(of: 0x3d) else { return false }
    let key = trimmed(member[0..<equals])
    guard !key.isEmpty else { return false }
    for index in 0..<key.count where !isTokenByte(key[index]) { return false }
    for index in equals + 1..<member.count {
      let byte = member[index]
      let isBlank = byte == 0x20 || byte == 0x09
      if !isBlank && (byte < 0x21 || byte > 0x7e || byte == 0x22 || byte == 0x5c) { return false }
    }
    return true
  }

  /// A tchar of RFC 9110 section 5.6.2.
  private static func isTokenByte(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x21, 0x23...0x27, 0x2a, 0x2b, 0x2d, 0x2e,
      0x5e...0x60, 0x7c, 0x7e:
      true
    default: false
    }
  }

  private static func trimmed(_ text: ByteView) -> ByteView {
    var start = 0
    var end = text.count
    while start < end, text[start] == 0x20 || text[start] == 0x09 { start += 1 }
    while end > start, text[end - 1] == 0x20 || text[end - 1] == 0x09 { end -= 1 }
    return text[start..<end]
  }
}
