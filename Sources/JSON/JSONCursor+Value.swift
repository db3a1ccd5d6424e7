// SPDX-License-Identifier: MIT

import Bytes

/// What was noticed while a value was passed over.
struct JSONSeen {
  /// Elements of the outermost array, or members of the outermost object.
  var elementCount: UInt32 = 0
  var hasImage = false
  var hasAudio = false
}

extension JSONCursor {
  /// Steps over the value at the cursor. Containers are followed without recursion.
  ///
  /// - Parameter depth: how many containers are open around the value.
  @inline(__always)
  mutating func value(depth: Int) throws(JSONError) -> JSONSpan {
    let start = index
    var kind: JSONKind
    var hasEscapes = false
    switch try byte() {
    case 0x22:
      hasEscapes = try string()
      kind = .string
    case 0x7b, 0x5b:
      kind = unsafe text.base[index] == 0x7b ? .object : .array
      _ = try container(depth: depth)
    case 0x2d, 0x30...0x39:
      try number()
      kind = .number
    case 0x61...0x7a: kind = try literal()
    default: throw JSONError(.unexpectedByte, at: index)
    }
    return JSONSpan(range: ByteRange(start, index), kind: kind, hasEscapes: hasEscapes)
  }

  /// Steps over the array or object whose bracket is at the cursor.
  ///
  /// The kinds of the open containers are the low bits of one 128-bit word, 1 for an object.
  @inline(never)
  mutating func container(depth outerDepth: Int) throws(JSONError) -> JSONSeen {
    var seen = JSONSeen()
    var isObject = unsafe text.base[index] == 0x7b
    var kinds: UInt128 = 0
    var depth = outerDepth
    var keyStart = index
    opening: while true {
      // At an opening bracket, whose kind `isObject` tells.
      depth &+= 1
      guard depth <= JSONLimits.depthMax else { throw JSONError(.depthExceeded, at: index) }
      kinds = kinds &<< 1 | (isObject ? 1 : 0)
      index &+= 1
      space()
      var isClosed = try byte() == closing(isObject)
      while true {
        if !isClosed {
          if depth == outerDepth &+ 1 { seen.elementCount &+= 1 }
          if isObject {
            keyStart = index
            try key()
            noteKey(from: keyStart, &seen)
          }
          switch try byte() {
          case 0x22:
            let start = index
            _ = try string()
            if index &- start == 13 { noteString(start, keyStart, &seen) }
          case 0x7b:
            isObject = true
            continue opening
          case 0x5b:
            isObject = false
            continue opening
          case 0x2d, 0x30...0x39: try number()
          case 0x61...0x7a: _ = try literal()
          default: throw JSONError(.unexpectedByte, at: index)
          }
        }
        // After a value, or at the bracket that closes an empty container.
        while true {
          space()
          let byte = try byte()
          if byte == 0x2c {
            index &+= 1
            space()
            isClosed = false
            break
          }
          guard byte == closing(isObject) else { throw JSONError(.unexpectedByte, at: index) }
          index &+= 1
          depth &-= 1
          if depth == outerDepth { return seen }
          kinds = kinds &>> 1
          isObject = kinds & 1 == 1
        }
      }
    }
  }

  @inline(__always)
  private func closing(_ isObject: Bool) -> UInt8 { isObject ? 0x7d : 0x5d }

  /// Steps over a member's name, the colon and the white space around it.
  @inline(__always)
  mutating func key() throws(JSONError) {
    guard try byte() == 0x22 else { throw JSONError(.unexpectedByte, at: index) }
    _ = try string()
    space()
    try take(0x3a)
    space()
  }

  /// Content parts of messages say by a member's name that they carry an image or audio.
  @inline(__always)
  private func noteKey(from start: Int, _ seen: inout JSONSeen) {
    let name = text[start..<index]
    guard name.count >= 12 else { return }
    if name.starts(with: "\"image_url\"") { seen.hasImage = true }
    if name.starts(with: "\"input_audio\"") { seen.hasAudio = true }
  }

  /// An image may also be given by file id; then only `"type": "input_image"` says so.
  private func noteString(_ start: Int, _ keyStart: Int, _ seen: inout JSONSeen) {
    if text[start..<index].equals("\"input_image\"")
      && text.dropFirst(keyStart).starts(with: "\"type\"")
    {
      seen.hasImage = true
    }
  }
}
