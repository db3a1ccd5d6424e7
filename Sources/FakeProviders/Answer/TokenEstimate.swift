// SPDX-License-Identifier: MIT

/// The provider's tokenizer: simple, documented, and the same for counting, cutting and streaming.
///
/// A token is either up to eight ASCII letters or digits, together with one space before them, or
/// one other Unicode scalar alone. So `Hello, world!` is `Hello` `,` ` world` `!`: four tokens.
/// Joined together the tokens of a text are the text, byte for byte.
public enum TokenEstimate {
  private static let wordBytesMaximum = 8

  /// The number of tokens of `text`.
  public static func count(_ text: String) -> Int {
    var count = 0
    forEachTokenEnd(text) { _ in
      count += 1
      return true
    }
    return count
  }

  /// The tokens of `text`, in order.
  public static func split(_ text: String) -> [Substring] {
    var tokens: [Substring] = []
    var start = text.startIndex
    forEachTokenEnd(text) { end in
      tokens.append(text[start..<end])
      start = end
      return true
    }
    return tokens
  }

  /// The first `limit` tokens of `text` and whether that is less than all of it.
  public static func prefix(_ text: String, _ limit: Int) -> (text: String, isCut: Bool) {
    var end = text.startIndex
    var count = 0
    forEachTokenEnd(text) { tokenEnd in
      if count == limit { return false }
      count += 1
      end = tokenEnd
      return true
    }
    return (String(text[..<end]), end != text.endIndex)
  }

  /// Calls `body` with the end of each token until it answers false.
  private static func forEachTokenEnd(_ text: String, _ body: (String.Index) -> Bool) {
    let scalars = text.unicodeScalars
    var index = scalars.startIndex
    while index != scalars.endIndex {
      var end = index
      if scalars[end] == " " {
        let next = scalars.index(after: end)
        if next != scalars.endIndex, isWord(scalars[next]) { end = next }
      }
      if isWord(scalars[end]) {
        var length = 0
        while end != scalars.endIndex, length < wordBytesMaximum, isWord(scalars[end]) {
          end = scalars.index(after: end)
          length += 1
        }
      } else {
        end = scalars.index(after: end)
      }
      if !body(end) { return }
      index = end
    }
  }

  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "a"..."z", "A"..."Z", "0"..."9": true
    default: false
    }
  }
}
