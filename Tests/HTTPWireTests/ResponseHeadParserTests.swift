// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct ResponseHeadParserTests {
  static let accepted: [(String, ParsedResponse)] = [
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 12\r\nServer: x\r\n\r\n",
      ParsedResponse(
        reason: "OK", framing: .length(12), fields: ["Content-Length=12", "Server=x"])
    ),
    (
      "HTTP/1.1 200\r\nTransfer-Encoding: chunked\r\n\r\n",
      ParsedResponse(framing: .chunked, fields: ["Transfer-Encoding=chunked"])
    ),
    (
      "HTTP/1.1 200 \r\nConnection: close\r\n\r\n",
      ParsedResponse(keepAlive: false, framing: .untilClose, fields: ["Connection=close"])
    ),
    (
      "HTTP/1.0 404 Not Found\r\nContent-Length : 0\r\n\r\n",
      ParsedResponse(
        status: 404, reason: "Not Found", minorVersion: 0, keepAlive: false, framing: .length(0),
        fields: ["Content-Length=0"])
    ),
    ("HTTP/1.1 100 Continue\r\n\r\n", ParsedResponse(status: 100, reason: "Continue")),
    (
      "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n",
      ParsedResponse(status: 204, reason: "No Content", fields: ["Content-Length=7"])
    ),
    (
      "HTTP/1.1 304 x\r\nTransfer-Encoding: chunked\r\n\r\n",
      ParsedResponse(status: 304, reason: "x", fields: ["Transfer-Encoding=chunked"])
    ),
    (
      "HTTP/1.1 529 \u{e9}t\u{e9}\r\nContent-Length: 5, 5 ,5\r\nContent-Length: 5\r\n\r\n",
      ParsedResponse(
        status: 529, reason: "\u{e9}t\u{e9}", framing: .length(5),
        fields: ["Content-Length=5, 5 ,5", "Content-Length=5"])
    ),
    (
      "HTTP/1.1 999 a\r\nExpect: y\r\n\r\n",
      ParsedResponse(
        status: 999, reason: "a", keepAlive: false, framing: .untilClose, fields: ["Expect=y"])
    ),
  ]

  @Test(arguments: accepted) func accepts(text: String, expected: ParsedResponse) {
    var expected = expected
    expected.length = text.utf8.count
    #expect(parseResponse(text) == .complete(expected), "\(text.debugDescription)")
    let all = bytes(text)
    for cut in 1..<all.count {
      var parser = ResponseHeadParser()
      #expect(step(&parser, Array(all[..<cut])) == .needMore, "\(text) at \(cut)")
      #expect(step(&parser, all) == .complete(expected), "\(text) at \(cut)")
    }
  }

  @Test func headRequestHasNoBody() {
    let text = "HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n"
    guard case .complete(let head) = parseResponse(text, isHeadRequest: true) else {
      Issue.record("refused")
      return
    }
    #expect(head.framing == .none && head.keepAlive)
  }

  static let refused: [(String, WireError)] = [
    ("HTTP/1.1 200 OK\nContent-Length: 1\n\n", .bareLineFeed),
    ("HTTP/1.1 20 OK\r\n\r\n", .statusInvalid),
    ("HTTP/1.1 2000 OK\r\n\r\n", .startLineMalformed),
    ("HTTP/1.1 099 OK\r\n\r\n", .statusInvalid),
    ("HTTP/1.1  200 OK\r\n\r\n", .statusInvalid),
    ("HTTP/1.1\t200 OK\r\n\r\n", .startLineMalformed),
    ("HTTP/2.0 200 OK\r\n\r\n", .versionUnsupported),
    ("HTTP/1.2 200 OK\r\n\r\n", .versionUnsupported),
    ("ICY 200 OK\r\n\r\n\r\n", .startLineMalformed),
    ("<html><body>", .startLineMalformed),
    ("\r\nHTTP/1.1 200 OK\r\n\r\n", .startLineMalformed),
    ("HTTP/1.1 200 O\u{0}K\r\n\r\n", .startLineMalformed),
    ("HTTP/1.1 200 OK\r\nA: b\r\n c\r\n\r\n", .fieldFolded),
    ("HTTP/1.1 200 OK\r\nA: b\rc\r\n\r\n", .bareCarriageReturn),
    ("HTTP/1.1 200 OK\r\nA b: c\r\n\r\n", .fieldNameInvalid),
    (
      "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      .framingAmbiguous
    ),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", .contentLengthDuplicate),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1,2\r\n\r\n", .contentLengthDuplicate),
    ("HTTP/1.1 200 OK\r\nContent-Length: 1,\r\n\r\n", .contentLengthInvalid),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", .transferEncodingUnsupported),
    ("HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n", .transferEncodingInvalid),
    ("HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
  ]

  @Test(arguments: refused) func refuses(text: String, error: WireError) {
    #expect(parseResponse(text) == .failure(error), "\(text.debugDescription)")
  }

  @Test func sizeIsBounded() {
    let limits = HeadLimits(headBytesMax: 40)
    var parser = ResponseHeadParser()
    let text = bytes("HTTP/1.1 200 OK\r\nA: 45678901234567890\r\n\r\n")
    #expect(text.count > 40)
    #expect(step(&parser, Array(text[..<39]), limits: limits) == .needMore)
    #expect(step(&parser, text, limits: limits) == .failure(.headTooLarge))
  }
}
