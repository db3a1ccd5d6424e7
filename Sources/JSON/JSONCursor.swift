// SPDX-License-Identifier: MIT

import Bytes
import CKernels

/// A place in a JSON text, and the steps over what may stand there. Every step validates what it
/// passes over (RFC 8259) and throws where the text stops being JSON.
///
/// Speed rests on one habit: what is not inlined takes an index and returns one, and changes
/// nothing in place. A cursor in a local variable then lives in registers.
///
/// SAFETY: single bytes are read only at indices below `count`, compared just before; 16 bytes are
/// read only where so many are left, and longer runs are given with their length. The pointer is
/// that of the view given, and lives as long.
@safe
struct JSONCursor {
  let text: ByteView
  var index: Int

  /// - Precondition: `text` is shorter than 2^32 bytes.
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

  /// Steps over white space and returns the byte after it, which the cursor is at.
  @inline(__always)
  mutating func token() throws(JSONError) -> UInt8 {
    while index < text.count {
      let byte = unsafe text.base[index]
      // What else is below 0x21 is told apart by whoever looks at it.
      if byte > 0x20 || !isSpace(byte) { return byte }
      index &+= 1
    }
    throw JSONError(.unexpectedEnd, at: text.count)
  }

  /// Steps over white space, to the end of the text at most.
  mutating func trailingSpace() {
    while unsafe index < text.count && isSpace(text.base[index]) { index &+= 1 }
  }

  @inline(__always)
  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09
  }

  /// Steps over a string, whose opening quote is at the cursor; says whether it has escapes.
  @inline(__always)
  mutating func string() throws(JSONError) -> Bool {
    var position = index &+ 1
    if position &+ 16 <= text.count {
      let stops = unsafe ck_json_string_stop16(text.base + position)
      if stops == 0 {
        position &+= 16
      } else {
        position &+= stops.trailingZeroBitCount
        if unsafe text.base[position] == 0x22 {
          index = position &+ 1
          return false
        }
      }
    }
    let (end, hasEscapes) = try longString(from: position)
    index = end
    return hasEscapes
  }

  /// Where a string ends that is long, ends near the end of the text, or has something besides
  /// plain ASCII in it.
  @inline(never)
  private func longString(from start: Int) throws(JSONError) -> (end: Int, hasEscapes: Bool) {
    var position = start
    var hasEscapes = false
    while true {
      var blocks = 0
      while position &+ 16 <= text.count {
        let stops = unsafe ck_json_string_stop16(text.base + position)
        if stops != 0 {
          position &+= stops.trailingZeroBitCount
          break
        }
        position &+= 16
        blocks &+= 1
        // After 48 bytes it is a long text, for which a call pays.
        guard blocks == 3 else { continue }
        unsafe position &+= ck_json_string_run(text.base + position, text.count &- position)
      }
      guard position < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
      let byte = unsafe text.base[position]
      if byte == 0x22 {
        return (position &+ 1, hasEscapes)
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
    var next: UInt8 = 0
    while index < text.count {
      next = unsafe text.base[index]
      guard next &- 0x30 < 10 else { break }
      // A zero at the start is the whole integer part.
      guard first != 0x30 else { throw JSONError(.numberInvalid, at: start) }
      index &+= 1
    }
    if next == 0x2e || next | 0x20 == 0x65 {
      index = try fractionAndExponent(from: index, numberStart: start)
    }
  }

  @inline(never)
  private func fractionAndExponent(from start: Int, numberStart: Int) throws(JSONError) -> Int {
    var position = start
    if position < text.count && text[position] == 0x2e {
      position = try digitsEnd(position + 1, numberStart)
    }
    guard position < text.count, text[position] | 0x20 == 0x65 else { return position }
    position += 1
    if position < text.count && (text[position] == 0x2b || text[position] == 0x2d) {
      position += 1
    }
    return try digitsEnd(position, numberStart)
  }

  /// Where a run of at least one digit ends.
  private func digitsEnd(_ start: Int, _ numberStart: Int) throws(JSONError) -> Int {
    guard start < text.count else { throw JSONError(.unexpectedEnd, at: text.count) }
    var position = start
    while position < text.count && text[position] &- 0x30 < 10 { position += 1 }
    guard position > start else { throw JSONError(.numberInvalid, at: numberStart) }
    return position
  }

  /// Steps over `true`, `false` or `null`, whose first letter is at the cursor.
  @inline(__always)
  mutating func literal() throws(JSONError) -> JSONKind {
    if index &+ 4 <= text.count {
      let word = unsafe ByteView(base: text.base + index, count: 4)
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

  @inline(never)
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
