// SPDX-License-Identifier: MIT

/// Blanks comments and string literals of Swift, C or JavaScript, so that words and braces inside
/// them do not count as code. Line feeds and lengths stay as they are.
struct Masking {
  private let source: [UInt8]
  private let isSwift: Bool
  private var masked: [UInt8]
  private var index = 0

  static func mask(_ file: SourceFile) -> [UInt8] {
    var masking = Masking(source: file.bytes, isSwift: file.language == .swift)
    masking.run()
    return masking.masked
  }

  private init(source: [UInt8], isSwift: Bool) {
    self.source = source
    self.isSwift = isSwift
    masked = source
  }

  private func byte(_ offset: Int = 0) -> UInt8 {
    index + offset < source.count ? source[index + offset] : 0
  }

  private mutating func blank(_ count: Int = 1) {
    for _ in 0..<count where index < source.count {
      if source[index] != UInt8(ascii: "\n") { masked[index] = UInt8(ascii: " ") }
      index += 1
    }
  }

  private mutating func run() {
    while index < source.count {
      if !skipCommentOrString() { index += 1 }
    }
  }

  /// Blanks the comment or the literal that begins here, if one does.
  private mutating func skipCommentOrString() -> Bool {
    switch byte() {
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
      while index < source.count && byte() != UInt8(ascii: "\n") { blank() }
    case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"):
      skipBlockComment()
    case UInt8(ascii: "#") where isSwift:
      var hashes = 1
      while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
      guard byte(hashes) == UInt8(ascii: "\"") else { return false }
      blank(hashes)
      skipSwiftString(hashes: hashes)
    case UInt8(ascii: "\"") where isSwift:
      skipSwiftString(hashes: 0)
    case UInt8(ascii: "\""), UInt8(ascii: "'"), UInt8(ascii: "`"):
      // A back-quoted word is an identifier in Swift.
      if isSwift { return false }
      skipPlainString(byte())
    default: return false
    }
    return true
  }

  private mutating func skipBlockComment() {
    var depth = 0
    repeat {
      if byte() == UInt8(ascii: "/") && byte(1) == UInt8(ascii: "*") {
        depth += 1
        blank(2)
      } else if byte() == UInt8(ascii: "*") && byte(1) == UInt8(ascii: "/") {
        depth -= 1
        blank(2)
      } else {
        blank()
      }
      // C's block comments do not nest.
      if !isSwift { depth = min(depth, 1) }
    } while depth > 0 && index < source.count
  }

  private mutating func skipPlainString(_ quote: UInt8) {
    blank()
    while index < source.count && byte() != quote {
      // A template literal is the only one that may span lines.
      if byte() == UInt8(ascii: "\n") && quote != UInt8(ascii: "`") { return }
      blank(byte() == UInt8(ascii: "\\") ? 2 : 1)
    }
    blank()
  }

  /// From the opening quote to the closing one, with the given number of number signs.
  private mutating func skipSwiftString(hashes: Int) {
    let isMultiline = byte(1) == UInt8(ascii: "\"") && byte(2) == UInt8(ascii: "\"")
    let quotes = isMultiline ? 3 : 1
    blank(quotes)
    while index < source.count {
      if byte() == UInt8(ascii: "\n") && !isMultiline { return }
      if closes(quotes: quotes, hashes: hashes) {
        blank(quotes + hashes)
        return
      }
      if byte() == UInt8(ascii: "\\") && hasHashes(hashes, at: 1) {
        blank(1 + hashes)
        if byte() == UInt8(ascii: "(") { skipInterpolation() } else { blank() }
      } else {
        blank()
      }
    }
  }

  private func closes(quotes: Int, hashes: Int) -> Bool {
    for offset in 0..<quotes where byte(offset) != UInt8(ascii: "\"") { return false }
    return hasHashes(hashes, at: quotes)
  }

  private func hasHashes(_ count: Int, at offset: Int) -> Bool {
    for place in 0..<count where byte(offset + place) != UInt8(ascii: "#") { return false }
    return true
  }

  private mutating func skipInterpolation() {
    var depth = 0
    while index < source.count {
      if skipCommentOrString() { continue }
      if byte() == UInt8(ascii: "(") { depth += 1 }
      if byte() == UInt8(ascii: ")") { depth -= 1 }
      blank()
      if depth == 0 { return }
    }
  }
}
