// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire
import Testing

@Suite struct ResponseWritingTests {
  private func written(_ body: (inout ByteWriter) -> Void) -> String {
    let storage = UnsafeMutablePointer<UInt8>.allocate(capacity: 512)
    defer { storage.deallocate() }
    var writer = ByteWriter(base: storage, capacity: 512)
    body(&writer)
    return writer.written.string
  }

  @Test func dates() {
    let cases: [(Int64, String)] = [
      (0, "Thu, 01 Jan 1970 00:00:00 GMT"), (784_111_777, "Sun, 06 Nov 1994 08:49:37 GMT"),
      (951_782_400, "Tue, 29 Feb 2000 00:00:00 GMT"),
      (951_868_800, "Wed, 01 Mar 2000 00:00:00 GMT"),
      (4_107_542_399, "Sun, 28 Feb 2100 23:59:59 GMT"),
      (4_107_542_400, "Mon, 01 Mar 2100 00:00:00 GMT"),
      (1_795_691_045, "Thu, 26 Nov 2026 11:04:05 GMT"),
      (253_402_300_799, "Fri, 31 Dec 9999 23:59:59 GMT"),
    ]
    for (seconds, text) in cases {
      #expect(written { HTTPDate.append(secondsSince1970: seconds, to: &$0) } == text)
      withBytes(bytes(text)) { #expect(HTTPDate.parse($0) == seconds, "\(text)") }
    }
    // Every day of 130 years comes back.
    for day in Int64(0)..<47_482 {
      let seconds = day * 86_400 + day % 86_400
      let text = written { HTTPDate.append(secondsSince1970: seconds, to: &$0) }
      withBytes(bytes(text)) { #expect(HTTPDate.parse($0) == seconds) }
    }
  }

  @Test(arguments: [
    "", "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 31 Feb 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 06 nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-94 08:49:37 GMT",
    "Sun Nov  6 08:49:37 1994", "Sun, 06 Nov 1969 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:3a GMT",
  ])
  func refusesDate(text: String) {
    withBytes(bytes(text)) { #expect(HTTPDate.parse($0) == nil) }
  }

  @Test func heads() {
    let text = written { writer in
      ResponseHeadWriter.appendStatusLine(200, to: &writer)
      ResponseHeadWriter.appendField("content-type", "text/plain", to: &writer)
      ResponseHeadWriter.appendContentLength(42, to: &writer)
      ResponseHeadWriter.appendEnd(to: &writer)
    }
    #expect(text == "HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 42\r\n\r\n")
    for status in UInt16(100)...599 {
      let line = written { ResponseHeadWriter.appendStatusLine(status, to: &$0) }
      guard case .complete(let head) = parseResponse(line + "\r\n") else {
        Issue.record("status \(status) does not parse")
        continue
      }
      #expect(head.status == status && head.reason == ResponseHeadWriter.reason(status).description)
    }
    for error in WireError.allCases {
      #expect(ResponseHeadWriter.reason(error.status).utf8CodeUnitCount > 0)
    }
  }
}
