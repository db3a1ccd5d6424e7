// SPDX-License-Identifier: MIT

import Testing

@testable import FakeProviders

/// Feeds `text` in pieces of `size` bytes and lists what comes out.
private func outputs(_ text: String, pieces size: Int, limit: Int = 1000) -> [String] {
  var assembler = RequestAssembler(bodyBytesMaximum: limit)
  var result: [String] = []
  let bytes = Array(text.utf8)
  for start in stride(from: 0, to: bytes.count, by: size) {
    bytes[start..<min(start + size, bytes.count)].withUnsafeBufferPointer { assembler.append($0) }
    loop: while true {
      switch assembler.next() {
      case .needMore: break loop
      case .expectsContinue: result.append("continue")
      case .request(let request, let keepsAlive, let allowsChunks):
        let body = String(decoding: request.body, as: UTF8.self)
        result.append("\(request.method) \(request.target) \(body) \(keepsAlive) \(allowsChunks)")
      case .failure(let status, _):
        result.append("\(status)")
        return result
      }
    }
  }
  return result
}

@Suite struct RequestAssemblerTests {
  private static let get = "GET /a?b HTTP/1.1\r\nHost: x\r\n\r\n"
  private static let post = "POST /p HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
  private static let chunked =
    "POST /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    + "3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nt: v\r\n\r\n"

  @Test(arguments: [1, 2, 7, 1000])
  func requestsComeWholeHoweverTheyAreCut(size: Int) {
    let all = Self.get + Self.post + Self.chunked + Self.get
    #expect(
      outputs(all, pieces: size) == [
        "GET /a?b  true true", "POST /p hello true true", "POST /c abcde true true",
        "GET /a?b  true true",
      ])
  }

  @Test func closeAndOldVersionsAreTold() {
    let close = "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"
    #expect(outputs(close, pieces: 1000) == ["GET /  false true"])
    #expect(outputs("GET / HTTP/1.0\r\n\r\n", pieces: 1000) == ["GET /  false false"])
  }

  @Test func expectationIsToldOnceWhenTheBodyIsNotThere() {
    let head = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    #expect(outputs(head + "ab", pieces: head.utf8.count) == ["continue", "POST / ab true true"])
    #expect(outputs(head + "ab", pieces: 1000) == ["POST / ab true true"])
  }

  @Test(arguments: [
    ("GET / HTTP/1.1\r\n\r\n", "400"),
    ("nonsense\r\n\r\n", "400"),
    ("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n", "413"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "400"),
    ("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n0123456789a\r\n", "413"),
  ])
  func whatCannotBeReadFails(text: String, status: String) {
    #expect(outputs(text, pieces: 5, limit: 10) == [status])
  }
}
