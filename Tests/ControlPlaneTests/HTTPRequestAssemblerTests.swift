// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@testable import ControlPlane

@Suite struct HTTPRequestAssemblerTests {
  private func run(
    _ text: String, pieces: [Int] = [.max],
    configuration: HTTPServerConfiguration = HTTPServerConfiguration()
  ) -> (requests: [HTTPRequest], continues: Int, failure: Int?) {
    var assembler = HTTPRequestAssembler(configuration)
    var requests: [HTTPRequest] = []
    var continues = 0
    var rest = Array(text.utf8)[...]
    var turn = 0
    while !rest.isEmpty {
      let piece = Array(rest.prefix(pieces[turn % pieces.count]))
      turn += 1
      rest = rest.dropFirst(piece.count)
      piece.withUnsafeBufferPointer {
        assembler.append(ByteView(base: $0.baseAddress!, count: $0.count))
      }
      var isWaiting = false
      while !isWaiting {
        switch assembler.next() {
        case .needMore: isWaiting = true
        case .sendContinue: continues += 1
        case .request(let request): requests.append(request)
        case .failure(let status, _): return (requests, continues, status)
        }
      }
    }
    return (requests, continues, nil)
  }

  private static let three = """
    POST /a/b?x=1&y=a+b%21 HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\nX-Thing: One\r\n\r\nhello\
    POST /chunks HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n\
    3\r\nabc\r\n4;x=y\r\ndefg\r\n0\r\nTrailer: t\r\n\r\n\
    GET http://h HTTP/1.1\r\nHost: h\r\n\r\n
    """

  private func check(_ requests: [HTTPRequest]) {
    #expect(requests.map(\.method) == ["POST", "POST", "GET"])
    #expect(requests.map(\.path) == ["/a/b", "/chunks", "/"])
    #expect(requests.map { String(decoding: $0.body, as: UTF8.self) } == ["hello", "abcdefg", ""])
    #expect(requests.first?.fields["x-thing"] == "One")
    #expect(requests.first?.queryValue("y") == "a b!")
    #expect(requests.first?.queryValue("z") == nil)
  }

  @Test func readsPipelinedRequests() {
    let result = run(Self.three)
    #expect(result.failure == nil)
    check(result.requests)
  }

  @Test func readsRequestsCutAnywhere() {
    for size in 1...40 { check(run(Self.three, pieces: [size]).requests) }
    let length = Self.three.utf8.count
    for cut in 1..<length { check(run(Self.three, pieces: [cut, length]).requests) }
  }

  @Test func asksForAnExpectedBodyOnce() {
    let head = "POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    let asked = run(head + "ab", pieces: [head.utf8.count, 1, 1])
    #expect(asked.continues == 1 && asked.requests.count == 1)
    // The body is there already: no need to ask.
    let unasked = run(head + "ab")
    #expect(unasked.continues == 0 && unasked.requests.count == 1)
  }

  @Test func refusesWhatIsTooLarge() {
    let configuration = HTTPServerConfiguration(
      headLimits: HeadLimits(headBytesMax: 512, targetBytesMax: 64), fieldsMaximum: 4,
      bodyBytesMaximum: 10)
    func failure(_ text: String) -> Int? { run(text, configuration: configuration).failure }
    #expect(failure("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n") == 413)
    #expect(failure("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n") == nil)
    let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(failure(chunked + "6\r\nabcdef\r\n6\r\nabcdef\r\n0\r\n\r\n") == 413)
    #expect(failure("GET /\(String(repeating: "a", count: 64)) HTTP/1.1\r\n") == 414)
    let padding = String(repeating: "a", count: 600)
    #expect(failure("GET / HTTP/1.1\r\nHost: h\r\nA: \(padding)\r\n\r\n") == 431)
    #expect(failure("GET / HTTP/1.1\r\nHost: h\r\nA: 1\r\nB: 1\r\nC: 1\r\nD: 1\r\n\r\n") == 431)
  }

  @Test func refusesWhatIsAmbiguous() {
    let both = "Content-Length: 3\r\nTransfer-Encoding: chunked\r\n"
    #expect(run("POST / HTTP/1.1\r\nHost: h\r\n\(both)\r\n").failure == 400)
    #expect(run("GET / HTTP/1.1\nHost: h\n\n").failure == 400)
    #expect(run("GET / HTTP/1.1\r\n\r\n").failure == 400)
    #expect(run("PRI * HTTP/2.0\r\n\r\n").failure == 505)
    let chunked = "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
    #expect(run(chunked + "zz\r\n").failure == 400)
  }
}
