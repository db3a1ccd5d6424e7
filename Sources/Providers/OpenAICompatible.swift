// SPDX-License-Identifier: MIT

public import Bytes
public import HTTPWire

/// Providers that speak the OpenAI API: OpenAI, Azure OpenAI, vLLM, Ollama, DeepSeek, xAI and many
/// more. Bodies pass through; heads are made here.
public enum OpenAICompatible {
  /// Appends the part of a request's head that is the same for every request with a body, up to
  /// the value of its Content-Length, where `appendRequestHead(start:…)` goes on.
  public static func appendRequestStart(
    _ operation: OpenAIOperation, to endpoint: UpstreamEndpoint, writer: inout ByteWriter
  ) {
    writer.append("POST ")
    appendTarget(operation, endpoint, &writer)
    writer.append(" HTTP/1.1\r\nhost: ")
    writer.append(endpoint.authority)
    writer.append("\r\n")
    appendCredential(endpoint, &writer)
    // Compressed answers would hide usage and stream ends from the gateway.
    writer.append("accept-encoding: identity\r\ncontent-length: ")
  }

  /// Appends the head of the request to the provider, from its parts.
  ///
  /// - Parameter start: what `appendRequestStart` has written.
  /// - Returns: false if the head did not fit (`writer` holds a part of it then).
  @inlinable @inline(__always)
  public static func appendRequestHead(
    start: ByteView, contentLength: UInt64, passedFields: ByteView, writer: inout ByteWriter
  ) -> Bool {
    writer.append(start)
    writer.append(decimal: contentLength)
    writer.append("\r\n")
    writer.append(passedFields)
    writer.append("\r\n")
    return !writer.overflowed
  }

  /// Appends the client's fields that pass: no request line, no framing, no empty line.
  public static func appendRequestFields(
    _ client: RequestHead, head: ByteView, table: HeaderTable, writer: inout ByteWriter
  ) {
    HeaderPolicy.appendFields(
      of: head.prefix(Int(client.length)), table, denied: HeaderPolicy.deniedInRequests,
      namesConnectionOptions: client.namesConnectionOptions, to: &writer)
  }

  /// Appends the header fields of an upstream's response that pass to the client: no status line,
  /// no framing, no empty line.
  ///
  /// - Parameter denied: what does not pass, as bits of `KnownHeader.rawValue`.
  public static func appendResponseFields(
    _ response: ResponseHead, head: ByteView, table: HeaderTable,
    denied: UInt64 = HeaderPolicy.deniedInResponses, writer: inout ByteWriter
  ) {
    HeaderPolicy.appendFields(
      of: head.prefix(Int(response.length)), table, denied: denied,
      namesConnectionOptions: response.namesConnectionOptions, to: &writer)
  }

  private static func appendTarget(
    _ operation: OpenAIOperation, _ endpoint: UpstreamEndpoint, _ writer: inout ByteWriter
  ) {
    writer.append(endpoint.basePath)
    if endpoint.pathStyle == .azureDeployments {
      writer.append("/openai/deployments/")
      appendPercentEncoded(endpoint.model, &writer)
    }
    writer.append(operation.path)
    if !endpoint.query.isEmpty {
      writer.append(0x3f)
      writer.append(endpoint.query)
    }
  }

  static func appendCredential(
    _ endpoint: UpstreamEndpoint, _ writer: inout ByteWriter
  ) {
    guard !endpoint.credential.isEmpty else { return }
    switch endpoint.credentialForm {
    case .none: return
    case .bearer: writer.append("authorization: Bearer ")
    case .apiKey: writer.append("api-key: ")
    case .xAPIKey: writer.append("x-api-key: ")
    case .xGoogAPIKey: writer.append("x-goog-api-key: ")
    }
    writer.append(endpoint.credential)
    writer.append("\r\n")
  }

  /// Appends `text` as one path segment (RFC 3986 section 3.3).
  static func appendPercentEncoded(_ text: ByteView, _ writer: inout ByteWriter) {
    for index in 0..<text.count {
      let byte = text[index]
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, 0x2d, 0x2e, 0x5f, 0x7e, 0x3a:
        writer.append(byte)
      default:
        writer.append(0x25)
        if byte < 0x10 { writer.append(0x30) }
        writer.append(hexadecimal: UInt64(byte))
      }
    }
  }
}
