// SPDX-License-Identifier: MIT

public import Bytes

/// The members of a Connection field's value, one after the other: field names that are hop-by-hop
/// in this message, besides `close` and `keep-alive` (RFC 9110 section 7.6.1). Empty members are
/// passed over.
public struct ConnectionOptions {
  private var rest: ByteView

  public init(_ value: ByteView) {
    rest = value
  }

  public mutating func next() -> ByteView? {
    while !rest.isEmpty {
      let comma = rest.firstIndex(of: 0x2c) ?? rest.count
      let option = rest.prefix(comma).trimmingBlanks()
      rest = rest.dropFirst(comma + 1)
      if !option.isEmpty { return option }
    }
    return nil
  }
}
