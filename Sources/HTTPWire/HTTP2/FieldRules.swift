// SPDX-License-Identifier: MIT

import Bytes

/// What RFC 9113 section 8.2 says about single fields, stricter where HTTP/1.1 text is made of
/// them: a value is what RFC 9110 section 5.5 lets a field value be.
enum FieldRules {
  static func isName(_ name: ByteView) -> Bool {
    guard !name.isEmpty, name.tokenEnd(from: 0) == name.count else { return false }
    for index in 0..<name.count where name[index] &- 0x41 < 26 { return false }
    return true
  }

  static func isValue(_ value: ByteView) -> Bool {
    guard value.fieldValueEnd(from: 0) == value.count else { return false }
    return value.isEmpty || !isBlank(value[0]) && !isBlank(value[value.count - 1])
  }

  /// Whether a field is of the connection and not of the message (RFC 9113 section 8.2.2).
  static func isConnectionSpecific(_ name: ByteView) -> Bool {
    switch name.count {
    case 7: name.equalsIgnoringCase("upgrade")
    case 10: name.equalsIgnoringCase("connection") || name.equalsIgnoringCase("keep-alive")
    case 14: name.equalsIgnoringCase("http2-settings")
    case 16: name.equalsIgnoringCase("proxy-connection")
    case 17: name.equalsIgnoringCase("transfer-encoding")
    default: false
    }
  }

  /// A path as `:path` may have it: `/…`, or `*` alone, without what would end a request line.
  static func isPath(_ path: ByteView) -> Bool {
    guard !path.isEmpty, path.targetEnd(from: 0) == path.count else { return false }
    return path[0] == 0x2f || path.count == 1 && path[0] == 0x2a
  }

  /// Without user information (section 8.3.1) and without what would end a field.
  static func isAuthority(_ authority: ByteView) -> Bool {
    guard !authority.isEmpty else { return false }
    for index in 0..<authority.count {
      let byte = authority[index]
      let isBracketed = byte == 0x5b || byte == 0x5d || byte == 0x3a
      guard isBracketed || ByteSet.host.contains(byte) else { return false }
    }
    return true
  }
}
