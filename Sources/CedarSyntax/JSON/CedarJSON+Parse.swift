// SPDX-License-Identifier: MIT

extension CedarJSON {
  /// A mistake in a JSON text: what is wrong and at which byte.
  public struct SyntaxError: Error, Sendable, Equatable {
    public let message: String
    public let offset: Int
  }

  /// Reads a JSON text (RFC 8259). Nesting is bounded by `CedarLimits.jsonDepthMax`; the reader
  /// keeps its own stack, so depth costs no call stack.
  /// - Throws: `SyntaxError`.
  public init(parsing text: String) throws(SyntaxError) {
    var reader = JSONReader(bytes: Array(text.utf8))
    self = try reader.document()
  }
}

private struct JSONReader {
  let bytes: [UInt8]
  var position = 0

  /// A container being filled.
  private struct Frame {
    var isObject: Bool
    var values: [CedarJSON] = []
    var members: [CedarJSON.Member] = []
    var key = ""
  }

  private var stack: [Frame] = []

  init(bytes: [UInt8]) {
    self.bytes = bytes
  }

  mutating func document() throws(CedarJSON.SyntaxError) -> CedarJSON {
    while true {
      skipBlank()
      if let finished = try step() {
        skipBlank()
        guard position == bytes.count else { throw error("text behind the JSON value") }
        return finished
      }
    }
  }

  /// Reads one value or opens one container; then closes what is complete. Gives the document
  /// when the outermost value is complete.
  private mutating func step() throws(CedarJSON.SyntaxError) -> CedarJSON? {
    guard position < bytes.count else { throw error("the text ends where a value should stand") }
    var value: CedarJSON
    switch bytes[position] {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard stack.count < CedarLimits.jsonDepthMax else {
        throw error("nested more than \(CedarLimits.jsonDepthMax) levels deep")
      }
      let isObject = bytes[position] == UInt8(ascii: "{")
      position += 1
      stack.append(Frame(isObject: isObject))
      skipBlank()
      guard peek() == (isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")) else {
        if isObject { try key() }
        return nil
      }
      position += 1
      stack.removeLast()
      value = isObject ? .object([]) : .array([])
    case UInt8(ascii: "\""): value = .string(try string())
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): value = try number()
    default: value = try word()
    }
    return try place(&value)
  }

  /// Puts a complete value into its container and closes containers that end here.
  private mutating func place(
    _ value: inout CedarJSON
  ) throws(CedarJSON.SyntaxError) -> CedarJSON? {
    while let last = stack.indices.last {
      if stack[last].isObject {
        stack[last].members.append(.init(stack[last].key, value))
      } else {
        stack[last].values.append(value)
      }
      skipBlank()
      let isObject = stack[last].isObject
      let close = isObject ? UInt8(ascii: "}") : UInt8(ascii: "]")
      if peek() == UInt8(ascii: ",") {
        position += 1
        skipBlank()
        if isObject { try key() }
        return nil
      }
      guard peek() == close else {
        throw error(isObject ? "expected `,` or `}`" : "expected `,` or `]`")
      }
      position += 1
      let frame = stack.removeLast()
      value = isObject ? .object(frame.members) : .array(frame.values)
    }
    return value
  }

  private mutating func key() throws(CedarJSON.SyntaxError) {
    guard peek() == UInt8(ascii: "\"") else { throw error("expected a member name in quotes") }
    stack[stack.count - 1].key = try string()
    skipBlank()
    guard peek() == UInt8(ascii: ":") else { throw error("expected `:`") }
    position += 1
  }

  private func peek() -> UInt8 { position < bytes.count ? bytes[position] : 0 }

  private mutating func skipBlank() {
    while position < bytes.count, [0x20, 0x0A, 0x0D, 0x09].contains(bytes[position]) {
      position += 1
    }
  }

  private func error(_ message: String) -> CedarJSON.SyntaxError {
    CedarJSON.SyntaxError(message: message, offset: position)
  }

  private mutating func word() throws(CedarJSON.SyntaxError) -> CedarJSON {
    for (word, value) in [("true", CedarJSON.bool(true)), ("false", .bool(false)), ("null", .null)]
    {
      let end = position + word.utf8.count
      if end <= bytes.count, bytes[position..<end].elementsEqual(word.utf8) {
        position = end
        return value
      }
    }
    throw error("expected a JSON value")
  }

  private mutating func number() throws(CedarJSON.SyntaxError) -> CedarJSON {
    let start = position
    if peek() == UInt8(ascii: "-") { position += 1 }
    let digits = position
    while Lexer.isDigit(peek()) { position += 1 }
    guard position > digits, position == digits + 1 || bytes[digits] != UInt8(ascii: "0") else {
      throw error("a number without digits or with a leading zero")
    }
    var isInteger = true
    if peek() == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digitsRequired()
    }
    if peek() | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if peek() == UInt8(ascii: "+") || peek() == UInt8(ascii: "-") { position += 1 }
      try digitsRequired()
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    // `-0` is a float to the reference's reader, which therefore refuses it as a value.
    if isInteger, text != "-0", let value = Int64(text) { return .integer(value) }
    return .number(text)
  }

  private mutating func digitsRequired() throws(CedarJSON.SyntaxError) {
    guard Lexer.isDigit(peek()) else { throw error("expected a digit") }
    while Lexer.isDigit(peek()) { position += 1 }
  }

  private mutating func string() throws(CedarJSON.SyntaxError) -> String {
    position += 1
    var result: [UInt8] = []
    while true {
      guard position < bytes.count else { throw error("a string is never closed") }
      let byte = bytes[position]
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: result, as: UTF8.self)
      case UInt8(ascii: "\\"): result += try escape().utf8
      case 0..<0x20: throw error("a control character in a string")
      default: result.append(byte)
      }
    }
  }

  private mutating func escape() throws(CedarJSON.SyntaxError) -> String {
    let letter = peek()
    position += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
      return String(Unicode.Scalar(letter))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw error("an unknown escape in a string")
    }
  }

  private mutating func unicodeEscape() throws(CedarJSON.SyntaxError) -> String {
    var value = try hexadecimal()
    if value >= 0xD800, value < 0xDC00 {
      guard peek() == UInt8(ascii: "\\"), position + 1 < bytes.count,
        bytes[position + 1] == UInt8(ascii: "u")
      else { throw error("half of a surrogate pair") }
      position += 2
      let low = try hexadecimal()
      guard low >= 0xDC00, low < 0xE000 else { throw error("half of a surrogate pair") }
      value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
    }
    guard let scalar = Unicode.Scalar(value) else { throw error("half of a surrogate pair") }
    return String(scalar)
  }

  private mutating func hexadecimal() throws(CedarJSON.SyntaxError) -> UInt32 {
    // Digit by digit: reading a number would take a sign as well.
    let digits = bytes[position..<min(position + 4, bytes.count)]
    let values = digits.compactMap { Character(Unicode.Scalar($0)).hexDigitValue }
    guard values.count == 4 else { throw error("expected four hexadecimal digits") }
    position += 4
    return values.reduce(0) { $0 << 4 | UInt32($1) }
  }
}
