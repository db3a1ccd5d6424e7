// SPDX-License-Identifier: MIT

public import Bytes

/// What JSON strings mean. Their contents (what stands between the quotes) must have been validated
/// by a scan; anything else yields false or stops early, but never reads outside.
public enum JSONString {
  /// Appends the characters that `contents` stands for, in UTF-8.
  public static func unescape(_ contents: ByteView, into writer: inout ByteWriter) {
    var position = 0
    while position < contents.count {
      let backslash = contents.firstIndex(of: 0x5c, from: position) ?? contents.count
      writer.append(contents[position..<backslash])
      guard backslash < contents.count else { return }
      guard let scalar = escape(contents, at: backslash) else { return }
      append(scalar.value, to: &writer)
      position = backslash + scalar.length
    }
  }

  /// Where the contents of a string end that begin at `start`: at its closing quote. Nil where
  /// they are not such as a string may have (RFC 8259, section 7).
  public static func contentsEnd(in text: ByteView, from start: Int) -> Int? {
    precondition(start > 0 && start <= text.count)
    var cursor = JSONCursor(text, at: start - 1)
    return (try? cursor.string()) == nil ? nil : cursor.index - 1
  }

  /// Whether the characters that `contents` stands for are `text`.
  public static func equals(_ contents: ByteView, _ text: StaticString) -> Bool {
    var storage = [64 of UInt8](repeating: 0)
    // An escape is at least as long as what it stands for, so a long name is none of ours.
    guard text.utf8CodeUnitCount <= 64, contents.count <= 6 * 64 else { return false }
    var span = storage.mutableSpan
    return unsafe span.withUnsafeMutableBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return false }
      var writer = unsafe ByteWriter(base: base, capacity: 64)
      unescape(contents, into: &writer)
      guard !writer.overflowed, writer.count == text.utf8CodeUnitCount else { return false }
      let written = writer.written
      for index in 0..<written.count where unsafe written[index] != text.utf8Start[index] {
        return false
      }
      return true
    }
  }

  /// The scalar that the escape at `start` stands for, and the length of the escape.
  private static func escape(
    _ contents: ByteView, at start: Int
  ) -> (value: UInt32, length: Int)? {
    guard start + 1 < contents.count else { return nil }
    switch contents[start + 1] {
    case 0x62: return (0x08, 2)
    case 0x66: return (0x0c, 2)
    case 0x6e: return (0x0a, 2)
    case 0x72: return (0x0d, 2)
    case 0x74: return (0x09, 2)
    case 0x75: break
    case let other: return (UInt32(other), 2)
    }
    guard let unit = codeUnit(contents, at: start) else { return nil }
    guard unit & 0xf800 == 0xd800 else { return (unit, 6) }
    guard unit < 0xdc00, let second = codeUnit(contents, at: start + 6),
      second & 0xfc00 == 0xdc00
    else { return nil }
    return (0x10000 + (unit & 0x3ff) << 10 + second & 0x3ff, 12)
  }

  private static func codeUnit(_ contents: ByteView, at start: Int) -> UInt32? {
    guard start + 6 <= contents.count, contents[start] == 0x5c, contents[start + 1] == 0x75
    else { return nil }
    var unit: UInt32 = 0
    for position in (start + 2)..<(start + 6) {
      guard let digit = hexadecimalDigit(contents[position]) else { return nil }
      unit = unit << 4 | digit
    }
    return unit
  }

  private static func append(_ scalar: UInt32, to writer: inout ByteWriter) {
    func continuation(_ shift: UInt32) -> UInt8 {
      UInt8(truncatingIfNeeded: 0x80 | (scalar >> shift) & 0x3f)
    }
    if scalar < 0x80 {
      writer.append(UInt8(truncatingIfNeeded: scalar))
    } else if scalar < 0x800 {
      writer.append(UInt8(truncatingIfNeeded: 0xc0 | scalar >> 6))
      writer.append(continuation(0))
    } else if scalar < 0x10000 {
      writer.append(UInt8(truncatingIfNeeded: 0xe0 | scalar >> 12))
      writer.append(continuation(6))
      writer.append(continuation(0))
    } else {
      writer.append(UInt8(truncatingIfNeeded: 0xf0 | scalar >> 18))
      writer.append(continuation(12))
      writer.append(continuation(6))
      writer.append(continuation(0))
    }
  }
}
