// SPDX-License-Identifier: MIT

internal import Bytes
internal import EventLoop
internal import HTTPWire
internal import JSON
internal import ModelCatalog
internal import Network
internal import Providers
internal import Routing
internal import Translation

/// `GET /v1/realtime?model=…` with an upgrade to a WebSocket: authenticated and routed as any
/// request; then the gateway passes the bytes both ways.
extension Worker {
  /// Checks the handshake and makes the attempt at an upstream.
  func realtime(_ client: Client) {
    let fields = requestFields(client)
    let upgrade =
      client.pointee.transport.isStream
      ? WebSocketUpgrade.notAsked
      : WebSocketUpgrade(client.pointee.head, bytes: fields.head, table: fields.table)
    switch upgrade {
    case .valid: break
    case .notAsked:
      refuse(
        client,
        GatewayError(
          .invalidParameter,
          "/v1/realtime is a WebSocket: open it over HTTP/1.1 with 'Upgrade: websocket'."))
      return
    case .versionUnsupported, .malformed:
      refuse(
        client,
        GatewayError(
          .invalidParameter, "The WebSocket handshake is not one of RFC 6455, version 13."))
      return
    }
    guard let model = OpenAIRealtime.model(in: fields.head[client.pointee.head.query]),
      !model.isEmpty
    else {
      refuse(
        client,
        GatewayError(
          .missingParameter, "The parameter 'model' is missing in the query.", parameter: "model"))
      return
    }
    guard route(client) else { return }
    attempt(client)
  }

  /// The model named in the query, in scratch memory.
  func realtimeModel(_ client: Client) -> ByteView {
    var writer = ByteWriter(base: fieldScratch, capacity: Self.headScratchCapacity)
    if let model = OpenAIRealtime.model(in: input(of: client)[client.pointee.head.query]) {
      Self.percentDecoded(model).withByteView { writer.append($0) }
    }
    return writer.written
  }

  func refuseRealtime(_ client: Client) {
    refuse(
      client,
      GatewayError(
        .modelUnsupported, "No provider of this model that is healthy has the realtime API.",
        parameter: "model"))
  }

  /// Realtime over a connection of its own: RFC 8441's WebSockets over HTTP/2 are not spoken.
  func endpointWithoutHTTP2(
    _ endpoint: UnsafeMutablePointer<EndpointPool>
  ) -> UnsafeMutablePointer<EndpointPool> {
    endpoint.pointee.host.withByteView {
      self.endpoint(host: $0, port: endpoint.pointee.port, isTLS: endpoint.pointee.isTLS)
    }
  }

  /// Sends the handshake with the gateway's credential.
  func sendUpgrade(_ upstream: Upstream, _ client: Client) {
    let fields = requestFields(client)
    let deployment = currentDeployment(client).pointee.deployment
    let endpoint = upstreamEndpoint(client, deployment)
    var head = ByteWriter(base: headScratch, capacity: Self.headScratchCapacity)
    let isWhole = OpenAIRealtime.appendRequestHead(
      to: endpoint, query: fields.head[client.pointee.head.query], client: client.pointee.head,
      clientHead: fields.head, table: fields.table, writer: &head)
    assert(isWhole, "a client's head is smaller than the scratch memory")
    guard let signed = finishHead(client, &head, JSONPatch(), .empty) else {
      attemptFailed(upstream, .unsigned)
      return
    }
    upstream.pointee.isRequestSent = true
    if case .failed = upstream.pointee.transport!.write(signed) {
      attemptFailed(upstream, .reset)
    }
  }
}
