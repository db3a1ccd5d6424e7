// SPDX-License-Identifier: MIT

import Bytes

/// Walks the members of one object: stops at each value, which the caller steps over.
struct JSONMembers {
  /// At the value of the member last named, then behind the closing brace.
  var cursor: JSONCursor
  private(set) var nameHasEscapes = false
  /// The first byte of the next name, 0 where the last member has to be looked behind first.
  private var first: UInt8

  /// Steps over the opening brace at the cursor.
  @inline(__always)
  init(entering start: JSONCursor) throws(JSONError) {
    cursor = start
    cursor.index &+= 1
    first = try cursor.token()
  }

  /// The name of the next member, as it is written; nil after the closing brace, once.
  @inline(__always)
  mutating func next() throws(JSONError) -> ByteView? {
    var byte = first
    if byte == 0 {
      byte = try cursor.token()
      if byte == 0x2c {
        cursor.index &+= 1
        byte = try cursor.token()
      } else if byte != 0x7d {
        throw JSONError(.unexpectedByte, at: cursor.index)
      } else {
        cursor.index &+= 1
        return nil
      }
    } else if byte == 0x7d {
      cursor.index &+= 1
      return nil
    }
    first = 0
    let start = cursor.index
    nameHasEscapes = try cursor.name(byte)
    let name = cursor.text[(start &+ 1)..<(cursor.index &- 1)]
    _ = try cursor.colonAndToken()
    return name
  }
}
