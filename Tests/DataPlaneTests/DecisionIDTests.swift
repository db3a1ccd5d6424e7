// SPDX-License-Identifier: MIT

import Testing

@testable import DataPlane

@Suite struct DecisionIDTests {
  @Test(arguments: [
    (UInt8(0), UInt64(0), UInt64(0), "dec_00000000000000000000000000000000"),
    (1, 2, 0xdead_beef_0123_4567, "dec_0100000000000002deadbeef01234567"),
    (255, 0xff_ffff_ffff_ffff, .max, "dec_ffffffffffffffffffffffffffffffff"),
    (9, 0xabc_def0, 0x9a0f, "dec_090000000abcdef00000000000009a0f"),
  ])
  func printsAndParses(worker: UInt8, sequence: UInt64, random: UInt64, text: String) {
    let id = DecisionID(worker: worker, sequence: sequence, random: random)
    #expect(id.text == text)
    #expect(DecisionID(text) == id)
  }

  @Test(arguments: [
    "", "dec_", "dec_0100000000000002deadbeef0123456", "dec_0100000000000002deadbeef012345670",
    "abc_0100000000000002deadbeef01234567", "dec_0100000000000002deadbeef0123456g",
  ])
  func refusesOtherTexts(text: String) { #expect(DecisionID(text) == nil) }
}
