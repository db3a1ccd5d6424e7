// SPDX-License-Identifier: MIT

internal import JSON

/// The thoughts of one choice of a stream: their text goes to the client in pieces, as
/// `reasoning_content`, and once more as a whole with the proof that their provider wants back.
struct OpenAIStreamedThoughts {
  /// Longer ones are not repeated; a reader takes the text of an only block from
  /// `reasoning_content`.
  private static let bytesMaximum = 1 << 20

  private var count = 0
  private var text: [UInt8] = []
  private var isTooLong = false

  mutating func append(_ piece: JSONText) {
    guard !isTooLong else { return }
    isTooLong = text.count + piece.escaped.count > Self.bytesMaximum
    if isTooLong { text = [] } else { text += piece.escaped }
  }

  /// The block ends with a signature.
  mutating func close(signature: JSONText) -> (index: Int, block: ReasoningBlock) {
    next(ReasoningBlock(text: JSONText(escaped: text[...]), signature: signature))
  }

  /// A block that only its provider can read; what was told before it is a summary.
  mutating func close(encrypted: JSONText) -> (index: Int, block: ReasoningBlock) {
    next(ReasoningBlock(text: .empty, encrypted: encrypted))
  }

  /// The block ends without proof.
  mutating func forget() {
    text = []
    isTooLong = false
  }

  private mutating func next(_ block: ReasoningBlock) -> (index: Int, block: ReasoningBlock) {
    defer { count += 1 }
    forget()
    return (count, block)
  }
}
