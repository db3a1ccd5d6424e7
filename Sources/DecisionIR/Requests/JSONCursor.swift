// SPDX-License-Identifier: MIT

/// Reads JSON (RFC 8259) from bytes, token by token. Gives up, by nil or false, on whatever is
/// wrong and on whatever is rare: a caller that must know which reads the text again by other
/// means.
struct JSONCursor: BitwiseCopyable {
  private let bytes: Cells<UInt8>
  /// The next byte to read.
  var position = 0
  /// Where strings with escapes are written out; strings without are borrowed from the text.
  private let scratch: Cells<UInt8>
  private var scratchUsed = 0

  init(_ bytes: Cells<UInt8>, scratch: Cells<UInt8>) {
    self.bytes = bytes
    self.scratch = scratch
  }

  /// The next byte that is not blank, or 0 at the end.
  @inline(__always)
  mutating func peek() -> UInt8 {
    while position < bytes.count {
      let byte = bytes[unchecked: position]
      if byte > 0x20 { return byte }
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position &+= 1
    }
    return 0
  }

  @inline(__always)
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte, position < bytes.count else { return false }
    position &+= 1
    return true
  }

  /// Whether nothing but blanks is left.
  mutating func isAtEnd() -> Bool {
    _ = peek()
    return position == bytes.count
  }

  /// A string: valid UTF-8.
  mutating func string() -> Cells<UInt8>? {
    guard take(UInt8(ascii: "\"")) else { return nil }
    let start = position
    var bits: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[unchecked: position]
      if byte == UInt8(ascii: "\"") {
        let result = bytes.slice(start, position &- start)
        position &+= 1
        return bits < 0x80 || Self.isUTF8(result) ? result : nil
      }
      if byte == UInt8(ascii: "\\") { return escaped(start, bits) }
      if byte < 0x20 { return nil }
      bits |= byte
      position &+= 1
    }
    return nil
  }

  /// The rest of a string from its first escape on.
  @inline(never)
  private mutating func escaped(_ start: Int, _ bitsBefore: UInt8) -> Cells<UInt8>? {
    let first = scratchUsed
    var bits = bitsBefore
    for index in start..<position {
      guard put(bytes[index]) else { return nil }
    }
    while position < bytes.count {
      var byte = bytes[position]
      position &+= 1
      switch byte {
      case UInt8(ascii: "\""):
        let result = scratch.slice(first, scratchUsed &- first)
        return bits < 0x80 || Self.isUTF8(result) ? result : nil
      case UInt8(ascii: "\\"):
        guard position < bytes.count else { return nil }
        let letter = bytes[position]
        position &+= 1
        if letter == UInt8(ascii: "u") {
          guard putScalar() else { return nil }
          continue
        }
        guard let plain = Self.plain(letter) else { return nil }
        byte = plain
      case 0..<0x20: return nil
      default: bits |= byte
      }
      guard put(byte) else { return nil }
    }
    return nil
  }

  private mutating func put(_ byte: UInt8) -> Bool {
    guard scratchUsed < scratch.count else { return false }
    scratch[scratchUsed] = byte
    scratchUsed &+= 1
    return true
  }

  /// The scalar of `\uXXXX`, or of two that make a surrogate pair, whose `u` is read.
  private mutating func putScalar() -> Bool {
    guard var code = hexadecimal() else { return false }
    if code >> 10 == 0xD800 >> 10 {
      guard position &+ 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
        bytes[position &+ 1] == UInt8(ascii: "u")
      else { return false }
      position &+= 2
      guard let low = hexadecimal(), low >> 10 == 0xDC00 >> 10 else { return false }
      code = 0x10000 &+ (code & 0x3FF) << 10 &+ low & 0x3FF
    }
    guard let encoded = Unicode.Scalar(code).flatMap({ UTF8.encode($0) }) else { return false }
    for byte in encoded where !put(byte) { return false }
    return true
  }

  /// Four hexadecimal digits.
  private mutating func hexadecimal() -> UInt32? {
    guard position &+ 4 <= bytes.count else { return nil }
    var code: UInt32 = 0
    for _ in 0..<4 {
      let byte = bytes[position]
      position &+= 1
      switch byte {
      case 0x30...0x39: code = code << 4 | UInt32(byte &- 0x30)
      case 0x41...0x46, 0x61...0x66: code = code << 4 | UInt32((byte | 0x20) &- 0x57)
      default: return nil
      }
    }
    return code
  }

  /// What stands for the letter of an escape but `u`; nil where there is no such escape.
  private static func plain(_ letter: UInt8) -> UInt8? {
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): letter
    case UInt8(ascii: "n"): 0x0A
    case UInt8(ascii: "r"): 0x0D
    case UInt8(ascii: "t"): 0x09
    case UInt8(ascii: "b"): 0x08
    case UInt8(ascii: "f"): 0x0C
    default: nil
    }
  }

  @inline(never)
  private static func isUTF8(_ bytes: Cells<UInt8>) -> Bool {
    let buffer = unsafe UnsafeBufferPointer(start: bytes.base, count: bytes.count)
    return unsafe String(validating: buffer, as: UTF8.self) != nil
  }

  /// A whole number of 64 bits. Not `-0`, which counts as a fraction.
  mutating func integer() -> Int64? {
    let isNegative = take(UInt8(ascii: "-"))
    let start = position
    var value: Int64 = 0
    while position < bytes.count {
      let digit = bytes[unchecked: position] &- UInt8(ascii: "0")
      guard digit < 10 else { break }
      let (tens, overflow) = value.multipliedReportingOverflow(by: 10)
      let (next, second) = tens.subtractingReportingOverflow(Int64(digit))
      guard !overflow, !second else { return nil }
      value = next
      position &+= 1
    }
    let count = position &- start
    guard count > 0, count == 1 || bytes[start] != UInt8(ascii: "0"), !isNegative || value != 0
    else { return nil }
    if position < bytes.count {
      let byte = bytes[unchecked: position]
      if byte == UInt8(ascii: ".") || byte | 0x20 == UInt8(ascii: "e") { return nil }
    }
    // Collected as a negative number, whose range is the larger one.
    if isNegative { return value }
    return value == .min ? nil : -value
  }

  /// `true` or `false`.
  mutating func bool() -> Bool? {
    if word("true") { return true }
    return word("false") ? false : nil
  }

  /// A fixed word where one was announced by its first letter.
  mutating func word(_ word: StaticString) -> Bool {
    _ = peek()
    let count = word.utf8CodeUnitCount
    guard position &+ count <= bytes.count else { return false }
    for index in 0..<count
    where bytes[position &+ index] != (unsafe word.utf8Start[index]) { return false }
    position &+= count
    return true
  }

  /// Reads over an array or object of which only the end matters: what stands between its brackets
  /// is looked at when it is read.
  mutating func skipContainer() -> Bool {
    var depth = 0
    repeat {
      guard position < bytes.count else { return false }
      let byte = bytes[unchecked: position]
      position &+= 1
      switch byte {
      case UInt8(ascii: "{"), UInt8(ascii: "["): depth &+= 1
      case UInt8(ascii: "}"), UInt8(ascii: "]"): depth &-= 1
      case UInt8(ascii: "\""):
        guard skipString() else { return false }
      default: break
      }
    } while depth > 0
    return true
  }

  /// Reads over the rest of a string.
  private mutating func skipString() -> Bool {
    while position < bytes.count {
      let byte = bytes[unchecked: position]
      position &+= 1
      if byte == UInt8(ascii: "\"") { return true }
      if byte == UInt8(ascii: "\\") { position &+= 1 }
    }
    return false
  }

  /// Reads over a value that is neither array nor object.
  mutating func skipScalar() -> Bool {
    switch peek() {
    case UInt8(ascii: "\""): string() != nil
    case UInt8(ascii: "t"), UInt8(ascii: "f"): bool() != nil
    case UInt8(ascii: "n"): word("null")
    default: integer() != nil
    }
  }
}
