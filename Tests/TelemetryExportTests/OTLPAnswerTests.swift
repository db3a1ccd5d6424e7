// SPDX-License-Identifier: MIT

import Clocks
import Network
import Telemetry
import Testing

@testable import TelemetryExport

@Suite struct OTLPAnswerTests {
  static func answer(
    _ status: Int, headers: [(name: String, value: String)] = [], body: [UInt8] = []
  ) -> OTLPAnswer {
    var head = HTTPClientHead()
    head.status = status
    head.headers = headers
    return OTLPAnswer(
      head, body, rejectedField: "rejectedSpans", now: Timestamp(secondsSinceEpoch: 1_000_000_000))
  }

  @Test func anEmptyAnswerMeansTaken() {
    #expect(Self.answer(200) == OTLPAnswer(.accepted(rejectedCount: 0)))
  }

  @Test func partialSuccessIsReadInBothEncodings() {
    let json = #"{"partialSuccess":{"rejectedSpans":"3","errorMessage":"too old"}}"#
    let expected = OTLPAnswer(.accepted(rejectedCount: 3), message: "too old")
    #expect(
      Self.answer(
        200, headers: [("Content-Type", "application/json")], body: Array(json.utf8)) == expected)
    // Field 1, 11 bytes: field 1 is the varint 3, field 2 the text "too old".
    let protobuf: [UInt8] = [0x0a, 11, 0x08, 3, 0x12, 7] + Array("too old".utf8)
    #expect(
      Self.answer(200, headers: [("content-type", "application/x-protobuf")], body: protobuf)
        == expected)
  }

  @Test func damagedAnswersCountAsTaken() {
    for body: [UInt8] in [[0x0a], [0x0a, 200, 1], [0xff, 0xff], [0x0a, 2, 0x08]] {
      #expect(Self.answer(200, body: body).result == .accepted(rejectedCount: 0))
    }
    let json = [(name: "content-type", value: "application/json")]
    #expect(
      Self.answer(200, headers: json, body: [0x7b]).result == .accepted(rejectedCount: 0))
  }

  @Test(arguments: [429, 502, 503, 504])
  func theseAreTriedAgain(status: Int) {
    #expect(Self.answer(status).result == .retryable(after: nil))
    #expect(
      Self.answer(status, headers: [("Retry-After", "7")]).result
        == .retryable(after: .seconds(7)))
    // 90 seconds after the time of the test.
    #expect(
      Self.answer(status, headers: [("retry-after", "Sun, 09 Sep 2001 01:48:10 GMT")]).result
        == .retryable(after: .seconds(90)))
    let odd = Self.answer(status, headers: [("retry-after", "soon")])
    #expect(odd.result == .retryable(after: nil))
  }

  @Test(arguments: [400, 401, 404, 413, 500, 501, 301])
  func theseAreNot(status: Int) {
    #expect(Self.answer(status).result == .refused)
    #expect(Self.answer(status).message == "status \(status)")
  }
}
