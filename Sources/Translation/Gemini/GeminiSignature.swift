// SPDX-License-Identifier: MIT

internal import JSON

/// Thought signatures of Gemini among those of other providers.
///
/// A conversation may go from one provider to another, and each refuses the other's signatures.
/// Those of Gemini that stand with text, not with a tool call, therefore bear a mark while they are
/// with a client; no base64 has its last character.
enum GeminiSignature {
  private static let mark = "google#"

  /// Sent with a call that another model made, or whose signature the client lost: Gemini 3 refuses
  /// calls without one ("Thought signatures", Gemini API documentation). It is
  /// `skip_thought_signature_validator` in base64.
  static let skipping: JSONText = "c2tpcF90aG91Z2h0X3NpZ25hdHVyZV92YWxpZGF0b3I="

  static func marked(_ signature: JSONText) -> JSONText {
    JSONText(escaped: ArraySlice(mark.utf8) + signature.escaped)
  }

  /// Without the mark; nil for what is not Gemini's.
  static func unmarked(_ signature: JSONText) -> JSONText? {
    guard signature.escaped.starts(with: mark.utf8) else { return nil }
    return JSONText(escaped: signature.escaped.dropFirst(mark.utf8.count))
  }

  // MARK: With Gemini's clients

  private static let foreignMark = Array("gateway#".utf8)
  private static let encryptedMark = Array("encrypted#".utf8)

  /// As a part's `thoughtSignature`, which SDKs decode: those of other providers are wrapped.
  static func forClient(_ thought: ReasoningBlock) -> JSONText? {
    if let data = thought.encrypted { return wrapped(data, encryptedMark) }
    guard let signature = thought.signature else { return nil }
    return unmarked(signature) ?? wrapped(signature, foreignMark)
  }

  private static func wrapped(_ text: JSONText, _ mark: [UInt8]) -> JSONText {
    JSONText(escaped: Base64.encode(mark + text.plainBytes)[...])
  }

  /// A client's `thoughtSignature`, as it was before `forClient`.
  static func fromClient(
    _ signature: JSONText
  ) -> (signature: JSONText?, encrypted: JSONText?) {
    guard let bytes = Base64.decode(signature.escaped) else { return (marked(signature), nil) }
    if bytes.starts(with: foreignMark) {
      return (text(bytes.dropFirst(foreignMark.count)), nil)
    }
    if bytes.starts(with: encryptedMark) {
      return (nil, text(bytes.dropFirst(encryptedMark.count)))
    }
    return (marked(signature), nil)
  }

  /// Whether a client's `thoughtSignature` is another provider's, which Gemini would refuse.
  static func isForeign(_ signature: JSONText) -> Bool {
    guard let bytes = Base64.decode(Base64.standard(signature).escaped) else { return false }
    return bytes.starts(with: foreignMark) || bytes.starts(with: encryptedMark)
  }

  private static func text(_ bytes: ArraySlice<UInt8>) -> JSONText {
    JSONText(String(decoding: bytes, as: UTF8.self))
  }
}

extension ReasoningBlock {
  /// What Gemini wants back of the thoughts.
  var geminiSignature: JSONText? { signature.flatMap(GeminiSignature.unmarked) }
}
