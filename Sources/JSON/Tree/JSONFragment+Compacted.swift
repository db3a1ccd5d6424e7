// SPDX-License-Identifier: MIT

extension JSONFragment {
  /// The value without the white space between its tokens.
  public var compacted: JSONFragment {
    guard bytes.contains(where: { $0 <= 0x20 }) else { return self }
    var kept: [UInt8] = []
    kept.reserveCapacity(bytes.count)
    var isInString = false
    var isEscaped = false
    for byte in bytes {
      if isInString {
        kept.append(byte)
        if isEscaped {
          isEscaped = false
        } else if byte == 0x5c {
          isEscaped = true
        } else if byte == 0x22 {
          isInString = false
        }
      } else if byte > 0x20 {
        kept.append(byte)
        isInString = byte == 0x22
      }
    }
    return JSONFragment(validated: kept[...])
  }
}
