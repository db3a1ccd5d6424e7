// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import Network
internal import Routing

/// The request path, top to bottom, as the stages of the design: parse, authenticate, read the
/// body, scan, route, attempt, relay, settle. Each stage is one function; what it needs stands in
/// files of its own.
extension Worker {
  /// Runs the stages as far as the bytes at hand allow. Answers that are complete at once and
  /// pipelined requests make it go round again instead of calling itself.
  func process(_ client: Client) {
    guard !client.pointee.isProcessing else { return }
    client.pointee.isProcessing = true
    while step(client) {}
    client.pointee.isProcessing = false
  }

  /// One stage; false when there is nothing to do until something arrives.
  private func step(_ client: Client) -> Bool {
    switch client.pointee.phase {
    case .idle:
      guard let input = client.pointee.input, input.count > 0 else { return false }
      client.pointee.phase = .head
      return true
    case .head: return parseHead(client)
    case .body: return readBody(client)
    case .exchange, .tunnel, .lingering, .closed: return false
    }
  }

  // MARK: 1. Parse the head

  private func parseHead(_ client: Client) -> Bool {
    switch requestHeads.parse(client, input(of: client)) {
    case .needMore:
      // Once for the whole head: a client that sends a byte now and then gains no time by it.
      if !client.pointee.isHeadTimed {
        client.pointee.isHeadTimed = true
        setDeadline(client, settings.timeouts.clientHeadMilliseconds)
      }
      return false
    case .failure(let error):
      if beginsHTTP2(client) {
        startHTTP2(client)
      } else {
        refuseWireError(client, error)
      }
      return false
    case .complete(let head):
      client.pointee.head = head
      client.pointee.namesRequestID = requestFields(client).contains(.xRequestID)
      client.pointee.bodyStart = Int(head.length)
      client.pointee.bodyLength = 0
      beginExchange(client)
      return admit(client)
    }
  }

  /// Decides by the head alone: which API, who calls, and whether the body is wanted at all.
  private func admit(_ client: Client) -> Bool {
    let fields = requestFields(client)
    let endpoint = APIEndpoint(head: client.pointee.head, bytes: fields.head)
    client.pointee.exchange.endpoint = endpoint
    if endpoint.needsKey && !authenticate(client, fields) { return false }
    if fields.contains(.contentEncoding), !acceptCoding(client, fields) { return false }
    if case .length(let length) = client.pointee.head.framing,
      length > UInt64(settings.limits.requestBodyBytesMaximum)
    {
      refuseLargeBody(client)
      return false
    }
    client.pointee.chunked = ChunkedDecoder()
    client.pointee.chunkedOffset = client.pointee.bodyStart
    if client.pointee.head.expectContinue { sendContinue(client) }
    return client.pointee.phase == .body
  }

  // MARK: 3. Read the body

  private func readBody(_ client: Client) -> Bool {
    switch client.pointee.head.framing {
    case .none, .untilClose:
      client.pointee.requestLength = client.pointee.bodyStart
    case .length(let length):
      let needed = client.pointee.bodyStart + Int(length)
      guard client.pointee.input!.count >= needed else {
        awaitBody(client, missing: needed - client.pointee.input!.count)
        return false
      }
      client.pointee.bodyLength = Int(length)
      client.pointee.requestLength = needed
    case .chunked:
      guard decodeChunks(client) else { return false }
    }
    client.pointee.phase = .exchange
    client.pointee.exchange.totalDeadlineMilliseconds =
      loop.nowMilliseconds + UInt64(settings.timeouts.totalMilliseconds)
    dispatch(client)
    return true
  }

  /// Room for what is announced, but no more than doubles what has come: a length alone must not
  /// make the gateway allocate.
  private func awaitBody(_ client: Client, missing: Int) {
    waitForBody(client)
    guard client.pointee.phase == .body else { return }
    let room = min(missing, max(client.pointee.input!.count, 64 << 10))
    loop.buffers.reserve(&client.pointee.input!, room)
  }

  /// More of the body is to come: within the time between two pieces, and within the request's
  /// total. All bodies together are bounded, too.
  private func waitForBody(_ client: Client) {
    guard loop.buffers.lentBytes <= bodyBytesMaximum else {
      refuse(
        client,
        GatewayError(
          .overloaded, "The gateway holds as many request bodies as it may.",
          retryAfterSeconds: 1))
      return
    }
    waitFor(client, .nothing, settings.timeouts.clientBodyMilliseconds)
  }

  /// Moves decoded chunks together in place; true when the body is complete.
  private func decodeChunks(_ client: Client) -> Bool {
    let bytes = input(of: client)
    var offset = client.pointee.chunkedOffset
    let base = client.pointee.input!.base
    while true {
      switch client.pointee.chunked.next(in: bytes, offset: &offset) {
      case .payload(let payload):
        let end = client.pointee.bodyStart + client.pointee.bodyLength
        // SAFETY: the payload lies at or behind `end` in the same buffer, so the move is downwards.
        (base + end).update(from: payload.base, count: payload.count)
        client.pointee.bodyLength += payload.count
        if client.pointee.bodyLength > Int(settings.limits.requestBodyBytesMaximum) {
          refuseLargeBody(client)
          return false
        }
      case .needMore:
        compactChunks(client, consumed: offset)
        waitForBody(client)
        return false
      case .complete:
        client.pointee.requestLength = offset
        return true
      case .failure(let error):
        refuseWireError(client, error)
        return false
      }
    }
  }

  /// All received bytes are decoded: the framing between the chunks need not be kept.
  private func compactChunks(_ client: Client, consumed: Int) {
    let end = client.pointee.bodyStart + client.pointee.bodyLength
    client.pointee.input!.count = end
    client.pointee.chunkedOffset = end
  }

  // MARK: 4. Scan, and hand to the API asked for

  func dispatch(_ client: Client) {
    switch client.pointee.exchange.endpoint {
    case .chatCompletions, .completions, .embeddings, .messages, .countTokens, .responses,
      .responseTokens, .geminiGenerate, .geminiStream, .geminiCount, .geminiEmbed,
      .geminiBatchEmbed, .bedrockConverse, .bedrockStream:
      if client.pointee.exchange.coding != .identity && !decodeBody(client) { return }
      guard scan(client), route(client) else { return }
      if client.pointee.exchange.endpoint.api == .responses, !pinResponse(client) { return }
      attempt(client)
    case .rerank, .imageGenerations, .imageEdits, .imageVariations, .transcriptions,
      .audioTranslations, .speech, .moderations:
      if client.pointee.exchange.coding != .identity && !decodeBody(client) { return }
      guard scanMedia(client), route(client) else { return }
      attempt(client)
    case .realtime: realtime(client)
    case .response, .responseCancel, .responseItems: storedResponse(client)
    default:
      answerLocally(client)
    }
  }

  /// The bytes of the client that are not answered yet.
  @inline(__always)
  func input(of client: Client) -> ByteView {
    guard let input = client.pointee.input else { return .empty }
    return ByteView(base: input.base, count: input.count)
  }

  @inline(__always)
  func body(of client: Client) -> ByteView {
    let start = client.pointee.bodyStart
    return input(of: client)[start..<start + client.pointee.bodyLength]
  }
}
