// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

/// A parsed head as values that can be compared.
struct ParsedRequest: Equatable {
  var method = ""
  var target = ""
  var path = ""
  var query = ""
  var authority = ""
  var form = TargetForm.origin
  var minorVersion: UInt8 = 1
  var keepAlive = true
  var expectContinue = false
  var options = false
  var framing = BodyFraming.none
  var fields: [String] = []
  var length = 0
}

enum Outcome<Head: Equatable>: Equatable {
  case needMore
  case complete(Head)
  case failure(WireError)
}

func withTable<Result>(capacity: Int = 96, _ body: (inout HeaderTable) -> Result) -> Result {
  let size = capacity + HeaderTable.overhead
  let storage = UnsafeMutablePointer<HeaderField>.allocate(capacity: size)
  defer { storage.deallocate() }
  var table = HeaderTable(storage: storage, capacity: size)
  return body(&table)
}

/// Runs `body` on a copy whose last byte is the last of its allocation, so that AddressSanitizer
/// sees a read beyond it.
func withBytes<Result>(_ bytes: [UInt8], _ body: (ByteView) throws -> Result) rethrows -> Result {
  let copy = UnsafeMutablePointer<UInt8>.allocate(capacity: max(bytes.count, 1))
  defer { copy.deallocate() }
  for (index, byte) in bytes.enumerated() { copy[index] = byte }
  return try body(ByteView(base: UnsafePointer(copy), count: bytes.count))
}

func bytes(_ text: String) -> [UInt8] { Array(text.utf8) }

/// One call of the parser on `bytes`.
func step(
  _ parser: inout RequestHeadParser, _ bytes: [UInt8], limits: HeadLimits = HeadLimits(),
  capacity: Int = 96
) -> Outcome<ParsedRequest> {
  withTable(capacity: capacity) { table in
    withBytes(bytes) { view in
      switch parser.parse(view, limits: limits, table: &table) {
      case .needMore: return .needMore
      case .failure(let error): return .failure(error)
      case .complete(let head):
        var parsed = ParsedRequest()
        parsed.method = view[head.methodRange].string
        parsed.target = view[head.target].string
        parsed.path = view[head.path].string
        parsed.query = view[head.query].string
        parsed.authority = view[head.authority].string
        parsed.form = head.targetForm
        parsed.minorVersion = head.minorVersion
        parsed.keepAlive = head.keepAlive
        parsed.expectContinue = head.expectContinue
        parsed.options = head.namesConnectionOptions
        parsed.framing = head.framing
        parsed.length = Int(head.length)
        parsed.fields = fieldTexts(table, view)
        return .complete(parsed)
      }
    }
  }
}

func fieldTexts(_ table: HeaderTable, _ view: ByteView) -> [String] {
  (0..<table.count).map { view[table[$0].name].string + "=" + view[table[$0].value].string }
}

func parseRequest(
  _ text: String, limits: HeadLimits = HeadLimits(), capacity: Int = 96
) -> Outcome<ParsedRequest> {
  var parser = RequestHeadParser()
  return step(&parser, bytes(text), limits: limits, capacity: capacity)
}

struct ParsedResponse: Equatable {
  var status: UInt16 = 200
  var reason = ""
  var minorVersion: UInt8 = 1
  var keepAlive = true
  var framing = BodyFraming.none
  var fields: [String] = []
  var length = 0
}

func step(
  _ parser: inout ResponseHeadParser, _ bytes: [UInt8], isHeadRequest: Bool = false,
  limits: HeadLimits = HeadLimits()
) -> Outcome<ParsedResponse> {
  withTable { table in
    withBytes(bytes) { view in
      let result = parser.parse(
        view, isHeadRequest: isHeadRequest, limits: limits, table: &table)
      switch result {
      case .needMore: return .needMore
      case .failure(let error): return .failure(error)
      case .complete(let head):
        return .complete(
          ParsedResponse(
            status: head.status, reason: view[head.reason].string,
            minorVersion: head.minorVersion, keepAlive: head.keepAlive, framing: head.framing,
            fields: fieldTexts(table, view), length: Int(head.length)))
      }
    }
  }
}

func parseResponse(_ text: String, isHeadRequest: Bool = false) -> Outcome<ParsedResponse> {
  var parser = ResponseHeadParser()
  return step(&parser, bytes(text), isHeadRequest: isHeadRequest)
}

/// What a chunked body decodes to.
struct DecodedBody: Equatable {
  var payload: [UInt8] = []
  /// nil while the body is not complete.
  var consumed: Int?
  var failure: WireError?
}

/// Decodes `bytes` given in pieces that end at `cuts`.
func decodeChunked(
  _ bytes: [UInt8], cuts: [Int] = [], limits: ChunkedLimits = ChunkedLimits()
) -> DecodedBody {
  var decoder = ChunkedDecoder()
  var body = DecodedBody()
  var start = 0
  for cut in cuts + [bytes.count] where cut >= start {
    let isLast = withBytes(Array(bytes[start..<cut])) { piece in
      var offset = 0
      while true {
        switch decoder.next(in: piece, offset: &offset, limits: limits) {
        case .payload(let view): for index in 0..<view.count { body.payload.append(view[index]) }
        case .needMore: return false
        case .complete:
          body.consumed = start + offset
          return true
        case .failure(let error):
          body.failure = error
          return true
        }
      }
    }
    if isLast { return body }
    start = cut
  }
  return body
}
