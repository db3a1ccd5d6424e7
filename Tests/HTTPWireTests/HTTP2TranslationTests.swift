// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

typealias Pair = (name: String, value: String)

/// A field section of these fields, with `Latin-1` text: a character is a byte.
func section(_ fields: [Pair]) -> [UInt8] {
  var result: [UInt8] = []
  for (name, value) in fields {
    let parts = [name, value].map { $0.unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) } }
    for part in parts {
      for place in 0..<4 { result.append(UInt8(truncatingIfNeeded: part.count >> (8 * place))) }
    }
    result += parts[0] + parts[1]
  }
  return result
}

func fields(of section: ByteView) -> [String] {
  var iterator = SectionFields(section)
  var result: [String] = []
  while let field = iterator.next() { result.append(field.name.string + "=" + field.value.string) }
  return result
}

func withWriter<Result>(
  _ capacity: Int, _ body: (inout ByteWriter) throws -> Result
) rethrows -> Result {
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: max(capacity, 1))
  defer { memory.deallocate() }
  var writer = ByteWriter(base: memory, capacity: capacity)
  return try body(&writer)
}

@Suite struct HTTP2RequestTests {
  static let start: [Pair] = [
    (":method", "POST"), (":scheme", "https"), (":authority", "gateway.test:443"),
    (":path", "/v1/chat/completions?a=b"),
  ]

  static func translate(
    _ fields: [Pair], hasBody: Bool = true
  ) throws(HTTP2FieldError) -> (text: String, HTTP2InboundRequest) {
    let bytes = section(fields)
    let result = withBytes(bytes) { view in
      withWriter(HTTP2InboundRequest.textBytesMaximum(of: view)) {
        writer -> Result<(String, HTTP2InboundRequest), HTTP2FieldError> in
        do throws(HTTP2FieldError) {
          let request = try HTTP2InboundRequest.write(view, hasBody: hasBody, to: &writer)
          return .success((writer.written.string, request))
        } catch {
          return .failure(error)
        }
      }
    }
    return try result.get()
  }

  static func refusal(_ fields: [Pair], hasBody: Bool = true) -> HTTP2FieldError? {
    do throws(HTTP2FieldError) {
      _ = try translate(fields, hasBody: hasBody)
      return nil
    } catch { return error }
  }

  @Test func aRequestBecomesTheSameInText() throws {
    let (text, request) = try Self.translate(
      Self.start + [
        ("content-type", "application/json"), ("cookie", "a=1"), ("x-empty", ""),
        ("cookie", "b=2"), ("te", "trailers"), ("content-length", "12"),
      ])
    #expect(
      text == """
        POST /v1/chat/completions?a=b HTTP/1.1\r
        host: gateway.test:443\r
        content-type: application/json\r
        x-empty: \r
        cookie: a=1; b=2\r
        content-length: 12\r
        connection: close\r
        \r

        """)
    #expect(request.framing == .length(12) && !request.isHead)
  }

  @Test func aBodyOfUnknownLengthIsChunked() throws {
    let (text, request) = try Self.translate(Self.start)
    #expect(text.contains("transfer-encoding: chunked\r\n") && request.framing == .chunked)
    let (bare, none) = try Self.translate(Self.start, hasBody: false)
    #expect(!bare.contains("chunked") && none.framing == .none)
  }

  @Test func hostStandsInForTheAuthority() throws {
    let without = Self.start.filter { $0.name != ":authority" }
    let (text, _) = try Self.translate(without + [("host", "a.test")])
    #expect(text.contains("host: a.test\r\n"))
    let (same, _) = try Self.translate(Self.start + [("host", "gateway.test:443")])
    #expect(same == text.replacing("a.test", with: "gateway.test:443"))
    #expect(Self.refusal(Self.start + [("host", "other.test")]) == .hostMismatch)
    #expect(Self.refusal(without + [("host", "a"), ("host", "b")]) == .hostMismatch)
  }

  /// RFC 9113 sections 8.2 and 8.3, and whatever would end a line or a request in HTTP/1.1.
  static let refused: [(Pair, HTTP2FieldError)] = [
    (("X-Upper", "a"), .nameInvalid), (("x y", "a"), .nameInvalid), (("", "a"), .nameInvalid),
    (("x:y", "a"), .nameInvalid), (("x\r\nevil", "a"), .nameInvalid), (("x\0", "a"), .nameInvalid),
    (("x\u{e9}", "a"), .nameInvalid),
    (("x", "a\r\nevil: b"), .valueInvalid), (("x", "a\nb"), .valueInvalid),
    (("x", "a\rb"), .valueInvalid), (("x", "a\0b"), .valueInvalid), (("x", " a"), .valueInvalid),
    (("x", "a\t"), .valueInvalid), (("x", "a\u{7f}"), .valueInvalid),
    (("cookie", "a\r\nb"), .valueInvalid), (("host", "a\r\nb"), .valueInvalid),
    (("te", "gzip"), .connectionSpecific), (("te", "trailers, gzip"), .connectionSpecific),
    (("connection", "close"), .connectionSpecific), (("keep-alive", "1"), .connectionSpecific),
    (("proxy-connection", "a"), .connectionSpecific), (("upgrade", "h2c"), .connectionSpecific),
    (("transfer-encoding", "chunked"), .connectionSpecific),
    (("content-length", "-1"), .contentLengthInvalid),
    (("content-length", ""), .contentLengthInvalid),
    (("content-length", "1, 1"), .contentLengthInvalid),
    (("content-length", "99999999999999999999"), .contentLengthInvalid),
    ((":path", "/again"), .pseudoInvalid), ((":protocol", "websocket"), .pseudoInvalid),
    ((":status", "200"), .pseudoInvalid), ((":", "a"), .pseudoInvalid),
  ]

  @Test(arguments: refused) func hostileFieldsAreRefused(field: Pair, error: HTTP2FieldError) {
    #expect(Self.refusal(Self.start + [field]) == error, "\(field)")
  }

  @Test func pseudoFieldsAreChecked() {
    func with(_ name: String, _ value: String?) -> HTTP2FieldError? {
      Self.refusal(
        Self.start.compactMap { $0.name == name ? value.map { (name, $0) } : $0 })
    }
    for name in [":method", ":scheme", ":path"] { #expect(with(name, nil) == .pseudoMissing) }
    #expect(with(":method", "GE T") == .methodInvalid && with(":method", "") == .methodInvalid)
    #expect(with(":method", "GET / HTTP/1.1\r\nx: y\r\n\r\nGET") == .methodInvalid)
    #expect(with(":scheme", "ftp") == .schemeInvalid)
    for path in ["", "a", "/a b", "/a\r\n", "*", "/\0", "/\u{e9}", "http://a/"] {
      #expect(with(":path", path) == .pathInvalid, "\(path.debugDescription)")
    }
    for host in ["", "user@a", "a b", "a\r\nb: c", "a/b", "a,b", "a?b"] {
      #expect(with(":authority", host) == .authorityInvalid, "\(host.debugDescription)")
    }
    let late: [Pair] = [(":method", "GET"), ("x", "y"), (":path", "/"), (":scheme", "http")]
    #expect(Self.refusal(late) == .pseudoInvalid)
    #expect(Self.refusal([(":method", "CONNECT"), (":authority", "a:1")]) == nil)
    #expect(Self.refusal([(":method", "CONNECT"), (":path", "/")]) == .pseudoMissing)
  }

  @Test func lengthsMustAgree() throws {
    let announced = Self.start + [("content-length", "5")]
    #expect(Self.refusal(announced, hasBody: false) == .contentLengthMismatch)
    #expect(Self.refusal(announced + [("content-length", "5")]) == .contentLengthInvalid)
    #expect(Self.refusal(Self.start + [("content-length", "0")], hasBody: false) == nil)
  }

  @Test func theGatewaysRequestBecomesASection() {
    let head =
      "POST /v1/chat?x=1 HTTP/1.1\r\nAccept-Encoding: identity\r\nHost: up.test\r\n"
      + "Connection: close\r\ncontent-length: 3\r\nX-Mixed:  Value \r\n\r\nabc"
    withBytes(bytes(head)) { view in
      withWriter(HTTP2OutboundRequest.sectionBytesMaximum(of: view)) { writer in
        let request = HTTP2OutboundRequest.write(view, isSecure: true, to: &writer)
        #expect(request?.framing == .length(3) && request?.length == head.utf8.count - 3)
        #expect(
          fields(of: writer.written) == [
            ":method=POST", ":scheme=https", ":path=/v1/chat?x=1", ":authority=up.test",
            "accept-encoding=identity", "content-length=3", "x-mixed=Value",
          ])
        #expect(request?.fieldCount == 7)
      }
    }
  }
}

@Suite struct HTTP2ResponseTests {
  static func section(
    of head: String, answersHead: Bool = false
  ) -> ([String], HTTP2OutboundResponse?) {
    withBytes(bytes(head)) { view in
      withWriter(HTTP2OutboundResponse.sectionBytesMaximum(of: view)) { writer in
        let response = HTTP2OutboundResponse.write(view, answersHead: answersHead, to: &writer)
        return (fields(of: writer.written), response)
      }
    }
  }

  @Test func nothingOfTheConnectionIsSent() {
    let (fields, response) = Self.section(
      of: "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n"
        + "Keep-Alive: 5\r\nconnection: close\r\nUpgrade: x\r\nproxy-connection: x\r\n\r\n5\r\n")
    #expect(fields == [":status=200", "content-type=text/event-stream"])
    #expect(response?.framing == .chunked && response?.fieldCount == 2)
  }

  @Test func framingIsReadFromTheHead() {
    let length = "HTTP/1.1 404 Not Found\r\ncontent-length: 7\r\n\r\n"
    #expect(Self.section(of: length).1?.framing == .length(7))
    #expect(Self.section(of: length, answersHead: true).1?.framing == BodyFraming.none)
    #expect(Self.section(of: "HTTP/1.1 204 No Content\r\n\r\n").1?.framing == BodyFraming.none)
    #expect(Self.section(of: "HTTP/1.1 200 OK\r\n\r\n").1?.framing == .untilClose)
    let interim = Self.section(of: "HTTP/1.1 100 Continue\r\n\r\n").1
    #expect(interim?.isInterim == true && interim?.length == 25)
  }

  @Test(arguments: [
    "", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 20 OK\r\n\r\n", "HTTP/2 200 OK\r\n\r\n",
    "HTTP/1.1 200 OK\r\nno colon\r\n\r\n", "HTTP/1.1 200 OK\r\na b: c\r\n\r\n",
    "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 999 Odd\r\n\r\n",
    "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
  ])
  func whatIsNoHeadIsNotSent(head: String) { #expect(Self.section(of: head).1 == nil) }

  static func text(
    _ fields: [Pair], hasBody: Bool = true, answersHead: Bool = false
  ) -> Result<String, HTTP2FieldError> {
    withBytes(HTTPWireTests.section(fields)) { view in
      withWriter(HTTP2InboundResponse.textBytesMaximum(of: view)) { writer in
        do throws(HTTP2FieldError) {
          _ = try HTTP2InboundResponse.write(
            view, hasBody: hasBody, answersHead: answersHead, to: &writer)
          return .success(writer.written.string)
        } catch { return .failure(error) }
      }
    }
  }

  @Test func anAnswerBecomesText() {
    #expect(
      Self.text([(":status", "200"), ("content-type", "a/b")])
        == .success(
          "HTTP/1.1 200 OK\r\ncontent-type: a/b\r\ntransfer-encoding: chunked\r\n\r\n"))
    #expect(
      Self.text([(":status", "429"), ("content-length", "4")])
        == .success(
          "HTTP/1.1 429 Too Many Requests\r\ncontent-length: 4\r\n\r\n"))
    #expect(
      Self.text([(":status", "500")], hasBody: false)
        == .success(
          "HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n"))
    #expect(
      Self.text([(":status", "103"), ("link", "x")])
        == .success(
          "HTTP/1.1 103 \r\nlink: x\r\n\r\n"))
  }

  static let refused: [([Pair], HTTP2FieldError)] = [
    ([], .pseudoMissing), ([("a", "b")], .pseudoMissing), ([(":status", "20")], .statusInvalid),
    ([(":status", "099")], .statusInvalid), ([(":status", "101")], .statusInvalid),
    ([(":status", "2x0")], .statusInvalid),
    ([(":status", "200"), (":status", "200")], .pseudoInvalid),
    ([("a", "b"), (":status", "200")], .pseudoInvalid), ([(":path", "/")], .pseudoInvalid),
    ([(":status", "200"), ("a", "b\r\nc: d")], .valueInvalid),
    ([(":status", "200"), ("A", "b")], .nameInvalid),
    ([(":status", "200"), ("transfer-encoding", "chunked")], .connectionSpecific),
    (
      [(":status", "200"), ("content-length", "1"), ("content-length", "1")], .contentLengthInvalid
    ),
  ]

  @Test(arguments: refused) func hostileAnswersAreRefused(fields: [Pair], error: HTTP2FieldError) {
    #expect(Self.text(fields) == .failure(error), "\(fields)")
  }
}

@Suite struct HTTP2FloodBudgetTests {
  @Test func aFloodEndsAndTimeHeals() {
    var budget = HTTP2FloodBudget(nowMilliseconds: 1_000)
    var taken = 0
    while budget.takeReset(nowMilliseconds: 1_000) { taken += 1 }
    #expect(taken == Int(HTTP2FloodBudget.resetsBurst))
    budget = HTTP2FloodBudget(nowMilliseconds: 1_000)
    for _ in 0..<HTTP2FloodBudget.resetsBurst {
      let isTaken = budget.takeReset(nowMilliseconds: 1_000)
      #expect(isTaken)
    }
    let isHealed = budget.takeReset(nowMilliseconds: 2_000)
    #expect(isHealed)
  }

  @Test func framesAroundDataAreNoFlood() {
    var budget = HTTP2FloodBudget(nowMilliseconds: 0)
    for _ in 0..<100_000 {
      budget.noteData()
      let isTaken = budget.takeControlFrame(nowMilliseconds: 0)
      #expect(isTaken)
    }
    budget.noteData()
    var taken = 0
    while budget.takeControlFrame(nowMilliseconds: 0) { taken += 1 }
    #expect(taken == Int(HTTP2FloodBudget.controlFramesBurst))
  }
}
