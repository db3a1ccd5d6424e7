// SPDX-License-Identifier: MIT

internal import JSON

/// What stands in `encrypted_content` of reasoning items.
///
/// OpenAI's own content belongs to its item's id, which between APIs stands before it with a bar.
/// A signature of another provider, which belongs to the text beside it, is marked. Anything else
/// is another provider's encrypted content and stays as it is.
enum ResponsesReasoning {
  private static let signatureMark = "signature."
  private static let idMark = "rs_"
  /// How OpenAI's content begins: the version of a Fernet token.
  private static let tokenMark = "gAAAA"
  private static let bar: UInt8 = 0x7c

  /// Between the parts of a summary, where they become one text.
  static let separator: JSONText = "\n\n"

  static func encryptedContent(_ block: ReasoningBlock) -> JSONText? {
    if let encrypted = block.encrypted { return encrypted }
    guard let signature = block.signature else { return nil }
    return JSONText(escaped: ArraySlice(signatureMark.utf8) + signature.escaped)
  }

  static func block(
    text: JSONText, encryptedContent: JSONText?, id: JSONText?
  ) -> ReasoningBlock {
    guard let content = encryptedContent else { return ReasoningBlock(text: text) }
    if content.escaped.starts(with: signatureMark.utf8) {
      let signature = JSONText(escaped: content.escaped.dropFirst(signatureMark.utf8.count))
      return ReasoningBlock(text: text, signature: signature)
    }
    return ReasoningBlock(text: text, encrypted: carried(content, id: id))
  }

  /// OpenAI's content with its id.
  static func carried(_ content: JSONText, id: JSONText?) -> JSONText {
    guard let id, id.escaped.starts(with: idMark.utf8),
      content.escaped.starts(with: tokenMark.utf8)
    else { return content }
    return JSONText(escaped: id.escaped + [bar] + content.escaped)
  }

  /// Whether this is OpenAI's content, with or without its id.
  static func isOpenAI(_ proof: JSONText) -> Bool {
    openAI(proof) != nil || proof.escaped.starts(with: tokenMark.utf8)
  }

  /// Whether OpenAI would refuse an item of thoughts: another provider's bear the gateway's mark,
  /// and in any case an id of its making, which OpenAI does not find.
  static func isForeign(_ item: JSONNode) -> Bool {
    if let content = item["encrypted_content"]?.text,
      content.escaped.starts(with: signatureMark.utf8) || openAI(content) != nil
    {
      return true
    }
    guard let id = item["id"]?.text?.escaped, id.starts(with: idMark.utf8) else { return false }
    return isOwn(digits: id.dropFirst(idMark.utf8.count))
  }

  /// Whether this is what stands behind `rs_` in an id of the gateway's making: the answer's 24
  /// hexadecimal digits and the item's place. OpenAI's have 48 and more, other servers' 16 or 32.
  static func isOwn(digits: some Collection<UInt8>) -> Bool {
    (25...28).contains(digits.count)
      && digits.enumerated().allSatisfy { index, digit in
        switch digit {
        case 0x30...0x39: true
        case 0x61...0x66: index < 24
        default: false
        }
      }
  }

  /// The two of them; nil for another provider's.
  static func openAI(_ encrypted: JSONText) -> (id: JSONText, content: JSONText)? {
    guard encrypted.escaped.starts(with: idMark.utf8),
      let place = encrypted.escaped.firstIndex(of: bar)
    else { return nil }
    return (
      JSONText(escaped: encrypted.escaped[..<place]),
      JSONText(escaped: encrypted.escaped[(place + 1)...])
    )
  }
}
