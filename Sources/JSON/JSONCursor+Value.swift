// SPDX-License-Identifier: MIT

import Bytes

/// What was noticed while a container was passed over.
struct JSONSeen {
  /// Elements of the outermost array, or members of the outermost object.
  var elementCount: UInt32 = 0
  var hasImage = false
  var hasAudio = false
}

extension JSONCursor {
  /// The value at `start`, whatever it is. Containers are followed without recursion.
  ///
  /// - Parameter depth: how many containers are open around the value.
  @inline(never)
  func value(at start: Int, depth: Int) throws(JSONError) -> JSONSpan {
    var cursor = JSONCursor(text, at: start)
    var kind = JSONKind.number
    var hasEscapes = false
    switch try cursor.byte() {
    case 0x22:
      hasEscapes = try cursor.string()
      kind = .string
    case 0x7b:
      (cursor.index, _) = try container(at: start, depth: depth)
      kind = .object
    case 0x5b:
      (cursor.index, _) = try container(at: start, depth: depth)
      kind = .array
    case 0x2d, 0x30...0x39: try cursor.number()
    case 0x61...0x7a: kind = try cursor.literal()
    default: throw JSONError(.unexpectedByte, at: start)
    }
    return span(from: start, to: cursor.index, kind, hasEscapes: hasEscapes)
  }

  @inline(__always)
  func span(
    from start: Int, to end: Int, _ kind: JSONKind, hasEscapes: Bool = false
  ) -> JSONSpan {
    let range = ByteRange(
      start: UInt32(truncatingIfNeeded: start), count: UInt32(truncatingIfNeeded: end &- start))
    return JSONSpan(range: range, kind: kind, hasEscapes: hasEscapes)
  }

  /// Where the array or object ends whose bracket is at `start`.
  ///
  /// The kinds of the open containers are the low bits of one 128-bit word, 1 for an object.
  @inline(never)
  func container(
    at start: Int, depth outerDepth: Int
  ) throws(JSONError) -> (end: Int, seen: JSONSeen) {
    var cursor = JSONCursor(text, at: start)
    var seen = JSONSeen()
    var isObject = unsafe text.base[start] == 0x7b
    var kinds: UInt128 = 0
    var depth = outerDepth
    var keyStart = start
    opening: while true {
      // At an opening bracket, whose kind `isObject` tells.
      depth &+= 1
      guard depth <= JSONLimits.depthMax else {
        throw JSONError(.depthExceeded, at: cursor.index)
      }
      kinds = kinds &<< 1 | (isObject ? 1 : 0)
      cursor.index &+= 1
      var byte = try cursor.token()
      var isValueNext = byte != closing(isObject)
      while true {
        if isValueNext {
          if depth == outerDepth &+ 1 { seen.elementCount &+= 1 }
          if isObject {
            keyStart = cursor.index
            try cursor.name(byte)
            noteName(from: keyStart, to: cursor.index, &seen)
            byte = try cursor.colonAndToken()
          }
          switch byte {
          case 0x22:
            let stringStart = cursor.index
            _ = try cursor.string()
            if cursor.index &- stringStart == 13 { noteString(stringStart, keyStart, &seen) }
          case 0x7b:
            isObject = true
            continue opening
          case 0x5b:
            isObject = false
            continue opening
          case 0x2d, 0x30...0x39: try cursor.number()
          case 0x61...0x7a: _ = try cursor.literal()
          default: throw JSONError(.unexpectedByte, at: cursor.index)
          }
          byte = try cursor.token()
        }
        // After a value, or at the bracket that closes an empty container.
        while byte != 0x2c {
          guard byte == closing(isObject) else {
            throw JSONError(.unexpectedByte, at: cursor.index)
          }
          cursor.index &+= 1
          depth &-= 1
          if depth == outerDepth { return (cursor.index, seen) }
          kinds = kinds &>> 1
          isObject = kinds & 1 == 1
          byte = try cursor.token()
        }
        cursor.index &+= 1
        byte = try cursor.token()
        isValueNext = true
      }
    }
  }

  @inline(__always)
  private func closing(_ isObject: Bool) -> UInt8 { isObject ? 0x7d : 0x5d }

  /// Steps over a member's name, whose first byte is `byte`; says whether it has escapes.
  @inline(__always)
  @discardableResult
  mutating func name(_ byte: UInt8) throws(JSONError) -> Bool {
    guard byte == 0x22 else { throw JSONError(.unexpectedByte, at: index) }
    return try string()
  }

  /// Steps over the colon after a name, to the value; returns its first byte.
  @inline(__always)
  mutating func colonAndToken() throws(JSONError) -> UInt8 {
    guard try token() == 0x3a else { throw JSONError(.unexpectedByte, at: index) }
    index &+= 1
    return try token()
  }

  /// Content parts of messages say by a member's name that they carry an image or audio.
  @inline(__always)
  private func noteName(from start: Int, to end: Int, _ seen: inout JSONSeen) {
    let name = unsafe ByteView(base: text.base + start, count: end &- start)
    if name.equals("\"image_url\"") { seen.hasImage = true }
    if name.equals("\"input_audio\"") { seen.hasAudio = true }
  }

  /// An image may also be given by file id; then only `"type": "input_image"` says so.
  @inline(never)
  private func noteString(_ start: Int, _ keyStart: Int, _ seen: inout JSONSeen) {
    if text.dropFirst(start).starts(with: "\"input_image\"")
      && text.dropFirst(keyStart).starts(with: "\"type\"")
    {
      seen.hasImage = true
    }
  }
}
