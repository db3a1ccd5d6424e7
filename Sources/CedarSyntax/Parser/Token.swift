// SPDX-License-Identifier: MIT

/// A lexical unit of policies and schemas with its byte range.
public struct Token: Sendable {
  public enum Kind: UInt8, Sendable {
    case identifier
    case integer
    /// `10.0`: only the dialect has it, but it is always lexed so that the error can say so.
    case decimal
    case string
    /// `?principal` and the like.
    case slot
    case at, dot, comma, semicolon, colon, doubleColon, question
    case leftParenthesis, rightParenthesis, leftBrace, rightBrace, leftBracket, rightBracket
    case equal, notEqual, less, lessOrEqual, greaterOrEqual, greater, singleEqual
    case or, and, plus, minus, star, slash, percent, bang
    /// Bytes that begin no token; a diagnostic has been made.
    case invalid
    case end
  }

  public let kind: Kind
  /// Offset of the first byte.
  public let start: Int
  /// Offset behind the last byte.
  public let end: Int

  init(_ kind: Kind, _ start: Int, _ end: Int) {
    self.kind = kind
    self.start = start
    self.end = end
  }
}
