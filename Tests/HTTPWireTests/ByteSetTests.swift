// SPDX-License-Identifier: MIT

import Testing

@testable import HTTPWire

@Suite struct ByteSetTests {
  static let letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

  @Test func constantsHoldTheirCharacters() {
    check(ByteSet.token, Self.letters + "0123456789!#$%&'*+-.^_`|~")
    check(ByteSet.host, Self.letters + "0123456789-._~%!$&'()*+;=")
    check(ByteSet.addressLiteral, "0123456789abcdefABCDEF:.")
  }

  private func check(_ set: ByteSet, _ members: String) {
    let expected = Set(members.utf8)
    for byte in UInt8.min...UInt8.max {
      #expect(set.contains(byte) == expected.contains(byte), "byte \(byte)")
    }
  }

  /// Every byte at every offset of a block, and in the tail after it.
  @Test func scansStopWhereTheSetsDo() {
    for byte in UInt8.min...UInt8.max {
      for offset in 0..<40 {
        var text = [UInt8](repeating: 0x61, count: 40)
        text[offset] = byte
        withBytes(text) { view in
          let isToken = ByteSet.token.contains(byte)
          #expect(view.tokenEnd(from: 0) == (isToken ? 40 : offset))
          let isValue = byte == 9 || (byte >= 0x20 && byte != 0x7f)
          #expect(view.fieldValueEnd(from: 0) == (isValue ? 40 : offset))
          let isTarget = byte > 0x20 && byte < 0x7f
          #expect(view.targetEnd(from: 0) == (isTarget ? 40 : offset))
        }
      }
    }
  }
}
