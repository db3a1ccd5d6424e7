// SPDX-License-Identifier: MIT

public import Bytes

/// The opening handshake of a WebSocket (RFC 6455 section 4), as a proxy has to look at it.
public enum WebSocketUpgrade: UInt8, Equatable, Sendable {
  case valid
  /// The head asks for no WebSocket.
  case notAsked
  /// `Sec-WebSocket-Version` is not 13.
  case versionUnsupported
  /// `Sec-WebSocket-Key` is missing, repeated or not 16 bytes in base64, or there is a body.
  case malformed

  /// What a request's head asks for.
  public init(_ head: RequestHead, bytes: ByteView, table: HeaderTable) {
    guard head.method == .get, head.minorVersion == 1, Self.asks(bytes, table) else {
      self = .notAsked
      return
    }
    guard head.framing == .none || head.framing == .length(0) else {
      self = .malformed
      return
    }
    var keyCount = 0
    var isKey = true
    var version = ByteView.empty
    for index in 0..<table.count where table[index].known == .other {
      let name = bytes[table[index].name]
      let value = bytes[table[index].value]
      if name.equalsIgnoringCase("sec-websocket-key") {
        keyCount += 1
        isKey = isKey && Self.isKey(value)
      } else if name.equalsIgnoringCase("sec-websocket-version") {
        version = value
      }
    }
    self =
      !version.equals("13") ? .versionUnsupported : keyCount == 1 && isKey ? .valid : .malformed
  }

  /// Whether an answer with status 101 switches to a WebSocket.
  public static func isAccepted(_ bytes: ByteView, table: HeaderTable) -> Bool {
    asks(bytes, table)
  }

  private static func asks(_ bytes: ByteView, _ table: HeaderTable) -> Bool {
    contains("websocket", .upgrade, bytes, table) && contains("upgrade", .connection, bytes, table)
  }

  private static func contains(
    _ word: StaticString, _ header: KnownHeader, _ bytes: ByteView, _ table: HeaderTable
  ) -> Bool {
    for index in 0..<table.count where table[index].known == header {
      var options = ConnectionOptions(bytes[table[index].value])
      while let option = options.next() {
        if option.equalsIgnoringCase(word) { return true }
      }
    }
    return false
  }

  /// 22 characters of base64 and two of padding.
  private static func isKey(_ value: ByteView) -> Bool {
    guard value.count == 24, value[22] == 0x3d, value[23] == 0x3d else { return false }
    for index in 0..<22 {
      let byte = value[index]
      let isLetter = (byte | 0x20) &- 0x61 < 26
      guard isLetter || byte &- 0x30 < 10 || byte == 0x2b || byte == 0x2f else { return false }
    }
    return true
  }
}
