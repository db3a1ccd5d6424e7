// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// Signatures of what a model thought: opaque to clients, and refused when anything has changed.
/// The fake needs no memory for that, because a signature is a digest of what it signs.
enum ThinkingSignature {
  private static let redactedPrefix = "scripted-redacted:"

  /// The signature of a thinking block.
  static func sign(_ thinking: String) -> String {
    var hash = StableHash()
    hash.combine("signature")
    hash.combine(thinking)
    return base64("scripted-signature:\(hash.digits)")
  }

  static func isValid(_ signature: String, for thinking: String) -> Bool {
    signature == sign(thinking)
  }

  /// What a redacted thinking block of so many tokens carries.
  static func redacted(tokens: Int) -> String {
    base64("\(redactedPrefix)\(tokens):\(digits(tokens))")
  }

  static func isValid(redacted data: String) -> Bool {
    guard let decoded = Data(base64Encoded: data) else { return false }
    let parts = String(decoding: decoded, as: UTF8.self).split(separator: ":")
    guard parts.count == 3, let tokens = Int(parts[1]) else { return false }
    return data == redacted(tokens: tokens)
  }

  private static func digits(_ tokens: Int) -> String {
    var hash = StableHash()
    hash.combine("redacted")
    hash.combine(Int64(tokens))
    return hash.digits
  }

  private static func base64(_ text: String) -> String { Data(text.utf8).base64EncodedString() }
}
