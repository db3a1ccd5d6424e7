// SPDX-License-Identifier: MIT

/// A token with the comments around it.
struct CommentedToken {
  let token: Token
  /// Comments on the lines before it, since the previous token's line; without line ends.
  var leading: [String]
  /// The comment behind it on its own line, or empty.
  var trailing: String
  /// A closing bracket behind a comment that ended the previous token's line: it begins a line of
  /// its own, indented as its opening bracket is and not as what stands between them.
  var beginsLine = false
}

/// The tokens of a source with all its comments: each belongs to a token, or to the end.
struct CommentedSource {
  private(set) var tokens: [CommentedToken] = []
  /// Comments behind the last token's line.
  private(set) var closing: [String] = []

  init(_ bytes: [UInt8], _ plain: [Token]) {
    let count = plain.count - 1
    guard count > 0 else {
      closing = Self.comments(bytes[...])
      return
    }
    var leading = Self.comments(bytes[..<plain[0].start])
    for position in 0..<count {
      let end = position + 1 < count ? plain[position + 1].start : bytes.count
      let gap = bytes[plain[position].end..<end]
      let lineEnd = gap.firstIndex(of: 0x0A) ?? gap.endIndex
      let trailing = Self.comments(gap[..<lineEnd]).joined(separator: " ")
      tokens.append(
        CommentedToken(
          token: plain[position], leading: leading, trailing: trailing,
          beginsLine: Self.closes(plain[position]) && tokens.last?.trailing.isEmpty == false))
      leading = Self.comments(gap[lineEnd...])
    }
    closing = leading
  }

  private static func closes(_ token: Token) -> Bool {
    switch token.kind {
    case .rightParenthesis, .rightBracket, .rightBrace: true
    default: false
    }
  }

  /// The comments of a run of bytes between tokens, without the blanks at their ends.
  private static func comments(_ bytes: ArraySlice<UInt8>) -> [String] {
    var result: [String] = []
    var position = bytes.startIndex
    let slash = UInt8(ascii: "/")
    while position + 1 < bytes.endIndex {
      guard bytes[position] == slash, bytes[position + 1] == slash else {
        position += 1
        continue
      }
      let rest = bytes[position...]
      let end = rest.firstIndex { $0 == 0x0A || $0 == 0x0D } ?? rest.endIndex
      var text = Substring(String(decoding: bytes[position..<end], as: UTF8.self))
      while let last = text.unicodeScalars.last, last.properties.isWhitespace {
        text.unicodeScalars.removeLast()
      }
      result.append(String(text))
      position = end
    }
    return result
  }
}
