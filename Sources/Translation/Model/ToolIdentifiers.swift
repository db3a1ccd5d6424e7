// SPDX-License-Identifier: MIT

internal import JSON

/// Ids of tool calls for providers that take only some letters and a length. An id that fits stays;
/// any other gets `_` for what does not fit, and a digest of the whole, so that no two become one.
/// The same id always becomes the same: calls and results agree without a memory of them.
struct ToolIdentifiers {
  var lengthMaximum = 64
  /// Besides letters and digits.
  var punctuation: StaticString = "_-"

  func identifier(_ id: JSONText) -> JSONText {
    let plain = id.plainBytes
    if !plain.isEmpty, plain.count <= lengthMaximum, plain.allSatisfy(isAllowed) { return id }
    let suffix = "_" + Self.digest(of: plain)
    let kept = plain.prefix(lengthMaximum - suffix.utf8.count).map { isAllowed($0) ? $0 : 0x5f }
    return JSONText(escaped: (kept + suffix.utf8)[...])
  }

  private func isAllowed(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a: true
    default: "\(punctuation)".utf8.contains(byte)
    }
  }

  /// A short text that tells `bytes` from others.
  static func digest(of bytes: some Sequence<UInt8>) -> String {
    String(digest(bytes), radix: 36)
  }

  /// FNV-1a of 64 bits.
  private static func digest(_ bytes: some Sequence<UInt8>) -> UInt64 {
    bytes.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}
