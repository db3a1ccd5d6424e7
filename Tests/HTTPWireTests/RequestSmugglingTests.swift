// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

/// What two servers in a row could read in two ways must be refused, by name.
@Suite struct RequestSmugglingTests {
  /// Field lines added to `POST / HTTP/1.1`, `Host: a`.
  static let fields: [(String, WireError)] = [
    ("Content-Length: 5\r\nTransfer-Encoding: chunked", .framingAmbiguous),
    ("Transfer-Encoding: chunked\r\nContent-Length: 5", .framingAmbiguous),
    ("Transfer-Encoding: chunked\r\nContent-Length: 0", .framingAmbiguous),
    ("Content-Length: 5\r\nContent-Length: 6", .contentLengthDuplicate),
    ("Content-Length: 5\r\nContent-Length: 5", .contentLengthDuplicate),
    ("Content-Length: 5\r\nX: y\r\ncontent-length: 5", .contentLengthDuplicate),
    ("Content-Length: 5, 5", .contentLengthInvalid),
    ("Content-Length: 5,6", .contentLengthInvalid),
    ("Content-Length: +5", .contentLengthInvalid),
    ("Content-Length: -5", .contentLengthInvalid),
    ("Content-Length: 0x5", .contentLengthInvalid),
    ("Content-Length: 5 5", .contentLengthInvalid),
    ("Content-Length: 5.0", .contentLengthInvalid),
    ("Content-Length: 1e3", .contentLengthInvalid),
    ("Content-Length: 1_000", .contentLengthInvalid),
    ("Content-Length: \"5\"", .contentLengthInvalid),
    ("Content-Length:", .contentLengthInvalid),
    ("Content-Length:  ", .contentLengthInvalid),
    ("Content-Length: \u{665}", .contentLengthInvalid),
    ("Content-Length: 9223372036854775808", .contentLengthInvalid),
    ("Content-Length: 18446744073709551616", .contentLengthInvalid),
    ("Content-Length: 00000000000000000005", .contentLengthInvalid),
    ("Content-Length: 5\u{b}", .fieldValueInvalid),
    ("Content-Length : 5", .fieldSpaceBeforeColon),
    ("Content-Length\t: 5", .fieldSpaceBeforeColon),
    ("Content-Length\u{b}: 5", .fieldNameInvalid),
    ("Content-Length\u{0}: 5", .fieldNameInvalid),
    (" Content-Length: 5", .fieldFolded),
    ("\tContent-Length: 5", .fieldFolded),
    ("X: y\r\n Content-Length: 5", .fieldFolded),
    ("X: y\r\n\tz", .fieldFolded),
    ("X: y\r\n ", .fieldFolded),
    ("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked", .transferEncodingDuplicate),
    ("Transfer-Encoding: chunked\r\nTransfer-encoding: identity", .transferEncodingDuplicate),
    ("Transfer-Encoding: identity", .transferEncodingInvalid),
    ("Transfer-Encoding: gzip", .transferEncodingInvalid),
    ("Transfer-Encoding: xchunked", .transferEncodingInvalid),
    ("Transfer-Encoding: chunkedx", .transferEncodingInvalid),
    ("Transfer-Encoding: chunked, identity", .transferEncodingInvalid),
    ("Transfer-Encoding: chunked, chunked", .transferEncodingInvalid),
    ("Transfer-Encoding: , chunked", .transferEncodingInvalid),
    ("Transfer-Encoding: chunked,", .transferEncodingInvalid),
    ("Transfer-Encoding: chunked;a=b", .transferEncodingInvalid),
    ("Transfer-Encoding: \"chunked\"", .transferEncodingInvalid),
    ("Transfer-Encoding: 'chunked'", .transferEncodingInvalid),
    ("Transfer-Encoding:", .transferEncodingInvalid),
    ("Transfer-Encoding: \u{b}chunked", .fieldValueInvalid),
    ("Transfer-Encoding: chunked\u{0}", .fieldValueInvalid),
    ("Transfer-Encoding: \u{a0}chunked", .transferEncodingInvalid),
    ("Transfer-Encoding: gzip, chunked", .transferEncodingUnsupported),
    ("Transfer-Encoding: gzip , deflate,\tchunked", .transferEncodingUnsupported),
    ("Transfer-Encoding : chunked", .fieldSpaceBeforeColon),
    (" Transfer-Encoding: chunked", .fieldFolded),
    ("Transfer\u{2010}Encoding: chunked", .fieldNameInvalid),
    ("X: y\rTransfer-Encoding: chunked", .bareCarriageReturn),
    ("X: y\nTransfer-Encoding: chunked", .bareLineFeed),
    ("X: y\r\r\nTransfer-Encoding: chunked", .bareCarriageReturn),
    ("X: y\u{0}", .fieldValueInvalid),
    ("X: y\u{7f}", .fieldValueInvalid),
    ("X: y\u{1b}[2J", .fieldValueInvalid),
    ("X: y\u{8}", .fieldValueInvalid),
    (": y", .fieldNameEmpty),
    ("X", .fieldColonMissing),
    ("X y: z", .fieldSpaceBeforeColon),
    ("X(: z", .fieldNameInvalid),
    ("X\": z", .fieldNameInvalid),
    ("X/Y: z", .fieldNameInvalid),
    ("X{}: z", .fieldNameInvalid),
    ("X[1]: z", .fieldNameInvalid),
    ("X@: z", .fieldNameInvalid),
    ("X\u{e9}: z", .fieldNameInvalid),
    ("\rX: z", .bareCarriageReturn),
    ("Host: a", .hostDuplicate),
    ("HOST: b", .hostDuplicate),
    ("Expect: 100-continue, x", .expectationUnsupported),
    ("Expect: y", .expectationUnsupported),
    ("Expect:", .expectationUnsupported),
  ]

  @Test(arguments: fields) func fieldLines(lines: String, error: WireError) {
    let text = "POST / HTTP/1.1\r\nHost: a\r\n" + lines + "\r\n\r\n0\r\n\r\n"
    expectRefusal(text, error)
    // The same in front of Host, which must not change what is seen first.
    if error != .hostDuplicate {
      expectRefusal("POST / HTTP/1.1\r\n" + lines + "\r\nHost: a\r\n\r\n", error)
    }
    // And far into a head, past every 16-byte block.
    for padding in 0..<17 {
      let filler = "P: " + String(repeating: "p", count: padding) + "\r\n"
      let padded = "POST / HTTP/1.1\r\nHost: a\r\n" + filler + lines + "\r\n\r\n"
      #expect(parseRequest(padded) == .failure(error), "\(padded.debugDescription)")
    }
  }

  static let heads: [(String, WireError)] = [
    ("GET / HTTP/1.1\r\n\r\n", .hostMissing),
    ("GET / HTTP/1.1\nHost: a\n\n", .bareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\r\n\n", .bareLineFeed),
    ("GET / HTTP/1.1\r\nHost: a\n\r\n", .bareLineFeed),
    ("\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareLineFeed),
    ("\rGET / HTTP/1.1\r\nHost: a\r\n\r\n", .bareCarriageReturn),
    (" GET / HTTP/1.1\r\nHost: a\r\n\r\n", .startLineMalformed),
    ("GET  / HTTP/1.1\r\nHost: a\r\n\r\n", .startLineMalformed),
    ("GET /  HTTP/1.1\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / HTTP/1.1 \r\nHost: a\r\n\r\n", .startLineMalformed),
    ("GET\t/ HTTP/1.1\r\nHost: a\r\n\r\n", .methodInvalid),
    ("GET /\tHTTP/1.1\r\nHost: a\r\n\r\n", .startLineMalformed),
    ("GET /\r\n\r\n", .startLineMalformed),
    ("GET / HTTP/1.1\r\r\nHost: a\r\n\r\n", .bareCarriageReturn),
    ("GE(T / HTTP/1.1\r\nHost: a\r\n\r\n", .methodInvalid),
    ("G\u{e9}T / HTTP/1.1\r\nHost: a\r\n\r\n", .methodInvalid),
    ("GET /\u{e9} HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET /\u{0} HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET /a#b HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET /a?b#c HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET a HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET * HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET ?a HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET ftp://a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET http:///b HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET http://u@a/ HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET http://a/ HTTP/1.1\r\nHost: b\r\n\r\n", .hostMismatch),
    ("GET http://a/ HTTP/1.1\r\nHost: a:80\r\n\r\n", .hostMismatch),
    ("GET http://a/ HTTP/1.1\r\nHost:\r\n\r\n", .hostMismatch),
    ("CONNECT / HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("CONNECT a HTTP/1.1\r\nHost: a\r\n\r\n", .targetInvalid),
    ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", .versionUnsupported),
    ("GET / HTTP/2.0\r\nHost: a\r\n\r\n", .versionUnsupported),
    ("GET / HTTP/0.9\r\nHost: a\r\n\r\n", .versionUnsupported),
    ("GET / http/1.1\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / HTTP/1,1\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / HTTP/11\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / HTTP/1.10\r\nHost: a\r\n\r\n", .startLineMalformed),
    ("GET / HTTP/1.\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / HTTPS/1.1\r\nHost: a\r\n\r\n", .versionMalformed),
    ("GET / XYZ", .versionMalformed),
    ("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", .http2Preface),
    ("POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n", .transferEncodingInOldVersion),
    ("\u{16}\u{3}\u{1}\u{2}\u{0}", .methodInvalid),
  ]

  @Test(arguments: heads) func startLines(text: String, error: WireError) {
    expectRefusal(text, error)
  }

  static let hosts = [
    "a b", "a,b", "a, b", "a/b", "a?b", "a#b", "u@a", "a:b", "a:99999", "a:123456", "a:1:2", ":80",
    "[::1", "::1", "[]", "[::1]x", "[::g]", "a\\b", "\u{e9}", "<a>", "a\"", "[::1]:x", "a:-1",
  ]

  @Test(arguments: hosts) func invalidHost(host: String) {
    expectRefusal("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n", .hostInvalid)
  }

  @Test(arguments: [
    "a", "a.b-c_d~e", "1.2.3.4:80", "[::1]", "[::ffff:1.2.3.4]:65535", "a%20b", "a:",
  ])
  func validHost(host: String) {
    guard case .complete(let head) = parseRequest("GET / HTTP/1.1\r\nHost: \(host)\r\n\r\n") else {
      Issue.record("refused \(host)")
      return
    }
    #expect(head.authority == host)
  }

  /// Refused whole; and in any two pieces, and byte by byte, with the same error or, where the head
  /// has no empty line, not at all.
  private func expectRefusal(_ text: String, _ error: WireError) {
    #expect(parseRequest(text) == .failure(error), "\(text.debugDescription)")
    #expect(error.status >= 400 && error.sentence.utf8CodeUnitCount > 20)
    let all = bytes(text)
    for cut in 1..<all.count {
      var parser = RequestHeadParser()
      let first = step(&parser, Array(all[..<cut]))
      if first != .needMore {
        #expect(first == .failure(error), "\(text.debugDescription) cut at \(cut)")
        continue
      }
      let second = step(&parser, all)
      if second != .failure(error) {
        let rest = step(&parser, all + bytes("\r\n\r\n"))
        #expect(
          second == .needMore && rest == .failure(error), "\(text.debugDescription) cut at \(cut)")
      }
    }
  }

  /// Single bytes put anywhere into a good head never crash the parser, and a control character
  /// never gets through.
  @Test func everyByteEverywhere() {
    let good = bytes("POST /a HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nX-Y: z\r\n\r\n")
    for position in good.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = good
        changed[position] = byte
        var parser = RequestHeadParser()
        guard case .complete(let head) = step(&parser, changed) else { continue }
        let isControl = (byte < 0x20 && byte != 0x09) || byte == 0x7f
        #expect(!isControl || byte == good[position], "byte \(byte) at \(position)")
        #expect(head.length == good.count)
      }
    }
  }
}
