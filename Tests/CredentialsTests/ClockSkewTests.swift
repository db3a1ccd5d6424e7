// SPDX-License-Identifier: MIT

import Bytes
import Clocks
import Credentials
import Testing

@Suite struct ClockSkewTests {
  static let now = Timestamp(secondsSinceEpoch: 1_440_938_160)
  static let expired =
    #"{"message":"Signature expired: 20150830T123600Z is now earlier than 20150830T124100Z"}"#

  func correction(
    _ status: UInt16 = 403, _ body: String = expired,
    _ date: String = "Sun, 30 Aug 2015 12:46:00 GMT", applied: Interval = .zero
  ) -> Interval? {
    body.withByteView { body in
      ClockSkew.correction(
        status: status, body: body, theirs: Timestamp(httpDate: Array(date.utf8)), now: Self.now,
        applied: applied)
    }
  }

  @Test func theDateFieldSaysHowFarOffWeAre() {
    #expect(correction() == .seconds(600))
    #expect(correction(403, Self.expired, "Sun, 30 Aug 2015 12:26:00 GMT") == .seconds(-600))
    #expect(
      correction(403, #"{"__type":"RequestTimeTooSkewed"}"#) == .seconds(600))
    #expect(correction(400, "<Code>RequestExpired</Code>") == .seconds(600))
    #expect(correction(403, #"{"message":"Signature not yet current: x"}"#) == .seconds(600))
  }

  @Test func whatIsNotAboutTheClockIsLeftAlone() {
    #expect(correction(403, #"{"message":"not authorized to perform: bedrock:Invoke"}"#) == nil)
    #expect(correction(500) == nil)
    #expect(correction(403, Self.expired, "yesterday") == nil)
    #expect(correction(403, Self.expired, "") == nil)
  }

  /// A second refusal with the same date must not make for a third attempt.
  @Test func aCorrectionThatIsAppliedAlreadyIsNone() {
    #expect(correction(applied: .seconds(600)) == nil)
    #expect(correction(applied: .seconds(-5)) == .seconds(600))
  }
}
