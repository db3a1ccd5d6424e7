// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct RequestHeadParserTests {
  static let chat =
    "POST /v1/chat/completions?trace=1 HTTP/1.1\r\nHost: localhost:9000\r\n"
    + "Authorization: Bearer sk-0123456789abcdef\r\nContent-Type: application/json\r\n"
    + "Accept: */*\r\nUser-Agent: OpenAI/Python 2.8.1\r\nX-Stainless-Lang:python\r\n"
    + "Connection: \t keep-alive \t \r\nContent-Length: 1034\r\n\r\n"

  @Test func completeChatRequest() {
    let expected = ParsedRequest(
      method: "POST", target: "/v1/chat/completions?trace=1", path: "/v1/chat/completions",
      query: "trace=1", authority: "localhost:9000", framing: .length(1034),
      fields: [
        "Host=localhost:9000", "Authorization=Bearer sk-0123456789abcdef",
        "Content-Type=application/json", "Accept=*/*", "User-Agent=OpenAI/Python 2.8.1",
        "X-Stainless-Lang=python", "Connection=keep-alive", "Content-Length=1034",
      ], length: Self.chat.utf8.count)
    #expect(parseRequest(Self.chat) == .complete(expected))
    // What follows the head does not change it.
    #expect(parseRequest(Self.chat + "{\"model\":\"m\"}") == .complete(expected))
  }

  static let accepted: [(String, ParsedRequest)] = [
    (
      "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
      ParsedRequest(method: "GET", target: "/", path: "/", authority: "a", fields: ["Host=a"])
    ),
    (
      "\r\n\r\nGET /?a=b?c HTTP/1.1\r\nhOsT:[::1]:80\r\n\r\n",
      ParsedRequest(
        method: "GET", target: "/?a=b?c", path: "/", query: "a=b?c", authority: "[::1]:80",
        fields: ["hOsT=[::1]:80"])
    ),
    (
      "GET /? HTTP/1.0\r\n\r\n",
      ParsedRequest(method: "GET", target: "/?", path: "/", minorVersion: 0, keepAlive: false)
    ),
    (
      "GET / HTTP/1.0\r\nConnection: Keep-Alive\r\n\r\n",
      ParsedRequest(
        method: "GET", target: "/", path: "/", minorVersion: 0,
        fields: ["Connection=Keep-Alive"])
    ),
    (
      "OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: x-a, close ,, keep-alive\r\n\r\n",
      ParsedRequest(
        method: "OPTIONS", target: "*", path: "*", authority: "a", form: .asterisk,
        keepAlive: false, options: true,
        fields: ["Host=a", "Connection=x-a, close ,, keep-alive"])
    ),
    (
      "GET HTTP://Ab.c:8080?q HTTP/1.1\r\nHost: aB.C:8080\r\n\r\n",
      ParsedRequest(
        method: "GET", target: "HTTP://Ab.c:8080?q", query: "q", authority: "Ab.c:8080",
        form: .absolute, fields: ["Host=aB.C:8080"])
    ),
    (
      "PUT https://a/b/c?d HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n",
      ParsedRequest(
        method: "PUT", target: "https://a/b/c?d", path: "/b/c", query: "d", authority: "a",
        form: .absolute, framing: .chunked, fields: ["Host=a", "Transfer-Encoding=Chunked"])
    ),
    (
      "CONNECT a.b:443 HTTP/1.1\r\nHost: a.b:443\r\n\r\n",
      ParsedRequest(
        method: "CONNECT", target: "a.b:443", authority: "a.b:443", form: .authority,
        fields: ["Host=a.b:443"])
    ),
    (
      "M-SEARCH /a HTTP/1.1\r\nHost:\r\nX!#$%&'*+-.^_`|~:\r\nY: \u{e9}\tz\r\n\r\n",
      ParsedRequest(
        method: "M-SEARCH", target: "/a", path: "/a",
        fields: ["Host=", "X!#$%&'*+-.^_`|~=", "Y=\u{e9}\tz"])
    ),
    (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nExpect: 100-Continue\r\n\r\n",
      ParsedRequest(
        method: "POST", target: "/", path: "/", authority: "a", expectContinue: true,
        framing: .length(0), fields: ["Host=a", "Content-Length=0", "Expect=100-Continue"])
    ),
    (
      "POST / HTTP/1.0\r\nContent-Length: 9223372036854775807\r\nExpect: 100-continue\r\n\r\n",
      ParsedRequest(
        method: "POST", target: "/", path: "/", minorVersion: 0, keepAlive: false,
        framing: .length(UInt64(Int64.max)),
        fields: ["Content-Length=9223372036854775807", "Expect=100-continue"])
    ),
  ]

  @Test(arguments: accepted) func accepts(text: String, expected: ParsedRequest) {
    var expected = expected
    expected.length = text.utf8.count
    #expect(parseRequest(text) == .complete(expected), "\(text.debugDescription)")
  }

  /// Every sample, cut in two at every position and byte by byte: the same answer, never early.
  @Test func everySplit() {
    for (text, _) in Self.accepted + [(Self.chat, ParsedRequest())] {
      let all = bytes(text)
      let whole = parseRequest(text)
      for cut in 1..<all.count {
        var parser = RequestHeadParser()
        #expect(step(&parser, Array(all[..<cut])) == .needMore, "\(text) at \(cut)")
        #expect(step(&parser, all) == whole, "\(text) at \(cut)")
      }
      var parser = RequestHeadParser()
      for length in 1..<all.count {
        #expect(step(&parser, Array(all[..<length])) == .needMore, "\(text) at \(length)")
      }
      #expect(step(&parser, all) == whole)
      // The parser is ready for the next head, shorter than the last.
      #expect(step(&parser, bytes("GET / HTTP/1.0\r\n")) == .needMore)
    }
  }

  @Test func limits() {
    let small = HeadLimits(headBytesMax: 64, targetBytesMax: 10, leadingEmptyLinesMax: 1)
    let cases: [(String, Outcome<ParsedRequest>)] = [
      ("GET /234567890 HTTP/1.0\r\n", .needMore),
      ("GET /2345678901 HTTP/1.0\r\n", .failure(.targetTooLong)),
      ("GET /2345678901", .failure(.targetTooLong)),
      ("\r\n\r\n", .failure(.emptyLinesExcessive)),
      ("\r\n\r", .failure(.emptyLinesExcessive)),
      ("GET / HTTP/1.0\r\nA: " + String(repeating: "b", count: 44), .needMore),
      ("GET / HTTP/1.0\r\nA: " + String(repeating: "b", count: 45), .failure(.headTooLarge)),
      (
        "GET / HTTP/1.0\r\nA: " + String(repeating: "b", count: 44) + "\r\n\r\n",
        .failure(.headTooLarge)
      ),
      (String(repeating: "G", count: 64), .failure(.headTooLarge)),
    ]
    for (text, expected) in cases {
      #expect(parseRequest(text, limits: small) == expected, "\(text.debugDescription)")
    }
    // A head of exactly the limit, with a body behind it.
    let exact = "GET / HTTP/1.0\r\nA: " + String(repeating: "b", count: 41) + "\r\n\r\n"
    #expect(exact.utf8.count == 64)
    guard case .complete(let head) = parseRequest(exact + "body", limits: small) else {
      Issue.record("refused")
      return
    }
    #expect(head.length == 64)
  }

  @Test func fieldCountIsBoundedByTheTable() {
    let head = "GET / HTTP/1.1\r\nHost: a\r\nB: 1\r\nC: 2\r\n\r\n"
    #expect(parseRequest(head, capacity: 2) == .failure(.fieldsTooMany))
    guard case .complete = parseRequest(head, capacity: 3) else {
      Issue.record("refused")
      return
    }
  }

  /// A head of 30,000 bytes given one byte more at a time is not parsed anew each time: as a bound
  /// on time, that would be 10^9 steps in a debug build.
  @Test(.timeLimit(.minutes(1))) func slowHeadIsLinear() {
    let text =
      "GET / HTTP/1.1\r\nHost: a\r\n"
      + String(repeating: "X-Filler: 0123456789012345678901234567890123456789\r\n", count: 80)
      + "X-Last: " + String(repeating: "v", count: 26_000)
    let all = bytes(text)
    withTable { table in
      withBytes(all) { view in
        var parser = RequestHeadParser()
        for length in 1...view.count {
          let result = parser.parse(view.prefix(length), limits: HeadLimits(), table: &table)
          guard case .needMore = result else {
            Issue.record("unexpected answer at \(length)")
            return
          }
        }
      }
    }
  }

  @Test func knownHeadersInAnyCase() {
    for header in KnownHeader.allCases where header != .other {
      let name = header.name.description
      for spelling in [name, name.uppercased(), name.capitalized(every: "-")] {
        let known = knownHeader(spelling)
        #expect(known == header, "\(spelling)")
      }
      for index in name.indices {
        // Another letter in each place, and the name cut short or prolonged.
        var changed = name
        changed.replaceSubrange(index...index, with: name[index] == "q" ? "j" : "q")
        #expect(knownHeader(changed) == .other, "\(changed)")
      }
      #expect(knownHeader(name + "x") == .other)
      #expect(knownHeader("x" + name) == .other)
    }
  }

  private func knownHeader(_ name: String) -> KnownHeader? {
    let text = "GET / HTTP/1.0\r\n\(name): chunked\r\n\r\n"
    return withTable { table in
      withBytes(bytes(text)) { view in
        var parser = RequestHeadParser()
        _ = parser.parse(view, limits: HeadLimits(), table: &table)
        // Values that don't suit (content-length: chunked) fail before the field is recorded.
        if table.count == 0 {
          return KnownHeader.allCases.first { $0.name.description == name.lowercased() }
        }
        return table[0].known
      }
    }
  }

  @Test func tableLooksUp() {
    withTable { table in
      withBytes(bytes(Self.chat)) { view in
        var parser = RequestHeadParser()
        _ = parser.parse(view, limits: HeadLimits(), table: &table)
        #expect(table.value(of: .contentType, in: view)?.string == "application/json")
        #expect(table.value(of: .apiKey, in: view) == nil)
        #expect(table.value(named: "x-stainless-lang", in: view)?.string == "python")
        #expect(table.value(named: "x-stainless-long", in: view) == nil)
        #expect(table.contains(.authorization) && !table.contains(.cookie))
        #expect(table.firstIndex(of: .accept) == 3)
        #expect(table.firstIndex(of: .accept, from: 4) == nil)
      }
    }
  }
}

extension String {
  fileprivate func capitalized(every separator: Character) -> String {
    split(separator: separator, omittingEmptySubsequences: false)
      .map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined(separator: String(separator))
  }
}
