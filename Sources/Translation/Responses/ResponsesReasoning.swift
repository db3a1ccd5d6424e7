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
