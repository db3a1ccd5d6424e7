// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import Network
internal import Routing
internal import Telemetry
internal import Translation

/// Answers the gateway gives itself: errors, `100 Continue`, models, health, metrics.
extension Worker {
  /// Answers with an error. Before the request has been read to its end the connection is closed
  /// afterwards, since where the next request would start is not known.
  func refuse(_ client: Client, _ error: GatewayError) {
    if client.pointee.exchange.hasEarlyHead { return refuseWithinStream(client, error) }
    endAttempt(client, .ignored, .cancelled)
    if let upstream = client.pointee.exchange.upstream { closeUpstream(upstream) }
    client.pointee.exchange.failure = error.kind
    let isRead = client.pointee.phase == .exchange
    if !isRead { client.pointee.head.keepAlive = false }
    countRejection(error.kind)
    var head = beginHead(client, error.status)
    head.append("content-type: application/json\r\n")
    if let seconds = error.retryAfterSeconds {
      head.append("retry-after: ")
      head.append(decimal: seconds)
      head.append("\r\n")
    }
    if !error.kind.isRetryable { head.append("x-should-retry: false\r\n") }
    if error.kind == .methodNotAllowed { appendAllow(client, to: &head) }
    if error.kind == .unsupportedEncoding {
      head.append("accept-encoding: ")
      head.append(ContentCoding.accepted)
      head.append("\r\n")
    }
    appendErrorFields(client, error, to: &head)
    let body = errorBody(client, error)
    ResponseHeadWriter.appendContentLength(UInt64(body.utf8.count), to: &head)
    endHead(client, &head)
    let isHead = client.pointee.head.method == .head
    let isSent = body.withByteView { text in
      withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 2) { segments in
        segments[0] = head.written
        segments[1] = isHead ? .empty : text
        return send(client, UnsafeBufferPointer(segments))
      }
    }
    guard isSent else { return }
    if isRead {
      finishExchange(client)
    } else {
      settle(client)
      releaseExchange(client)
      linger(client)
    }
  }

  /// Fields by which the client's API tells of errors.
  private func appendErrorFields(
    _ client: Client, _ error: GatewayError, to head: inout ByteWriter
  ) {
    let api = errorAPI(client)
    guard api != .openAI else { return }
    append(api.wire.errorHeaderFields(for: ProviderError(error)), to: &head)
  }

  /// The API in whose shape an error is told: the path's, and where the path alone does not say,
  /// what its beginning or the head's fields suggest.
  private func errorAPI(_ client: Client) -> ClientAPI {
    switch client.pointee.exchange.endpoint {
    case .notFound, .methodNotAllowed, .models, .model: break
    case let endpoint: return endpoint.api
    }
    let path = input(of: client)[client.pointee.head.path]
    let api = APIEndpoint(path: path).api
    if api != .openAI { return api }
    if path.starts(with: "/v1beta/") || APIEndpoint.isVertexBeta(path) { return .gemini }
    if path.starts(with: "/model/") { return .bedrock }
    if path.starts(with: "/v1/messages/") { return .anthropic }
    return client.pointee.head.length > 0 ? modelShape(client) : .openAI
  }

  func append(_ fields: [(name: StaticString, value: StaticString)], to head: inout ByteWriter) {
    for field in fields {
      head.append(field.name)
      head.append(": ")
      head.append(field.value)
      head.append("\r\n")
    }
  }

  /// The error as the client's API has it.
  private func errorBody(_ client: Client, _ error: GatewayError) -> String {
    let api = errorAPI(client)
    guard api != .openAI, api != .responses else { return error.body }
    let context = foreignCall(client)?.context ?? answerContext(client)
    let bytes = api.wire.writeError(ProviderError(error), context)
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A request whose bytes are not HTTP as the gateway reads it (RFC 9112): answer and close.
  func refuseWireError(_ client: Client, _ error: WireError) {
    if client.pointee.phase == .head {
      client.pointee.head = RequestHead()
      beginExchange(client)
    }
    let kind: GatewayErrorKind = error.status == 431 ? .headTooLarge : .malformedHTTP
    refuse(
      client, GatewayError(kind, "\(error.sentence)", statusOverride: error.status))
  }

  func refuseLargeBody(_ client: Client) {
    refuse(
      client,
      GatewayError(
        .bodyTooLarge,
        "The request body is larger than \(settings.limits.requestBodyBytesMaximum) bytes."))
  }

  private func appendAllow(_ client: Client, to head: inout ByteWriter) {
    let path = input(of: client)[client.pointee.head.path]
    head.append("allow: ")
    head.append(APIEndpoint(path: path).allowedMethods)
    head.append("\r\n")
  }

  /// Tells a client that waits for it to send its body (RFC 9110 section 10.1.1).
  func sendContinue(_ client: Client) {
    // A client that has already begun to send does not wait.
    guard client.pointee.input!.count == client.pointee.bodyStart,
      client.pointee.head.framing != .none, client.pointee.head.framing != .length(0)
    else { return }
    _ = send(client, Self.continueHead)
  }

  static let continueHead = ByteView(
    base: ("HTTP/1.1 100 Continue\r\n\r\n" as StaticString).utf8Start, count: 25)

  // MARK: Endpoints

  /// Answers what needs no upstream.
  func answerLocally(_ client: Client) {
    switch client.pointee.exchange.endpoint {
    case .models: answer(client, modelList(client))
    case .model: answerModel(client)
    case .liveness: answer(client, "{\"status\":\"alive\"}")
    case .health: answer(client, healthReport(client))
    case .readiness:
      answer(
        client, isDraining ? "{\"status\":\"draining\"}" : "{\"status\":\"ready\"}",
        status: isDraining ? 503 : 200)
    case .metrics:
      answer(
        client, shared.renderMetrics(), contentType: "text/plain; version=0.0.4; charset=utf-8")
    case .methodNotAllowed:
      refuse(
        client,
        GatewayError(.methodNotAllowed, "This path does not take that method."))
    default:
      let path = input(of: client)[client.pointee.head.path].prefix(200).string
      refuse(
        client,
        GatewayError(
          .routeNotFound,
          "There is nothing at '\(path)'. See /v1/chat/completions, /v1/completions, "
            + "/v1/embeddings, /v1/messages, /v1/responses, /v1/rerank, /v1/images/generations, "
            + "/v1/audio/transcriptions, /v1/audio/speech, /v1/moderations, /v1/models, /health "
            + "and /metrics."))
    }
  }

  /// - Parameter fields: whole lines of further header fields.
  func answer(
    _ client: Client, _ body: String, status: UInt16 = 200,
    contentType: StaticString = "application/json", fields: StaticString = ""
  ) {
    var head = beginHead(client, status)
    head.append(fields)
    head.append("content-type: ")
    head.append(contentType)
    head.append("\r\n")
    ResponseHeadWriter.appendContentLength(UInt64(body.utf8.count), to: &head)
    endHead(client, &head)
    let isHead = client.pointee.head.method == .head
    let isSent = body.withByteView { text in
      withUnsafeTemporaryAllocation(of: ByteView.self, capacity: 2) { segments in
        segments[0] = head.written
        segments[1] = isHead ? .empty : text
        return send(client, UnsafeBufferPointer(segments))
      }
    }
    if isSent { finishExchange(client) }
  }
}
