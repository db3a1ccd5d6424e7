// SPDX-License-Identifier: MIT

import Clocks
import Testing

@Suite struct RFC3339ReadingTests {
  @Test func whatIsWrittenIsRead() {
    for seconds: Int64 in [0, 951_782_400, 1_700_000_000, 4_102_444_799, -1] {
      let time = Timestamp(nanosecondsSinceEpoch: seconds * 1_000_000_000 + 123_456_789)
      for digits in 0...9 {
        let text = time.rfc3339(fractionDigits: digits)
        #expect(Timestamp(rfc3339UTC: text)?.rfc3339(fractionDigits: digits) == text)
      }
    }
    #expect(
      Timestamp(rfc3339UTC: "2023-11-14T22:13:20.5000000000Z")?.millisecondsSinceEpoch
        == 1_700_000_000_500)
  }

  @Test(arguments: [
    "", "2023-11-14T22:13:20", "2023-11-14 22:13:20Z", "2023-13-14T22:13:20Z",
    "2023-02-29T22:13:20Z", "2023-11-14T24:13:20Z", "2023-11-14T22:60:20Z",
    "2023-11-14T22:13:20+01:00", "2023-11-14T22:13:20.Z", "2023/11/14T22:13:20Z",
    "2023-11-14T22:13:20,5Z", "x023-11-14T22:13:20Z", "2023-11-00T22:13:20Z",
  ])
  func otherFormsAreNot(_ text: String) { #expect(Timestamp(rfc3339UTC: text) == nil) }
}
