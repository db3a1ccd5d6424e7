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
  /// Parameters that the gateway says itself.
  private static let owned: [StaticString] = ["model", "deployment", "api-version"]

  /// Appends the head of the request to the provider.
  ///
  /// - Parameters:
  ///   - endpoint: `model` is the name it has there.
  ///   - query: the client's; everything passes but what names a model or a version of Azure's
  ///     API, and names that are written with escapes, which might be one of these.
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
    var parts = QueryParts(query)
    while let (name, part) = parts.next() {
      if name.isEmpty || owned.contains(where: { name.equals($0) })
        || name.firstIndex(of: 0x25) != nil
      {
        continue
      }
      writer.append(0x26)
      writer.append(part)
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

  /// The value of `model` in a query, or of `deployment` as Azure's clients write it,
  /// percent-encoded as it was sent; nil when there is neither.
  public static func model(in query: ByteView) -> ByteView? {
    var deployment: ByteView?
    var parts = QueryParts(query)
    while let (name, part) = parts.next() {
      if name.equals("model") { return part.dropFirst(name.count + 1) }
      if deployment == nil, name.equals("deployment") {
        deployment = part.dropFirst(name.count + 1)
      }
    }
    return deployment
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

/// Steps through the parameters of a query.
private struct QueryParts {
  private var rest: ByteView

  init(_ query: ByteView) { rest = query }

  /// The name of the next one, and all of it.
  mutating func next() -> (name: ByteView, part: ByteView)? {
    guard !rest.isEmpty else { return nil }
    let end = rest.firstIndex(of: 0x26) ?? rest.count
    let part = rest.prefix(end)
    rest = rest.dropFirst(end + 1)
    return (part.prefix(part.firstIndex(of: 0x3d) ?? part.count), part)
  }
}
