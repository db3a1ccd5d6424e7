// SPDX-License-Identifier: MIT

/// Cuts source text into tokens. Never fails: bytes that begin no token become an `invalid` token
/// and a diagnostic. The last token is always `end`.
struct Lexer {
  /// The source as UTF-8. It comes from a `String`, so it is valid.
  let bytes: [UInt8]
  let file: UInt16
  private(set) var tokens: [Token] = []
  private(set) var diagnostics: [Diagnostic] = []
  private var position = 0

  init(_ source: String, file: UInt16 = 0) {
    bytes = Array(source.utf8)
    self.file = file
    tokens.reserveCapacity(bytes.count / 4 + 1)
  }

  /// Runs to the end of the source.
  mutating func run() {
    while let token = next() { tokens.append(token) }
    tokens.append(Token(.end, bytes.count, bytes.count))
  }

  private mutating func next() -> Token? {
    skipBlank()
    guard position < bytes.count else { return nil }
    let start = position
    let byte = bytes[position]
    if Self.isIdentifierStart(byte) { return run(.identifier, Self.isIdentifierPart) }
    if Self.isDigit(byte) { return number() }
    if byte == UInt8(ascii: "\"") { return string() }
    if byte == UInt8(ascii: "?"), Self.isIdentifierStart(peek(1)) {
      position += 1
      let name = run(.slot, Self.isIdentifierPart)
      return Token(.slot, start, name.end)
    }
    let (kind, length) = punctuation(byte, peek(1))
    guard kind != .invalid else { return invalid() }
    position += length
    return Token(kind, start, position)
  }

  /// The byte `offset` ahead, or 0 behind the end.
  private func peek(_ offset: Int) -> UInt8 {
    position + offset < bytes.count ? bytes[position + offset] : 0
  }

  private mutating func run(_ kind: Token.Kind, _ belongs: (UInt8) -> Bool) -> Token {
    let start = position
    while position < bytes.count, belongs(bytes[position]) { position += 1 }
    return Token(kind, start, position)
  }

  private mutating func number() -> Token {
    let whole = run(.integer, Self.isDigit)
    guard peek(0) == UInt8(ascii: "."), Self.isDigit(peek(1)) else { return whole }
    position += 1
    let fraction = run(.integer, Self.isDigit)
    return Token(.decimal, whole.start, fraction.end)
  }

  private mutating func string() -> Token {
    let start = position
    position += 1
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        position += 1
        return Token(.string, start, position)
      case UInt8(ascii: "\\"):
        if peek(1) == UInt8(ascii: "\n") {
          report(
            .lineContinuation, "a string cannot be continued with a backslash at the line's end",
            position, position + 1, help: "write `\\n` or put the line break itself in the string")
        }
        position += 2
      default: position += 1
      }
    }
    position = bytes.count
    // The whole rest is in the string; the label shows where it began.
    report(
      .unterminatedString, "this string is never closed", start, start + 1,
      help: "add a `\"` where the string ends")
    return Token(.invalid, start, position)
  }

  private mutating func invalid() -> Token {
    let start = position
    position += 1
    // The rest of a multi-byte scalar belongs to the same token.
    while position < bytes.count, bytes[position] & 0xC0 == 0x80 { position += 1 }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let help: String? =
      switch text {
      case "&": "logical and is written `&&`"
      case "|": "logical or is written `||`"
      case "'": "strings are written in double quotes"
      case "#": "comments begin with `//`"
      case "\u{201C}", "\u{201D}": "use the plain double quote `\"`"
      case "\u{FEFF}": "this is a byte order mark; save the file as UTF-8 without one"
      default: nil
      }
    report(
      .invalidToken, "\(Self.shown(text)) begins no token of Cedar", start, position, help: help)
    return Token(.invalid, start, position)
  }

  /// A character for messages; by number where there is nothing to see.
  private static func shown(_ text: String) -> String {
    guard let scalar = text.unicodeScalars.first else { return "`\(text)`" }
    switch scalar.properties.generalCategory {
    case .control, .format, .spaceSeparator, .lineSeparator, .paragraphSeparator, .unassigned,
      .privateUse:
      let digits = String(scalar.value, radix: 16, uppercase: true)
      return "U+\(String(repeating: "0", count: max(0, 4 - digits.count)))\(digits)"
    default: return "`\(text)`"
    }
  }

  private mutating func report(
    _ code: DiagnosticCode, _ message: String, _ start: Int, _ end: Int, help: String? = nil
  ) {
    diagnostics.append(
      Diagnostic(
        .error, code, message,
        labels: [.init(SourceSpan(start: start, end: end, file: file))], help: help))
  }

  /// Skips white space and `//` comments.
  private mutating func skipBlank() {
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "/"), peek(1) == UInt8(ascii: "/") {
        position += 2
        while position < bytes.count, bytes[position] != 0x0A, bytes[position] != 0x0D {
          position += 1
        }
      } else if let length = Self.blankLength(bytes, position) {
        position += length
      } else {
        return
      }
    }
  }
}

extension Lexer {
  static func isIdentifierStart(_ byte: UInt8) -> Bool {
    (byte | 0x20) &- UInt8(ascii: "a") < 26 || byte == UInt8(ascii: "_")
  }

  static func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") < 10 }

  static func isIdentifierPart(_ byte: UInt8) -> Bool {
    isIdentifierStart(byte) || isDigit(byte)
  }

  /// Bytes of the white space scalar at `position` (the Unicode property White_Space), or nil.
  static func blankLength(_ bytes: [UInt8], _ position: Int) -> Int? {
    let byte = bytes[position]
    if byte == 0x20 || (byte >= 0x09 && byte <= 0x0D) { return 1 }
    guard byte >= 0xC2 else { return nil }
    let second = position + 1 < bytes.count ? bytes[position + 1] : 0
    if byte == 0xC2 { return second == 0x85 || second == 0xA0 ? 2 : nil }
    let third = position + 2 < bytes.count ? bytes[position + 2] : 0
    switch (byte, second, third) {
    case (0xE1, 0x9A, 0x80), (0xE2, 0x80, 0x80...0x8A), (0xE2, 0x80, 0xA8...0xA9),
      (0xE2, 0x80, 0xAF), (0xE2, 0x81, 0x9F), (0xE3, 0x80, 0x80):
      return 3
    default: return nil
    }
  }

  private func punctuation(_ first: UInt8, _ second: UInt8) -> (Token.Kind, Int) {
    switch (first, second) {
    case (UInt8(ascii: ":"), UInt8(ascii: ":")): (.doubleColon, 2)
    case (UInt8(ascii: "="), UInt8(ascii: "=")): (.equal, 2)
    case (UInt8(ascii: "!"), UInt8(ascii: "=")): (.notEqual, 2)
    case (UInt8(ascii: "<"), UInt8(ascii: "=")): (.lessOrEqual, 2)
    case (UInt8(ascii: ">"), UInt8(ascii: "=")): (.greaterOrEqual, 2)
    case (UInt8(ascii: "|"), UInt8(ascii: "|")): (.or, 2)
    case (UInt8(ascii: "&"), UInt8(ascii: "&")): (.and, 2)
    default: (Self.single[first] ?? .invalid, 1)
    }
  }

  private static let single: [UInt8: Token.Kind] = [
    UInt8(ascii: "@"): .at, UInt8(ascii: "."): .dot, UInt8(ascii: ","): .comma,
    UInt8(ascii: ";"): .semicolon, UInt8(ascii: ":"): .colon, UInt8(ascii: "?"): .question,
    UInt8(ascii: "("): .leftParenthesis, UInt8(ascii: ")"): .rightParenthesis,
    UInt8(ascii: "{"): .leftBrace, UInt8(ascii: "}"): .rightBrace,
    UInt8(ascii: "["): .leftBracket, UInt8(ascii: "]"): .rightBracket,
    UInt8(ascii: "<"): .less, UInt8(ascii: ">"): .greater, UInt8(ascii: "="): .singleEqual,
    UInt8(ascii: "+"): .plus, UInt8(ascii: "-"): .minus, UInt8(ascii: "*"): .star,
    UInt8(ascii: "/"): .slash, UInt8(ascii: "%"): .percent, UInt8(ascii: "!"): .bang,
  ]
}
