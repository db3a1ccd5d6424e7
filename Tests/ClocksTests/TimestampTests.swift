// SPDX-License-Identifier: MIT

import Clocks
import Testing

@Suite struct TimestampTests {
  /// Expected texts are from GNU `date -u -d @SECONDS`.
  static let known: [(seconds: Int64, rfc3339: String, httpDate: String)] = [
    (0, "1970-01-01T00:00:00Z", "Thu, 01 Jan 1970 00:00:00 GMT"),
    (-1, "1969-12-31T23:59:59Z", "Wed, 31 Dec 1969 23:59:59 GMT"),
    (951_782_400, "2000-02-29T00:00:00Z", "Tue, 29 Feb 2000 00:00:00 GMT"),
    (951_868_799, "2000-02-29T23:59:59Z", "Tue, 29 Feb 2000 23:59:59 GMT"),
    (951_868_800, "2000-03-01T00:00:00Z", "Wed, 01 Mar 2000 00:00:00 GMT"),
    (784_111_777, "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37 GMT"),
    (1_767_225_600, "2026-01-01T00:00:00Z", "Thu, 01 Jan 2026 00:00:00 GMT"),
    (4_107_542_400, "2100-03-01T00:00:00Z", "Mon, 01 Mar 2100 00:00:00 GMT"),
    (-5_364_662_400, "1800-01-01T00:00:00Z", "Wed, 01 Jan 1800 00:00:00 GMT"),
  ]

  @Test(arguments: known)
  func formatsKnownTimes(seconds: Int64, rfc3339: String, httpDate: String) {
    let timestamp = Timestamp(secondsSinceEpoch: seconds)
    #expect(timestamp.rfc3339(fractionDigits: 0) == rfc3339)
    var text: [UInt8] = []
    timestamp.appendHTTPDate(to: &text)
    #expect(String(decoding: text, as: UTF8.self) == httpDate)
    #expect(Timestamp(httpDate: httpDate.utf8) == timestamp)
  }

  @Test func fractionsAreCut() {
    let timestamp = Timestamp(nanosecondsSinceEpoch: 1_999_999_999)
    #expect(timestamp.rfc3339() == "1970-01-01T00:00:01.999Z")
    #expect(timestamp.rfc3339(fractionDigits: 9) == "1970-01-01T00:00:01.999999999Z")
    let before = Timestamp(nanosecondsSinceEpoch: -1)
    #expect(before.rfc3339() == "1969-12-31T23:59:59.999Z")
    #expect(before.secondsSinceEpoch == -1)
    #expect(before.millisecondsSinceEpoch == -1)
  }

  @Test func theWholeRangeFormats() {
    #expect(Timestamp(nanosecondsSinceEpoch: .min).rfc3339().hasPrefix("1677-09-21T00:12:43"))
    #expect(Timestamp(nanosecondsSinceEpoch: .max).rfc3339().hasPrefix("2262-04-11T23:47:16"))
  }

  @Test func datesRoundTripOverFourCenturies() {
    // Steps of 1,003 hours touch every month, leap years and the century years without a leap day.
    var seconds: Int64 = -9_000_000_000
    while seconds < 9_000_000_000 {
      let timestamp = Timestamp(secondsSinceEpoch: seconds)
      var text: [UInt8] = []
      timestamp.appendHTTPDate(to: &text)
      #expect(Timestamp(httpDate: text) == timestamp)
      seconds += 1_003 * 3_600 + 61
    }
  }

  @Test(arguments: [
    "", "Thu, 01 Jan 1970 00:00:00 UTC", "Thu, 32 Jan 1970 00:00:00 GMT",
    "Thu, 30 Feb 2000 00:00:00 GMT", "Thu, 29 Feb 2100 00:00:00 GMT",
    "Thu, 00 Jan 1970 00:00:00 GMT", "Thu, 01 Jan 1970 24:00:00 GMT",
    "Thu, 01 Jan 1970 00:60:00 GMT", "Thu, 01 jan 1970 00:00:00 GMT",
    "Thu, 01 Jan 1970 00:00:0x GMT", "Thu, 1 Jan 1970 00:00:00 GMT ", "120",
    "Thursday, 01-Jan-70 00:00:00 GMT", "Xyz, 01 Jan 1970 00:00:00 GMT",
  ])
  func rejectsOtherDates(text: String) {
    #expect(Timestamp(httpDate: text.utf8) == nil)
  }
}
