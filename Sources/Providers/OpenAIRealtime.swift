// SPDX-License-Identifier: MIT

public import Bytes
public import HTTPWire

/// The WebSocket of OpenAI's realtime API: its opening request, with the gateway's credential. The
/// client's `Sec-WebSocket-Key` passes, so that it is the client who checks the upstream's answer.
public enum OpenAIRealtime {
  /// Subprotocols by which browsers, which cannot set header fields, show a key or an account.
  private static let secrets: [StaticString] = [
    "openai-insecure-api-key.", "openai-organization.", "openai-project.",
  ]
  private static let keyProtocol: StaticString = "openai-insecure-api-key."

  /// Appends the head of the request to the provider.
  ///
  /// - Parameters:
  ///   - endpoint: `model` is the name it has there.
  ///   - query: the client's; everything but `model` passes.
  /// - Returns: false if it did not fit.
  public static func appendRequestHead(
    to endpoint: UpstreamEndpoint, query: ByteView, client: RequestHead, clientHead: ByteView,
    table: HeaderTable, writer: inout ByteWriter
  ) -> Bool {
    writer.append("GET ")
    writer.append(endpoint.basePath)
    if endpoint.pathStyle == .azureDeployments {
      writer.append("/openai/realtime?")
      writer.append(endpoint.query)
      writer.append("&deployment=")
    } else {
      writer.append("/realtime?model=")
    }
    OpenAICompatible.appendPercentEncoded(endpoint.model, &writer)
    var rest = query
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x26) ?? rest.count
      let part = rest.prefix(end)
      if !part.isEmpty && !part.starts(with: "model=") {
        writer.append(0x26)
        writer.append(part)
      }
      rest = rest.dropFirst(end + 1)
    }
    writer.append(" HTTP/1.1\r\nhost: ")
    writer.append(endpoint.authority)
    writer.append("\r\nupgrade: websocket\r\nconnection: Upgrade\r\n")
    OpenAICompatible.appendCredential(endpoint, &writer)
    appendFields(client, clientHead, table, &writer)
    writer.append("\r\n")
    return !writer.overflowed
  }

  /// The key that a browser shows among its subprotocols; nil when it does not.
  public static func key(in head: ByteView, table: HeaderTable) -> ByteView? {
    for index in 0..<table.count where isProtocols(table[index], head) {
      var items = ConnectionOptions(head[table[index].value])
      while let item = items.next() {
        if item.starts(with: keyProtocol) {
          return item.dropFirst(keyProtocol.utf8CodeUnitCount)
        }
      }
    }
    return nil
  }

  /// The value of `model` in a query, percent-encoded as it was sent; nil when there is none.
  public static func model(in query: ByteView) -> ByteView? {
    var rest = query
    while !rest.isEmpty {
      let end = rest.firstIndex(of: 0x26) ?? rest.count
      if rest.starts(with: "model=") { return rest.prefix(end).dropFirst(6) }
      rest = rest.dropFirst(end + 1)
    }
    return nil
  }

  private static func isProtocols(_ field: HeaderField, _ head: ByteView) -> Bool {
    field.known == .other && head[field.name].equalsIgnoringCase("sec-websocket-protocol")
  }

  private static func appendFields(
    _ client: RequestHead, _ head: ByteView, _ table: HeaderTable, _ writer: inout ByteWriter
  ) {
    for index in 0..<table.count {
      let field = table[index]
      let isDenied = HeaderPolicy.deniedInRequests &>> UInt64(field.known.rawValue) & 1 != 0
      if isDenied { continue }
      if isProtocols(field, head) {
        appendProtocols(head[field.value], &writer)
        continue
      }
      writer.append(head[field.name])
      writer.append(": ")
      writer.append(head[field.value])
      writer.append("\r\n")
    }
  }

  /// The subprotocols without those that are the client's secrets.
  private static func appendProtocols(_ value: ByteView, _ writer: inout ByteWriter) {
    var items = ConnectionOptions(value)
    var isFirst = true
    while let item = items.next() {
      if secrets.contains(where: { item.starts(with: $0) }) { continue }
      writer.append(isFirst ? "sec-websocket-protocol: " : ", ")
      writer.append(item)
      isFirst = false
    }
    if !isFirst { writer.append("\r\n") }
  }
}
