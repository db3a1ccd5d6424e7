// SPDX-License-Identifier: MIT

import Bytes
import HTTPWire

/// Bytes in, requests out: heads by HTTPWire's parser, bodies gathered up to the limit. Pure.
struct HTTPRequestAssembler {
  enum Event {
    /// Nothing more can be said before more bytes come.
    case needMore
    /// The client waits for leave to send the body (RFC 9110 §10.1.1).
    case sendContinue
    case request(HTTPRequest)
    /// Answer with this and close: where the next request would start is not known.
    case failure(status: Int, message: String)
  }

  private enum State {
    /// → length, chunked, head (a request without a body), failed
    case head
    /// So many bytes are missing → head
    case length(HTTPRequest, Int)
    /// → head, failed
    case chunked(HTTPRequest, ChunkedDecoder)
    /// Nothing is read any more.
    case failed
  }

  private let configuration: HTTPServerConfiguration
  private var state = State.head
  private var parser = RequestHeadParser()
  private var buffer: [UInt8] = []
  /// What of `buffer` has been used.
  private var used = 0
  private var owesContinue = false

  init(_ configuration: HTTPServerConfiguration) { self.configuration = configuration }

  /// Bytes received and not yet part of a request.
  var waitingByteCount: Int { buffer.count - used }

  /// No request has begun.
  var isBetweenRequests: Bool {
    if case .head = state { return waitingByteCount == 0 }
    return false
  }

  mutating func append(_ bytes: ByteView) {
    if case .failed = state { return }
    buffer.append(contentsOf: UnsafeBufferPointer(start: bytes.base, count: bytes.count))
  }

  mutating func next() -> Event {
    if case .head = state {
      if waitingByteCount == 0 { return .needMore }
      if let event = parseHead() { return event }
    }
    switch state {
    case .length(var request, let missing):
      state = .head
      let taken = min(missing, waitingByteCount)
      request.body += buffer[used..<(used + taken)]
      use(taken)
      if taken == missing { return finish(request) }
      state = .length(request, missing - taken)
    case .chunked(let request, let decoder):
      state = .head
      if let event = readChunks(request, decoder) { return event }
    case .head, .failed: return .needMore
    }
    if owesContinue {
      owesContinue = false
      return .sendContinue
    }
    return .needMore
  }

  /// Nil when the head is done and a body follows.
  private mutating func parseHead() -> Event? {
    let (result, request) = buffer.withUnsafeBufferPointer { all in
      let view = ByteView(base: all.baseAddress!, count: all.count).dropFirst(used)
      return withUnsafeTemporaryAllocation(
        of: HeaderField.self,
        capacity: HeaderTable.overhead + min(max(configuration.fieldsMaximum, 1), 255)
      ) { storage in
        var table = HeaderTable(storage: storage.baseAddress!, capacity: storage.count)
        let result = parser.parse(view, limits: configuration.headLimits, table: &table)
        guard case .complete(let head) = result else { return (result, nil as HTTPRequest?) }
        return (result, HTTPRequest(head, table, in: view))
      }
    }
    switch result {
    case .needMore: return .needMore
    case .failure(let error): return fail(Int(error.status), String(describing: error.sentence))
    case .complete(let head):
      guard let request else { return .needMore }
      use(Int(head.length))
      return begin(request, head)
    }
  }

  private mutating func begin(_ request: HTTPRequest, _ head: RequestHead) -> Event? {
    switch head.framing {
    case .none, .untilClose: return finish(request)
    case .length(let count):
      if count > UInt64(configuration.bodyBytesMaximum) { return refuseBody() }
      if count == 0 { return finish(request) }
      state = .length(request, Int(count))
    case .chunked: state = .chunked(request, ChunkedDecoder())
    }
    owesContinue = head.expectContinue && waitingByteCount == 0
    return nil
  }

  private mutating func readChunks(
    _ partial: HTTPRequest, _ start: ChunkedDecoder
  ) -> Event? {
    var request = partial
    var decoder = start
    var offset = 0
    let maximum = configuration.bodyBytesMaximum
    let event: ChunkedEvent? = buffer.withUnsafeBufferPointer { all in
      guard let base = all.baseAddress else { return .needMore }
      let view = ByteView(base: base, count: all.count).dropFirst(used)
      while true {
        let event = decoder.next(in: view, offset: &offset)
        guard case .payload(let data) = event else { return event }
        if request.body.count + data.count > maximum { return nil }
        request.body += UnsafeBufferPointer(start: data.base, count: data.count)
      }
    }
    use(offset)
    switch event {
    case nil: return refuseBody()
    case .complete: return finish(request)
    case .failure(let error): return fail(Int(error.status), String(describing: error.sentence))
    case .needMore, .payload:
      state = .chunked(request, decoder)
      return nil
    }
  }

  private mutating func finish(_ request: HTTPRequest) -> Event {
    state = .head
    owesContinue = false
    return .request(request)
  }

  private mutating func refuseBody() -> Event {
    fail(413, "The body is larger than \(configuration.bodyBytesMaximum) bytes.")
  }

  private mutating func fail(_ status: Int, _ message: String) -> Event {
    state = .failed
    buffer = []
    used = 0
    return .failure(status: status, message: message)
  }

  private mutating func use(_ count: Int) {
    used += count
    if used == buffer.count {
      // A large body's buffer is not kept by an idle connection.
      buffer.removeAll(keepingCapacity: buffer.capacity <= 16_384)
      used = 0
    } else if used > 65_536 {
      buffer.removeSubrange(..<used)
      used = 0
    }
  }
}

extension HTTPRequest {
  init(_ head: RequestHead, _ table: HeaderTable, in bytes: ByteView) {
    var fields: [HTTPFields.Field] = []
    fields.reserveCapacity(table.count)
    for index in 0..<table.count {
      let field = table[index]
      fields.append(HTTPFields.Field(bytes[field.name].string, bytes[field.value].string))
    }
    self.init(
      method: bytes[head.methodRange].string, target: bytes[head.target].string,
      fields: HTTPFields(fields))
    // An absolute target without a path means `/` (RFC 9112 §3.2.2).
    path = head.path.isEmpty ? "/" : bytes[head.path].string
    query = bytes[head.query].string
    minorVersion = head.minorVersion
    keepsAlive = head.keepAlive
  }
}
