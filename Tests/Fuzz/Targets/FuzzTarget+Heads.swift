// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

private let limits = HeadLimits(
  headBytesMax: 2_048, targetBytesMax: 512, leadingEmptyLinesMax: 2)
private let headWords = [
  "\r\n", "\n", "\r", ": ", " HTTP/1.1", " HTTP/1.0", "GET / HTTP/1.1\r\nHost: a\r\n\r\n",
  "Content-Length: ", "Transfer-Encoding: chunked\r\n", "Transfer-Encoding: ", "Connection: close",
  "Expect: 100-continue\r\n", "Host: ", "OPTIONS * ", "CONNECT a:1 ", "http://a/", "%", "\t", "\0",
  "HTTP/1.1 200 OK\r\n", "HTTP/1.1 101 ", "HTTP/1.1 204 ", ", ", ";", "[::1]:80",
  "18446744073709551616",
]

extension FuzzTarget {
  /// A request head gives the same answer whole and in pieces, and stays inside its bytes.
  static let requestHead = FuzzTarget(name: "request-head", dictionary: headWords) { input in
    // The empty line at the end makes the parser decide; without it it may wait for more.
    let (whole, cuts) = pieces(of: input + Array("\r\n\r\n".utf8))
    try withTable { table in
      var parser = RequestHeadParser()
      let direct = describe(parse(whole, &parser, &table), table)
      try requireSameWithMemo(whole, direct)
      var pieceParser = RequestHeadParser()
      var received: [UInt8] = []
      var result = RequestHeadResult.needMore
      for piece in cuts {
        received += piece
        result = parse(received, &pieceParser, &table)
        guard case .needMore = result else { break }
      }
      let stepwise = describe(result, table)
      try require(
        direct == stepwise, "whole: \(direct); in pieces of \(received.count): \(stepwise)")
      if case .complete(let head) = result {
        try require(Int(head.length) <= received.count, "a head longer than its bytes")
        for range in [head.methodRange, head.target, head.path, head.query, head.authority] {
          try require(range.upperBound <= Int(head.length), "a range outside the head")
        }
        try checkFields(table, Int(head.length), Int(head.fieldCount))
      }
    }
  }

  /// A response head gives the same answer whole and in pieces, and stays inside its bytes.
  static let responseHead = FuzzTarget(name: "response-head", dictionary: headWords) { input in
    guard let first = input.first else { return }
    let isHeadRequest = first & 1 == 1
    // The empty line at the end makes the parser decide; without it it may wait for more.
    let (whole, cuts) = pieces(of: input + Array("\r\n\r\n".utf8))
    try withTable { table in
      var parser = ResponseHeadParser()
      let direct = describe(parse(whole, isHeadRequest, &parser, &table), table)
      if !isHeadRequest { try requireSameResponseWithMemo(whole, direct) }
      var pieceParser = ResponseHeadParser()
      var received: [UInt8] = []
      var result = ResponseHeadResult.needMore
      for piece in cuts {
        received += piece
        result = parse(received, isHeadRequest, &pieceParser, &table)
        guard case .needMore = result else { break }
      }
      let stepwise = describe(result, table)
      try require(
        direct == stepwise, "whole: \(direct); in pieces of \(received.count): \(stepwise)")
      if case .complete(let head) = result {
        try require((100...999).contains(head.status), "status \(head.status)")
        try require(Int(head.length) <= received.count, "a head longer than its bytes")
        try require(head.reason.upperBound <= Int(head.length), "a range outside the head")
        try checkFields(table, Int(head.length), Int(head.fieldCount))
      }
    }
  }
}

/// The memo of another head, and of this one itself, changes nothing.
private func requireSameWithMemo(_ head: [UInt8], _ direct: String) throws {
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
  defer { memory.deallocate() }
  var memo = HeadMemo(memory: memory, head: RequestHead())
  let other = Array(
    "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nConnection: close\r\n\r\n".utf8)
  try withTable { table in
    let near = head.map { $0 == 0x31 ? 0x32 : $0 }
    for bytes in [other, head, head, near, head, other, head] {
      var parser = RequestHeadParser()
      let result = withView(bytes) {
        parser.parse($0, limits: limits, table: &table, memo: &memo)
      }
      let helped = describe(result, table)
      try require(bytes != head || helped == direct, "\(helped) with a memo, not \(direct)")
    }
  }
}

private func requireSameResponseWithMemo(_ head: [UInt8], _ direct: String) throws {
  let memory = UnsafeMutablePointer<UInt8>.allocate(capacity: 4096)
  defer { memory.deallocate() }
  var memo = HeadMemo(memory: memory, head: ResponseHead())
  let other = Array("HTTP/1.1 200 OK\r\nContent-Length: 1\r\nx: 1\r\n\r\n".utf8)
  // The same lines with other bytes: what differs in values only is taken over.
  let near = head.map { $0 == 0x31 ? 0x32 : $0 }
  try withTable { table in
    for bytes in [other, head, near, head, other, head] {
      var parser = ResponseHeadParser()
      let result = withView(bytes) {
        parser.parse($0, limits: limits, table: &table, memo: &memo)
      }
      let helped = describe(result, table)
      try require(bytes != head || helped == direct, "\(helped) with a memo, not \(direct)")
    }
  }
}

private func withTable(_ body: (inout HeaderTable) throws -> Void) rethrows {
  let capacity = 16
  let storage = UnsafeMutablePointer<HeaderField>.allocate(capacity: capacity)
  defer { storage.deallocate() }
  var table = HeaderTable(storage: storage, capacity: capacity)
  try body(&table)
}

private func parse(
  _ bytes: [UInt8], _ parser: inout RequestHeadParser, _ table: inout HeaderTable
) -> RequestHeadResult {
  withView(bytes) { parser.parse($0, limits: limits, table: &table) }
}

private func parse(
  _ bytes: [UInt8], _ isHeadRequest: Bool, _ parser: inout ResponseHeadParser,
  _ table: inout HeaderTable
) -> ResponseHeadResult {
  withView(bytes) {
    parser.parse($0, isHeadRequest: isHeadRequest, limits: limits, table: &table)
  }
}

private func describe(_ result: RequestHeadResult, _ table: HeaderTable) -> String {
  switch result {
  case .needMore: "need more"
  case .failure(let error): "failure \(error)"
  case .complete(let head): "complete \(head) \(fields(table))"
  }
}

/// Which error a bad response is called may depend on the cut: whatever it is, the connection ends.
private func describe(_ result: ResponseHeadResult, _ table: HeaderTable) -> String {
  switch result {
  case .needMore: "need more"
  case .failure: "failure"
  case .complete(let head): "complete \(head) \(fields(table))"
  }
}

private func fields(_ table: HeaderTable) -> String {
  (0..<table.count).map { "\(table[$0].name) \(table[$0].known) \(table[$0].value)" }
    .joined(separator: ", ")
}

private func checkFields(_ table: HeaderTable, _ length: Int, _ count: Int) throws {
  try require(table.count == count, "\(count) fields announced, \(table.count) kept")
  for index in 0..<table.count {
    let field = table[index]
    try require(
      field.name.upperBound <= length && field.value.upperBound <= length,
      "a field outside the head")
  }
}
