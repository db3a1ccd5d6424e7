// SPDX-License-Identifier: MIT

internal import FoundationEssentials

/// Gemini's opaque `thoughtSignature`: what was signed is not checked by the real service, only
/// that the signature is one.
enum ThoughtSignature {
  private static let prefix = "scripted-thought:"
  /// What Google documents for histories that another model began.
  private static let skipping: Set<String> = [
    "skip_thought_signature_validator", "context_engineering_is_the_way_to_go",
  ]

  /// The signature of an answer's part, different for each answer.
  static func make(_ digits: String) -> String {
    var hash = StableHash()
    hash.combine(digits)
    return Data("\(prefix)\(digits):\(hash.digits)".utf8).base64EncodedString()
  }

  static func isValid(_ signature: String) -> Bool {
    if skipping.contains(signature) { return true }
    guard let decoded = Data(base64Encoded: signature) else { return false }
    let text = String(decoding: decoded, as: UTF8.self)
    if skipping.contains(text) { return true }
    let parts = text.split(separator: ":")
    return parts.count == 3 && signature == make(String(parts[1]))
  }
}
