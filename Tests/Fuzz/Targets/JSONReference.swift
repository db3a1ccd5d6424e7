// SPDX-License-Identifier: MIT

/// The plainest possible validator of JSON, as the other opinion: recursive, byte by byte,
/// with the standard library's idea of UTF-8 and of surrogates.
struct JSONReference {
  private let bytes: [UInt8]
  private var index = 0

  /// Whether `bytes` are one JSON object of at most `depthMax` levels, without unpaired surrogates.
  static func accepts(_ bytes: [UInt8], depthMax: Int) -> Bool {
    let isSpace: (UInt8) -> Bool = { [0x20, 0x09, 0x0a, 0x0d].contains($0) }
    return bytes.first { !isSpace($0) } == UInt8(ascii: "{")
      && acceptsValue(bytes, depthMax: depthMax)
  }

  /// The same for a JSON value of any kind.
  static func acceptsValue(_ bytes: [UInt8], depthMax: Int) -> Bool {
    guard String(validating: bytes, as: UTF8.self) != nil else { return false }
    var reference = JSONReference(bytes: bytes)
    reference.space()
    guard reference.value(depthMax) else { return false }
    reference.space()
    return reference.index == bytes.count
  }

  private init(bytes: [UInt8]) { self.bytes = bytes }

  private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

  private mutating func space() {
    while let byte = peek, [0x20, 0x09, 0x0a, 0x0d].contains(byte) { index += 1 }
  }

  private mutating func take(_ character: Character) -> Bool {
    guard let byte = peek, byte == character.asciiValue else { return false }
    index += 1
    return true
  }

  private mutating func value(_ depthLeft: Int) -> Bool {
    switch peek.map({ Character(Unicode.Scalar($0)) }) {
    case "{": return depthLeft > 0 && container("{", "}", depthLeft, hasNames: true)
    case "[": return depthLeft > 0 && container("[", "]", depthLeft, hasNames: false)
    case "\"": return string()
    case "t": return word("true")
    case "f": return word("false")
    case "n": return word("null")
    default: return number()
    }
  }

  private mutating func container(
    _ open: Character, _ close: Character, _ depthLeft: Int, hasNames: Bool
  ) -> Bool {
    guard take(open) else { return false }
    space()
    if take(close) { return true }
    repeat {
      space()
      if hasNames {
        guard string() else { return false }
        space()
        guard take(":") else { return false }
        space()
      }
      guard value(depthLeft - 1) else { return false }
      space()
    } while take(",")
    return take(close)
  }

  private mutating func word(_ text: String) -> Bool {
    for character in text where !take(character) { return false }
    return true
  }

  private mutating func digits() -> Bool {
    let start = index
    while let byte = peek, (0x30...0x39).contains(byte) { index += 1 }
    return index > start
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") {
      guard digits() else { return false }
    }
    if take(".") {
      guard digits() else { return false }
    }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      return digits()
    }
    return true
  }

  private mutating func string() -> Bool {
    guard take("\"") else { return false }
    var units: [UInt16] = []
    while let byte = peek {
      index += 1
      if byte == 0x22 { return isPaired(units) }
      if byte < 0x20 { return false }
      guard byte == 0x5c else {
        units.append(0)
        continue
      }
      guard let escape = peek else { return false }
      index += 1
      if escape == 0x75 {
        guard index + 4 <= bytes.count, bytes[index..<index + 4].allSatisfy(isHexadecimal),
          let unit = UInt16(String(decoding: bytes[index..<index + 4], as: UTF8.self), radix: 16)
        else { return false }
        index += 4
        units.append(unit)
      } else {
        guard Array("\"\\/bfnrt".utf8).contains(escape) else { return false }
        units.append(0)
      }
    }
    return false
  }

  private func isHexadecimal(_ byte: UInt8) -> Bool {
    Character(Unicode.Scalar(byte)).isHexDigit
  }

  /// Whether each surrogate is one half of a pair.
  private func isPaired(_ units: [UInt16]) -> Bool {
    String(validating: units, as: UTF16.self) != nil
  }
}
