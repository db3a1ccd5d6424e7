// SPDX-License-Identifier: MIT

internal import Bytes
internal import HTTPWire

/// Puts requests together from the bytes of one connection, without I/O: bytes in, requests out.
struct RequestAssembler {
  /// What the bytes so far amount to.
  enum Output {
    case needMore
    /// The client waits for `100 Continue` before it sends the body; told once per request.
    case expectsContinue
    case request(ReceivedRequest, keepsAlive: Bool, allowsChunks: Bool)
    /// Nothing after this can be read; answer and close.
    case failure(status: Int, message: String)
  }

  /// Where in a request the next byte stands.
  private enum State {
    /// → `body` when the head has come whole.
    case head
    /// → `head` when the body has come whole; the request is told.
    case body(RequestHead, ReceivedRequest)
    /// → nothing.
    case failed(status: Int, message: String)
  }

  static let fieldsMaximum = 128

  private let bodyBytesMaximum: Int
  private var state = State.head
  private var buffer: [UInt8] = []
  private var parser = RequestHeadParser()
  private var chunks = ChunkedDecoder()
  private var isContinueDue = false

  init(bodyBytesMaximum: Int) { self.bodyBytesMaximum = bodyBytesMaximum }

  /// Bytes received and not yet part of a request.
  var bufferedByteCount: Int { buffer.count }

  mutating func append(_ bytes: UnsafeBufferPointer<UInt8>) { buffer.append(contentsOf: bytes) }

  /// To be called after each `append`, and again after each request, until it needs more.
  mutating func next() -> Output {
    if case .head = state { readHead() }
    switch state {
    case .head: return .needMore
    case .failed(let status, let message): return .failure(status: status, message: message)
    case .body(let head, var request):
      // Lets go of the state's copy first, or each piece of a chunked body would copy all of it.
      state = .head
      if readBody(head, into: &request) {
        let isCurrent = head.minorVersion == 1
        return .request(
          request, keepsAlive: head.keepAlive && isCurrent, allowsChunks: isCurrent)
      }
      if case .failed(let status, let message) = state {
        return .failure(status: status, message: message)
      }
      state = .body(head, request)
      defer { isContinueDue = false }
      return isContinueDue ? .expectsContinue : .needMore
    }
  }

  private mutating func readHead() {
    var parser = parser
    let limit = Self.fieldsMaximum + HeaderTable.overhead
    let result = buffer.withByteView { view -> State? in
      withUnsafeTemporaryAllocation(of: HeaderField.self, capacity: limit) { storage in
        guard let fields = storage.baseAddress else { return nil }
        var table = HeaderTable(storage: fields, capacity: limit)
        switch parser.parse(view, limits: HeadLimits(), table: &table) {
        case .needMore: return nil
        case .failure(let error):
          return .failed(status: Int(error.status), message: "\(error.sentence)")
        case .complete(let head): return .body(head, Self.request(head, table, view))
        }
      }
    }
    self.parser = parser
    guard let result else { return }
    state = result
    guard case .body(let head, _) = result else { return }
    buffer.removeFirst(Int(head.length))
    chunks = ChunkedDecoder()
    isContinueDue = head.expectContinue && buffer.isEmpty
  }

  private static func request(
    _ head: RequestHead, _ table: HeaderTable, _ bytes: ByteView
  ) -> ReceivedRequest {
    let headers = (0..<table.count).map { index in
      (name: bytes[table[index].name].string, value: bytes[table[index].value].string)
    }
    return ReceivedRequest(
      method: bytes[head.methodRange].string, target: bytes[head.target].string, headers: headers)
  }

  /// Whether the body is whole now.
  private mutating func readBody(_ head: RequestHead, into request: inout ReceivedRequest) -> Bool {
    switch head.framing {
    case .none, .untilClose: return true
    case .length(let length):
      guard length <= UInt64(bodyBytesMaximum) else {
        refuseBody()
        return false
      }
      guard buffer.count >= Int(length) else { return false }
      request.body = Array(buffer[..<Int(length)])
      buffer.removeFirst(Int(length))
      return true
    case .chunked: return readChunks(into: &request.body)
    }
  }

  private mutating func readChunks(into body: inout [UInt8]) -> Bool {
    var decoder = chunks
    var offset = 0
    var isComplete = false
    var failure: WireError?
    buffer.withByteView { view in
      while true {
        switch decoder.next(in: view, offset: &offset) {
        case .payload(let part):
          body.append(contentsOf: UnsafeBufferPointer(start: part.base, count: part.count))
          continue
        case .needMore: break
        case .complete: isComplete = true
        case .failure(let error): failure = error
        }
        return
      }
    }
    chunks = decoder
    buffer.removeFirst(offset)
    if let failure {
      state = .failed(status: Int(failure.status), message: "\(failure.sentence)")
      return false
    }
    if body.count > bodyBytesMaximum {
      refuseBody()
      return false
    }
    return isComplete
  }

  private mutating func refuseBody() {
    state = .failed(status: 413, message: "the body is over \(bodyBytesMaximum) bytes")
  }
}
