// SPDX-License-Identifier: MIT

import Telemetry
import Testing

/// Both encodings of small spans, byte by byte. Tests/Integration lets Google's protobuf read and
/// write what the gateway sends.
@Suite struct OTLPSpansTests {
  static let origin = OTLPOrigin(resource: [], scopeName: "g", scopeVersion: "")

  static func span() -> Span {
    let context = TraceContext(traceHigh: 1, traceLow: 2, spanID: 3, flags: 1)
    var span = Span(context, kind: .client, name: "n")
    span.startNanoseconds = 0x0102
    span.endNanoseconds = 0x0203
    return span
  }

  @Test func protobuf() {
    let encoded = OTLPSpans.encode([Self.span()], origin: Self.origin, as: .protobuf)
    let identifiers: [UInt8] =
      [0x0a, 16] + [UInt8](repeating: 0, count: 7) + [1] + [UInt8](repeating: 0, count: 7) + [2]
      + [0x12, 8] + [UInt8](repeating: 0, count: 7) + [3]
    let times: [UInt8] =
      [0x39, 0x02, 1, 0, 0, 0, 0, 0, 0] + [0x41, 0x03, 2, 0, 0, 0, 0, 0, 0]
    // Name (5), kind (6), start (7), end (8), flags (16, four bytes).
    let span = identifiers + [0x2a, 1, 0x6e, 0x30, 3] + times + [0x85, 1, 1, 0, 0, 0]
    let scope: [UInt8] = [0x0a, 3, 0x0a, 1, 0x67]
    let scopeSpans = scope + [0x12, UInt8(span.count)] + span
    let resourceSpans = [0x0a, 0, 0x12, UInt8(scopeSpans.count)] + scopeSpans
    #expect(encoded == [0x0a, UInt8(resourceSpans.count)] + resourceSpans)
  }

  @Test func json() {
    var span = Self.span()
    span.traceState = "a=1"
    span.parentSpanID = 0xabc
    span.errorMessage = "time\"out"
    span.attributes = [
      Attribute("t", .text("")), Attribute("i", .integer(-5)), Attribute("d", .number(0.5)),
      Attribute("b", .truth(false)), Attribute("l", .texts(["x", "y"])),
      Attribute("n", .number(.nan)), Attribute("w", .number(3)),
    ]
    let text = String(
      decoding: OTLPSpans.encode([span], origin: Self.origin, as: .json), as: UTF8.self)
    #expect(
      text == #"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"g"},"spans":[{"#
        + #""traceId":"00000000000000010000000000000002","spanId":"0000000000000003","#
        + #""traceState":"a=1","parentSpanId":"0000000000000abc","name":"n","kind":3,"#
        + #""startTimeUnixNano":"258","endTimeUnixNano":"515","attributes":["#
        + #"{"key":"t","value":{"stringValue":""}},{"key":"i","value":{"intValue":"-5"}},"#
        + #"{"key":"d","value":{"doubleValue":0.5}},{"key":"b","value":{"boolValue":false}},"#
        + #"{"key":"l","value":{"arrayValue":{"values":[{"stringValue":"x"},"#
        + #"{"stringValue":"y"}]}}},"#
        + #"{"key":"n","value":{"doubleValue":"NaN"}},{"key":"w","value":{"doubleValue":3}}],"#
        + #""status":{"message":"time\"out","code":2},"flags":1}]}]}]}"#)
  }

  @Test func lengthsOfMoreThanOneByte() {
    var span = Self.span()
    span.name = String(repeating: "x", count: 300)
    let encoded = OTLPSpans.encode([span], origin: Self.origin, as: .protobuf)
    // 300 as a varint is ac 02; the message around it is longer and has a length of two bytes too.
    #expect(encoded[1] & 0x80 != 0 && encoded[2] & 0x80 == 0)
    #expect(Int(encoded[1] & 0x7f) + Int(encoded[2]) << 7 == encoded.count - 3)
  }

  @Test func noSpansIsAnEmptyScope() {
    let text = String(
      decoding: OTLPSpans.encode([], origin: Self.origin, as: .json), as: UTF8.self)
    #expect(text == #"{"resourceSpans":[{"resource":{},"scopeSpans":[{"scope":{"name":"g"}}]}]}"#)
  }
}
