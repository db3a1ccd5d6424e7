// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// A place in a JSON text, and the steps over what may stand there. Every step validates what it
/// passes over (RFC 8259) and throws where the text stops being JSON.
///
/// SAFETY: single bytes are read only at indices below `count`, compared just before; 16 bytes are
/// read only where so many are left. The pointer is that of the view given, and lives as long.
@safe
struct JSONCursor {
  let text: ByteView
  var index: Int

  @inline(__always)
  init(_ text: ByteView, at index: Int = 0) {
    self.text = text
    self.index = index
  }

  /// The byte at the cursor.
  @inline(__always)
  func byte() throws(JSONError) -> UInt8 {
    guard index < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    return unsafe text.base[index]
  }

  /// Steps over white space. (What else is below 0x21 is told apart by whoever looks next.)
  @inline(__always)
  mutating func space() {
    while index < text.count {
      let byte = unsafe text.base[index]
      if byte > 0x20 { return }
      guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return }
      index &+= 1
    }
  }

  /// Steps over `expected`.
  @inline(__always)
  mutating func take(_ expected: UInt8) throws(JSONError) {
    guard try byte() == expected else { throw JSONError(.unexpectedByte, at: index) }
    index &+= 1
  }

  /// Steps over a string, whose opening quote is at the cursor; says whether it has escapes.
  @inline(__always)
  mutating func string() throws(JSONError) -> Bool {
    var position = index &+ 1
    while position &+ 16 <= text.count {
      let stops = unsafe ck_json_string_stop16(text.base + position)
      if stops == 0 {
        position &+= 16
        continue
      }
      position &+= stops.trailingZeroBitCount
      if unsafe text.base[position] == 0x22 {
        index = position &+ 1
        return false
      }
      break
    }
    return try specialString(from: position)
  }

  /// Steps over the rest of a string in which something besides plain ASCII stands, or that ends
  /// near the end of the text.
  @inline(never)
  private mutating func specialString(from start: Int) throws(JSONError) -> Bool {
    var position = start
    var hasEscapes = false
    while true {
      while position &+ 16 <= text.count {
        let stops = unsafe ck_json_string_stop16(text.base + position)
        if stops != 0 {
          position &+= stops.trailingZeroBitCount
          break
        }
        position &+= 16
      }
      guard position < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
      let byte = unsafe text.base[position]
      if byte == 0x22 {
        index = position &+ 1
        return hasEscapes
      } else if byte == 0x5c {
        hasEscapes = true
        position = try escapeEnd(position)
      } else if byte < 0x20 {
        throw JSONError(.controlCharacter, at: position)
      } else if byte < 0x80 {
        position &+= 1
      } else {
        // Text in other scripts is mostly runs of such sequences.
        repeat {
          let length = UTF8Sequence.length(in: text, at: position)
          guard length > 0 else { throw JSONError(.utf8Invalid, at: position) }
          position &+= length
        } while unsafe position < text.count && text.base[position] >= 0x80
      }
    }
  }

  /// Where the escape sequence ends whose backslash is at `start`.
  private func escapeEnd(_ start: Int) throws(JSONError) -> Int {
    guard start + 1 < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    switch text[start + 1] {
    case 0x22, 0x5c, 0x2f, 0x62, 0x66, 0x6e, 0x72, 0x74: return start + 2
    case 0x75: break
    default: throw JSONError(.escapeInvalid, at: start)
    }
    let unit = try codeUnit(start)
    guard unit & 0xf800 == 0xd800 else { return start + 6 }
    guard unit < 0xdc00 else { throw JSONError(.surrogateUnpaired, at: start) }
    try pairContinues(start + 6, 0x5c, pairStart: start)
    try pairContinues(start + 7, 0x75, pairStart: start)
    let second = try codeUnit(start + 6)
    guard second & 0xfc00 == 0xdc00 else { throw JSONError(.surrogateUnpaired, at: start) }
    return start + 12
  }

  private func pairContinues(
    _ position: Int, _ expected: UInt8, pairStart: Int
  ) throws(JSONError) {
    guard position < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    guard text[position] == expected else {
      throw JSONError(.surrogateUnpaired, at: pairStart)
    }
  }

  /// The value of `\uXXXX` at `start`.
  private func codeUnit(_ start: Int) throws(JSONError) -> UInt32 {
    var unit: UInt32 = 0
    for position in (start + 2)..<(start + 6) {
      guard position < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
      guard let digit = hexadecimalDigit(text[position]) else {
        throw JSONError(.escapeInvalid, at: start)
      }
      unit = unit << 4 | digit
    }
    return unit
  }

  /// Steps over a number, whose first byte is at the cursor.
  @inline(__always)
  mutating func number() throws(JSONError) {
    let start = index
    if unsafe text.base[index] == 0x2d { index &+= 1 }
    let first = try byte()
    guard first &- 0x30 < 10 else { throw JSONError(.numberInvalid, at: start) }
    index &+= 1
    if first == 0x30 {
      if let next = peek(), next &- 0x30 < 10 { throw JSONError(.numberInvalid, at: start) }
    } else {
      digits()
    }
    guard let next = peek(), next == 0x2e || next | 0x20 == 0x65 else { return }
    try fractionAndExponent(numberStart: start)
  }

  private mutating func fractionAndExponent(numberStart: Int) throws(JSONError) {
    if peek() == 0x2e {
      index += 1
      guard try byte() &- 0x30 < 10 else { throw JSONError(.numberInvalid, at: numberStart) }
      digits()
    }
    guard let next = peek(), next | 0x20 == 0x65 else { return }
    index += 1
    if let sign = peek(), sign == 0x2b || sign == 0x2d { index += 1 }
    guard try byte() &- 0x30 < 10 else { throw JSONError(.numberInvalid, at: numberStart) }
    digits()
  }

  @inline(__always)
  private mutating func digits() {
    while unsafe index < text.count && text.base[index] &- 0x30 < 10 { index &+= 1 }
  }

  @inline(__always)
  private func peek() -> UInt8? {
    unsafe index < text.count ? text.base[index] : nil
  }

  /// Steps over `true`, `false` or `null`, whose first letter is at the cursor.
  @inline(__always)
  mutating func literal() throws(JSONError) -> JSONKind {
    if index &+ 4 <= text.count {
      let word = text[index..<(index &+ 4)]
      if word.equals("true") {
        index &+= 4
        return .true
      }
      if word.equals("null") {
        index &+= 4
        return .null
      }
      if word.equals("fals"), index &+ 5 <= text.count, unsafe text.base[index &+ 4] == 0x65 {
        index &+= 5
        return .false
      }
    }
    throw literalFault()
  }

  private func literalFault() -> JSONError {
    let literals: [3 of StaticString] = ["true", "false", "null"]
    let rest = text.dropFirst(index)
    for position in literals.indices {
      let literal = literals[position]
      guard rest.count < literal.utf8CodeUnitCount else { continue }
      var isStart = true
      for offset in 0..<rest.count where unsafe rest[offset] != literal.utf8Start[offset] {
        isStart = false
      }
      if isStart { return JSONError(.unexpectedEnd, at: text.count) }
    }
    return JSONError(.literalInvalid, at: index)
  }
}

@inline(__always)
func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
  let digit = byte &- 0x30
  if digit < 10 { return UInt32(digit) }
  let letter = (byte | 0x20) &- 0x61
  return letter < 6 ? UInt32(letter &+ 10) : nil
}
