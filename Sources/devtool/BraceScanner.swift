// SPDX-License-Identifier: MIT

/// Finds the bodies of functions in a language of braces, on text whose comments and strings are
/// blanked. It reads words and brackets only, which is enough to measure lengths.
struct BraceScanner {
  private struct Pending {
    let name: String
    let line: Int
    let parenthesisDepth: Int
  }

  private struct Frame {
    let function: Pending?
  }

  private let text: [UInt8]
  private let isSwift: Bool
  private var index = 0
  private var line = 1
  private var parenthesisDepth = 0
  private var frames: [Frame] = []
  private var pending: Pending?
  private var previousByte: UInt8 = 0
  /// In C, the word before the parentheses that a body's brace follows, and its line.
  private var candidate: (name: String, line: Int)?
  private var lastWord: (name: String, line: Int)?
  private var functions: [FunctionLengthRule.Function] = []

  static func functions(
    in file: SourceFile, isSwift: Bool
  ) -> [FunctionLengthRule.Function] {
    var scanner = BraceScanner(text: Masking.mask(file), isSwift: isSwift)
    scanner.run()
    return scanner.functions
  }

  private init(text: [UInt8], isSwift: Bool) {
    self.text = text
    self.isSwift = isSwift
  }

  private mutating func run() {
    while index < text.count {
      let byte = text[index]
      if BraceScanner.isWordByte(byte) {
        readWord()
        continue
      }
      readBracket(byte)
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte > UInt8(ascii: " ") { previousByte = byte }
      index += 1
    }
  }

  private mutating func readWord() {
    let start = index
    while index < text.count && BraceScanner.isWordByte(text[index]) { index += 1 }
    let word = String(decoding: text[start..<index], as: UTF8.self)
    let isMember = previousByte == UInt8(ascii: ".")
    previousByte = text[index - 1]
    lastWord = (word, line)
    guard isSwift, !isMember else { return }
    switch word {
    case "func":
      pending = Pending(name: nextName(), line: line, parenthesisDepth: parenthesisDepth)
    case "init", "deinit", "subscript":
      pending = Pending(name: word, line: line, parenthesisDepth: parenthesisDepth)
    case "var", "let", "case", "struct", "class", "enum", "protocol", "extension", "actor":
      // The function before it was a requirement without a body.
      if pending?.parenthesisDepth == parenthesisDepth { pending = nil }
    default: break
    }
  }

  private mutating func readBracket(_ byte: UInt8) {
    switch byte {
    case UInt8(ascii: "("), UInt8(ascii: "["):
      if byte == UInt8(ascii: "("), parenthesisDepth == 0, !isSwift { candidate = lastWord }
      parenthesisDepth += 1
    case UInt8(ascii: ")"), UInt8(ascii: "]"):
      parenthesisDepth = max(0, parenthesisDepth - 1)
    case UInt8(ascii: ";") where !isSwift:
      candidate = nil
    case UInt8(ascii: "{"):
      frames.append(Frame(function: openedFunction()))
    case UInt8(ascii: "}"):
      if let function = frames.popLast()?.function {
        functions.append(
          FunctionLengthRule.Function(
            name: function.name, firstLine: function.line, lastLine: line))
      }
    default: break
    }
  }

  /// The function whose body this brace begins, if it does.
  private mutating func openedFunction() -> Pending? {
    if isSwift {
      guard let function = pending, function.parenthesisDepth == parenthesisDepth else {
        return nil
      }
      pending = nil
      return function
    }
    defer { candidate = nil }
    guard previousByte == UInt8(ascii: ")"), let candidate else { return nil }
    if ["if", "for", "while", "switch", "catch"].contains(candidate.name) { return nil }
    return Pending(name: candidate.name, line: candidate.line, parenthesisDepth: 0)
  }

  /// The name after `func`, which may be an operator.
  private func nextName() -> String {
    var start = index
    while start < text.count && text[start] == UInt8(ascii: " ") { start += 1 }
    var end = start
    while end < text.count && text[end] > UInt8(ascii: " ") && text[end] != UInt8(ascii: "(") {
      end += 1
    }
    return String(decoding: text[start..<end], as: UTF8.self)
  }

  private static func isWordByte(_ byte: UInt8) -> Bool {
    (byte | 0x20) >= UInt8(ascii: "a") && (byte | 0x20) <= UInt8(ascii: "z")
      || byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") || byte == UInt8(ascii: "_")
  }
}
