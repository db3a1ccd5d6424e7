// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

extension FuzzTarget {
  /// The field section of an HTTP/2 message becomes exactly one head of HTTP/1.1 or an error:
  /// nothing in a field can end the head early, or start a second message behind it.
  ///
  /// The first byte says what is translated; fields are separated by 0x1E, a field's name from its
  /// value by 0x1F.
  static let http2Fields = FuzzTarget(
    name: "http2-fields",
    dictionary: [
      "\u{1e}", "\u{1f}", ":method\u{1f}POST\u{1e}", ":path\u{1f}/", ":scheme\u{1f}https\u{1e}",
      ":authority\u{1f}a", ":status\u{1f}200\u{1e}", "content-length\u{1f}5", "\r\n", "\0", "host",
      "transfer-encoding\u{1f}chunked", "cookie\u{1f}a=b", "te\u{1f}trailers", "connection", " ",
      "CONNECT", "OPTIONS", "*", "\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
      "expect\u{1f}100-continue",
    ]
  ) { input in
    guard let first = input.first else { return }
    let bytes = sectionBytes(input.dropFirst())
    try withView(bytes) { section in
      if first & 1 == 0 {
        try checkRequest(section, hasBody: first & 2 == 0)
      } else {
        try checkResponse(section, hasBody: first & 2 == 0, answersHead: first & 4 != 0)
      }
    }
  }
}

private func sectionBytes(_ input: ArraySlice<UInt8>) -> [UInt8] {
  var result: [UInt8] = []
  for field in input.split(separator: 0x1e) {
    let parts = field.split(separator: 0x1f, maxSplits: 1, omittingEmptySubsequences: false)
    let name = Array(parts[0])
    let value = parts.count > 1 ? Array(parts[1]) : []
    for length in [name.count, value.count] {
      for place in 0..<4 { result.append(UInt8(truncatingIfNeeded: length >> (8 * place))) }
    }
    result += name + value
  }
  return result
}

private func withMemory<Result>(
  _ capacity: Int, _ body: (inout ByteWriter) throws -> Result
) rethrows -> Result {
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
  defer { memory.deallocate() }
  var writer = ByteWriter(base: memory, capacity: capacity)
  return try body(&writer)
}

private func withFieldTable<Result>(_ body: (inout HeaderTable) -> Result) -> Result {
  let capacity = 256
  let storage = UnsafeMutablePointer<HeaderField>.allocate(capacity: capacity)
  defer { storage.deallocate() }
  var table = HeaderTable(storage: storage, capacity: capacity)
  return body(&table)
}

private func checkRequest(_ section: ByteView, hasBody: Bool) throws {
  try withMemory(HTTP2InboundRequest.textBytesMaximum(of: section)) { writer in
    guard
      let request = try? HTTP2InboundRequest.write(section, hasBody: hasBody, to: &writer)
    else { return }
    let text = writer.written
    var parser = RequestHeadParser()
    let result = withFieldTable { table in
      parser.parse(text, limits: HeadLimits(), table: &table)
    }
    switch result {
    case .needMore: try require(false, "half a head: \(text.string.debugDescription)")
    // What HTTP/1.1 does not take (a strange host, a length beside CONNECT) is answered with 400.
    case .failure: return
    case .complete(let head):
      try require(
        Int(head.length) == text.count, "a second message: \(text.string.debugDescription)")
      try require(head.framing == request.framing, "framing \(head.framing) \(request.framing)")
      try require(!head.keepAlive, "kept alive: \(text.string.debugDescription)")
      try checkWayBack(text)
    }
  }
}

/// What was accepted can be sent on over HTTP/2, and is accepted again.
private func checkWayBack(_ text: ByteView) throws {
  try withMemory(HTTP2OutboundRequest.sectionBytesMaximum(of: text)) { writer in
    guard let request = HTTP2OutboundRequest.write(text, isSecure: false, to: &writer) else {
      try require(false, "cannot be sent on: \(text.string.debugDescription)")
      return
    }
    try require(request.length == text.count, "a head cut short")
    var fields = SectionFields(writer.written)
    var count = 0
    while fields.next() != nil { count += 1 }
    try require(count == request.fieldCount, "\(count) fields, \(request.fieldCount) counted")
  }
}

private func checkResponse(_ section: ByteView, hasBody: Bool, answersHead: Bool) throws {
  try withMemory(HTTP2InboundResponse.textBytesMaximum(of: section)) { writer in
    guard
      let response = try? HTTP2InboundResponse.write(
        section, hasBody: hasBody, answersHead: answersHead, to: &writer)
    else { return }
    let text = writer.written
    var parser = ResponseHeadParser()
    let result = withFieldTable { table in
      parser.parse(text, isHeadRequest: answersHead, limits: HeadLimits(), table: &table)
    }
    switch result {
    case .needMore: try require(false, "half a head: \(text.string.debugDescription)")
    case .failure: return
    case .complete(let head):
      try require(Int(head.length) == text.count, "a second message")
      try require(head.status == response.status, "another status")
    }
    guard response.status < 600 else { return }
    try withMemory(HTTP2OutboundResponse.sectionBytesMaximum(of: text)) { writer in
      let sent = HTTP2OutboundResponse.write(text, answersHead: answersHead, to: &writer)
      try require(sent?.length == text.count, "cannot be sent on")
    }
  }
}
